# SPDX-License-Identifier: Apache-2.0
"""The lines of catalogue.tsv and their patterns: absolute paths with placeholders and ``*`` within one name."""

from __future__ import annotations

import csv
import functools
import importlib.resources
import posixpath
import re
from collections.abc import Mapping
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
    text = importlib.resources.files(__package__).joinpath("catalogue.tsv").read_text(encoding="utf-8")
    table = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
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
        if line["what"] == what
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
    pieces = pattern.replace(_VERSION, _ANY).split(_ANY)
    first, last = pieces[0], pieces[-1]
    if len(name) < sum(map(len, pieces)) or not name.startswith(first) or not name.endswith(last):
        return None
    at, end = len(first), len(name) - len(last)
    for piece in pieces[1:-1]:
        found = name.find(piece, at, end)
        if found < 0:
            return None
        at = found + len(piece)
    return name[len(first) : end] if _VERSION in pattern else ""
