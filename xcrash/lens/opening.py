# SPDX-License-Identifier: Apache-2.0
"""Make the lens for the running kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xcrash.errors import LensError
from xcrash.lens.frames import Frames
from xcrash.lens.kcore import Kcore
from xcrash.lens.layout import Layout
from xcrash.lens.p2m import open_p2m
from xcrash.lens.symbols import running_symbols
from xcrash.lens.view import Lens

KALLSYMS = Path("/proc/kallsyms")


def open_lens(
    descriptor: int,
    kallsyms: Path = KALLSYMS,
    vmlinux: Path | None = None,
    tell: Callable[[str], object] = lambda doing: None,
) -> Lens:
    """The lens over an open /proc/kcore; ``vmlinux`` is asked where the running kernel hides its addresses.

    ``tell`` hears what is being done. Raises LensError with the reason there can be no lens.
    """
    kcore = Kcore(descriptor)
    tell("reading the addresses of this kernel")
    layout = Layout(kcore, symbols := _symbols(kcore, kallsyms, vmlinux))
    tell("reading which machine frames this Dom0 has")
    return Lens(layout, Frames(open_p2m(kcore, symbols, layout.frames)))


def _symbols(kcore: Kcore, kallsyms: Path, vmlinux: Path | None) -> dict[str, int]:
    try:
        return running_symbols(kallsyms)
    except LensError:
        if vmlinux is None:
            raise
    # The reader of ELF files takes as long to import as all the rest.
    from xcrash.lens.vmlinux_symbols import vmlinux_symbols

    return vmlinux_symbols(vmlinux, kcore.note_text())
