# SPDX-License-Identifier: Apache-2.0
"""Both views of a Xen dump side by side, each a fake crash on a pty of its own."""

from __future__ import annotations

import functools
import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.processes import exists
from tests.pty import views as xen
from tests.pty.casts import GDB, GPL, PS, Script
from tests.pty.running import DEADLINE, open_descriptors, until
from xcrash.errors import NamelistError, SessionError, StartError, UsageError, XcrashError
from xcrash.images.identity import View
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews
from xcrash.session import Event, Notice, SessionGone, SessionReady, StartedAgain, State
from xcrash.target import Choices, survey, survey_views
from xcrash.transcript.recording import read_recording, read_sessions

DOM0 = Script().command("ps", PS).command("log", "[    0.0] Linux\r\n").command("sys", "        CPUS: 2\r\n")
SILENT = Script(None).says(GPL + GDB).exits(1)
FATAL = Script(None).says(f"{GPL}{GDB}crash: vmcore: not a supported file format\r\n").exits(1)


class Views(OpenViews):
    """Views that keep what they said, and what may wait for it."""

    def __init__(self, choices: Choices) -> None:
        self.heard: list[tuple[View, Event]] = []
        self.changed = threading.Condition()
        super().__init__(survey_views(choices), choices, self._keep)

    def _keep(self, view: View, event: Event) -> None:
        with self.changed:
            self.heard.append((view, event))
            self.changed.notify_all()

    def notices(self) -> list[tuple[View, str]]:
        return [(view, event.text) for view, event in self.heard if isinstance(event, Notice)]

    def wait(self, kind: type[Event], view: View) -> None:
        with self.changed:
            assert self.changed.wait_for(
                lambda: any(one == view and isinstance(event, kind) for one, event in self.heard), DEADLINE
            ), f"no {kind} of {view}"

    def text(self, line: str) -> str:
        result = self.run(line)
        session = self.sessions[self.address(line).view].session
        return session.text(result.start, result.end)


@pytest.fixture
def open_views(tmp_path: Path) -> Iterator[Callable[..., Views]]:
    """Prepares both views; whatever a test does, no crash and no directory is left of them."""
    made: list[Views] = []
    before = open_descriptors()

    def prepare(dom0: Script = DOM0, hypervisor: Script | None = None, **more: object) -> Views:
        made.append(Views(xen.choices(tmp_path, dom0, hypervisor or xen.hypervisor(), **more)))  # type: ignore[arg-type]
        return made[-1]

    yield prepare
    for views in made:
        places = [one.directory for one in views.sessions.values()]
        views.close()
        assert not any(place and place.exists() for place in places)
    assert not any(exists(pid) for pid, _ in xen.started(tmp_path)), "a crash is still there"
    assert open_descriptors() == before


def test_both_views_answer_and_each_event_says_whose_it_is(open_views: Callable[..., Views], tmp_path: Path) -> None:
    views = open_views()
    views.bring_up()
    assert (views.main_view, list(views.companions), views.errors) == ("dom0", ["xen"], {})
    assert views.text("ps") == PS.replace("\r\n", "\n")
    assert views.text("doms") == xen.DOMS.replace("\r\n", "\n")
    assert views.text("log") == "[    0.0] Linux\n"
    assert views.text("xen: log") == "(XEN) Shot down all CPUs\n"
    assert views.text("dom0: log") == "[    0.0] Linux\n"
    assert {view for view, event in views.heard if isinstance(event, SessionReady)} == {"dom0", "xen"}
    assert sorted(view for _, view in xen.started(tmp_path)) == ["dom0", "xen"]
    views.close()
    assert {view for view, event in views.heard if isinstance(event, SessionGone)} == {"dom0", "xen"}


def test_a_command_goes_to_the_view_that_knows_it(open_views: Callable[..., Views]) -> None:
    views = open_views()
    assert views.address("doms | head -1") == ("xen", "doms | head -1")
    assert views.address("vcpu ffff83004fcb1000") == ("xen", "vcpu ffff83004fcb1000")
    assert views.address("bt -a") == ("dom0", "bt -a")
    assert views.address("  xen:   sys") == ("xen", "sys")
    assert views.address("xen") == ("dom0", "xen")
    with pytest.raises(UsageError, match="the view domU is not open"):
        views.address("domU: bt")


def test_one_recording_holds_both_and_replays_as_both(open_views: Callable[..., Views], tmp_path: Path) -> None:
    views = open_views()
    views.bring_up()
    for line in ("doms", "ps", "xen: log", "log"):
        views.run(line)
    path = views.main.recording
    assert path and {one.recording for one in views.sessions.values()} == {path}
    views.close()
    dom0, hypervisor = read_sessions(Path(path))
    assert [one.command for one in dom0.exchanges] == ["ps", "log", "q"]
    assert [one.command for one in hypervisor.exchanges] == ["doms", "log", "q"]
    assert [Path(one.facts.namelist or "").name for one in (dom0, hypervisor)] == ["vmlinux", "xen-syms"]
    again = Choices(target=path)
    with_both = OpenViews(survey_views(again), again)
    try:
        with_both.bring_up()
        assert list(with_both.sessions) == ["dom0", "xen"]
        result = with_both.run("doms")
        assert with_both.sessions["xen"].session.text(result.start, result.end) == xen.DOMS.replace("\r\n", "\n")
        result = with_both.run("log")
        assert with_both.main.session.text(result.start, result.end) == "[    0.0] Linux\n"
    finally:
        with_both.close()
    single = msgspec.structs.replace(again, view="xen")
    one = OpenViews(survey_views(single), single)
    assert (list(one.sessions), one.main_view, one.several) == (["xen"], "xen", False)
    one.close()


