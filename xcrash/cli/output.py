# SPDX-License-Identifier: Apache-2.0
"""The only writer of stdout: one binary stream, so that a file and a pipe get the same bytes."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from xcrash import __version__
from xcrash.literal import visible


def write_text(text: str) -> None:
    """Print ``text`` with its control characters made visible, and a final newline if it lacks one."""
    if text:
        _write(visible(text if text.endswith("\n") else text + "\n").encode())


def write_document(name: str, body: dict[str, Any]) -> None:
    """Print the one JSON document of this run: ``schema`` and ``xcrash`` first, then ``body``."""
    document = {"schema": f"xcrash.{name}/1", "xcrash": __version__, **body}
    _write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
