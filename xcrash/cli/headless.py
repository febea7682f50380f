# SPDX-License-Identifier: Apache-2.0
"""Open a target, or its views, without a screen, and close it whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from xcrash.cli.asking import target_to_open
from xcrash.cli.diagnostics import Progress, tell
from xcrash.cli.options import Manner
from xcrash.guests import with_guest
from xcrash.images.identity import View
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews
from xcrash.session import ActivityChanged, Event, Notice, PhaseChanged
from xcrash.target import Choices, Target, survey_views

Check = Callable[[OpenViews], None]


@contextmanager
def opened(choices: Choices, manner: Manner) -> Iterator[OpenSession]:
    """A session on the main view that has reached its prompt; crash is ended at the end of the block."""
    single = msgspec.structs.replace(choices, view="auto") if choices.view == "all" else choices
    with opened_views(single, manner) as views:
        yield views.main


@contextmanager
def opened_views(choices: Choices, manner: Manner, check: Check | None = None) -> Iterator[OpenViews]:
    """The views asked for, those that could be opened at their prompts; every crash is ended at the end of the block.

    ``check`` may refuse before anything is started.
    """
    progress = Progress(manner.quiet, manner.verbose)
    main: list[View] = []

    def listen(view: View, event: Event) -> None:
        if isinstance(event, Notice) and not manner.quiet:
            progress.done()
            whose = f"{view}: " if main and view != main[0] else ""
            tell(f"xcrash: {whose}{one_line(event.text)}")
        elif not main or view != main[0]:
            return
        elif isinstance(event, PhaseChanged):
            progress.phase(event.phase)
        elif isinstance(event, ActivityChanged):
            progress.activity(event.text)

    choices = with_guest(choices, lambda text: None if manner.quiet else tell(f"xcrash: {text}"))
    targets = _targets(choices, manner)
    main.append(targets[0].view or "dom0")
    views = OpenViews(targets, choices, listen)
    try:
        if check:
            check(views)
        for target in views.targets.values() if not manner.quiet else ():
            for warning in target.warnings:
                tell(f"xcrash: warning: {warning}")
        try:
            views.bring_up()
        finally:
            progress.started()
        yield views
    finally:
        views.close()


def _targets(choices: Choices, manner: Manner) -> tuple[Target, ...]:
    """The target, ready to be opened, and the other views of it where all are wanted."""
    main = target_to_open(choices, manner)
    if main.kind != "dump" or main.view is None or choices.view != "all":
        return (main,)
    return (main, *(target for target in survey_views(choices) if target.view != main.view))
