# SPDX-License-Identifier: Apache-2.0
"""Find libfuse by the names it has, as a minimal system has neither ldconfig nor a compiler to ask for it."""

from __future__ import annotations

import ctypes
import os

_NAMES = ("libfuse3.so.4", "libfuse3.so.3", "libfuse.so.2")
VARIABLE = "FUSE_LIBRARY_PATH"
"""What mfusepy reads the library's name from."""


def fuse_library() -> str | None:
    """The library's name, or what the user put into FUSE_LIBRARY_PATH; None when there is none that can be loaded."""
    for name in (os.environ.get(VARIABLE), *_NAMES):
        try:
            if name:
                ctypes.CDLL(name)
                return name
        except OSError:
            continue
    return None
