# SPDX-License-Identifier: Apache-2.0
"""The process that serves the lens, and what it says to the one that started it: one line for each thing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from xcrash.errors import LensError, XcrashError
from xcrash.lens.library import VARIABLE, fuse_library
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
    library = fuse_library()
    if library is None:
        raise LensError("lens-no-fuse", "libfuse is missing", "install libfuse3; xcrash doctor says what else it takes")
    os.environ[VARIABLE] = library
    try:
        from xcrash.lens.fuse_file import serve
    except (ImportError, OSError, AttributeError) as error:  # the latter two for a libfuse that mfusepy does not know
        raise LensError(
            "lens-no-fuse", f"mfusepy cannot be used: {error}", "install it: pip install 'xcrash[lens]'"
        ) from error
    return serve
