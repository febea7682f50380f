# SPDX-License-Identifier: Apache-2.0
"""One table of a view, declared: the command behind it, its rows, its columns, and what a row leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from xcrash.tui.widgets.row_table import UNKNOWN, Column

R = TypeVar("R")

_ADDRESS = re.compile(r"(?:0x)?([0-9a-f]{6,16})")
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,127}", re.ASCII)
_SYMBOL = re.compile(r"([A-Za-z_][\w.]{0,255})(?:\+(?:0x)?[0-9a-f]{1,8})?", re.ASCII)


@dataclass(frozen=True)
class Page(Generic[R]):
    """A table. ``rows`` makes its rows of the value of ``command``, None where that is of another shape.

    ``noun`` is what the rows are, ``look`` as of RowTable; ``lead`` is the crash command that a row leads to, made of
    what was checked only, because the row is from a dump. ``about`` says what to know about the numbers,
    ``told`` what else the value tells.
    """

    title: str
    command: str
    noun: str
    rows: Callable[[Any], Sequence[R] | None]
    columns: tuple[Column[R], ...]
    look: Callable[[R], str] | None = None
    lead: Callable[[R], str | None] | None = None
    sort: str = ""
    reverse: bool = False
    about: str = ""
    told: Callable[[Any], str] = lambda _: ""


@dataclass(frozen=True)
class SubjectPage:
    """One table of a subject, such as a task. ``of`` finds what is said of the subject in the value of ``verb
    SUBJECT``; None: nothing is.

    ``rows`` and ``about`` are made of that, ``leads`` are the crash commands that a row offers.
    """

    title: str
    verb: str
    noun: str
    of: Callable[[Any, Any], Any]
    rows: Callable[[Any], Sequence[Any]]
    columns: tuple[Column[Any], ...]
    leads: Callable[[Any], tuple[str, ...]]
    about: Callable[[Any], str] = lambda _: ""


def address(text: str | None) -> str | None:
    """An address as crash takes it; None for what is none."""
    found = _ADDRESS.fullmatch(text or "")
    return found[1] if found else None


def name(text: str | None) -> str | None:
    """A name that is one plain word; None for anything else."""
    return text if text and _NAME.fullmatch(text) else None


def symbol(text: str | None) -> str | None:
    """The symbol of ``symbol+offset``; None for what is none."""
    found = _SYMBOL.fullmatch(text or "")
    return found[1] if found else None


def lead(command: str, argument: str | None) -> str | None:
    """The command with its argument; None without one."""
    return f"{command} {argument}" if argument else None


def shown(value: object) -> str:
    """A value as a cell: numbers grouped, unknown as such."""
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def size(value: int | None) -> str:
    """Bytes in the unit a person would say."""
    if value is None:
        return UNKNOWN
    amount = float(value)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(amount) < 1024 or unit == "TB":
            return f"{amount:,.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:,.1f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable")


def number(heading: str, of: Callable[[R], int | float | None], rank: int = 0) -> Column[R]:
    """A column of numbers."""
    return Column(heading, lambda row: shown(of(row)), of, right=True, rank=rank)


def bytes_of(heading: str, of: Callable[[R], int | None], rank: int = 0) -> Column[R]:
    """A column of sizes, sorted by their bytes."""
    return Column(heading, lambda row: size(of(row)), of, right=True, rank=rank)


def text(heading: str, of: Callable[[R], str | None], rank: int = 0, most: int = 40) -> Column[R]:
    """A column of words."""
    return Column(heading, lambda row: of(row) or UNKNOWN, of, rank=rank, most=most)
