# SPDX-License-Identifier: Apache-2.0
"""Answers in sections: a line that names a task, a CPU or a queue, then what crash says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line
from xcrash.parse.value import Span

Head = TypeVar("Head")


class Place(NamedTuple):
    """Where a value was read: its first line, counted from 1, and the span of its lines."""

    line: int
    span: Span


def sections(
    lines: Iterable[Line], head: Callable[[Line], Head | None]
) -> Iterator[tuple[Head | None, Place, list[Line]]]:
    """The lines in sections that begin where ``head`` finds something; only a first section may be without a head.

    A section is its head, the place of the head's line, or of the first line without one, and the lines below. Blank
    lines are left out.
    """
    found: Head | None = None
    first: Line | None = None
    body: list[Line] = []
    for line in lines:
        if not line.text.strip():
            continue
        following = head(line)
        if following is not None:
            if first:
                yield found, _place(first), body
            found, first, body = following, line, []
        else:
            first = first or line
            body.append(line)
    if first:
        yield found, _place(first), body


def by_task(lines: Iterable[Line]) -> Iterator[tuple[TaskLine | None, Place, list[Line]]]:
    """The lines in one section for each task that is named, as ``foreach`` prints them."""
    return sections(lines, task_line)


def extent(place: Place, lines: Sequence[Line], left: Iterable[Line]) -> Place:
    """The place of a section from its head to the last of its lines that was read, which ``left`` are not."""
    skipped = {line.number for line in left}
    last = next((line.end for line in reversed(lines) if line.number not in skipped), place.span[1])
    return Place(place.line, (place.span[0], max(last, place.span[1])))


def _place(line: Line) -> Place:
    return Place(line.number, (line.start, line.end))
