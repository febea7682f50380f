# SPDX-License-Identifier: Apache-2.0
"""What ``xcrash run`` leaves when crash dies or is too slow: everything said so far, and exit status 6."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.command_line import Done, xcrash
from tests.unit.images import builders
from xcrash.transcript import fakecrash

START = "\r\ncrash 9.0.2\r\n\r\n      KERNEL: vmlinux\r\n        CPUS: 2\r\n       TASKS: 3\r\n\r\ncrash> "
EVENTS = [
    [0.0, "o", START],
    [0.1, "i", "sys\r"],
    [0.2, "o", "        CPUS: 2\r\n       TASKS: 3\r\ncrash> "],
    [0.3, "i", "log\r"],
    [0.4, "o", "[    0.000000] first line\r\n"],
    [0.5, "o", "[    0.100000] second line\r\ncrash> "],
    [0.6, "i", "p 1\r"],
    [0.7, "o", "$1 = 1\r\ncrash> "],
]
SECOND_LINE = 5
Runner = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """``xcrash run`` on a small dump with a fake crash that has these knobs."""
    cast, dump, vmlinux = tmp_path / "session.cast", tmp_path / "vmcore", tmp_path / "vmlinux"
    lines = [{"version": 2, "width": 80, "height": 24}, *EVENTS]
    cast.write_text("".join(json.dumps(line) + "\n" for line in lines))
    dump.write_bytes(builders.Kdump().build())
    vmlinux.write_bytes(builders.vmlinux().build())
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("TMPDIR", str(work))

    def start(*args: str, **knobs: object) -> Done:
        crash = tmp_path / "crash"
        settings = " ".join(f"XC_REPLAY_{name}={value}" for name, value in knobs.items())
        command = shlex.join([sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)])
        crash.write_text(f"#!/bin/sh\nexec env {settings} {command}\n")
        crash.chmod(0o755)
        done = xcrash("run", dump, "--vmlinux", vmlinux, "--crash", crash, *args)
        assert list(work.iterdir()) == []
        return done

    return start


COMMANDS = ("-c", "sys", "-c", "log", "-c", "p 1")


def test_all_goes_well(run: Runner) -> None:
    done = run(*COMMANDS, "--json")
    assert done.status == 0
    assert [entry["exit"] for entry in done.document["commands"]] == ["ok", "ok", "ok"]
    assert "error" not in done.document


def test_crash_dies_in_the_middle_of_an_answer(run: Runner) -> None:
    done = run(*COMMANDS, "--json", DIE_AT=SECOND_LINE)
    assert done.status == 6
    document = done.document
    assert document["schema"] == "xcrash.run/1"
    assert document["error"]["code"] == "crash-died"
    assert document["banner"]["tasks"] == 3
    assert [(entry["command"], entry["exit"]) for entry in document["commands"]] == [("sys", "ok"), ("log", "died")]
    assert document["commands"][1]["text"] == "[    0.000000] first line\n"
    assert "crash ended by itself during 'log'" in done.err


def test_crash_dies_and_the_text_so_far_is_printed(run: Runner) -> None:
    done = run(*COMMANDS, DIE_AT=SECOND_LINE)
    assert done.status == 6
    assert "TASKS: 3" in done.out
    assert done.out.endswith("crash> log\n[    0.000000] first line\n")


def test_a_command_past_its_limit_is_interrupted_and_the_rest_runs(run: Runner) -> None:
    done = run(*COMMANDS, "--timeout", "0.2", "--json", SPEED=0.2)
    assert done.status == 6
    document = done.document
    assert document["error"]["code"] == "command-timeout"
    exits = [entry["exit"] for entry in document["commands"]]
    assert len(exits) == 3 and "timeout" in exits
