# SPDX-License-Identifier: Apache-2.0
"""A recorded session as an exchange: what crash said first, then each command with its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from xcrash.transcript import ttyrec, typescript
from xcrash.transcript.asciicast import ABANDONED, Cast, Event, Facts, parse_cast
from xcrash.transcript.files import Contents, kind_of, read_bytes, read_contents, unpack
from xcrash.transcript.lanes import parted
from xcrash.transcript.pasted import Pasted, split_pasted, split_sessions
from xcrash.transcript.terminal import Line, has_control, shown_lines

_PROMPT = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z])*(?:\(\w+\))?[^\s():>\x00-\x1f]{1,64}> ")
_LAST_LINE = re.compile(r"[^\r\n]{0,200}\Z")
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

    ``abandoned``: its user ended crash before it was ready. ``others``: in the first of several views that were
    recorded together, the other ones.
    """

    path: str
    facts: Facts
    startup: tuple[Piece, ...]
    exchanges: tuple[Exchange, ...]
    exit_status: int | None
    complete: bool
    abandoned: bool = False
    others: tuple[Recording, ...] = ()

    @property
    def view(self) -> str | None:
        """Whose memory of a Xen dump it shows, where that is known."""
        return self.facts.view

    @property
    def label(self) -> str:
        """The prompt with the view in it, for where there are several: ``crash[xen]> ``."""
        return f"{self.prompt.removesuffix('> ')}[{self.view}]> " if self.view else self.prompt

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


def read_recording(path: Path, timing: Path | None = None) -> Recording:
    """The first session of a recording of any kind; raises ReplayError when it cannot be read."""
    return read_sessions(path, timing)[0]


def read_sessions(path: Path, timing: Path | None = None) -> tuple[Recording, ...]:
    """Every session in a recording: an asciicast, a typescript, a ttyrec or a text, perhaps compressed.

    ``timing`` belongs to a typescript; without it, the one beside the typescript is used if it fits.
    Raises ReplayError.
    """
    return _sessions(read_contents(path), str(path), path, timing)


def sessions_in(data: bytes, name: str) -> tuple[Recording, ...]:
    """Every session in the bytes of a recording, which messages call ``name``; raises ReplayError."""
    return _sessions(unpack(data, name), name, None, None)


def _sessions(contents: Contents, name: str, path: Path | None, timing: Path | None) -> tuple[Recording, ...]:
    cast = cast_of(contents.data, name, path, timing)
    if cast:
        complete = cast.complete and contents.whole
        return sessions_of_cast(name, msgspec.structs.replace(cast, complete=complete))
    *found, last = sessions_of_text(name, decoded(contents.data))
    return (*found, last if contents.whole else msgspec.structs.replace(last, complete=False))


def cast_of(data: bytes, name: str, path: Path | None, timing: Path | None) -> Cast | None:
    """The events of a recording that has some; None for a text. Raises ReplayError for an asciicast that is none."""
    kind = kind_of(data)
    if kind == "asciicast":
        return parse_cast(data, name)
    if kind == "ttyrec":
        return ttyrec.read_ttyrec(data)
    if kind == "typescript" or timing:
        return typescript.read_typescript(data, typescript.timing_of(data, timing, path))
    named = typescript.parse_timing(data.decode("utf-8", "replace")) if path and data[:2] == b"H " else None
    script = typescript.data_of(named, path) if named and path else None
    return typescript.read_typescript(read_bytes(script), named) if script else None


