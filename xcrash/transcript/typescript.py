# SPDX-License-Identifier: Apache-2.0
"""What script(1) writes: a typescript, and the timing that belongs to it (util-linux: script.c, script-playutils.c).

A classic timing has lines ``DELAY BYTES``; an advanced one ``O DELAY BYTES`` for output, ``I`` for input, ``S DELAY
SIGWINCH ROWS=n COLS=n`` and ``H DELAY KEY VALUE`` for what is known of the session.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from xcrash.errors import ReplayError
from xcrash.transcript.asciicast import Cast, Event, Facts, Header

_STARTED = re.compile(rb"^Script started on [^\n]{0,4000}\n", re.MULTILINE)
_DONE = re.compile(rb"\n?^Script done on [^\n]{0,4000}\n?", re.MULTILINE)
_SIZE = re.compile(rb'\b(COLUMNS|LINES)="(\d{1,4})"')
_STEP = re.compile(r"(?:(?P<code>[IO]) )?(?P<delay>\d{1,9}(?:\.\d{1,12})?) (?P<bytes>\d{1,10})")
_RESIZED = re.compile(r"S (?P<delay>\d{1,9}(?:\.\d{1,12})?) SIGWINCH ROWS=(?P<rows>\d{1,4}) COLS=(?P<columns>\d{1,4})")
_FACT = re.compile(r"H [\d.]{1,20} (?P<key>[A-Z_]{1,30}) ?(?P<value>[^\n]{0,4000})")
_LONGEST_TIMING = 1 << 28
_SLACK = 4096


class Step(NamedTuple):
    """A piece of the typescript, ``size`` bytes of it after a pause of ``delay`` seconds, or a new window size."""

    delay: float
    code: str
    size: int
    window: str = ""


class Timing(NamedTuple):
    """A timing file: its steps in order, and its ``H`` lines."""

    steps: tuple[Step, ...]
    facts: dict[str, str]

    @property
    def mixed(self) -> bool:
        """Is the input in the same file as the output (``--log-io``)?"""
        return self.facts.get("INPUT_LOG", "i") == self.facts.get("OUTPUT_LOG", "o")

    @property
    def size(self) -> int:
        """How many bytes of the typescript it speaks of."""
        return sum(step.size for step in self.steps if step.code == "o" or self.mixed)


def read_typescript(data: bytes, timing: Timing | None = None) -> Cast:
    """The typescript as events: with the pauses of ``timing``, all at once without it.

    Several sessions appended to one file (``script -a``) are one after the other.
    """
    complete = _DONE.search(data[-_SLACK:]) is not None
    size = {key: int(value) for key, value in _SIZE.findall(data[:_SLACK])}
    header = Header(
        version=2,
        width=size.get(b"COLUMNS", _number(timing, "COLUMNS")) or 80,
        height=size.get(b"LINES", _number(timing, "LINES")) or 24,
        xcrash=Facts(source="typescript", terminal=True),
    )
    return Cast(header=header, events=tuple(_events(_body(data), timing)), complete=complete)


def _number(timing: Timing | None, key: str) -> int:
    text = timing.facts.get(key, "") if timing else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _body(data: bytes) -> bytes:
    return _DONE.sub(b"", _STARTED.sub(b"", data))


def _events(body: bytes, timing: Timing | None) -> Iterator[Event]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    at, clock = 0, 0.0
    for step in timing.steps if timing else ():
        clock += step.delay
        if step.code == "r":
            yield Event(clock, "r", step.window)
        elif step.code == "o":
            if text := decoder.decode(body[at : at + step.size]):
                yield Event(clock, "o", text)
            at += step.size
        elif timing and timing.mixed:
            yield Event(clock, "i", body[at : at + step.size].decode("utf-8", "replace"))
            at += step.size
    if rest := decoder.decode(body[at:], final=True):
        yield Event(clock, "o", rest)


def parse_timing(text: str) -> Timing | None:
    """A timing file of either format; None when the text is something else. A last line that is cut off is left out."""
    steps: list[Step] = []
    facts: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if step := _STEP.fullmatch(line):
            code = "i" if step["code"] == "I" else "o"
            steps.append(Step(_seconds(step["delay"]), code, int(step["bytes"])))
        elif resized := _RESIZED.match(line):
            window = f"{resized['columns']}x{resized['rows']}"
            steps.append(Step(_seconds(resized["delay"]), "r", 0, window))
        elif fact := _FACT.fullmatch(line):
            facts.setdefault(fact["key"], fact["value"])
        elif line and number < len(lines) - 1 and not line.startswith("S "):
            return None
    return Timing(tuple(steps), facts) if steps or facts else None


def _seconds(text: str) -> float:
    seconds = float(text)
    return seconds if math.isfinite(seconds) else 0.0


def timing_of(data: bytes, given: Path | None, beside: Path | None) -> Timing | None:
    """The timing of the typescript ``data``: the file that was ``given``, else the one ``beside`` it that fits.

    Names that people use: the typescript's own with ``.timing``, ``.tm``, ``.time`` behind it or in place of its
    suffix, ``timing`` and ``typescript.timing``. A file fits when it speaks of as many bytes as there are.
    """
    if given:
        timing = _read(given)
        if timing is None or not timing.steps:
            raise ReplayError("no-timing", f"{given} is no timing of a typescript", "name the file script -T wrote")
        return timing
    if beside is None:
        return None
    size = len(_body(data))
    for path in _candidates(beside):
        timing = _read(path)
        if timing and timing.steps and abs(timing.size - size) <= (0 if _DONE.search(data[-_SLACK:]) else _SLACK):
            return timing
    return None


def _candidates(path: Path) -> Iterator[Path]:
    for suffix in (".timing", ".tm", ".time", ".tim", ".timing.log"):
        yield path.with_name(path.name + suffix)
        if path.suffix:
            yield path.with_suffix(suffix)
    for name in ("timing", "timing.log", "timingfile", "typescript.timing"):
        yield path.with_name(name)


def _read(path: Path) -> Timing | None:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST_TIMING:
            return None
        return parse_timing(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError):
        return None


def data_of(timing: Timing, path: Path) -> Path | None:
    """The typescript that a timing file at ``path`` names, if it is beside it: where a user names the wrong one."""
    name = Path(timing.facts.get("OUTPUT_LOG") or timing.facts.get("IO_LOG") or "").name
    found = path.with_name(name) if name else None
    return found if found and found != path and found.is_file() else None
