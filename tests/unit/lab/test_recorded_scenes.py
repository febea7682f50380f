# SPDX-License-Identifier: Apache-2.0
"""The recordings hold what the list of scenes says, and enough of it for the parsers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.scenes import SCENES as DUMPED
from tests.real.recordings import SCENES, Scene
from xcrash.transcript.asciicast import read_cast
from xcrash.transcript.recording import read_recording

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts"
WANTED = (
    *(
        "sys",
        "ps",
        "bt -a",
        "foreach bt",
        "log",
        "log -T",
        "mod",
        "kmem -i",
        "kmem -s",
        "kmem -z",
        "kmem -n",
        "kmem -v",
    ),
    *("files", "vm", "net", "dev", "dev -d", "dev -p", "irq", "irq -a", "irq -s", "runq", "timer", "mount", "swap"),
    *("sig", "waitq log_wait", "ipcs", "task 1", "set", "mach", "fuser /dev/console", "extend", "help", "sym panic"),
)
WANTED_WORDS = ("dis", "struct", "union", "rd", "p", "list", "tree", "search")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_recording_is_of_its_scene(scene: Scene) -> None:
    path = TRANSCRIPTS / f"{scene.name}.cast"
    facts = read_cast(path).header.xcrash
    assert facts is not None and facts.crash == scene.crash
    asked = [exchange.command for exchange in read_recording(path).exchanges]
    assert asked == ([*scene.commands, "q"] if scene.commands else [])


def test_every_scene_is_of_a_dump_that_the_lab_makes() -> None:
    made = {shot.name for scene in DUMPED for shot in scene.shots}
    assert {scene.dump for scene in SCENES} <= made


@pytest.mark.parametrize("command", [*WANTED, *WANTED_WORDS])
def test_a_command_is_recorded_with_two_versions_of_crash(command: str) -> None:
    asked = [(scene.crash, line) for scene in SCENES for line in (*scene.commands, *_words(scene))]
    assert len({crash for crash, line in asked if line == command}) >= 2


def _words(scene: Scene) -> list[str]:
    return [word for word in WANTED_WORDS if any(line.startswith(f"{word} ") for line in scene.commands)]
