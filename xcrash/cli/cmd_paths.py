# SPDX-License-Identifier: Apache-2.0
"""``xcrash paths``: where its files are."""

from __future__ import annotations

import click

from xcrash.cli.documents import plain
from xcrash.cli.output import write_document, write_painted
from xcrash.cli.text import Paper, render
from xcrash.own_files import OwnFiles, OwnPlace, own_files
from xcrash.sections import Row, Section


@click.command(short_help="Say where xcrash keeps its files.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON document.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colours. [default: auto]"
)
def paths(json_: bool, color: str) -> None:
    """Say where xcrash keeps its files: configuration, recordings, caches and their sizes, working directories.

    Recordings and the list of recent targets may name customers' machines: they are readable by their user only.
    """
    found = own_files()
    if json_:
        write_document("paths", plain(found))
    else:
        write_painted(render(_sections(found), Paper(color)))


def _sections(found: OwnFiles) -> tuple[Section, ...]:
    rows = tuple(Row(one.name, one.path, "plain" if one.exists else "dim", _detail(one)) for one in found.places)
    variables = tuple(Row(name, value or "(empty: ignored)") for name, value in found.environment.items())
    nothing = (Row("none", "everything is where it is by default", "dim"),)
    return Section("places", "Files", "", rows), Section(
        "environment", "From the environment", "", variables or nothing
    )


def _detail(one: OwnPlace) -> str:
    if not one.exists:
        there = "not there yet"
    elif one.bytes is None:
        there = ""
    else:
        there = f"{one.bytes:,} bytes in {one.files:,} file{'' if one.files == 1 else 's'}"
    return "; ".join(part for part in (there, one.holds, one.problem) if part)
