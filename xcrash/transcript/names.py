# SPDX-License-Identifier: Apache-2.0
"""What in a recorded session names a machine, a person or a place, and what to call it instead.

The same name is always replaced by the same pseudonym. Names of hosts and users are learnt where a format gives them
away (the banner, shell prompts, paths, log lines) and then replaced wherever they stand alone. Kernel addresses,
symbols and version numbers are no names: what only looks like an address by its digits is kept.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from xcrash.transcript.identifying import IDENTIFYING, KEPT_FILE, KEPT_SERIAL, VERSION_BEFORE, learnt

_SHAPES = {
    "host": "host-{0}",
    "address": "198.18.{1}.{2}",
    "mac": "{0:x}",
    "user": "user-{0}",
    "mail": "mail-{0}@example.invalid",
    "path": "path-{0}",
    "serial": "serial-{0}",
    "secret": "secret-{0}",
}
"""198.18.0.0/15 and 2001:db8::/32 belong to nobody (RFC 2544, RFC 3849); a MAC of 02:... is a local one."""

KINDS = tuple(_SHAPES)
_ORDINARY = re.compile(r"(?:0|127|255)\.")
_PART = re.compile(r"[^.-]+")
_LONGEST_WORD = 120
_BEFORE = 24


class Change(NamedTuple):
    """Characters ``start`` to ``end`` of a text become ``text``."""

    start: int
    end: int
    text: str


class Names:
    """The names in a set of texts; ``changes`` finds them in a text and counts what it replaces."""

    def __init__(self, texts: list[str]) -> None:
        self.places: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self._given: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._words = learnt(texts)
        hosts = (name for name, kind in self._words.items() if kind == "host" and name.count(".") > 1)
        self._domains = tuple({name[name.index(".") :].lower() for name in hosts})

    @property
    def distinct(self) -> dict[str, int]:
        """How many different names of each kind have been replaced."""
        return {kind: self._counts[kind] for kind in KINDS}

    def changes(self, text: str) -> Iterator[Change]:
        """What to replace in ``text``, from its beginning to its end."""
        for found in IDENTIFYING.finditer(text):
            name = found.lastgroup or ""
            value, (start, end) = found[name], found.span(name)
            if name == "word":
                yield from self._in_word(text, value, start)
                continue
            kind, new = self._new(name, value, text[max(0, start - _BEFORE) : start])
            if new != value:
                self.places[kind] += 1
                yield _aligned(text, start, end, new)

    def _in_word(self, text: str, word: str, start: int) -> Iterator[Change]:
        """The names that are a whole number of parts of a word: ``20240101-HOST.cast``."""
        if len(word) > _LONGEST_WORD:
            return
        parts = list(_PART.finditer(word))
        at = 0
        for number, part in enumerate(parts):
            if part.start() < at:
                continue
            for last in reversed(parts[number:]):
                name = word[part.start() : last.end()]
                if kind := self._words.get(name) or ("host" if self._is_in_domain(name) else ""):
                    at = last.end()
                    self.places[kind] += 1
                    yield _aligned(text, start + part.start(), start + at, self._of_word(kind, name))
                    break

    def _is_in_domain(self, name: str) -> bool:
        """Is it another host in the domain of one that is known?"""
        return bool(self._domains) and name.lower().endswith(self._domains)

    def _of_word(self, kind: str, name: str) -> str:
        """A host is the same with and without its domain."""
        return self._pseudonym(kind, name.split(".")[0].lower() if kind == "host" else name)

    def _new(self, name: str, value: str, before: str) -> tuple[str, str]:
        """The kind of what was found, and what it becomes."""
        if name == "mail":
            return "mail", self._pseudonym("mail", value.lower())
        if name == "path":
            return "path", self._path(value)
        if name in ("secret", "login"):
            return "secret", self._pseudonym("secret", value)
        if name in ("serial", "tag"):
            bare = value.rstrip()
            return "serial", value if KEPT_SERIAL.match(bare) else self._pseudonym("serial", bare)
        if name == "mac":
            return "mac", self._mac(value)
        return "address", self._v4(value, before) if name == "v4" else self._v6(value)

    def _pseudonym(self, kind: str, value: str, shape: str = "") -> str:
        key = (kind, value)
        if key not in self._given:
            self._counts[kind] += 1
            number = self._counts[kind]
            self._given[key] = (shape or _SHAPES[kind]).format(number, number >> 8 & 255, number & 255)
        return self._given[key]

    def _path(self, value: str) -> str:
        user, *rest = value.split("/")
        parts = [self._pseudonym("user", user)]
        for number, part in enumerate(rest, 1):
            kept = not part.strip(".") or (number == len(rest) and KEPT_FILE.fullmatch(part))
            parts.append(part if kept else self._pseudonym("path", part))
        return "/".join(parts)

    def _mac(self, value: str) -> str:
        digits = value.replace(":", "").replace("-", "").lower()
        if len(set(digits)) == 1:
            return value
        new = "02" + self._pseudonym("mac", digits).rjust(len(digits) - 2, "0")
        return value[2].join(new[at : at + 2] for at in range(0, len(new), 2))

    def _v4(self, value: str, before: str) -> str:
        is_none = _ORDINARY.match(value) or any(int(part) > 255 for part in value.split("."))
        return value if is_none or VERSION_BEFORE.search(before) else self._pseudonym("address", value)

    def _v6(self, value: str) -> str:
        try:
            address = ipaddress.IPv6Address(value)
        except ValueError:
            return value
        is_short = "::" not in value and value.count(":") < 7
        if is_short or address.is_loopback or address.is_unspecified or len(value) < 5:
            return value
        return self._pseudonym("address", address.compressed, "2001:db8::{0:x}")


def _aligned(text: str, start: int, end: int, new: str) -> Change:
    """The change with the blanks behind it made more or fewer, where a column follows."""
    blanks = end
    while text[blanks : blanks + 1] == " ":
        blanks += 1
    if blanks - end < 2 or text[blanks : blanks + 1] in "[(":
        return Change(start, end, new)
    return Change(start, blanks, new.ljust(blanks - start - 1) + " ")
