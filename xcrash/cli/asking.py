# SPDX-License-Identifier: Apache-2.0
"""Ask for consent on the terminal, before a session is opened."""

from __future__ import annotations

import sys

import click

from xcrash.cli.diagnostics import tell
from xcrash.cli.options import Manner
from xcrash.consent import prepare
from xcrash.literal import one_line
from xcrash.plan import Step
from xcrash.target import Choices, Target


def target_to_open(choices: Choices, manner: Manner) -> Target:
    """The target, ready to be opened; a step that needs consent is asked for where somebody can answer."""

    def ask(step: Step) -> bool:
        if manner.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        tell(f"xcrash: {one_line(step.reason)}")
        return click.confirm(f"Run  {one_line(step.command)}  now?", default=False, err=True)

    def progress(done: int, whole: int | None) -> None:
        if sys.stderr.isatty() and not manner.quiet:
            of = f" of {whole / 1e6:,.0f}" if whole else ""
            sys.stderr.write(f"\r\x1b[Kxcrash: fetching debuginfo, {done / 1e6:,.0f}{of} MB")
            sys.stderr.flush()

    target, done = prepare(choices, ask, progress)
    for text in done:
        tell(f"xcrash: {one_line(text)}")
    return target
