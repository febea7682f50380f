# SPDX-License-Identifier: Apache-2.0
"""The only writer of stdout: one binary stream, so that a file and a pipe get the same bytes."""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

from xcrash import __version__
from xcrash.errors import SessionError
from xcrash.literal import visible


def write_text(text: str) -> None:
    """Print ``text`` with its control characters made visible, and a final newline if it lacks one."""
    if text:
        _write(visible(text if text.endswith("\n") else text + "\n").encode())


def write_painted(text: str) -> None:
    """Print text whose parts were made visible before colours were put around them."""
    _write(text.encode("utf-8", "replace"))


_documents: list[str] = []


def document_written() -> bool:
    """Was the one JSON document of this run printed already?"""
    return bool(_documents)


def write_document(name: str, body: dict[str, Any]) -> None:
    """Print the one JSON document of this run: ``schema`` and ``xcrash`` first, then ``body``."""
    _documents.append(name)
    document = {"schema": f"xcrash.{name}/1", "xcrash": __version__, **body}
    _write(msgspec.json.format(msgspec.json.encode(_utf8(document)), indent=2) + b"\n")


def _utf8(value: Any) -> Any:
    """``value`` with file names that are not UTF-8 made so: JSON cannot hold their bytes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_utf8(key): _utf8(item) for key, item in value.items()}
    return [_utf8(item) for item in value] if isinstance(value, (list, tuple)) else value


def _write(data: bytes) -> None:
    """A reader that has seen enough (``| head``) is no error: what is left goes nowhere."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise SessionError(
                "output-unwritable", f"cannot write the output: {error.strerror}", "free some space where it goes"
            ) from error
