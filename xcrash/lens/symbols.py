# SPDX-License-Identifier: Apache-2.0
"""The addresses of the few kernel symbols that the lens needs, as the running kernel tells them."""

from __future__ import annotations

import random
import re
from pathlib import Path

from xcrash.errors import LensError

WANTED = (
    "init_level4_pgt",
    "init_top_pgt",
    "p2m_top",
    "page_offset_base",
    "pgdir_shift",
    "phys_base",
    "xen_p2m_addr",
    "xen_p2m_size",
    "xen_p2m_top",
    "xen_start_info",
)
_MOST_TEXT = 1 << 27
_RANDOM_ONES = re.compile(rb"^([0-9a-f]{16}) ([tTdDrR]) ([\w.$]+)(?:\t(\[[\w-]+\]))?$", re.MULTILINE)


def running_symbols(path: Path) -> dict[str, int]:
    """What /proc/kallsyms says of the wanted symbols; raises LensError ``lens-no-addresses`` when it hides them."""
    text = _kallsyms(path)
    names = "|".join(map(re.escape, WANTED)).encode()
    found = re.finditer(rb"^([0-9a-f]{1,16}) [A-Za-z] (%s)$" % names, text, re.MULTILINE)
    symbols: dict[str, int] = {}
    for one in found:
        symbols.setdefault(one[2].decode(), int(one[1], 16))
    if not any(symbols.values()):
        raise LensError(
            "lens-no-addresses",
            f"{path} shows no addresses of this kernel",
            "start as root; with kernel.kptr_restrict=2 nobody sees them: name the kernel with --vmlinux FILE",
        )
    return symbols


def random_symbols(path: Path, count: int, seed: int) -> list[tuple[str, int, bool]]:
    """Some symbols: name, address, whether it is a module's; the same ones for the same ``seed``."""
    every = [(one[3].decode(), int(one[1], 16), one[4] is not None) for one in _RANDOM_ONES.finditer(_kallsyms(path))]
    every = [one for one in every if one[1]]
    # Not for security: a sample that can be drawn again.
    return random.Random(seed).sample(every, min(count, len(every)))  # noqa: S311


def _kallsyms(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_TEXT)
    except OSError as error:
        raise LensError(
            "lens-no-addresses", f"{path} cannot be read: {error.strerror}", "name the kernel with --vmlinux FILE"
        ) from error
