# SPDX-License-Identifier: Apache-2.0
"""Xen with debug information: Debian's own has none, so it is built from Debian's source package."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.lab.apt import Suite
from tests.lab.elfnotes import identify_xen
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.proc import LabError, end, require, run, say, start
from tests.lab.stamps import Stamps, fresh_directory, recipe, remove_tree

SUITE = "bookworm"
_SOURCE = "xen"
_BUILDS = 1800.0  # seconds
_SETTINGS = "CONFIG_EXPERT=y\nCONFIG_DEBUG_INFO=y\n"
_STEP = "xen-dump-hypervisor"


@dataclass(frozen=True)
class Hypervisor:
    """A Xen that was built here: ``version`` is that of the source package."""

    home: Path
    version: str
    build_id: str

    @property
    def boots(self) -> Path:
        """Return what a loader starts."""
        return self.home / "xen"

    @property
    def symbols(self) -> Path:
        """Return what crash opens."""
        return self.home / f"xen-syms-{self.version.partition('+')[0]}"


def build_hypervisor(root: Path, stamps: Stamps) -> Hypervisor:
    """Fetch the source and build it, unless that was done; raises LabError."""
    home, made_from = root / "xen-dump/hypervisor", recipe(SUITE, _SOURCE, _SETTINGS)
    facts = stamps.get(_STEP, made_from)
    if facts is None:
        require("gcc", "make", "bison", "flex", "python3")
        suite = Suite(root / "xen-dump", SUITE, find_mirror(), find_keyring(), sources=True)
        suite.update()
        say("fetching the source of Xen")
        archive, version = suite.fetch_source(_SOURCE)
        with fresh_directory(home) as work:
            built = _build(archive, work / "source", work / "build.log")
            (built / "xen").replace(work / "xen")
            hypervisor = Hypervisor(work, version, identify_xen(built / "xen-syms"))
            (built / "xen-syms").replace(hypervisor.symbols)
            remove_tree(work / "source")
        facts = {"version": version, "build_id": hypervisor.build_id}
        hypervisor = Hypervisor(home, **facts)
        stamps.put(_STEP, made_from, facts, [hypervisor.boots, hypervisor.symbols])
        remove_tree(root / "xen-dump/apt")
    return Hypervisor(home, **facts)


def _build(archive: Path, source: Path, log: Path) -> Path:
    """Build and return the directory of the results; the compiler's words go into ``log``."""
    source.mkdir()
    run(["tar", "-x", "-C", str(source), "--strip-components=1", "-f", str(archive)])
    place = source / "xen"
    jobs = f"-j{os.cpu_count() or 1}"
    # The names are in Xen's first message.
    make = ["make", "-C", str(place), "XEN_WHOAMI=xcrash", "XEN_DOMAIN=lab"]
    say("building Xen with debug information (2 minutes on 2 cores)")
    with log.open("wb") as output:
        _run([*make, "defconfig"], output)
        with (place / ".config").open("a", encoding="utf-8") as config:
            config.write(_SETTINGS)
        _run([*make, "olddefconfig"], output)
        _run([*make, jobs], output)
    return place


def _run(argv: list[str], output: IO[bytes]) -> None:
    child = start(argv, stdout=output)
    try:
        child.wait(_BUILDS)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end after {_BUILDS:.0f} s: {' '.join(argv)}") from error
    finally:
        end(child)
    if child.returncode:
        raise LabError(f"status {child.returncode}: {' '.join(argv)}; the compiler's words are in build.log")
