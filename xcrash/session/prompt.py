# SPDX-License-Identifier: Apache-2.0
"""Knowing when crash is done: the prompt at the end of everything received, confirmed by an echo of our own.

crash prints its prompt inside its own output as well (help pages, rc files, ``echo``), so a prompt counts only at the
very end of the data (cmdline.c:set_command_prompt gives its form), and only after ``echo TOKEN`` came back behind it.
"""

from __future__ import annotations

import re
import secrets

TAIL_BYTES = 512
"""How much of the end of the output the prompt test looks at; enough for any prompt and two handshakes."""

_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
_ESCAPE_RUN = rb"(?:\x1b\[[0-9;?]*[A-Za-z])*"
_ANY_PROMPT = re.compile(rb"(?:^|[\r\n])(?:\(\w+\))?(?P<prompt>[^\s(): >][^\s():>]{0,63}> )\Z")


def strip_escapes(data: bytes) -> bytes:
    """``data`` without terminal control sequences (readline's bracketed paste, less, gdb colours)."""
    return _ESCAPES.sub(b"", data)


class PromptMatcher:
    """Recognises one crash's prompt, which it learns from the first one that answers the handshake.

    The prompt is the base name of crash's argv[0] and ``> ``; a renamed binary has another one.
    """

    def __init__(self) -> None:
        self.prompt: bytes | None = None
        self._token = f"xcrash-{secrets.token_hex(6)}"
        self._count = 0
        # readline's show-mode-in-prompt; without it a "(...)" in front of the prompt is output.
        self._mode = b""

    def at_end(self, tail: bytes) -> bool:
        """Does the output end with the prompt? ``tail`` is its last bytes, escapes included."""
        return self._ending(strip_escapes(tail)) is not None

    def at_line_start(self, tail: bytes) -> bool:
        """Is the prompt at the end of ``tail`` the whole last line? Then it is most likely a real one."""
        bare = strip_escapes(tail)
        ending = self._ending(bare)
        return ending is not None and (len(bare) == len(ending) or bare[-len(ending) - 1 :][:1] in b"\r\n)")

    def _ending(self, bare: bytes) -> bytes | None:
        if self.prompt is not None:
            return self.prompt if bare.endswith(self.prompt) else None
        match = _ANY_PROMPT.search(bare)
        return match["prompt"] if match else None

    def challenge(self) -> bytes:
        """A fresh line to send; its answer proves that crash reads commands again."""
        self._count += 1
        return f"echo {self._token}-{self._count}\n".encode()

    def answered(self, tail: bytes) -> bool:
        """Did the last challenge come back, with the prompt behind it? Learns the prompt when it did."""
        bare = strip_escapes(tail)
        ending = self._ending(bare)
        if ending is None or not self._count:
            return False
        answer = f"{self._token}-{self._count}".encode()
        prompt = rb"(?P<mode>\(\w+\))?" + re.escape(ending) + rb"\Z"
        match = re.search(re.escape(answer) + rb"\r*\n" + prompt, bare)
        if match is None:
            return False
        self.prompt = ending
        self._mode = rb"(?:\(\w+\))?" if match["mode"] else b""
        return True

    def output_end(self, window: bytes) -> int:
        """Where in ``window`` (the end of a command's output, an answered challenge included) the output ends.

        The prompt in front of the first answer of the last unbroken run of answers is not output; a Ctrl-C that met
        one of these prompts does not break the run.
        """
        prompt, answer = self._prompt_pattern(), self._answer_pattern()
        run = re.compile(rb"(?:" + prompt + rb"(?:" + answer + rb"|\^C\r*\n))*" + prompt + answer + prompt + rb"\Z")
        match = run.search(window)
        return match.start() if match else len(window)

    def without_answers(self, data: bytes) -> bytes:
        """``data`` without the answers of challenges and the prompts behind them."""
        if not self._count or self._token.encode() not in data:
            return data
        return re.sub(self._answer_pattern() + rb"(?:" + self._prompt_pattern() + rb")?", b"", data)

    def _prompt_pattern(self) -> bytes:
        return _ESCAPE_RUN + self._mode + re.escape(self.prompt or b"")

    def _answer_pattern(self) -> bytes:
        token = re.escape(self._token.encode()) + rb"-\d+\r*\n"
        return rb"(?:\x1b\[[0-9;?]*[A-Za-z]|\r*\n|\r)*(?:echo " + token + rb")?" + token
