# SPDX-License-Identifier: Apache-2.0
"""``xcrash run`` on the views of a Xen dump: which view answers, what the document says, and exit statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.contract.command_line import DEMO, Done, xcrash
from tests.pty import views as xen
from tests.pty.casts import GDB, GPL, PS, Script
from xcrash.cli.document_types import RunDocument, SessionDocument

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
Runner = Callable[..., Done]
DOM0 = Script().command("ps", PS).command("log", "[    0.0] Linux\r\n")
FATAL = Script(None).says(f"{GPL}{GDB}crash: vmcore: not a supported file format\r\n").exits(1)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """``xcrash run`` on a machine's dump with a fake crash for each view; nothing may be left in TMPDIR."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("TMPDIR", str(work))

    def start(*args: str, dom0: Script = DOM0, hypervisor: Script | None = None, dies: bool = False) -> Done:
        knobs = xen.DIES if dies else {}
        made = xen.choices(tmp_path, dom0, hypervisor or xen.hypervisor(), xen_knobs=knobs)
        files = ("--vmlinux", str(made.vmlinux), "--xen-syms", str(made.xen_syms), "--crash", str(made.crash))
        done = xcrash("run", str(made.target), *files, *args)
        assert list(work.iterdir()) == []
        return done

    return start


def document(done: Done) -> RunDocument:
    """The document, held against its type."""
    return msgspec.json.decode(done.out, type=RunDocument, strict=True)


def answers(found: RunDocument) -> list[tuple[str | None, str, str]]:
    return [(one.view, one.command, one.exit) for one in found.commands]


def test_one_view_is_asked_and_the_answer_parsed(run: Runner) -> None:
    done = run("--view", "xen", "-c", "doms", "--json")
    assert done.status == 0
    found = document(done)
    assert answers(found) == [("xen", "doms", "ok")]
    parsed = found.commands[0].parsed
    assert parsed and parsed["kind"] == "doms"
    assert found.views is not None and list(found.views) == ["xen"]
    assert found.banner and found.banner.fields["DOMAINS"] == "5"


def test_each_command_goes_to_the_view_that_knows_it(run: Runner) -> None:
    done = run("--view", "all", "-c", "doms", "-c", "ps", "-c", "xen: log", "-c", "dom0: log", "--json")
    assert done.status == 0
    found = document(done)
    assert answers(found) == [
        ("xen", "doms", "ok"),
        ("dom0", "ps", "ok"),
        ("xen", "log", "ok"),
        ("dom0", "log", "ok"),
    ]
    assert [one.text for one in found.commands[2:]] == ["(XEN) Shot down all CPUs\n", "[    0.0] Linux\n"]
    assert found.views is not None and list(found.views) == ["dom0", "xen"]
    dom0, hypervisor = found.views["dom0"], found.views["xen"]
    assert dom0.banner and hypervisor.banner and dom0.session and hypervisor.session
    assert (dom0.banner.tasks, hypervisor.banner.fields["DOMAINS"]) == (101, "5")
    assert dom0.banner == found.banner and dom0.session == found.session
    assert dom0.session.recording == hypervisor.session.recording is not None
    assert [one.text for one in hypervisor.messages] == ["WARNING: crashing_cpu not found."]


def test_text_says_whose_answer_it_is(run: Runner) -> None:
    done = run("--view", "all", "-c", "pcpus", "-c", "log")
    assert done.status == 0
    pcpus = xen.PCPUS.replace("\r\n", "\n")
    assert done.out == f"crash[xen]> pcpus\n{pcpus}crash[dom0]> log\n[    0.0] Linux\n"


def test_text_of_one_view_is_as_ever(run: Runner) -> None:
    assert run("--view", "xen", "-c", "xen: pcpus").out == xen.PCPUS.replace("\r\n", "\n")


def test_commands_behind_one_that_ends_crash_are_answered_by_another(run: Runner) -> None:
    lines = ("-c", "dumpinfo", "-c", "dumpinfo", "-c", "pcpus", "-c", "ps")
    done = run("--view", "all", *lines, "--json", dies=True)
    assert done.status == 6
    found = document(done)
    assert answers(found) == [
        ("xen", "dumpinfo", "died"),
        ("xen", "dumpinfo", "error"),
        ("xen", "pcpus", "ok"),
        ("dom0", "ps", "ok"),
    ]
    died, refused = (one.error for one in found.commands[:2])
    assert died and died.code == "crash-died" and "(signal 11) and was started again" in died.message
    assert refused and refused.code == "command-deadly" and "--allow end-crash" in refused.hint
    assert found.commands[0].text == xen.HEAD
    assert found.error == died
    assert "without saying why (signal 11)" in done.err


