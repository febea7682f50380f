# SPDX-License-Identifier: Apache-2.0
"""What xcrash asks for itself stays out of the recording."""

from __future__ import annotations

from pathlib import Path

from xcrash.session.prompt import PromptMatcher
from xcrash.session.scribe import Scribe
from xcrash.session.spool import Spool


class Heard:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def output(self, data: bytes) -> None:
        self.said.append(data.decode())

    def input(self, line: str) -> None:
        self.said.append(f"<{line}>")

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        self.said.append(f"ended {exit_status}")


def test_a_muted_answer_is_left_out_and_what_comes_before_and_after_is_not(tmp_path: Path) -> None:
    heard, spool = Heard(), Spool.create(tmp_path)
    scribe = Scribe(heard, spool, PromptMatcher())
    spool.append(b"banner\ncrash> ")
    scribe.mute()
    spool.append(b"names\ncrash> ")
    scribe.grew()
    scribe.release()
    scribe.unmute()
    scribe.input("ps")
    spool.append(b"tasks\ncrash> ")
    scribe.ended(0)
    spool.close()
    assert heard.said == ["banner\ncrash> ", "<ps>", "tasks\ncrash> ", "ended 0"]
