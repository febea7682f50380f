# SPDX-License-Identifier: Apache-2.0
"""The lines of catalogue.tsv and their patterns: absolute paths with placeholders and ``*`` within one name."""

from __future__ import annotations

import functools
import pkgutil
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, cast

from xcrash.images.image import Role

Basis = Literal["measured", "source", "vendor", "unverified"]
"""How well a fact is known: seen on a real system, read in source code, in a vendor's document, or not checked."""

COMPRESSED = re.compile(r"\.(?:gz|xz|bz2|zst)$")
NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")

_ANY, _VERSION = "\0", "\1"
_BUILD_ID = re.compile(r"[0-9a-f]{8,128}")
_PLACEHOLDER = re.compile(r"\{([a-z:0-9]+)\}")


class Row(NamedTuple):
    """A line of catalogue.tsv; ``what`` is the question it answers, ``role`` the role of a file found there.

    Placeholders: {release}; {id:2} and {id:rest} of a build-id; {base}, the numbers of a release; {flavour}, its end;
    {directory} and {link} of a debuglink. {xen} and {found} match anything and are reported, {kernel} is not.
    """

    what: str
    family: str
    pattern: str
    role: Role
    basis: Basis
    package: str | None


@functools.cache
def rows(what: str) -> tuple[Row, ...]:
    """The catalogue's lines for one question, in order of preference."""
    return tuple(row for row in _table() if row.what == what)


@functools.cache
def _table() -> tuple[Row, ...]:
    # Neither csv nor importlib.resources: together they take longer to import than the catalogue to be read.
    data = pkgutil.get_data(__package__, "catalogue.tsv")
    heading, *lines = (line.split("\t") for line in (data or b"").decode().splitlines())
    table = (dict(zip(heading, line, strict=True)) for line in lines)
    return tuple(
        Row(
            what=line["what"],
            family=line["family"],
            pattern=line["pattern"],
            role=cast(Role, line["role"]),
            basis=cast(Basis, line["basis"]),
            package=line["package"] or None,
        )
        for line in table
    )


def kernel_values(release: str | None, build_id: str | None) -> dict[str, str]:
    """The placeholders of a kernel; a release that cannot be one name in a directory gives none."""
    values: dict[str, str] = {}
    identifier = (build_id or "").lower()
    if _BUILD_ID.fullmatch(identifier):
        values |= {"id:2": identifier[:2], "id:rest": identifier[2:]}
    if release and _is_name(release):
        numbers = NUMBERS.match(release)
        values |= {"release": release, "flavour": flavour_of(release)}
        values |= {"base": numbers[0]} if numbers else {}
    return values


def flavour_of(release: str) -> str:
    """SUSE's flavour at the end of a release: "xen" of 3.12.49-6-xen; "default" when there is none."""
    flavour = release.rpartition("-")[2]
    return flavour if flavour.isascii() and flavour.isalpha() else "default"


def link_values(namelist_path: str | None, debuglink: str | None) -> dict[str, str]:
    """The placeholders of a debug file beside ``namelist_path``; without a debuglink it is NAME.debug."""
    if not namelist_path or not namelist_path.startswith("/") or {_ANY, _VERSION} & set(namelist_path):
        return {}
    directory, name = posixpath.split(posixpath.normpath(namelist_path))
    link = debuglink or COMPRESSED.sub("", name) + ".debug"
    return {"directory": directory.rstrip("/"), "link": link} if _is_name(link) else {}


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 255 and text not in (".", "..") and not set("/\0\1") & set(text)


def fill(pattern: str, values: Mapping[str, str]) -> list[str] | None:
    """The pattern's names, placeholders filled in, for ``match``; None when one has no value."""
    known = {**values, "xen": _VERSION, "found": _VERSION, "kernel": _ANY}
    if not all(name in known for name in _PLACEHOLDER.findall(pattern)):
        return None
    filled = _PLACEHOLDER.sub(lambda found: known[found[1]], pattern.replace("*", _ANY))
    return filled.strip("/").split("/")


def fill_words(text: str, values: Mapping[str, str]) -> str:
    """A text for people: a placeholder without a value is left as a word, RELEASE."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[1].upper()), text)


def is_exact(name: str) -> bool:
    """Whether a filled-in name is a plain name."""
    return _ANY not in name and _VERSION not in name


def match(name: str, pattern: str) -> str | None:
    """The text at the place of {xen} or {found} ("" when there is no such place); None when the name does not fit."""
    return next((text for _, text in matching((name,), pattern)), None)


def matching(names: Iterable[str], pattern: str) -> Iterator[tuple[str, str]]:
    """Each of ``names`` that fits, with what ``match`` says of it."""
    pieces = pattern.replace(_VERSION, _ANY).split(_ANY)
    first, between, last = pieces[0], pieces[1:-1], pieces[-1]
    least, reported = sum(map(len, pieces)), _VERSION in pattern
    for name in names:
        if name.startswith(first) and name.endswith(last) and len(name) >= least:
            end = len(name) - len(last)
            if not between or _in_order(name, between, len(first), end):
                yield name, name[len(first) : end] if reported else ""


def _in_order(name: str, pieces: Iterable[str], at: int, end: int) -> bool:
    for piece in pieces:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
