# SPDX-License-Identifier: Apache-2.0
"""The process that serves the lens, and what it says to the one that started it: one line for each thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xcrash.errors import LensError, XcrashError
from xcrash.lens.opening import open_lens

NAME = "kcore"
"""The file, in the directory where it is mounted."""

READY = "ready"
DOING, REFUSED = "doing ", "refused "


def serve_lens(
    kcore: int, directory: Path, kallsyms: Path, vmlinux: Path | None, tell: Callable[[str], object]
) -> None:
    """Make the lens over an open kcore and serve it in ``directory`` until this process is ended.

    ``tell`` gets READY, or a line that begins with DOING or REFUSED; it must not raise.
    """
    try:
        lens = open_lens(kcore, kallsyms, vmlinux, lambda doing: tell(DOING + doing))
        _serving()(lens, directory, NAME, lambda: tell(READY))
    except XcrashError as error:
        tell(REFUSED + (f"{error.message}; try: {error.hint}" if error.hint else error.message))


def _serving() -> Callable[..., None]:
    """``fuse_file.serve``; raises LensError ``lens-no-fuse`` where it cannot be had."""
    try:
        from xcrash.lens.fuse_file import serve
    except (ImportError, OSError, AttributeError) as error:  # mfusepy raises the latter two for libfuse
        missing = "libfuse" if not isinstance(error, ImportError) else "the Python package mfusepy"
        raise LensError(
            "lens-no-fuse", f"{missing} is missing: {error}", "install libfuse3 and mfusepy: pip install 'xcrash[lens]'"
        ) from error
    return serve