def decoded(data: bytes) -> str:
    """A text, whatever a system calls one."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, "replace")
    return text if "\n" in text else text.replace("\r", "\n")


def sessions_of_cast(name: str, cast: Cast) -> tuple[Recording, ...]:
    """The sessions in the events of an asciicast: one for each view if xcrash recorded it."""
    facts = cast.header.xcrash
    if facts and not facts.terminal:
        first, *others = (from_cast(name, view) for view in parted(cast))
        return (msgspec.structs.replace(first, others=tuple(others)), *others)
    facts = facts or Facts(source="asciicast", terminal=True)
    shown = shown_lines(cast.events, cast.header.width, cast.header.height)
    found = _from_terminal(name, facts, shown, cast.complete)
    typed = any(event.code == "i" for event in cast.events)
    if typed and not any(recording.exchanges for recording in found):
        return (from_cast(name, cast),)
    whole_lines = any(event.code == "i" and event.data[:-1].isprintable() and event.data[1:] for event in cast.events)
    return (from_cast(name, cast),) if whole_lines and not _echoed(cast) else found


def _echoed(cast: Cast) -> bool:
    """Does what is typed come out again? xcrash's own crash does not echo."""
    last = ""
    for event in cast.events:
        if event.code == "i":
            last = event.data.strip()
        elif event.code == "o" and last:
            return event.data.lstrip().startswith(last)
    return False


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
    """The first session of a pasted text; a text without any prompt is all start-up."""
    return sessions_of_text(name, text)[0]


def sessions_of_text(name: str, text: str) -> tuple[Recording, ...]:
    """The sessions in a text: what a terminal got, if it holds control sequences, else what people pasted."""
    if has_control(text):
        shown = shown_lines((Event(0.0, "o", text),), 80, 24)
        found = _from_terminal(name, Facts(source="terminal text"), shown, complete=True)
        if any(recording.exchanges for recording in found):
            return found
        text = "\n".join(line.text for line in shown)
    return tuple(_recording(name, Facts(source="pasted text"), session, None) for session in split_pasted(text))


def _from_terminal(name: str, facts: Facts, shown: list[Line], complete: bool) -> tuple[Recording, ...]:
    sessions = split_sessions([line.text for line in shown], pasted=False)
    return tuple(_recording(name, facts, session, shown, complete) for session in sessions)


def _recording(name: str, facts: Facts, session: Pasted, times: list[Line] | None, complete: bool = True) -> Recording:
    """A session that was cut at its prompts; ``times`` are those of its lines, None when nobody knows them."""
    facts = _with_usable_prompt(msgspec.structs.replace(facts, prompt=session.prompt))
    ends = [said.at for said in session.commands[1:]] + [session.last]
    began = times[session.opening[0][0]].first if times and session.opening else 0.0
    first = session.commands[0].at if session.commands else session.last
    return Recording(
        path=name,
        facts=facts,
        startup=_pieces(session.opening, began, first, facts.prompt, times),
        exchanges=tuple(
            Exchange(
                command=said.command,
                pieces=_pieces(said.lines, times[said.at].last if times else 0.0, end, facts.prompt, times),
            )
            for said, end in zip(session.commands, ends, strict=False)
        ),
        exit_status=None,
        complete=complete,
    )


def _pieces(
    lines: Iterable[tuple[int, str]], began: float, closing: int | None, prompt: str, times: list[Line] | None
) -> tuple[Piece, ...]:
    """Lines and the prompt behind them, which is on line ``closing``; lines that came together are one piece."""
    said = [(times[number].first if times else 0.0, f"{text}\n") for number, text in lines]
    said.append((times[closing].first if times and closing is not None else 0.0, prompt))
    found: list[tuple[float, list[str]]] = []
    clock = began
    for now, text in said:
        if found and now <= clock:
            found[-1][1].append(text)
        else:
            found.append((max(0.0, now - clock), [text]))
        clock = max(clock, now)
    return tuple(Piece(delay, "".join(texts)) for delay, texts in found)


def _with_usable_prompt(facts: Facts, startup: str = "") -> Facts:
    """``facts`` with the prompt that ends the start-up, else their own.

    A prompt that crash cannot have becomes its usual one: a session would wait for it for ever.
    """
    last = _LAST_LINE.search(startup)
    for prompt in (last[0] if last else "", facts.prompt):
        if _PROMPT.fullmatch(prompt):
            return msgspec.structs.replace(facts, prompt=prompt)
    return msgspec.structs.replace(facts, prompt=Facts().prompt)
