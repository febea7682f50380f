# SPDX-License-Identifier: Apache-2.0
"""What a command would do, and whether that is allowed: the one gate in front of a session that both faces pass."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Mapping

import msgspec

from xcrash.errors import UsageError
from xcrash.session.command_line import (
    BUILTIN_ALIASES,
    COMMANDS,
    EXTERNAL,
    CommandLine,
    inside_repeat,
    learnt,
    read_line,
)
from xcrash.session.gdb_line import assigns, classify_gdb
from xcrash.session.risk import Kind, Risk, worst
from xcrash.session.shell_line import only_filters

__all__ = ["ALLOWANCES", "END_CRASH", "Guard", "Kind", "Risk", "classify_command", "guarded", "risks_of"]

ALLOWANCES: Mapping[Kind, str] = {
    "writes-memory": "write-memory",
    "runs-shell": "run-shell",
    "loads-code": "load-code",
}
"""What needs consent on a live system, and the name by which it is allowed (``--allow NAME``)."""

END_CRASH = "end-crash"
"""The name by which a command is allowed that has ended crash before."""

_TOLD: frozenset[Kind] = frozenset({"runs-shell", "writes-file", "loads-code"})
_MOST_READ = 1 << 18
_PLAIN = re.compile(r"[\w\s./,:=+@%*?~\[\]-]*", re.ASCII)
_READ = Risk("read", "")
_EVALUATING = frozenset({"p", "gdb"})

ReadText = Callable[[str], "str | None"]


def read_text(path: str) -> str | None:
    """The text of a regular file as crash would read it; None when there is none or it is not to be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = handle.read(_MOST_READ + 1)
    return data.decode("utf-8", "surrogateescape") if len(data) <= _MOST_READ else None


def no_text(path: str) -> None:
    """The ReadText of a session on another machine: its files are not those of this one, whatever their names."""


def classify_command(line: str, aliases: Mapping[str, str] = BUILTIN_ALIASES, read: ReadText = read_text) -> Risk:
    """The worst that ``line`` would do when it is sent; never raises.

    ``aliases`` are those the session has. ``read`` gives the text of a file the line names; nothing else is looked at.
    """
    return worst(risks_of(line, aliases, read))


def risks_of(line: str, aliases: Mapping[str, str] = BUILTIN_ALIASES, read: ReadText = read_text) -> tuple[Risk, ...]:
    """Everything ``line`` would do besides reading, in its order."""
    found = _of_line(line, aliases, read, depth=0)
    return tuple(dict.fromkeys(risk for risk in found if risk.kind != "read"))


def _of_line(line: str, aliases: Mapping[str, str], read: ReadText, depth: int) -> list[Risk]:
    parsed = read_line(line, aliases)
    return [*_redirected(parsed), *_command(parsed, aliases, read, depth)]


def _redirected(parsed: CommandLine) -> list[Risk]:
    found = []
    for one in parsed.redirections:
        if one.kind == "file":
            found.append(Risk("writes-file", f"it writes the file {one.target}"))
        elif not only_filters(one.target) or not parsed.text:
            found.append(Risk("runs-shell", f"it runs in a shell of this machine: {one.target}"))
    return found


def _command(parsed: CommandLine, aliases: Mapping[str, str], read: ReadText, depth: int) -> list[Risk]:
    word, arguments = parsed.word, parsed.arguments
    if not word:
        return []
    if "$_shell" in parsed.text:
        return [Risk("runs-shell", "$_shell() runs a program of this machine")]
    if word == "<":
        return _file(arguments, aliases, read, depth)
    if word == "repeat":
        inner = inside_repeat(parsed)
        endless = Risk("slow", "it repeats the command until it is interrupted")
        return [endless, *(_of_line(inner, aliases, read, depth + 1) if depth < 8 else [])]
    if word in COMMANDS:
        judge = _COMMANDS.get(word)
        found = [judge(parsed)] if judge else [_READ]
        return [*found, *_argument_file(parsed, read)]
    if word in EXTERNAL:
        return [_external(parsed)]
    if word.startswith(("#", "//")):
        return []
    return [classify_gdb(parsed.text.lstrip("\\"), named=False)]


def _external(parsed: CommandLine) -> Risk:
    # crash hands these to a shell as they stand, quotes removed.
    if _PLAIN.fullmatch(parsed.text):
        return _READ
    return Risk("runs-shell", f"a shell of this machine runs it: {parsed.text}")


