# SPDX-License-Identifier: Apache-2.0
"""Roots written for a test: a tree, or a sosreport with what commands printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xcrash.host.sosreport import SosreportRoot, mangled
from xcrash.host.sysroot import LocalRoot

R = "6.1.0-50-cloud-amd64"
SUSE_R = "3.12.49-6-xen"


def tree(directory: Path, files: Mapping[str, str | bytes] | None = None) -> LocalRoot:
    """A copy of a machine with these files."""
    write(directory, files or {})
    return LocalRoot(directory)


def report(
    directory: Path, commands: Mapping[str, str], files: Mapping[str, str | bytes] | None = None
) -> SosreportRoot:
    """A sosreport with these answers of commands, and these files."""
    write(directory, {f"/sos_commands/xen/{mangled(line)}": text for line, text in commands.items()})
    write(directory, files or {})
    return SosreportRoot(directory)


def write(directory: Path, files: Mapping[str, str | bytes]) -> None:
    """Write each file at its path below ``directory``."""
    for name, content in files.items():
        path = directory / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
