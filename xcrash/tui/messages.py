# SPDX-License-Identifier: Apache-2.0
"""What happened: messages that carry a session's events and read values to the screen."""

from __future__ import annotations

from textual.message import Message

from xcrash.errors import XcrashError
from xcrash.parse import ps
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


class TasksRead(Message):
    """The task list was parsed."""

    def __init__(self, tasks: ps.Ps) -> None:
        super().__init__()
        self.tasks = tasks


class StartFailed(Message):
    """crash did not start, and all that can be told about it is known."""

    def __init__(self, error: XcrashError) -> None:
        super().__init__()
        self.error = error


class CommandEntered(Message):
    """The user asked for a crash command."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
