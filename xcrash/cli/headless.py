# SPDX-License-Identifier: Apache-2.0
"""Open a target without a screen, and close it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xcrash.cli.asking import target_to_open
from xcrash.cli.diagnostics import Progress, tell
from xcrash.cli.options import Manner
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.session import ActivityChanged, Event, Notice, PhaseChanged
from xcrash.target import Choices


@contextmanager
def opened(choices: Choices, manner: Manner) -> Iterator[OpenSession]:
    """A session that has reached its prompt; crash is ended at the end of the block."""
    progress = Progress(manner.quiet, manner.verbose)

    def listen(event: Event) -> None:
        if isinstance(event, PhaseChanged):
            progress.phase(event.phase)
        elif isinstance(event, ActivityChanged):
            progress.activity(event.text)
        elif isinstance(event, Notice) and not manner.quiet:
            progress.done()
            tell(f"xcrash: {one_line(event.text)}")

    target = target_to_open(choices, manner)
    session = OpenSession(target, choices, listen)
    if not manner.quiet:
        for warning in target.warnings:
            tell(f"xcrash: warning: {warning}")
    try:
        try:
            session.bring_up()
        finally:
            progress.started()
        yield session
    finally:
        session.close()
