# SPDX-License-Identifier: Apache-2.0
"""Numbers and stacks as a person would say them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xcrash.parse import ps
from xcrash.parse.bt import Frame

_ENTERS_DUMP = frozenset(("machine_kexec", "__machine_kexec", "crash_kexec", "__crash_kexec", "crash_save_cpu"))
_BARS = "▁▂▃▄▅▆▇█"
_LONGEST_CHAIN = 12


def duration(seconds: float) -> str:
    """The two largest units: "3 d 4 h", "1 min 17 s"."""
    whole = int(seconds)
    units = (("d", whole // 86400), ("h", whole // 3600 % 24), ("min", whole // 60 % 60), ("s", whole % 60))
    start = next((at for at, (_, number) in enumerate(units) if number), len(units) - 1)
    return " ".join(f"{number:,} {unit}" for unit, number in units[start : start + 2] if number) or "0 s"


def size(count: int) -> str:
    """Bytes in the unit a person would say: "512 bytes", "96.7 MB"."""
    if count < 1024:
        return f"{count} bytes"
    value, unit = count / 1024, "KB"
    for larger in ("MB", "GB", "TB", "PB"):
        if value < 1023.95:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}"


def bars(values: Sequence[float]) -> str:
    """A graph of one row; the largest value is a full bar."""
    top = max(values, default=0.0)
    if not 0 < top < float("inf"):
        return ""
    return "".join(_BARS[round(max(0.0, value) / top * (len(_BARS) - 1))] for value in values)


def chain(frames: Sequence[Frame]) -> str:
    """The functions of a stack, callee first: "panic < sysrq_handle_crash < ..."; not how the dump began."""
    names = [f"{frame.function} [{frame.module}]" if frame.module else frame.function for frame in frames]
    while len(names) > 1 and names[0] in _ENTERS_DUMP:
        names.pop(0)
    more = " …" if len(names) > _LONGEST_CHAIN else ""
    return " < ".join(names[:_LONGEST_CHAIN]) + more


def states(tasks: ps.Ps) -> str:
    """How many tasks are in which state: "79 IN, 2 RU, 1 UN"."""
    counted = Counter(task.st for task in tasks.tasks)
    return ", ".join(f"{number:,} {state}" for state, number in counted.most_common())


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Cells under each other; a column without anything takes no room."""
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(len(rows[0]) if rows else 0)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip() for row in rows
    ]