def _file(arguments: tuple[str, ...], aliases: Mapping[str, str], read: ReadText, depth: int) -> list[Risk]:
    name = arguments[0] if arguments else ""
    text = read(name) if name and not depth else None
    if text is None:
        return [Risk(kind, f"it runs the commands in {name}, which xcrash cannot read") for kind in ALLOWANCES]
    found = [Risk("slow", f"it runs the commands in {name}")]
    for line in text.split("\n"):
        if not line.startswith("#"):
            found += _of_line(line, aliases, read, depth + 1)
            aliases = learnt(line, aliases)
    return found


def _argument_file(parsed: CommandLine, read: ReadText) -> list[Risk]:
    """``p < FILE`` runs the command once for each line of a file (cmdline.c:is_args_input_file)."""
    if parsed.word not in _EVALUATING:
        return []
    found = []
    for match in re.finditer(r"(?<!<)<(?!<)\s*([^\s*?!|'\"{}<>;,^()$~]+)", parsed.text):
        lines = read(match[1])
        if lines is None and read is no_text:
            found += [
                Risk(kind, f"it runs for each line of {match[1]}, which xcrash cannot read") for kind in ALLOWANCES
            ]
        for line in (lines or "").split("\n"):
            text = f"{parsed.text[: match.start()]}{line}{parsed.text[match.end() :]}"
            found.append(classify_gdb(text.partition(" ")[2] if parsed.word == "gdb" else text))
    return found


def _has(parsed: CommandLine, letters: str) -> bool:
    """Is one of these among the options? Those behind an option with a value are taken for options, too."""
    return any(re.match(rf"-\w*[{letters}]", word) for word in parsed.arguments)


def _gdb(parsed: CommandLine) -> Risk:
    return classify_gdb(parsed.text.partition(" ")[2])


def _print(parsed: CommandLine) -> Risk:
    # crash drops the quotes around a whole argument, so that a string may be an expression after all.
    if assigns(parsed.text.partition(" ")[2].replace('"', " ")):
        return Risk("writes-memory", "an assignment writes memory")
    return _READ


def _set(parsed: CommandLine) -> Risk:
    if not parsed.arguments or parsed.arguments == ("-v",):
        return _READ
    if parsed.arguments[0] == "console" and len(parsed.arguments) > 1:
        return Risk("writes-file", f"debug messages go to {parsed.arguments[1]}")
    return Risk("changes-session", "it changes a setting or the current task of crash")


def _extend(parsed: CommandLine) -> Risk:
    if not parsed.arguments:
        return _READ
    if _has(parsed, "u"):
        return Risk("changes-session", "it unloads an extension")
    return Risk("loads-code", "it loads a shared object into crash")


def _mod(parsed: CommandLine) -> Risk:
    if _has(parsed, "sS"):
        return Risk("slow", "it loads the debug information of modules")
    return Risk("changes-session", "it drops the symbols of modules") if _has(parsed, "dDr") else _READ


def _kmem(parsed: CommandLine) -> Risk:
    return Risk("slow", "it looks at every page, free list or slab object") if _has(parsed, "SpmfF") else _READ


def _sys(parsed: CommandLine) -> Risk:
    if any(word.startswith("-p") for word in parsed.arguments):
        return Risk("writes-memory", "it panics the running system")
    return _READ


def _rd(parsed: CommandLine) -> Risk:
    return Risk("writes-file", "it writes raw memory into a file") if _has(parsed, "r") else _READ


def _dev(parsed: CommandLine) -> Risk:
    plain = [word for word in parsed.arguments if not word.startswith("-")]
    return Risk("writes-file", "it writes a device dump into a file") if _has(parsed, "v") and plain[1:] else _READ


def _s390dbf(parsed: CommandLine) -> Risk:
    return Risk("writes-file", "it writes the debug logs into files") if _has(parsed, "s") else _READ


def _alias(parsed: CommandLine) -> Risk:
    return Risk("changes-session", "it gives a command another name") if len(parsed.arguments) > 1 else _READ


def _whatis(parsed: CommandLine) -> Risk:
    return Risk("slow", "it searches every type") if _has(parsed, "rm") else _READ


_COMMANDS: Mapping[str, Callable[[CommandLine], Risk]] = {
    "alias": _alias,
    "dev": _dev,
    "extend": _extend,
    "foreach": lambda _: Risk("slow", "it runs a command for every task"),
    "fuser": lambda _: Risk("slow", "it looks at the files of every task"),
    "gdb": _gdb,
    "kmem": _kmem,
    "mod": _mod,
    "p": _print,
    "rd": _rd,
    "s390dbf": _s390dbf,
    "search": lambda _: Risk("slow", "it searches all of memory"),
    "set": _set,
    "sys": _sys,
    "whatis": _whatis,
    "wr": lambda _: Risk("writes-memory", "it writes into memory"),
}


