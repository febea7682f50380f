# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording where its user wants it: as it is, or as the text a terminal would have shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from xcrash.errors import UsageError
from xcrash.parse.text import clean
from xcrash.transcript.recording import Recording, read_recording

_PIECE = 1 << 20


def save_copy(source: Path, target: Path, replace: bool = False) -> int:
    """Write the copy, mode 0600, and return its size: text for a name that ends in ``.txt``, else the file itself.

    Of a recording that is still being written the lines that are whole are copied. Raises UsageError ``output-exists``
    when there is such a file and not ``replace``, ``output-unwritable`` when it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    if replace and target.resolve() == source.resolve():
        raise UsageError("output-exists", f"{target} is the recording itself", "choose another name")
    try:
        descriptor = os.open(target, flags | (os.O_TRUNC if replace else os.O_EXCL), 0o600)
    except FileExistsError as error:
        raise UsageError("output-exists", f"{target} is there already", "choose another name") from error
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            if target.suffix == ".txt":
                file.write(_text(source).encode("utf-8", "replace"))
            else:
                _copy_lines(source, file.write)
            return file.tell()
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> UsageError:
    return UsageError("output-unwritable", f"cannot write {target}: {error.strerror}", "choose another place")


def _copy_lines(source: Path, write: Callable[[bytes], object]) -> None:
    """Copy piece by piece; what stands behind the last newline of a cast is not written to its end yet."""
    rest = b""
    with source.open("rb") as file:
        while data := file.read(_PIECE):
            whole, newline, tail = (rest + data).rpartition(b"\n")
            write(whole + newline)
            rest = tail
    if source.suffix != ".cast":
        write(rest)


def _text(source: Path) -> str:
    first = read_recording(source)
    return "".join(_session(one, bool(first.others)) for one in (first, *first.others))


def _session(recording: Recording, labelled: bool) -> str:
    """A session as a terminal would have shown it; ``labelled``: with the view in front and in its prompts."""
    parts = [f"# view {recording.view}\n"] if labelled else []
    parts.append(clean(recording.startup_text.removesuffix(recording.prompt)))
    prompt = recording.label if labelled else recording.prompt
    for exchange in recording.exchanges:
        parts += [clean(f"{prompt}{exchange.command}\n"), clean(exchange.output.removesuffix(recording.prompt))]
    return "".join(parts)
