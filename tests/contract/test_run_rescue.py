# SPDX-License-Identifier: Apache-2.0
"""``xcrash run`` on a crash that does not start, does not answer, or says what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.command_line import Done, xcrash
from tests.pty.casts import GDB, GPL, PS, STARTUP, Script
from tests.pty.starts import choices

SILENT = Script(None).says(GPL + GDB).exits(1)
WORDS = 'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"'
DEBUG = Script(None).says(f"{GPL}{GDB}{WORDS}\r\n").exits(1)
GOOD = Script().command("ps", PS).command("p 1", "$1 = 1\r\n")


def run(directory: Path, scripts: dict[str, Script], *args: str, **knobs: object) -> Done:
    made = choices(directory, scripts)
    program = Path(str(made.crash))
    settings = "".join(f"export XC_REPLAY_{name}={value}\n" for name, value in knobs.items())
    program.write_text(program.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{settings}"))
    return xcrash("run", str(made.target), "--vmlinux", str(made.vmlinux), "--crash", str(program), *args)


def test_rescue_says_what_it_tries_and_the_document_on_which_rung_it_stands(tmp_path: Path) -> None:
    done = run(tmp_path, {"": SILENT, "-d1": DEBUG, "--zero_excluded": GOOD}, "--rescue", "-c", "p 1", "--json")
    assert done.status == 0
    assert done.document["session"]["rung"]["options"] == ["--zero_excluded"]
    assert "--zero_excluded" in done.document["session"]["argv"]
    assert done.document["commands"][0]["text"] == "$1 = 1\n"
    assert f"without a message; with -d1 the last line was: {WORDS}; trying --zero_excluded: pages that" in done.err


def test_without_rescue_the_next_rung_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, {"": SILENT, "-d1": DEBUG, "--zero_excluded": GOOD}, "-c", "p 1", "--json")
    assert done.status == 5
    assert done.document["error"]["code"] == "start-silent"
    assert "or start with --zero_excluded, as --rescue does" in done.document["error"]["hint"]


def test_a_plain_start_stands_on_no_rung(tmp_path: Path) -> None:
    done = run(tmp_path, {"": GOOD}, "--rescue", "-c", "p 1", "--json")
    assert (done.status, done.document["session"]["rung"], done.document["doubts"]) == (0, None, [])


@pytest.mark.parametrize("option", ["--idle-timeout", "--timeout"])
def test_a_command_without_a_sign_of_life_is_interrupted_and_the_rest_runs(tmp_path: Path, option: str) -> None:
    script = Script().asked("kmem -S")
    hang = len(script)
    script.says("never").says("crash> ").command("p 1", "$1 = 1\r\n")
    done = run(tmp_path, {"": script}, option, "0.3", "-c", "kmem -S", "-c", "p 1", "--json", HANG_AT=hang)
    assert done.status == 6
    assert done.document["error"]["code"] == "command-timeout"
    assert "kmem -S" in done.document["error"]["message"]
    assert done.document["error"]["message"].startswith("past the limit of 0.3 s")
    assert [entry["exit"] for entry in done.document["commands"]] == ["timeout", "ok"]


def test_values_that_cannot_be_are_told_in_text_and_document(tmp_path: Path) -> None:
    startup = STARTUP.replace("TASKS: 101", "TASKS: 3")
    script = Script(startup).command("ps", PS)
    done = run(tmp_path, {"": script}, "-c", "ps", "--json")
    assert done.status == 0
    doubts = done.document["doubts"]
    assert [one["what"] for one in doubts] == ["TASKS", "TASKS"]
    assert doubts[0]["meaning"].startswith("crash 8.0.2 is older than Linux 6.1.0-50-cloud-amd64 needs: 8.0.3 or later")
    assert doubts[1]["evidence"] == "the banner says 3, ps lists 2"
    assert "xcrash: warning: TASKS: 3 on 2 CPUs" in done.err
