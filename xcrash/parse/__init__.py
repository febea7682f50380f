# SPDX-License-Identifier: Apache-2.0
"""What did crash say? One module per crash command, named like it: text in, frozen typed values out.

Parsers never raise on text, take time in proportion to it, and keep what they could not read.
"""

from __future__ import annotations

import re

from xcrash.parse.commands import COMMANDS, Parser
from xcrash.parse.value import ParsedValue

__all__ = ["Parser", "parser_for", "read"]

_PROTECTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*\)|->")
_FILTERS = frozenset(("grep", "egrep", "fgrep", "head", "tail", "tac", "sort", "uniq", "cat", "less", "more", "tee"))
_PASTED = frozenset(("list", "tree"))
"""Of these, what ``paste - -`` put on one line can be told apart."""


def parser_for(command_line: str) -> Parser | None:
    """The parser for the output of a crash command line; None if the output has no shape that one of them knows.

    A filter behind a pipe leaves lines that are still rows or labels; any other program, or a file, leaves none.
    Aliases are those that crash has from the start. A word that is no command can be gdb's, a type or a symbol.
    """
    plain = _PROTECTED.sub("_", command_line)
    command, *filters = plain.split("|")
    words = command.split() or [""]
    if ">" in plain:
        return None
    programs = {(part.split() or [""])[0] for part in filters} - _FILTERS
    if programs and not (programs == {"paste"} and words[0] in _PASTED):
        return None
    name, arguments = words[0].lstrip("\\"), words[1:]
    if name not in COMMANDS:
        from xcrash.parse.alias import BUILTIN

        name, *meant = BUILTIN.get(name, (name,))
        arguments = [*meant, *arguments]
    if name.startswith("*"):
        name, arguments = "*", [name[1:], *arguments] if name[1:] else arguments
    choose = COMMANDS.get(name)
    if choose:
        return choose(arguments)
    from xcrash.parse import bare, gdb

    return gdb.parser([name, *arguments]) or (bare.parse if bare.WORD.match(name) else None)


def read(command_line: str, text: str) -> ParsedValue | None:
    """What crash answered to a command line, read; None when no parser knows the shape of the answer.

    An answer that is nothing but errors and warnings is told as ``NoData`` where its parser has no words for it.
    """
    parser = parser_for(command_line)
    value = parser(text) if parser else None
    if value is None:
        from xcrash.parse.answer import NoData, answer

        said = answer(text, command_line)
        if said.remarks and not any(line.text.strip() for line in said.lines):
            return NoData(remarks=said.remarks)
    return value
