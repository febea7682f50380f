# SPDX-License-Identifier: Apache-2.0
"""Which module reads the output of which crash command.

Each module says by its ``parser(arguments)`` which of its functions knows the shape that these arguments ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from xcrash.parse import ps, sys
from xcrash.parse import set as set_
from xcrash.parse.value import ParsedValue

Choice = Callable[[Sequence[str]], Callable[[str], ParsedValue | None] | None]

COMMANDS: Final[dict[str, Choice]] = {
    "ps": ps.parser,
    "set": set_.parser,
    "sys": sys.parser,
}
"""By the name of the command as it is typed."""