def test_the_same_in_a_single_view(run: Runner) -> None:
    done = run("--view", "xen", "-c", "dumpinfo", "-c", "dumpinfo", "-c", "doms", dies=True)
    assert done.status == 6
    assert done.out == f"crash> dumpinfo\n{xen.HEAD}\ncrash> doms\n" + xen.DOMS.replace("\r\n", "\n")
    assert "'dumpinfo' is not sent again" in done.err


def test_who_insists_gets_it_again(run: Runner) -> None:
    done = run("--view", "xen", "--allow", "end-crash", "-c", "dumpinfo", "-c", "dumpinfo", "--json", dies=True)
    assert done.status == 6
    assert answers(document(done)) == [("xen", "dumpinfo", "died"), ("xen", "dumpinfo", "died")]


def test_a_view_that_does_not_start_is_an_error_of_its_commands_only(run: Runner) -> None:
    done = run("--view", "all", "-c", "doms", "-c", "ps", "--json", hypervisor=FATAL)
    assert done.status == 5
    found = document(done)
    assert answers(found) == [("xen", "doms", "error"), ("dom0", "ps", "ok")]
    assert found.views is not None and found.views["xen"].error == found.commands[0].error == found.error
    assert found.error and "not a supported file format" in found.error.message
    assert found.views["xen"].session is None
    assert "the view xen is not open" in done.err


def test_nobody_asks_for_it_so_its_failure_is_a_notice(run: Runner) -> None:
    done = run("--view", "all", "-c", "ps", hypervisor=FATAL)
    assert done.status == 0
    assert "the view xen is not open" in done.err


def test_without_a_dom0_the_hypervisors_view_is_the_main_one(run: Runner) -> None:
    done = run("--view", "all", "-c", "log", "-c", "dom0: log", "--json", dom0=FATAL)
    assert done.status == 5
    found = document(done)
    assert answers(found) == [("xen", "log", "ok"), ("dom0", "log", "error")]
    assert found.banner and found.banner.fields["DOMAINS"] == "5"


def test_when_no_view_starts_it_is_an_error(run: Runner) -> None:
    done = run("--view", "all", "-c", "ps", "--json", dom0=FATAL, hypervisor=FATAL)
    assert done.status == 5
    assert done.document["schema"] == "xcrash.error/1"


@pytest.mark.parametrize(
    ("line", "code"),
    [("domU: bt", "no-view"), ("xen:", "empty-command"), ("xen: q", "command-quit"), ("dom0: vi", "command-terminal")],
)
def test_a_prefix_is_judged_before_anything_starts(run: Runner, tmp_path: Path, line: str, code: str) -> None:
    done = run("--view", "all", "-c", line, "--json")
    assert done.status == 2
    assert done.document["error"]["code"] == code
    assert xen.started(tmp_path) == []


def test_the_recording_of_both_is_both(run: Runner, tmp_path: Path) -> None:
    first = document(run("--view", "all", "-c", "doms", "-c", "ps", "--json"))
    path = first.session.recording
    assert path
    again = xcrash("run", path, "-c", "doms", "-c", "ps", "--json")
    assert answers(document(again)) == answers(first)
    assert [one.text for one in document(again).commands] == [one.text for one in first.commands]
    printed = xcrash("replay", path, "--print").out
    assert printed.index("# view dom0\n") < printed.index("crash[dom0]> ps\n") < printed.index("# view xen\n")
    assert printed.index("# view xen\n") < printed.index("crash[xen]> doms\n")
    parsed = msgspec.json.decode(xcrash("parse", path, "--json").out, type=SessionDocument, strict=True)
    assert parsed.sessions and [one.view for one in parsed.sessions] == ["dom0", "xen"]
    assert [one.command for one in parsed.sessions[1].commands] == ["doms", "q"]
    assert "crash[xen]> doms  (3 lines, doms)" in xcrash("parse", path).out
    assert xcrash("run", path, "-c", "bt").status == 7
    asked = xcrash("replay", path, "--session", "2", "-c", "doms")
    assert (asked.status, asked.out) == (0, xen.DOMS.replace("\r\n", "\n"))


def test_a_plain_recording_has_no_views() -> None:
    found = document(xcrash("run", DEMO, "-c", "sys", "--json"))
    assert (found.views, found.commands[0].view) == (None, None)
    done = xcrash("run", DEMO, "-c", "xen: doms", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "no-view")


def test_a_guest_is_one_of_the_views_of_a_recording() -> None:
    recording = TRANSCRIPTS / "xen4.17-dump-guest.cast"
    for words in (("--view", "domU"), ("--domain", "1")):
        found = document(xcrash("run", recording, *words, "-c", "log", "--json"))
        assert answers(found) == [("domU", "log", "ok")]
        assert "Hypervisor detected: Xen PV" in found.commands[0].text
