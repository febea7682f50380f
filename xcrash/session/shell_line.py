# SPDX-License-Identifier: Apache-2.0
"""What a line for /bin/sh would do: only filter text, take the terminal, or anything at all."""

from __future__ import annotations

import re

_FILTERS_NAMES = """
cat column comm cut egrep expand fgrep fmt fold grep head nl od rev sort strings tac tail tr uniq wc
"""
FILTERS = frozenset(_FILTERS_NAMES.split())
"""Programs that read their input and print, as far as their arguments let them."""

_WRITING = {
    "sort": re.compile(r"--|-\w*[oT]"),
    "tail": re.compile(r"--follow|--pid|-\w*[fF]"),
    "grep": re.compile(r"-P$"),
}
_SHELLS = r"(?:ba|da|k|z|c|tc|fi|a|mk|r)?sh|busybox"
_INTERPRETERS = (
    r"i?python[\d.]*|pypy[\d.]*|perl|ruby|irb|node|nodejs|lua[\d.]*|tclsh[\d.]*|guile[\d.]*|php|R|gdb|sqlite3"
)
_PROMPTING = re.compile(rf"{_SHELLS}|{_INTERPRETERS}|bc|dc|mysql|psql|ghci|drgn|crash|ftp|sftp|telnet|ed|ex")
_SCREENS_NAMES = """
vi vim nvim view vimdiff nano pico emacs joe jed micro mcedit mc less more most pg top htop atop btop iotop slabtop
watch tmux screen ssh su login passwd man info dialog whiptail ncdu ranger tig
"""
_SCREENS = frozenset(_SCREENS_NAMES.split())
_READS_INPUT_NAMES = """
cat tac sort wc head tail tr tee xargs uniq nl od rev fold fmt cut column
"""
_READS_INPUT = frozenset(_READS_INPUT_NAMES.split())
_CARRIERS_NAMES = """
sudo env exec nohup time nice ionice setsid stdbuf command builtin doas chroot timeout
"""
_CARRIERS = frozenset(_CARRIERS_NAMES.split())
_ASIDE = re.compile(r"\w+=\S*|\d+\w?|-.*")
_TELLS = re.compile(r"--version|--help|-V|-h")


def relative_output(line: str) -> str | None:
    """The relative name of a file that a shell would write, as ``y`` in ``grep x > y``; None without one."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", lambda match: "_" * len(match[0]), line)
    found = re.search(r">>?\s*([^\s/&>|;][^\s|;&]*)", bare)
    return found[1] if found else None


def only_filters(line: str) -> bool:
    """Is ``line`` a pipeline of filters that writes nothing and starts nothing else? When in doubt it is not."""
    pipeline = _plain_pipeline(line)
    return bool(pipeline) and all(_filters(words) for words in pipeline or ())


def _filters(words: list[str]) -> bool:
    if not words:
        return False
    name = re.sub(r"^(?:/usr)?/bin/", "", words[0])
    if name not in FILTERS:
        return False
    pattern = _WRITING.get(name)
    if pattern and any(pattern.match(word) for word in words[1:]):
        return False
    # uniq takes the name of an output behind that of its input.
    return name != "uniq" or sum(not word.startswith("-") for word in words[1:]) <= 1


def _plain_pipeline(line: str) -> list[list[str]] | None:
    """The words of each command of a pipeline; None for any other syntax of the shell."""
    pipeline: list[list[str]] = [[]]
    word: str | None = None
    at, size = 0, len(line)
    while at < size:
        char = line[at]
        if char in " \t|":
            if word is not None:
                pipeline[-1].append(word)
            word = None
            if char == "|":
                pipeline.append([])
            at += 1
            continue
        piece, at = _piece(line, at)
        if piece is None:
            return None
        word = (word or "") + piece
    if word is not None:
        pipeline[-1].append(word)
    return pipeline


def _piece(line: str, at: int) -> tuple[str | None, int]:
    """A character or a quoted string at ``at`` and where it ends; None when the shell would do more with it."""
    char = line[at]
    if char in "'\"":
        end = line.find(char, at + 1)
        inside = line[at + 1 : end]
        active = char == '"' and re.search(r"[`\\]|\$[^ |)]", inside)
        return (None, at) if end < 0 or active else (inside, end + 1)
    if char == "\\":
        return (line[at + 1], at + 2) if at + 1 < len(line) else (None, at)
    return (None, at) if char in ";&<>`$(){}!\n\r" else (char, at + 1)


def takes_terminal(line: str, piped: bool = False) -> bool:
    """Would a program in ``line`` take the terminal over or wait for its input? ``piped``: its input is a pipe.

    Recognises editors, pagers, shells and interpreters without a program to run; nobody can recognise all.
    """
    if not line.strip():
        return True
    return any(_takes(part, piped or bool(at)) for at, part in enumerate(_commands(line)))


def _commands(line: str) -> list[str]:
    """The simple commands of ``line``, roughly: quoted text is left out of the search for what divides them."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", lambda match: re.sub(r"[|;&()]", "_", match[0]), line)
    return [part for part in re.split(r"[|;&(){}`]+|\$\(", bare) if part.strip()]


def _takes(command: str, piped: bool) -> bool:
    words = command.split()
    while words and (words[0].rpartition("/")[2] in _CARRIERS or (_ASIDE.fullmatch(words[0]))):
        words.pop(0)
    if not words:
        return False
    name, arguments = words[0].rpartition("/")[2].strip("'\"\\"), words[1:]
    operands = [word for word in arguments if not word.startswith(("-", ">", "2>", "<"))]
    if any(_TELLS.fullmatch(word) for word in arguments):
        return False
    if name in _SCREENS:
        return True
    if _PROMPTING.fullmatch(name):
        before = arguments[: arguments.index(operands[0])] if operands else arguments
        fed = any(word.startswith("<") for word in arguments)
        return not (operands or fed) or any(
            re.fullmatch(r"-\w*i|--interactive", word) for word in before if word != "-mi"
        )
    if piped or any(word.startswith("<") for word in arguments):
        return False
    return (name in _READS_INPUT and not operands) or (
        name in ("grep", "egrep", "fgrep") and len(operands) < 2 and not re.search(r"\s-\w*[rR]", command)
    )
