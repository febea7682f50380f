# SPDX-License-Identifier: Apache-2.0
"""Lines assembled into blocks of labelled values: a banner, a context block, or what is left of one.

A value that a mailer wrapped is put together again, joined by one blank; lines that belong to no value are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xcrash.parse import labels
from xcrash.parse.text import Line, plain_lines, prompt_command, unquote
from xcrash.parse.value import Span, UnreadLine

Fields = dict[str, str | list[str]]

_FENCE = re.compile(r"[\s>]*(?:```|~~~)")
_MESSAGE = re.compile(
    r"(?:[\w.+-]+: )?(?:WARNING|NOTE|INFO|ERROR): |[\w.+-]{0,16}crash[\w.+-]{0,16}: |please wait|bt: |\[?\.\.\."
)
_BLANKS = " \t>"
_MARKS = _BLANKS + "|*#/+;:%!~"
_WRAPPED_LINES = 4
_WRAP_COLUMN = 60


class Block:
    """Labels that stand together, with the value of each."""

    def __init__(self, first: Line, owner: str | None) -> None:
        self.owner = owner
        """The command on the prompt line above, None without one."""
        self.indent: dict[str, int] = {}
        self.fields: Fields = {}
        self.unread: list[UnreadLine] = []
        self.span: Span = (first.start, first.end)
        self.stray = 0
        """How many lines since the last label are not empty."""
        self._label = ""
        self._first = first
        self._value = self._marks = ""
        self._tail: list[Line] = []

    @property
    def rank(self) -> int:
        return labels.RANK[self._label]

    def add(self, label: str, value: str, line: Line) -> None:
        """Begin the next label; the one before it is finished."""
        if self._label:
            self.finish(more=True)
        bare = unquote(line.text)
        self.indent[label] = len(bare) - len(bare.lstrip())
        # A comment sign or bullet in front of the label stands in front of the lines below as well.
        self._marks = line.text[: len(line.text) - len(line.text.lstrip(_MARKS))] + _BLANKS
        self._label, self._value, self._first, self._tail = label, value, line, []
        self.stray = 0
        self.span = (self.span[0], line.end)

    def follow(self, line: Line) -> None:
        """Take a line without a label: the rest of a wrapped value, a message, or something else."""
        note = labels.note(line.text)
        if note and not self.stray and self._label in labels.CONTEXT and note[0] not in self.fields:
            self.fields.setdefault(self._label, self._resolved([])[0])
            self.fields[note[0]] = note[1]
            self.span = (self.span[0], line.end)
        else:
            self._tail.append(line)
            self.stray += bool(line.text.strip())

    def finish(self, more: bool = False) -> None:
        """Settle the value of the last label; with ``more``, another one follows and all lines between belong here."""
        rest = []
        for line in self._tail:
            part = line.text.lstrip(self._marks)
            if not part.strip() and not more:
                break
            text = "" if _MESSAGE.match(part) else labels.plain(part)
            if text:
                rest.append((line, text))
        value: str | list[str]
        if self._label == "DUMPFILES":
            value, taken = _file_list(labels.plain(self._value), rest)
        else:
            value, count = self._resolved([part for _, part in rest[:_WRAPPED_LINES]])
            taken = [line for line, _ in rest[:count]]
        self.fields.setdefault(self._label, value)
        if taken:
            self.span = (self.span[0], max(self.span[1], taken[-1].end))
        numbers = {line.number for line in taken}
        self.unread += [
            UnreadLine(line=line.number, text=line.text)
            for line in self._tail
            if unquote(line.text).strip() and line.number not in numbers and (more or line.start < self.span[1])
        ]
        self._tail = []

    def _resolved(self, parts: list[str]) -> tuple[str, int]:
        """The value of the last label, and on how many of the lines below it goes on."""
        label = self._label
        joined = labels.plain(self._value)
        value, count = labels.trimmed(label, joined), 0
        closed = labels.complete(label, joined)
        for index, part in enumerate(parts, 1):
            # No value ends with a hyphen or a slash: there a long path was broken.
            if labels.complete(label, joined) and part[0] not in "([" and joined[-1] not in "-/":
                break
            joined = f"{joined} {part}".strip()
            if labels.complete(label, joined):
                value, count, closed = joined, index, True
        if not closed and label in ("VERSION", "PANIC"):
            return self._wrapped(value, parts)
        return value, count

    def _wrapped(self, value: str, parts: list[str]) -> tuple[str, int]:
        """An incomplete value with the lines that a mailer had reason to break: the next word would not have fitted."""
        width, count = len(self._first.text.rstrip()), 0
        for part in parts:
            if width + len(part.split(None, 1)[0]) < _WRAP_COLUMN:
                break
            value, width, count = f"{value} {part}", len(part), count + 1
        return value, count


def blocks(text: str) -> Iterator[Block]:
    """Every block of labels in a recording, in order."""
    block: Block | None = None
    owner: str | None = None
    for line in plain_lines(text):
        command = prompt_command(line.text)
        if command is not None or _FENCE.match(line.text):
            owner = command
            if block:
                block.finish()
                yield block
            block = None
        for label, value in labels.pieces(line.text, block.rank if block else -1):
            if label is None:
                if block:
                    block.follow(line._replace(text=value))
                continue
            if block and _apart(block, label):
                block.finish()
                yield block
                block = None
            if block is None:
                block = Block(line, owner)
            block.add(label, value, line)
    if block:
        block.finish()
        yield block


def _apart(block: Block, label: str) -> bool:
    """Whether a label begins a new block: it is not the next in crash's order, or too much stands between."""
    if labels.RANK[label] <= block.rank:
        return True
    if label not in labels.CONTEXT:
        return block.stray > (256 if "DUMPFILES" in block.indent else 12)
    begins = label in ("PID", "PCPU-ID") or block.rank >= labels.RANK["PCPU-ID"]
    return block.stray > (4 if begins else 0)


def _file_list(first: str, rest: list[tuple[Line, str]]) -> tuple[list[str], list[Line]]:
    """The files of DUMPFILES, one a line, and the lines they are on."""
    files, taken = [[first]] if first else [], []
    for line, part in rest:
        if not labels.complete("DUMPFILES", part):
            continue
        if part.startswith("[") and files:
            files[-1].append(part)
        else:
            files.append([part])
        taken.append(line)
    return [" ".join(parts) for parts in files], taken
