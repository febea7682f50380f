# SPDX-License-Identifier: Apache-2.0
"""What happened: messages that carry a session's events, read values, and what the user asked for, to the screen."""

from __future__ import annotations

from textual.message import Message

from xcrash.answers import Answer
from xcrash.errors import XcrashError
from xcrash.session import Event, OutputGrew


class SessionSpoke(Message):
    """The session published an event; growth of the output is replaced by later growth still in the queue."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event

    def can_replace(self, message: Message) -> bool:
        """Only the latest size of the output matters."""
        return (
            isinstance(message, SessionSpoke)
            and isinstance(message.event, OutputGrew)
            and isinstance(self.event, OutputGrew)
        )


class Answered(Message):
    """An answer was read into a value, or it is known why there is none."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class StartFailed(Message):
    """crash did not start, and all that can be told about it is known."""

    def __init__(self, error: XcrashError) -> None:
        super().__init__()
        self.error = error


class CommandEntered(Message):
    """The user asked for a crash command. ``look``: the answer is what they want to see now."""

    def __init__(self, command: str, look: bool = True) -> None:
        super().__init__()
        self.command, self.look = command, look


class EvidenceWanted(Message):
    """The user wants to see what crash printed: the latest answer to ``command``, from ``line`` (from 0) of it on.

    ``view``: it was printed in that view of the crash; empty: in the one that asks.
    """

    def __init__(self, command: str, line: int = 0, view: str = "") -> None:
        super().__init__()
        self.command, self.line, self.view = command, line, view


class Dom0TaskWanted(Message):
    """The user wants to see the task that ran on a CPU of Dom0."""

    def __init__(self, cpu: int) -> None:
        super().__init__()
        self.cpu = cpu


class ResultWanted(Message):
    """The user wants to see the answer of the command of this number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ViewWanted(Message):
    """The user wants to see another view."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class CrashViewWanted(Message):
    """The user wants to see another view of the same crash, and in it what ``then`` asks its screen for."""

    def __init__(self, name: str, then: EvidenceWanted | Dom0TaskWanted | None = None) -> None:
        super().__init__()
        self.name, self.then = name, then
