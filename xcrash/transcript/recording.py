# SPDX-License-Identifier: Apache-2.0
"""A recorded session as an exchange: what crash said first, then each command with its answer."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from xcrash.errors import ReplayError
from xcrash.parse.text import clean
from xcrash.transcript.asciicast import ABANDONED, Cast, Facts, looks_like_cast, read_cast
from xcrash.transcript.pasted import split_pasted

_PROMPT = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z])*(?:\(\w+\))?[^\s():>\x00-\x1f]{1,64}> ")
_LAST_LINE = re.compile(r"[^\r\n]{0,200}\Z")
_LARGEST = 1 << 30

_STATUS = re.compile(r"-?[0-9]{1,9}")


class Piece(msgspec.Struct, frozen=True):
    """Output that came ``delay`` seconds after what was before it."""

    delay: float
    text: str


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A command and everything crash printed until the next one, the closing prompt included."""

    command: str
    pieces: tuple[Piece, ...]

    @property
    def output(self) -> str:
        """The answer as one text."""
        return "".join(piece.text for piece in self.pieces)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded session; ``exit_status`` is None when the recording does not say.

    ``abandoned``: its user ended crash before it was ready.
    """

    path: str
    facts: Facts
    startup: tuple[Piece, ...]
    exchanges: tuple[Exchange, ...]
    exit_status: int | None
    complete: bool
    abandoned: bool = False

    @property
    def startup_text(self) -> str:
        """Everything before the first command."""
        return "".join(piece.text for piece in self.startup)

    @property
    def prompt(self) -> str:
        """crash's prompt in this session."""
        return self.facts.prompt

    def answer_to(self, command: str) -> str | None:
        """The first recorded answer to ``command``, without the prompt behind it."""
        for exchange in self.exchanges:
            if exchange.command.strip() == command.strip():
                return exchange.output.removesuffix(self.prompt)
        return None


def read_recording(path: Path) -> Recording:
    """Read an asciicast or a pasted session; raises ReplayError when it is neither."""
    try:
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError as error:
        raise ReplayError(
            "recording-unreadable", f"cannot read {path}: {error.strerror}", "check path and rights"
        ) from error
    if looks_like_cast(head):
        return from_cast(str(path), read_cast(path))
    if path.stat().st_size > _LARGEST:
        raise ReplayError("recording-too-large", f"{path} is larger than 1 GiB", "cut out the part of interest")
    return from_text(str(path), path.read_bytes().decode("utf-8", "replace"))


def from_cast(name: str, cast: Cast) -> Recording:
    """Turn the events of an asciicast into exchanges."""
    startup: list[Piece] = []
    exchanges: list[tuple[str, list[Piece]]] = []
    pieces, clock, typed = startup, 0.0, ""
    exit_status: int | None = None
    for event in cast.events:
        if event.code == "o":
            pieces.append(Piece(event.time - clock, event.data))
        elif event.code == "i":
            *lines, typed = (typed + event.data).replace("\n", "\r").split("\r")
            for line in lines:
                pieces = []
                exchanges.append((line, pieces))
        elif event.code == "x" and _STATUS.fullmatch(event.data):
            exit_status = int(event.data)
        clock = event.time
    if not exchanges and cast.header.xcrash is None:
        # Recorded by another program, without the keys: the commands are in the output, behind the prompts.
        pasted = from_text(name, "".join(piece.text for piece in startup))
        if pasted.exchanges:
            return pasted
    text = "".join(piece.text for piece in startup[-20:])
    return Recording(
        path=name,
        facts=_with_usable_prompt(cast.header.xcrash or Facts(), text),
        startup=tuple(startup),
        exchanges=tuple(Exchange(command=command, pieces=tuple(parts)) for command, parts in exchanges),
        exit_status=exit_status,
        complete=cast.complete,
        abandoned=any(event.code == "m" and event.data == ABANDONED for event in cast.events),
    )


def from_text(name: str, text: str) -> Recording:
    """Turn a pasted session into exchanges; a text without any prompt is all start-up."""
    pasted = split_pasted(clean(text))
    facts = _with_usable_prompt(Facts(prompt=pasted.prompt, source="pasted text"))
    closing = facts.prompt
    return Recording(
        path=name,
        facts=facts,
        startup=(Piece(0.0, pasted.before + closing),),
        exchanges=tuple(
            Exchange(command=command, pieces=(Piece(0.0, output + closing),)) for command, output in pasted.commands
        ),
        exit_status=None,
        complete=True,
    )


def _with_usable_prompt(facts: Facts, startup: str = "") -> Facts:
    """``facts`` with the prompt that ends the start-up, else their own.

    A prompt that crash cannot have becomes its usual one: a session would wait for it for ever.
    """
    last = _LAST_LINE.search(startup)
    for prompt in (last[0] if last else "", facts.prompt):
        if _PROMPT.fullmatch(prompt):
            return msgspec.structs.replace(facts, prompt=prompt)
    return msgspec.structs.replace(facts, prompt=Facts().prompt)
