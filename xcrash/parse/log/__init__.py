# SPDX-License-Identifier: Apache-2.0
"""The output of ``log``: the messages of the kernel, its audit records (``-a``), its printk_safe buffers (``-s``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xcrash.parse.log import audit, records, safe
from xcrash.parse.value import ParsedValue


def parser(arguments: Sequence[str]) -> Callable[[str], ParsedValue]:
    """The parser for ``log ARGUMENTS``."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    return audit.parse if "a" in letters else safe.parse if "s" in letters else records.parse