def test_a_companion_that_does_not_start_harms_nobody(open_views: Callable[..., Views]) -> None:
    views = open_views(hypervisor=FATAL)
    views.bring_up()
    error = views.errors["xen"]
    assert isinstance(error, StartError) and error.hint
    assert "not a supported file format" in error.message
    assert views.companions == {}
    assert any(view == "dom0" and "the view xen is not open" in text for view, text in views.notices())
    assert views.text("ps") == PS.replace("\r\n", "\n")
    with pytest.raises(StartError):
        views.run("doms")


def test_a_companion_takes_the_place_of_a_main_view_that_does_not_start(open_views: Callable[..., Views]) -> None:
    views = open_views(dom0=FATAL)
    views.bring_up()
    assert (views.main_view, list(views.errors)) == ("xen", ["dom0"])
    assert views.main.session.state is State.READY
    assert views.address("log").view == "xen"
    with pytest.raises(StartError, match="not a supported file format"):
        views.run("dom0: ps")


def test_a_rescued_view_goes_on_in_the_same_recording(open_views: Callable[..., Views], tmp_path: Path) -> None:
    views = open_views(dom0=FATAL, rescue=True)
    program = tmp_path / "crash"
    good = shlex.quote(str(DOM0.write(tmp_path / "good.cast")))
    words = program.read_text()
    play = next(line for line in words.splitlines() if line.startswith("*) exec"))
    rescued = play.replace("*)", "*--minimal*)", 1).replace(str(tmp_path / "play-dom0.cast"), good)
    program.write_text(words.replace(play, f"{rescued}\n{play}"))
    views.bring_up()
    assert (views.main_view, views.errors) == ("dom0", {})
    assert views.main.rung is not None
    assert views.run("ps").exit == "ok"
    path = views.main.recording
    views.close()
    dom0, hypervisor = read_sessions(Path(path or ""))
    assert dom0.startup_text.count("not a supported file format") >= 1
    assert [one.command for one in dom0.exchanges] == ["ps", "q"]
    assert [one.command for one in hypervisor.exchanges] == ["q"]


def test_when_none_starts_the_error_is_that_of_the_main_view(open_views: Callable[..., Views]) -> None:
    views = open_views(dom0=FATAL, hypervisor=SILENT)
    with pytest.raises(StartError, match="not a supported file format"):
        views.bring_up()
    assert set(views.errors) == {"dom0", "xen"}


def test_a_view_that_cannot_be_prepared_is_an_error_and_the_rest_goes_on(
    open_views: Callable[..., Views], tmp_path: Path
) -> None:
    prepared = xen.choices(tmp_path, DOM0, xen.hypervisor())
    (tmp_path / "vmlinux").write_text("none")
    views = Views(prepared)
    try:
        views.bring_up()
        assert (views.main_view, list(views.sessions)) == ("xen", ["xen"])
        assert isinstance(views.errors["dom0"], NamelistError)
        assert any("the view dom0 is not open" in text for _, text in views.notices())
    finally:
        views.close()


def test_for_who_listens_the_same_is_told_by_events(open_views: Callable[..., Views]) -> None:
    views = open_views(hypervisor=FATAL)
    views.start()
    views.wait(SessionReady, "dom0")
    views.wait(SessionGone, "xen")
    until(lambda: "xen" in views.errors, "the error")
    assert views.main_view == "dom0"


@pytest.mark.parametrize("first", ["dom0", "xen"])
def test_whichever_is_killed_the_other_lives_and_nothing_is_left(
    open_views: Callable[..., Views], tmp_path: Path, first: View
) -> None:
    views = open_views()
    views.bring_up()
    os.kill(xen.starts_of(tmp_path, first)[0], signal.SIGKILL)
    views.wait(SessionGone, first)
    other = "doms" if first == "dom0" else "ps"
    assert views.run(other).exit == "ok"
    with pytest.raises(SessionError, match="signal 9"):
        views.run("ps" if first == "dom0" else "doms")
    views.restart(first)
    until(lambda: views.sessions[first].session.was_ready, "another crash")
    assert views.run("ps" if first == "dom0" else "doms").exit == "ok"
    path = views.main.recording
    views.close()
    assert path
    commands = {one.view: [exchange.command for exchange in one.exchanges] for one in read_sessions(Path(path))}
    assert commands["dom0"].count("ps") == 1 and commands["xen"].count("doms") == 1


