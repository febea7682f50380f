# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of a file are: on this machine, or behind a connection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, Union


class FarFile(Protocol):
    """A file that no path of this machine names; its ``str`` is its path where it lies.

    Its methods raise OSError as those of a local file do.
    """

    def stat(self) -> os.stat_result: ...
    def read_at(self, offset: int, size: int) -> bytes: ...
    def __truediv__(self, name: str, /) -> FarFile: ...


Place = Union[Path, FarFile]  # noqa: UP007 - "|" takes no protocol in Python 3.10
"""A file here, or a far one."""
