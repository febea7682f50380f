# SPDX-License-Identifier: Apache-2.0
"""Which Debian archive this machine's own apt uses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.lab.proc import LabError, run

_SUITES = ("bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable")
_KEYRINGS = ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg")


def find_mirror() -> str:
    """Return the address of the Debian archive, from the indexes or else the sources of apt."""
    named = os.environ.get("XCRASH_LAB_MIRROR")
    if named:
        return named
    for address in (*_from_indexes(), *_from_sources()):
        if not address.startswith("cdrom:"):
            return address
    raise LabError("apt of this machine has no Debian archive; set XCRASH_LAB_MIRROR to the address of one")


def find_keyring() -> Path:
    """Return the keys that sign the Debian archive."""
    for name in _KEYRINGS:
        path = Path("/usr/share/keyrings") / name
        if path.is_file():
            return path
    raise LabError("no keys of the Debian archive; install them with: apt-get install debian-archive-keyring")


def _from_indexes() -> Iterator[str]:
    # Knows the origin for sure, but only after an `apt-get update` of the machine.
    listed = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(COMPONENT)|$(CODENAME)|$(REPO_URI)",
            "Origin: Debian",
            "Label: Debian",
        ]
    )
    for line in listed.splitlines():
        component, codename, address = line.split("|", 2)
        if component == "main" and codename in _SUITES:
            yield address


def _from_sources(etc: Path = Path("/etc/apt")) -> Iterator[str]:
    for path in (etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))):
        if path.is_file() and path.suffix == ".list":
            yield from _from_lines(path.read_text(encoding="utf-8", errors="replace"))
        elif path.is_file() and path.suffix == ".sources":
            yield from _from_stanzas(path.read_text(encoding="utf-8", errors="replace"))


def _from_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
        if found and found[2] in _SUITES and "main" in found[3].split("#")[0].split():
            yield found[1]


def _from_stanzas(text: str) -> Iterator[str]:
    for stanza in re.split(r"\n\s*\n", text):
        lines = (line for line in stanza.splitlines() if not line.startswith("#"))
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", "\n".join(lines), re.MULTILINE))
        values = {key.lower(): value.split() for key, value in fields.items()}
        wanted = set(values.get("suites", ())) & set(_SUITES) and "main" in values.get("components", ())
        if wanted and "deb" in values.get("types", ()) and values.get("enabled", ["yes"])[0].lower() != "no":
            yield from values.get("uris", ())
