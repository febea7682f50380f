# SPDX-License-Identifier: Apache-2.0
"""``xcrash schema``: the JSON schema of an output."""

from __future__ import annotations

import difflib
from typing import Any

import click
import msgspec

from xcrash.cli.document_types import DOCUMENTS
from xcrash.cli.output import write_text
from xcrash.errors import UsageError
from xcrash.parse.kinds import kinds

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@click.command(short_help="Print the JSON schema of an output.")
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON schema of NAME: a document (plan, run, ...) or the kind of a parsed output (ps, bt, kmem-i, ...).

    Without NAME: the names there are.
    """
    if name is None:
        write_text(f"documents: {' '.join(DOCUMENTS)}\nkinds: {' '.join(kinds())}\n")
    else:
        write_text(msgspec.json.format(msgspec.json.encode(described(name)), indent=2).decode())


def described(name: str) -> dict[str, Any]:
    """The JSON schema of a document or kind; raises UsageError for a name that is neither."""
    types: dict[str, type[msgspec.Struct]] = {**kinds(), **{str(known): found for known, found in DOCUMENTS.items()}}
    # A document is asked for by its whole name too.
    found = types.get(name.removeprefix("xcrash.").removesuffix("/1").replace(" -", "-"))
    if found is None:
        near = difflib.get_close_matches(name, types, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "xcrash schema lists them all"
        raise UsageError("no-schema", f"no output is called {name!r}", hint)
    return {"$schema": _DIALECT, **msgspec.json.schema(found)}
