# SPDX-License-Identifier: Apache-2.0
"""Put a machine's files under a directory, and keep the truth about them beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.trees.hypervisors import Hypervisor
from tests.trees.kernels import Kernel


@dataclass(frozen=True)
class Tree:
    """A machine made of files, with what a look at it should find; all paths are places on that machine.

    ``needs_f``: crash prints its "-f" hint for the namelist, or refuses it, unless told ``-f``; ``crash_accepts``: it
    takes the namelist as it is (a zstd file must be unpacked first). ``mismatch``: the best namelist has the running
    release and another build-id. ``xen_build_id`` is that of the running hypervisor's image and symbols;
    ``xen_build_id_in_sysfs`` says whether the machine itself shows it. ``edit_path`` and ``apply_command`` are for a
    parameter of Xen, None on a host without it. ``booted``: titles of all boot entries that fit what runs.
    ``memory_source`` is what the configuration leaves to a live session, None where there can be none.
    ``images``: real files (links are in ``links``) and their roles, named as in ``xcrash.images.image.Role``.
    """

    root: Path
    os_id: str | None
    os_version: str | None
    release: str | None
    build_id: str | None
    nodename: str | None = None
    cpus: int | None = None
    memory_bytes: int | None = None
    namelist: str | None = None
    debuginfo: str | None = None
    needs_f: bool = False
    crash_accepts: bool = True
    mismatch: bool = False
    xen_version: str | None = None
    xen_build_id: str | None = None
    xen_build_id_in_sysfs: bool = False
    xen_image: str | None = None
    xen_syms: str | None = None
    xen_syms_have_dwarf: bool | None = None
    guest_type: str | None = None
    needs_lens: bool = False
    toolstack: str = "none"
    boot_loader: str | None = None
    boot_config: str | None = None
    edit_path: str | None = None
    apply_command: str | None = None
    booted: tuple[str, ...] = ()
    crash_module: str | None = None
    crash_module_loaded: bool = False
    memory_source: str | None = None
    lockdown: str | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


class Site:
    """A root directory being filled; remembers roles and links of what it was given."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.images: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._base = os.fspath(root)
        self._made: set[str] = set()
        self.directory("/")

    def directory(self, path: str) -> str:
        """Make a directory and its parents; its place here."""
        here = self.here(path)
        if here not in self._made:
            Path(here).mkdir(parents=True, exist_ok=True)
            self._made.add(here)
        return here

    def here(self, path: str) -> str:
        """The place of a path of the machine in this file system."""
        return self._base + path.rstrip("/")

    def put(self, path: str, data: bytes | str, role: str | None = None, mode: int | None = None) -> str:
        """Write a file, with a role when it is an image; its path."""
        parent, _, name = path.rpartition("/")
        here = f"{self.directory(parent or '/')}/{name}"
        with open(here, "wb") as file:  # noqa: PTH123 - hundreds of them per tree
            file.write(data.encode() if isinstance(data, str) else data)
        if mode is not None:
            os.chmod(here, mode)  # noqa: PTH101
        if role is not None:
            self.images[path] = role
        return path

    def sparse(self, path: str, head: bytes, tail: bytes, size: int, role: str | None = None) -> str:
        """Write a file of ``size`` bytes that holds only its head and its tail."""
        self.put(path, head, role)
        with open(self.here(path), "r+b") as file:  # noqa: PTH123
            file.truncate(size)
            file.seek(size - len(tail))
            file.write(tail)
        return path

    def link(self, path: str, target: str) -> str:
        """Make a symbolic link; its path."""
        parent, _, name = path.rpartition("/")
        os.symlink(target, f"{self.directory(parent or '/')}/{name}")  # noqa: PTH211
        self.links[path] = target
        return path

    def same(self, path: str, other: str, role: str | None = None) -> str:
        """Make a second name (a hard link) for a file that is there already."""
        parent, _, name = path.rpartition("/")
        os.link(self.here(other), f"{self.directory(parent or '/')}/{name}")
        if role is not None:
            self.images[path] = role
        return path

    def tree(self, kernel: Kernel | None, xen: Hypervisor | None = None, /, **truth: object) -> Tree:
        """The finished tree; ``truth`` are fields of Tree."""
        known: dict[str, object] = {"images": self.images, "links": self.links, "os_id": None, "os_version": None}
        if kernel is not None:
            known |= {"release": kernel.release, "build_id": kernel.build_id.hex()}
        if xen is not None:
            known |= {"xen_version": xen.version, "xen_build_id": xen.build_id.hex()}
        return Tree(self.root, **(known | truth))  # type: ignore[arg-type]
