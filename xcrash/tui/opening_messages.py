# SPDX-License-Identifier: Apache-2.0
"""What happened while something is looked for or opened: messages to the screens and to the application."""

from __future__ import annotations

from concurrent.futures import Future

from textual.message import Message

from xcrash.errors import XcrashError
from xcrash.open_views import OpenViews
from xcrash.openable import Event
from xcrash.openable.preview import Preview
from xcrash.parse.doms import Domain
from xcrash.plan import Step
from xcrash.sections import Section
from xcrash.target import Choices


class Surveyed(Message):
    """The survey of number ``survey`` found something."""

    def __init__(self, survey: int, event: Event) -> None:
        super().__init__()
        self.survey, self.event = survey, event


class Previewed(Message):
    """The plan that was asked for under ``number`` is made."""

    def __init__(self, number: int, preview: Preview) -> None:
        super().__init__()
        self.number, self.preview = number, preview


class PageMade(Message):
    """The sections of a page are there."""

    def __init__(self, sections: tuple[Section, ...]) -> None:
        super().__init__()
        self.sections = sections


class OpenWanted(Message):
    """The user wants something opened. ``opens`` False: only its steps carried out that ``choices`` allow."""

    def __init__(self, choices: Choices, opens: bool = True) -> None:
        super().__init__()
        self.choices, self.opens = choices, opens


class GuestWanted(Message):
    """The user wants the crash that is open to be opened again with this guest of the machine."""

    def __init__(self, guest: Domain) -> None:
        super().__init__()
        self.guest = guest


class DemoWanted(Message):
    """The user wants the bundled recording."""


class CancelWanted(Message):
    """The user does not want to wait for what is being opened."""


class StepAsked(Message):
    """May this step be carried out? ``answer`` waits for it on another thread."""

    def __init__(self, step: Step, answer: Future[bool]) -> None:
        super().__init__()
        self.step, self.answer = step, answer


class AttemptProgressed(Message):
    """How far the attempt of this number is; only the latest matters."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__()
        self.number, self.text = number, text

    def can_replace(self, message: Message) -> bool:
        """Only where it is now matters."""
        return isinstance(message, AttemptProgressed)


class AttemptEnded(Message):
    """The attempt of this number is over: with a session, an error, or neither; ``done`` says which steps it took."""

    def __init__(
        self, number: int, opened: OpenViews | None, error: XcrashError | None = None, done: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.number, self.opened, self.error, self.done = number, opened, error, done


class SessionBegan(Message):
    """The first crash is at its prompt."""

    def __init__(self, opened: OpenViews) -> None:
        super().__init__()
        self.opened = opened