def test_closing_while_they_start_leaves_nothing(open_views: Callable[..., Views], tmp_path: Path) -> None:
    slow = Script(None).says(GPL).says(GDB, after=1000.0)
    views = open_views(dom0=slow, hypervisor=slow, dom0_knobs={"SPEED": 1}, xen_knobs={"SPEED": 1})
    views.start()
    until(lambda: len(xen.started(tmp_path)) == 2, "both crashes")


def test_a_crash_that_faults_over_a_command_is_started_again_and_not_asked_that_again(
    open_views: Callable[..., Views], tmp_path: Path
) -> None:
    views = open_views(xen_knobs=xen.DIES)
    views.bring_up()
    views.run("doms")
    result = views.run("dumpinfo")
    assert result.exit == "died"
    opened = views.sessions["xen"]
    assert opened.session.text(result.start, result.end) == xen.HEAD
    meaning = opened.death(result)
    assert meaning and "ended by itself during 'dumpinfo' (signal 11) and was started again" in meaning.message
    assert "pcpus" in meaning.hint
    (told,) = (text for view, text in views.notices() if view == "xen")
    assert "'dumpinfo'" in told and "signal 11" in told and "not sent again" in told
    assert views.text("pcpus") == xen.PCPUS.replace("\r\n", "\n")
    assert opened.history == ("doms",)
    with pytest.raises(UsageError) as caught:
        views.run("dumpinfo")
    assert caught.value.code == "command-deadly"
    assert views.run("ps").exit == "ok"
    kinds = [type(event) for view, event in views.heard if view == "xen"]
    assert SessionGone not in kinds
    assert kinds.index(StartedAgain) < len(kinds) - 1 - kinds[::-1].index(SessionReady)
    path = opened.recording
    views.close()
    assert (len(xen.starts_of(tmp_path, "dom0")), len(xen.starts_of(tmp_path, "xen"))) == (1, 2)
    assert path and path == views.main.recording
    hypervisor = read_sessions(Path(path))[1]
    assert [one.command for one in hypervisor.exchanges] == ["doms", "dumpinfo", "pcpus", "q"]


def test_who_insists_may_end_crash_again(open_views: Callable[..., Views], tmp_path: Path) -> None:
    views = open_views(xen_knobs=xen.DIES, allowed=("end-crash",))
    views.bring_up()
    assert [views.run("dumpinfo").exit for _ in range(2)] == ["died", "died"]
    assert views.run("doms").exit == "ok"
    assert len(xen.starts_of(tmp_path, "xen")) == 3


def test_a_crash_that_exits_over_another_command_is_not_started_again_by_itself(
    open_views: Callable[..., Views], tmp_path: Path
) -> None:
    views = open_views(xen_knobs={"DIE_AFTER": xen.PCPUS[:20]})
    views.bring_up()
    with pytest.raises(SessionError, match=r"during 'pcpus' \(status 1\)"):
        views.run("pcpus")
    assert len(xen.starts_of(tmp_path, "xen")) == 1


def test_a_command_known_for_it_is_survived_however_crash_ends(open_views: Callable[..., Views]) -> None:
    views = open_views(xen_knobs={"DIE_AFTER": xen.HEAD})
    views.bring_up()
    assert views.run("dumpinfo").exit == "died"
    assert views.run("doms").exit == "ok"


def test_another_crash_that_does_not_start_is_told_by_the_next_command(
    open_views: Callable[..., Views], tmp_path: Path
) -> None:
    views = open_views(xen_knobs=xen.DIES)
    views.bring_up()
    (tmp_path / "play-xen.cast").write_text('{"version": 2, "width": 80, "height": 24}\n[0.0, "x", "1"]\n')
    assert views.run("dumpinfo").exit == "died"
    with pytest.raises(XcrashError) as caught:
        views.run("doms")
    assert caught.value.exit_status == 5
    assert views.run("ps").exit == "ok"


def test_a_session_alone_survives_in_one_recording(tmp_path: Path) -> None:
    choices = xen.choices(tmp_path, DOM0, xen.hypervisor(), xen_knobs=xen.DIES, view="xen")
    opened = OpenSession(survey(choices), choices)
    try:
        opened.bring_up()
        assert [opened.run(line).exit for line in ("doms", "dumpinfo", "pcpus")] == ["ok", "died", "ok"]
        path = opened.recording
    finally:
        opened.close()
    assert path
    recording = read_recording(Path(path))
    assert (recording.view, recording.others) == ("xen", ())
    assert [one.command for one in recording.exchanges] == ["doms", "dumpinfo", "pcpus", "q"]
    assert not any(exists(pid) for pid, _ in xen.started(tmp_path))


def test_closing_at_the_moment_of_a_fault_leaves_no_crash(tmp_path: Path) -> None:
    for _ in range(5):
        choices = xen.choices(tmp_path, DOM0, xen.hypervisor(), xen_knobs=xen.DIES)
        views = OpenViews(survey_views(choices), choices)
        try:
            views.bring_up()
            session = views.sessions["xen"].session
            session.submit("dumpinfo")
            until(functools.partial(getattr, session, "gone"), "the fault")
        finally:
            views.close()
        assert not any(exists(pid) for pid, _ in xen.started(tmp_path))