def guarded(
    line: str,
    live: bool,
    allowed: Collection[str],
    aliases: Mapping[str, str] = BUILTIN_ALIASES,
    read: ReadText = read_text,
    host: str | None = None,
) -> None:
    """Refuse ``line`` on a live system when it does what needs consent and is not ``allowed``.

    Raises UsageError ``consent-needed``. On a dump nothing is refused: crash itself writes no memory there.
    """
    missing = _missing(line, allowed, aliases, read) if live else ()
    if missing:
        names = dict.fromkeys(ALLOWANCES[risk.kind] for risk in missing)
        raise UsageError(
            "consent-needed",
            f"{line.strip()!r} on {host or 'a running system'}: "
            f"{'; '.join(risk.reason for risk in _named(missing, host))}",
            f"allow it: {' '.join(f'--allow {name}' for name in names)}",
        )


def _missing(line: str, allowed: Collection[str], aliases: Mapping[str, str], read: ReadText) -> tuple[Risk, ...]:
    return tuple(
        risk
        for risk in risks_of(line, aliases, read)
        if risk.kind in ALLOWANCES and ALLOWANCES[risk.kind] not in allowed
    )


def _named(risks: tuple[Risk, ...], host: str | None) -> tuple[Risk, ...]:
    """``risks`` with the name of the machine that they are for."""
    if host is None:
        return risks
    return tuple(msgspec.structs.replace(one, reason=one.reason.replace("this machine", host)) for one in risks)


class Guard:
    """The gate of one session: it knows the aliases the session defined and what the user agreed to.

    Safe to ask from any thread. ``live``: the memory is that of a running system. ``host``: crash runs
    on that machine, and not on this one.
    """

    def __init__(
        self, live: bool, allowed: Collection[str] = (), read: ReadText = read_text, host: str | None = None
    ) -> None:
        self.live = live
        self._host = host
        self.aliases: Mapping[str, str] = BUILTIN_ALIASES
        self._allowed = frozenset(allowed)
        self._read = no_text if host else read
        self._granted: tuple[str, frozenset[str]] | None = None
        self._told: set[Kind] = set()
        self._deadly: dict[str, str] = {}

    def ended_by(self, line: str, how: str) -> None:
        """crash ended over ``line``, by a fault of its own: it is not sent again unless its user insists."""
        self._deadly[" ".join(line.split())] = how

    def _endings(self, line: str) -> tuple[Risk, ...]:
        how = self._deadly.get(" ".join(line.split()))
        if how is None or END_CRASH in self._allowed:
            return ()
        return (Risk("ends-crash", f"crash ended over it in this session ({how}), and would again"),)

    def begin(self) -> None:
        """A new crash: it knows no aliases but its own."""
        self.aliases = BUILTIN_ALIASES

    def questions(self, line: str) -> tuple[Risk, ...]:
        """What a user should be asked before ``line`` is sent.

        On a live system all that needs consent, each time; else what touches this machine, once for each kind.
        """
        found = risks_of(line, self.aliases, self._read)
        asked = tuple(
            risk
            for risk in found
            if ALLOWANCES.get(risk.kind) not in self._allowed
            and ((self.live and risk.kind in ALLOWANCES) or (risk.kind in _TOLD and risk.kind not in self._told))
        )
        return (*self._endings(line), *_named(asked, self._host))

    def grant(self, line: str, risks: Collection[Risk]) -> None:
        """The user agreed to ``risks`` of ``line``: it may be sent once, and kinds told once are not told again."""
        self._told |= {risk.kind for risk in risks}
        names = {**ALLOWANCES, "ends-crash": END_CRASH}
        self._granted = (line, frozenset(names[risk.kind] for risk in risks if risk.kind in names))

    def check(self, line: str) -> None:
        """Let ``line`` pass or raise UsageError ``consent-needed``; what it defines is known from now on.

        UsageError ``command-deadly`` for a line over which crash has ended before.
        """
        granted, self._granted = self._granted, None
        once = granted[1] if granted and granted[0] == line else frozenset()
        for risk in () if END_CRASH in once else self._endings(line):
            raise UsageError(
                "command-deadly",
                f"{line.strip()!r} is not sent again: {risk.reason}",
                f"leave it out, or insist: --allow {END_CRASH}",
            )
        guarded(line, self.live, self._allowed | once, self.aliases, self._read, self._host)
        self.aliases = self._learnt(line)

    def _learnt(self, line: str) -> Mapping[str, str]:
        parsed = read_line(line, self.aliases)
        text = self._read(parsed.arguments[0]) if parsed.word == "<" and parsed.arguments else None
        aliases = learnt(line, self.aliases)
        for one in (text or "").split("\n"):
            aliases = learnt(one, aliases)
        return aliases
