# SPDX-License-Identifier: Apache-2.0
"""Sessions cut at their prompts: what a terminal showed, or what people pasted into mails, pages and tickets.

Of pasted text, the quote marks and the indentation that stand in front of crash's own lines are taken off, and an
answer ends where its code block or its quotation does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from xcrash.parse.text import plain_lines, quotes, unquote
from xcrash.transcript.page import page_lines
from xcrash.transcript.unprompted import split_report
from xcrash.transcript.wrapped import rejoin

_LONGEST = 1500
"""Longer lines hold no prompt: crash takes no longer commands (cmdline.c:process_command_line)."""

_PROMPT = re.compile(
    r"(?P<margin>[>|\s`*+#]*)(?:\(\w{1,10}\))?"
    r"(?P<prompt>%?[\w.+-]{0,40}crash[\w.+-]{0,40}(?: (?=> *$|> +[a-z*!]))?>|gdb>)(?P<rest>\s.*|\w.*|)$"
)
_PROMPT_ONLY = re.compile(
    r"(?P<margin>)(?:\(\w{1,10}\))?(?P<prompt>%?[\w.+-]{0,40}crash[\w.+-]{0,40}>|gdb>)(?P<rest>\s.*|)$"
)
_FENCE = re.compile(
    r"\s*(?:(?:```|~~~)[`~]*\s*(?P<info>[\w+-]*)|\{(?:code|noformat)(?::[^{}]{0,80})?\}|\[/?code\]"
    r"|</?pre(?: [^<>]{0,80})?>|#\+(?:begin|end)_\w{1,20}(?: .{0,80})?)\s*$",
    re.IGNORECASE,
)
_USER = r"\[?[\w.-]{1,40}@[\w.-]{1,60}(?:[: ][^\s$#%]{0,200})?\]?\s?"
_SHELL = re.compile(rf"(?:{_USER})?\$ (?!=)|{_USER}[#%] ")
_STARTS_CRASH = re.compile(rf"(?:{_USER})?[$#%] ?(?:sudo +)?(?:[\w./~-]{{0,200}}/)?crash(?: +[\w./~$(-]| *$)")
_VERSION = re.compile(r"crash \d+\.\d[\w.+~-]*\s*$")
_BANNER = re.compile(r"\s*(?:KERNEL|SYSTEM MAP|DUMPFILES?): +\S")
_FLUSH = re.compile(r"(\s*)(?:LOAD AVERAGE: |%?crash[\w.+-]{0,20}[ :] ?\S|GNU gdb |WARNING: |PID: +\d+ +TASK: )")
"""Lines that crash begins at the edge."""
_HELP = re.compile(r"(?:help|man|\?)\b")
_QUITS = frozenset(("q", "Q", "quit", "exit"))
_LINK = re.compile(r"\[([^\[\]]{1,120})\]\((?:https?:|[#/.])[^()\s]{0,500}\)")
_BOLD = re.compile(r"(\*\*|__|``?)(?=\S)([^*`]{1,400}?)(?<=\S)\1(?=\s|$)")
_TAG = re.compile(r"</?(?:b|i|u|em|tt|strong|code|kbd|span|font)(?:\s[^<>]{0,120})?>")


class Said(NamedTuple):
    """A command, the number of the line it was typed on, and the lines below it with their numbers."""

    command: str
    at: int
    lines: tuple[tuple[int, str], ...]

    @property
    def output(self) -> str:
        """The answer as one text."""
        return "".join(f"{text}\n" for _, text in self.lines)


class Pasted(msgspec.Struct, frozen=True, kw_only=True):
    """One session: the lines before its first prompt, and each command with its answer."""

    opening: tuple[tuple[int, str], ...]
    commands: tuple[Said, ...]
    prompt: str = "crash> "
    last: int | None = None
    """The line with the prompt that closes the session, if there is one."""

    @property
    def before(self) -> str:
        """The lines before the first prompt as one text."""
        return "".join(f"{text}\n" for _, text in self.opening)


class _Prompt(NamedTuple):
    """A prompt in a line: what is quoted or indented in front of it, glued output, the prompt, the command."""

    margin: str
    glued: str
    prompt: str
    command: str

    @property
    def indent(self) -> str:
        return unquote(self.margin).rstrip("|`*")


def split_pasted(text: str) -> tuple[Pasted, ...]:
    """The sessions in a pasted text, at least one; what mailers and web pages did to the text is undone.

    Prompts are ``crash> ``, ``crash32> ``, ``crash.aft> ``, ``%crash> ``; a text without any may be a report that has
    headings instead (see ``unprompted``).
    """
    return split_sessions(page_lines(line.text for line in plain_lines(text)), pasted=True)


def split_sessions(lines: Sequence[str], pasted: bool) -> tuple[Pasted, ...]:
    """The sessions in ``lines``, at least one. Not ``pasted``: prompts begin their lines, and margins are output."""
    if lines and not lines[-1]:
        lines = lines[:-1]
    prompts = _prompts(lines, pasted)
    if not any(prompts.values()):
        shown = (row for row in enumerate(lines) if not (pasted and _FENCE.match(unquote(row[1]))))
        opening = _undented(shown, None) if pasted else tuple(shown)
        before, sections = split_report(opening)
        return (Pasted(opening=before, commands=tuple(Said(*section) for section in sections)),)
    return _Splitter(lines, prompts, pasted).sessions()


def _prompts(lines: Sequence[str], pasted: bool) -> dict[int, _Prompt]:
    """The prompt in each line that has one."""
    shape = _PROMPT if pasted else _PROMPT_ONLY
    found: dict[int, _Prompt] = {}
    for number, line in enumerate(lines):
        if ">" in line and len(line) <= _LONGEST and (match := shape.match(line)):
            shown = match["prompt"].replace(" ", "")
            found[number] = _Prompt(match["margin"], "", shown, _command(match["rest"], match["margin"]))
    counted = Counter(prompt.prompt for prompt in found.values() if prompt.prompt != "gdb>")
    usual = counted.most_common(1)[0][0] if counted else ""
    if not counted:
        return {}
    glued = re.compile(rf"(?P<glued>.*[^\s`'\"(<>|*%]){re.escape(usual)}(?P<rest>\s.*|)$")
    for number, line in enumerate(lines):
        prompt = found.get(number)
        if usual not in line or len(line) > _LONGEST or (prompt and prompt.prompt.lstrip("%") == usual):
            continue
        if match := glued.match(line):
            found[number] = _Prompt("", match["glued"], usual, _command(match["rest"], ""))
    return found


def _command(rest: str, margin: str) -> str:
    """The command behind a prompt, without what Markdown or HTML put around it."""
    command = rest.strip()
    if "[" in command:
        command = _LINK.sub(r"\1", command)
    if "<" in command:
        command = _TAG.sub("", command)
    if "*" in command or "`" in command or "__" in command:
        command = _BOLD.sub(r"\2", command) if command.startswith(("**", "__", "`")) else command
    marks = margin[len(margin.rstrip("`*")) :]
    return command.removesuffix(marks[::-1]).strip() if marks else command


class _Splitter:
    """Goes through the lines once, from prompt to prompt."""

    def __init__(self, lines: Sequence[str], prompts: dict[int, _Prompt], pasted: bool) -> None:
        self._lines, self._prompts, self._pasted = lines, prompts, pasted
        self._done: list[Pasted] = []
        self._opening: list[tuple[int, str]] = []
        self._said: list[Said] = []
        self._answer: list[tuple[int, str]] = []
        self._first: _Prompt | None = None
        self._prompt: _Prompt | None = None
        self._command = ""
        self._at = 0
        self._ended = False
        self._last: int | None = None
        self._fenced = False

    def sessions(self) -> tuple[Pasted, ...]:
        self._fenced = self._begins_fenced()
        for number, line in enumerate(self._lines):
            prompt = self._prompts.get(number)
            fence = self._pasted and _FENCE.match(unquote(line))
            if prompt and self._is_prompt(prompt):
                self._enter(number, prompt)
            elif self._prompt is not None:
                self._below(number, line)
            elif not fence:
                self._opening.append((number, line))
            if fence:
                self._fenced = not self._fenced
        self._close(at_end=True)
        return tuple(self._done)

    def _begins_fenced(self) -> bool:
        """Was the text cut out of a code block? Then its first fence, without a language, closes that block."""
        for number, line in enumerate(self._lines):
            if number in self._prompts:
                return True
            if (fence := _FENCE.match(unquote(line))) is not None:
                return not fence["info"] and any(_BANNER.match(text) for text in self._lines[:number])
        return False

    def _is_prompt(self, prompt: _Prompt) -> bool:
        """A prompt further in than the one of ``help`` is an example in a help page."""
        current = self._prompt
        return not (current and _HELP.match(self._command) and _width(prompt.margin) > _width(current.margin))

    def _enter(self, number: int, prompt: _Prompt) -> None:
        if prompt.glued:
            if self._prompt is None:
                self._opening.append((number, prompt.glued))
            else:
                self._below(number, prompt.glued)
            prompt = prompt._replace(margin=self._prompt.margin if self._prompt else "")
        if self._command in _QUITS:
            self._close()
        self._say()
        self._first = self._first or prompt
        self._prompt, self._command, self._at, self._ended = prompt, prompt.command, number, False
        self._last = None if prompt.command else number

    def _say(self) -> None:
        """The command so far is complete. One that was given up with ^C was never sent."""
        command = self._command
        if command and not (command.endswith("^C") and not any(text.strip() for _, text in self._answer)):
            while self._answer and not self._answer[-1][1].strip() and self._ended:
                self._answer.pop()
            if self._pasted:
                command, self._answer = rejoin(self._lines[self._at], command, _uncommented(self._answer))
            self._said.append(Said(command, self._at, tuple(self._answer)))
        self._answer, self._command = [], ""

    def _below(self, number: int, line: str) -> None:
        """A line below a prompt: of the answer, of the text around it, or the start of another session."""
        if self._begins_session(line):
            self._close()
            self._opening.append((number, line))
            return
        if self._command in _QUITS:
            return
        plain = _dedented(line, self._prompt) if self._pasted and self._prompt else line
        if self._pasted and self._prompt and self._is_outside(line, plain):
            return
        if not self._ended and plain is not None:
            if _SHELL.match(plain):
                self._ended = True
            else:
                self._answer.append((number, plain))

    def _begins_session(self, line: str) -> bool:
        """Does another start of crash begin here? ``sys`` prints the banner as well."""
        bare = unquote(line).strip() if self._pasted else line
        if self._command.split(maxsplit=1)[:1] in (["sys"], ["help"], ["man"], ["echo"]) or self._command.startswith(
            "!"
        ):
            return False
        if len(bare) > _LONGEST:
            return False
        if _VERSION.match(bare) or _STARTS_CRASH.match(bare):
            return True
        return (self._ended or self._command in _QUITS or not self._command) and bool(_BANNER.match(bare))

    def _is_outside(self, line: str, plain: str | None) -> bool:
        """Is this line not of the block that the prompt is in? Remembers where that ends."""
        prompt = self._prompt
        if prompt is None or quotes(line) < quotes(prompt.margin):
            return True
        if not line.strip("> \t|"):
            return False
        if fence := _FENCE.match(unquote(line)):
            opens = not self._fenced and not any(text.strip() for _, text in self._answer)
            self._ended = not (opens or (bool(fence["info"]) and not self._answer))
            return True
        if plain is None:
            self._ended = True
        return self._ended

    def _close(self, at_end: bool = False) -> None:
        """The session is complete, if there was one."""
        self._say()
        if self._said or any(text.strip() for _, text in self._opening) or (at_end and not self._done):
            first = self._first
            opening = _undented(self._opening, first) if self._pasted else tuple(self._opening)
            prompt = f"{first.prompt} " if first else "crash> "
            self._done.append(Pasted(opening=opening, commands=tuple(self._said), prompt=prompt, last=self._last))
        self._opening, self._said, self._first, self._prompt, self._last = [], [], None, None, None
        self._ended = False


def _width(margin: str) -> int:
    return len(margin.expandtabs())


def _dedented(line: str, prompt: _Prompt | None) -> str | None:
    """``line`` without the margin of its prompt; None when it is further out than a code block is."""
    if prompt is None:
        return line
    depth = quotes(prompt.margin)
    bare = unquote(line, depth) if depth else line
    indent = prompt.indent
    if not indent:
        return bare.removeprefix(" ") if depth and not prompt.margin.endswith(">") else bare
    if bare.startswith(indent):
        return bare[len(indent) :]
    if bare.strip() and bare.rstrip() == indent.rstrip():
        return ""
    blanks = bare[: len(bare) - len(bare.lstrip())]
    if len(blanks) == len(bare):
        return ""
    wanted, there = _width(indent), _width(blanks)
    if there >= wanted:
        return " " * (there - wanted) + bare[len(blanks) :]
    return None if wanted >= 4 and not depth else bare[len(blanks) :]


def _uncommented(answer: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The answer without the ``# `` that makes all of it a comment, as in a script."""
    written = [text for _, text in answer if text.strip()]
    if len(written) < 2 or not all(text.startswith("# ") or text == "#" for text in written):
        return answer
    return [(number, text[2:]) for number, text in answer]


def _undented(opening: Iterable[tuple[int, str]], prompt: _Prompt | None) -> tuple[tuple[int, str], ...]:
    """The lines before the first prompt without their margin: the prompt's, or that of lines at the edge."""
    lines = list(opening)
    is_quoted = 2 * sum(text.startswith(">") for _, text in lines) > sum(bool(text.strip()) for _, text in lines)
    bare = [(number, _quoted(text)) for number, text in lines] if is_quoted else lines
    if prompt and prompt.indent.strip():
        return tuple((number, text.removeprefix(prompt.indent)) for number, text in bare)
    if prompt:
        margin = _width(prompt.indent)
    else:
        margin = min((_width(flush[1]) for _, text in bare if (flush := _FLUSH.match(text))), default=0)
    return tuple((number, _without(text, margin)) for number, text in bare) if margin else tuple(bare)


def _quoted(text: str) -> str:
    return unquote(text).removeprefix(" ") if quotes(text) else text


def _without(text: str, margin: int) -> str:
    there = _width(text[: len(text) - len(text.lstrip())])
    return " " * max(0, there - margin) + text.lstrip() if text.strip() else ""
