# SPDX-License-Identifier: Apache-2.0
"""Where the lab is and what it holds, for the tests that use it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CrashProgram:
    """One crash that can be started by its path."""

    version: str
    path: Path

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the version as something that can be compared."""
        return tuple(map(int, self.version.split(".")))


@dataclass(frozen=True)
class DebugKernel:
    """A kernel with debug info, by the name under which the lab knows it ("6.12")."""

    name: str
    vmlinux: Path
    release: str
    build_id: str


@dataclass(frozen=True)
class Dump:
    """One dump file, how it came to be and which kernel it is of."""

    name: str
    path: Path
    format: str  # "kdump" (compressed), "flattened" or "elf"
    size: int
    made: str
    panic: bool
    release: str
    kernel: str
    vmlinux: Path
    build_id: str


@dataclass(frozen=True)
class Lab:
    """A whole lab, as lab.json describes it: one kernel that tests use unless they want another, and its dumps."""

    root: Path
    crash: tuple[CrashProgram, ...]
    default_crash: Path
    vmlinux: Path
    release: str
    build_id: str
    dumps: tuple[Dump, ...]
    kernels: tuple[DebugKernel, ...]
    more_dumps: tuple[Dump, ...]  # of the other kernel, and of other ends than by sysrq

    def dump(self, name: str) -> Dump:
        """Return the dump with this name."""
        for dump in (*self.dumps, *self.more_dumps):
            if dump.name == name:
                return dump
        raise KeyError(name)

    def kernel(self, name: str) -> DebugKernel:
        """Return the kernel with this name."""
        for kernel in self.kernels:
            if kernel.name == name:
                return kernel
        raise KeyError(name)

    def crash_version(self, version: str) -> CrashProgram:
        """Return the newest crash whose version starts with this text."""
        for program in reversed(self.crash):
            if program.version.startswith(version):
                return program
        raise KeyError(version)

    def files(self) -> tuple[Path, ...]:
        """Return every file that the lab promises."""
        programs = [program.path for program in self.crash]
        kernels = [kernel.vmlinux for kernel in self.kernels]
        return (self.default_crash, *programs, *kernels, *(dump.path for dump in (*self.dumps, *self.more_dumps)))

    def to_json(self) -> str:
        """Return the text of lab.json."""
        fields = asdict(self)
        del fields["root"]  # implied by the place of the file
        return json.dumps(fields, indent=2, default=str) + "\n"


def lab_root() -> Path:
    """Return the lab's directory: $XCRASH_LAB, else one in the user's cache."""
    named = os.environ.get("XCRASH_LAB")
    if named:
        return Path(named).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache and cache.startswith("/") else Path.home() / ".cache"
    return base / "xcrash-lab"


def load_lab(root: Path | None = None) -> Lab | None:
    """Return the lab if it is whole, else None."""
    root = root or lab_root()
    try:
        fields = json.loads((root / "lab.json").read_text(encoding="utf-8"))
        lab = _from_fields(root, fields)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return lab if all(path.is_file() for path in lab.files()) else None


def _from_fields(root: Path, fields: dict[str, Any]) -> Lab:
    programs = tuple(CrashProgram(item["version"], Path(item["path"])) for item in fields["crash"])
    kernels = tuple(DebugKernel(**{**item, "vmlinux": Path(item["vmlinux"])}) for item in fields["kernels"])
    return Lab(
        root=root,
        crash=programs,
        default_crash=Path(fields["default_crash"]),
        vmlinux=Path(fields["vmlinux"]),
        release=fields["release"],
        build_id=fields["build_id"],
        dumps=_dumps(fields["dumps"]),
        kernels=kernels,
        more_dumps=_dumps(fields["more_dumps"]),
    )


def _dumps(items: list[dict[str, Any]]) -> tuple[Dump, ...]:
    return tuple(Dump(**{**item, "path": Path(item["path"]), "vmlinux": Path(item["vmlinux"])}) for item in items)
