# SPDX-License-Identifier: Apache-2.0
"""``xcrash doctor``: is this machine able to debug, and what is missing."""

from __future__ import annotations

import click

from xcrash.cli.documents import plain
from xcrash.cli.options import Manner, root_options
from xcrash.cli.output import write_document, write_painted
from xcrash.cli.text import Paper, render
from xcrash.doctor import check_up, doctor_sections
from xcrash.ssh import parse_address
from xcrash.target import Choices


@click.command(short_help="Say whether this machine can debug.")
@click.argument("target", required=False, metavar="[ssh://HOST]")
@root_options
def doctor(choices: Choices, manner: Manner) -> None:
    """Say whether this machine, or HOST, can debug its kernel and dumps: crash, debuginfo, memory sources, tools."""
    if choices.target is not None:
        parse_address(choices.target)
    checks = check_up(choices)
    if manner.json:
        write_document("doctor", {"checks": plain(checks)})
    else:
        write_painted(render(doctor_sections(checks), Paper(manner.color)))
