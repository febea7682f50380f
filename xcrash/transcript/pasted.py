# SPDX-License-Identifier: Apache-2.0
"""Sessions that people pasted: plain text with crash's prompts in it."""

from __future__ import annotations

import re

import msgspec

_PROMPT_LINE = re.compile(r"^(?P<margin>[>| \t]*)(?P<prompt>%?[\w.+-]*crash[\w.+-]*> ?)(?P<command>.*)$")
_LONGEST = 1500


class Pasted(msgspec.Struct, frozen=True, kw_only=True):
    """The text before the first prompt, and each command with the text up to the next prompt."""

    before: str
    commands: tuple[tuple[str, str], ...]
    prompt: str


def split_pasted(text: str) -> Pasted:
    """Cut a pasted session at its prompts (``crash> ``, ``crash32> ``, ``crash.aft> ``, ``%crash> ``).

    Quote marks of mail in front of a prompt are tolerated; everything else stays as it is. A prompt further in than the
    first one is an example in a help page.
    """
    margin = 0
    before: list[str] = []
    commands: list[tuple[str, list[str]]] = []
    prompt = "crash> "
    for line in text.splitlines(keepends=True):
        match = _PROMPT_LINE.match(line.rstrip("\r\n")[:_LONGEST])
        if match and (not commands or len(match["margin"].expandtabs()) <= margin):
            if not commands:
                prompt = match["prompt"].rstrip() + " "
                margin = len(match["margin"].expandtabs())
            command = match["command"].strip()
            if command:
                commands.append((command, []))
        else:
            (commands[-1][1] if commands else before).append(line)
    return Pasted(
        before="".join(before),
        commands=tuple((command, "".join(lines)) for command, lines in commands),
        prompt=prompt,
    )
