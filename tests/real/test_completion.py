# SPDX-License-Identifier: Apache-2.0
"""Completion and the command guard on a real dump with the real crash."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.paths import Lab
from tests.pty.running import until
from xcrash.completion import Completions
from xcrash.open_session import OpenSession
from xcrash.session import CommandFinished, CommandStarted, Event
from xcrash.session.guard import classify_command
from xcrash.target import Choices, look_at

pytestmark = pytest.mark.real


class Opened:
    """A session on the dump of a panic, its names, and every event in order."""

    def __init__(self, lab: Lab, version: str) -> None:
        self.events: list[Event] = []
        choices = Choices(
            target=str(lab.dump("panic").path),
            vmlinux=str(lab.vmlinux),
            crash=str(lab.crash_version(version).path),
            record=False,
        )
        self.opened = OpenSession(look_at(choices), choices, self.events.append)
        self.session = self.opened.session
        self.session.start()
        self.session.wait_ready()
        self.names = Completions(self.session, self.opened.directory)
        self._read = 0
        self._lock = threading.Lock()

    def texts(self, line: str) -> list[str]:
        """What is offered at the end of the line now."""
        self.names.want_for(line, len(line))
        self.read()
        return [one.text for one in self.names.complete(line, len(line))]

    def read(self) -> None:
        """Hand the answers so far to the names."""
        done = [event.result for event in self.events if isinstance(event, CommandFinished)]
        for result in done[self._read :]:
            self.names.finished(result)
        self._read = len(done)

    def started(self) -> list[CommandStarted]:
        """The commands in the order in which they were typed."""
        return [event for event in self.events if isinstance(event, CommandStarted)]


@pytest.fixture(params=["8.0.6", "9.0"])
def real(lab: Lab, workdir: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    made = Opened(lab, request.param)
    try:
        yield made
    finally:
        made.opened.close()


def test_names_of_the_dump_come_and_its_user_never_waits_for_two(real: Opened) -> None:
    lines = {
        "struct task_st": "task_struct",
        "sym init_ta": "init_task",
        "bt 1": "1",
        "mod -s ": "virtio_blk",
        "bt -": "-a",
    }
    for line in ("b", *lines):
        real.texts(line)
    # A user command between all of them: what was queued before it waits.
    asked = real.session.submit("p 1+1")
    for line, text in lines.items():
        until(lambda line=line, text=text: text in real.texts(line), f"{text} for {line!r}")  # type: ignore[misc]
    order = real.started()
    at = next(number for number, event in enumerate(order) if event.id == asked)
    assert at <= 1
    assert all(event.background for number, event in enumerate(order) if number != at)
    assert [result.command for result in real.session.results] == ["p 1+1"]
    sent = [event.command.split(" > ")[0].split()[0] for event in order if event.background]
    assert sorted(set(sent)) == ["help", "mod", "ps", "rd", "sym"]
    assert len(sent) == 6
    assert real.opened.directory is not None
    assert list(real.opened.directory.glob("names-*")) == []
    details = {one.text: one.detail for one in real.names.complete("struct task_st", 14)}
    assert details["task_struct"] == "struct"
    assert len(real.names.known.symbols) > 50_000
    assert len(real.names.known.types) > 5_000
    assert "foreach" in real.names.known.commands


WAYS_TO_A_SHELL = (
    *("echo x ; touch {}", "ls ;touch {}", "echo $(touch {})", "pwd $(touch {})", "p 1 | touch {}", "p 1 ! touch {}"),
    *("gdb shel touch {}", "gdb with print pretty on -- shell touch {}", "gdb faas shell touch {}", "gdb !touch {}"),
    *('gdb interpreter-exec console "shell touch {}"', "gdb thread apply all shell touch {}"),
    *(
        'p $_shell("touch {}")',
        'px $_shell("touch {}")',
        'gdb info line *$_shell("touch {}")',
        "!touch {}",
        "\\!touch {}",
    ),
    *("# remark | touch {}", "p 'a\"|touch {}", "p (1) | touch {}"),
)
WAYS_TO_A_FILE = ("p 1 > {}", "rd -r {} init_task 8", "gdb dump value {} 1", "dump value {} 1", "p 1 >> {}")


def test_what_crash_really_does_is_what_the_guard_says(real: Opened, tmp_path: Path) -> None:
    done = 0
    for number, way in enumerate((*WAYS_TO_A_SHELL, *WAYS_TO_A_FILE)):
        made = tmp_path / f"made-{number}"
        line = way.format(made)
        real.session.run(line, 20.0)
        if made.exists():  # not every crash has every way, but none may be judged harmless
            done += 1
        kind = classify_command(line).kind
        assert kind == ("runs-shell" if way in WAYS_TO_A_SHELL else "writes-file"), line
    assert done >= 20
    assert real.session.run("p 1+1").exit == "ok"


def test_what_is_judged_harmless_makes_nothing(real: Opened, tmp_path: Path) -> None:
    made = tmp_path / "made"
    for line in (f"p (1 | touch {made})", f"p '1 | touch {made}'", f"p (1 > {made})", f"ps | grep 'touch {made}'"):
        real.session.run(line, 20.0)
        assert not made.exists()
    assert classify_command(f"ps | grep 'touch {made}'").kind == "read"
    assert classify_command("p (1 | 2)").kind == "read"


def test_letters_of_any_language_reach_crash_as_they_are(real: Opened) -> None:
    result = real.session.run("echo £ é ü \u4e2d")
    assert real.session.text(result.start, result.end) == "£ é ü \u4e2d\n"
