# SPDX-License-Identifier: Apache-2.0
"""Where the distributions keep kernels, their debuginfo and Xen's images: the places of catalogue.tsv, looked up.

A name only makes a file a candidate. Which kernel it is, and whether it serves, is told from its contents.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from xcrash.far_file import Place
from xcrash.images.image import Role
from xcrash.images.places import (
    COMPRESSED,
    NUMBERS,
    Basis,
    Row,
    fill,
    fill_words,
    is_exact,
    kernel_values,
    link_values,
    matching,
    rows,
)

MOST_DIRECTORIES = 20_000
"""As many directories of module debuginfo are looked into."""

MOST_BRANCHES = 5_000
"""As many directories one pattern is followed into."""

_RELEASE = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
_MODULE = re.compile(r"\.ko(?:$|[-.])")
_DIGITS = re.compile(r"[0-9]+")


class NameAndKind(Protocol):
    """A name in a directory and its kind: "file", "directory", "link" or something else."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Files(Protocol):
    """The files of a machine, by absolute path on it; ``xcrash.host.sysroot.LocalRoot`` is one. Nothing raises."""

    def list(self, path: str) -> Sequence[NameAndKind]: ...
    def kind_of(self, path: str) -> str | None: ...
    def local(self, path: str) -> Place | None: ...


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An existing file that its name makes worth a look inside.

    ``role`` is the role to be expected, ``rule`` the catalogue's pattern that found it, ``also`` its other names
    (links), ``package`` what installs it, where known. ``basis`` says how well the rule itself is known.
    """

    path: str
    local: Place
    role: Role
    rule: str
    family: str
    basis: Basis
    package: str | None = None
    version: str | None = None
    also: tuple[str, ...] = ()


class ModuleTree(msgspec.Struct, frozen=True, kw_only=True):
    """A directory of module debuginfo; ``complete`` is False when there was too much to count."""

    path: str
    release: str
    count: int
    complete: bool


class LookAlike(msgspec.Struct, frozen=True, kw_only=True):
    """A file of /boot that crash's own search may open for this kernel, and why it is none."""

    path: str
    role: Role
    reason: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the catalogue knows under a root."""

    images: tuple[Candidate, ...]
    modules: tuple[ModuleTree, ...]


class _Hit(NamedTuple):
    path: str
    row: Row
    version: str | None
    values: Mapping[str, str]


class Catalogue:
    """Look-ups in one root; each directory is listed at most once, so make a new one to see changes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._listings: dict[str, dict[str, str]] = {}
        self._kinds: dict[str, str | None] = {}
        self._locals: dict[str, Place | None] = {}

    def namelist_candidates(self, release: str | None, build_id: str | None) -> list[Candidate]:
        """Files that can be the vmlinux, best first: the build-id's, then drgn's order, then the rest.

        Empty when neither release nor build-id can be one; a source tree without a release in its name may be any.
        Source of the order: drgn, libdrgn/linux_kernel.c; crash.8 and crash's filesys.c:find_booted_kernel.
        """
        values = kernel_values(release, build_id)
        return self._fold(self._find("namelist", values)) if values else []

    def debuginfo_candidates(
        self, release: str | None, build_id: str | None, namelist_path: str | None = None, debuglink: str | None = None
    ) -> list[Candidate]:
        """Separate debug files for a vmlinux that has none; ``debuglink`` is the name stored in its .gnu_debuglink.

        The debuglink's places are those of crash (symbols.c:check_gnu_debuglink) and GDB's manual.
        """
        values = kernel_values(release, build_id)
        hits = [*self._find("debuginfo", values), *self._find("debuglink", link_values(namelist_path, debuglink))]
        own = self._identity(namelist_path) if namelist_path else None
        return [found for found in self._fold(hits) if own is None or self._identity(found.path) != own]

    def boot_images(self, release: str) -> list[Candidate]:
        """What a boot loader may start for this release, and the unpacked kernels beside it."""
        values = kernel_values(release, None)
        return self._fold(self._find("boot", values)) if values else []

    def xen_images(self, version: str | None) -> list[Candidate]:
        """The hypervisor's files: boot, EFI, symbols, debug builds, maps; of ``version`` ("4.5.1_10-1") or of all.

        A file is left out only if the numbers in its name contradict the version; an equal version comes first.
        """
        hits = [hit for hit in self._find("xen", {}) if version is None or _may_be(hit.version, version)]
        hits.sort(key=lambda hit: (self._is_link(hit.path), version is not None and hit.version != version))
        return self._fold(hits)

    def all_namelists(self) -> list[Candidate]:
        """Every kernel and debuginfo file of any release: what is left to look into when no name fits."""
        roles = ("kernel-elf", "kernel-debuginfo")
        return [found for found in self._fold(self._find("known", {})) if found.role in roles]

    def known_images(self, modules: bool = False) -> Known:
        """All of /boot, the debug and EFI directories; module debuginfo counted, one by one only with ``modules``."""
        hits = [*self._find("xen", {}), *self._find("known", {})]
        hits.sort(key=lambda hit: self._is_link(hit.path))
        images = self._fold(hits)
        trees, files = self._module_trees(self.releases())
        return Known(images=tuple(images + (self._fold(files) if modules else [])), modules=tuple(trees))

    def module_debuginfo(self, release: str) -> list[Candidate]:
        """The debug files of a release's modules, one by one."""
        return self._fold(self._module_trees([release])[1])

    def releases(self) -> list[str]:
        """Every kernel release of which something is there, oldest first."""
        found = set()
        for row in rows("release"):
            directories = row.pattern.endswith("/")
            for hit in self._expand(row, {}, directories):
                name = COMPRESSED.sub("", hit.version or "").removesuffix(".debug")
                if _RELEASE.match(name):
                    found.add(name)
        return sorted(found, key=_natural)

    def look_alikes(self, release: str | None) -> list[LookAlike]:
        """Files of /boot that crash, started without a namelist, may open in vain for the kernel ``release``."""
        own = {path for one in self.namelist_candidates(release, None) for path in (one.path, *one.also)}
        found = []
        for hit in [*self._find("xen", {}, within="/boot"), *self._find("known", {}, within="/boot")]:
            if hit.path not in own:
                reason = _look_alike(posixpath.basename(hit.path), hit.row.role, release)
                if reason:
                    found.append(LookAlike(path=hit.path, role=hit.row.role, reason=reason))
        return sorted(found, key=lambda one: one.path)

    def _find(self, what: str, values: Mapping[str, str], within: str | None = None) -> list[_Hit]:
        """Existing files, each path by the first row that names it; ``within``: only those of this directory."""
        found: dict[str, _Hit] = {}
        for row in rows(what):
            if within is not None and posixpath.dirname(row.pattern) != within:
                continue
            for hit in self._expand(row, values):
                found.setdefault(hit.path, hit)
        return list(found.values())

    def _expand(self, row: Row, values: Mapping[str, str], directories: bool = False) -> Iterator[_Hit]:
        names = fill(row.pattern, values)
        if names is None:
            return
        wanted = "directory" if directories else "file"
        branches: list[tuple[str, str | None]] = [("", None)]
        *parents, name = names
        for parent in parents:
            if is_exact(parent):
                branches = [(f"{base}/{parent}", version) for base, version in branches]
            else:
                branches = [branch for base, old in branches for branch in self._matching(base, parent, old)]
                branches = [one for one in branches[:MOST_BRANCHES] if self._kind(one[0]) == "directory"]
        for base, version in branches:
            found = [(f"{base}/{name}", version)] if is_exact(name) else self._matching(base, name, version)
            for path, text in found:
                if self._kind(path) == wanted:
                    yield _Hit(path, row, text, values)

    def _matching(self, directory: str, name: str, version: str | None) -> Iterable[tuple[str, str | None]]:
        for entry, matched in matching(self._entries(directory), name):
            yield f"{directory}/{entry}", matched or version

    def _entries(self, directory: str) -> dict[str, str]:
        local = self._local(directory)
        key = directory if local is None else str(local)
        if key not in self._listings:
            self._listings[key] = {entry.name: entry.kind for entry in self._files.list(directory)}
        return self._listings[key]

    def _kind(self, path: str) -> str | None:
        """What is there after all links; nothing is asked for what a listing has told."""
        if path not in self._kinds:
            told = self._listed(path)
            self._kinds[path] = self._files.kind_of(path) if told in ("unlisted", "link") else told
        return self._kinds[path]

    def _listed(self, path: str) -> str | None:
        parent, name = posixpath.split(path)
        local = self._local(parent)
        listing = self._listings.get(parent if local is None else str(local))
        return "unlisted" if listing is None else listing.get(name)

    def _is_link(self, path: str) -> bool:
        return self._listed(path) == "link"

    def _local(self, path: str) -> Place | None:
        if path not in self._locals:
            self._locals[path] = self._beside(path) or self._files.local(path or "/")
        return self._locals[path]

    def _beside(self, path: str) -> Place | None:
        """The place of a file or directory that a listing has shown to be no link: its directory's, plus the name."""
        parent, name = posixpath.split(path)
        local = self._locals.get(parent)
        told = self._listings.get(str(local), {}).get(name) if local is not None else None
        return local / name if local is not None and told in ("file", "directory") else None

    def _identity(self, path: str) -> tuple[int, int] | str | None:
        local = self._local(path)
        try:
            status = local.stat() if local is not None else None
        except (OSError, ValueError):
            return str(local)
        return None if status is None else (status.st_dev, status.st_ino)

    def _fold(self, hits: Iterable[_Hit]) -> list[Candidate]:
        """Each file once, by the first of its names; a file that cannot be reached from here is left out."""
        first: dict[tuple[int, int] | str, tuple[_Hit, list[str]]] = {}
        for hit in hits:
            identity = self._identity(hit.path)
            if identity is None:
                continue
            kept, also = first.setdefault(identity, (hit, []))
            if hit.path != kept.path and hit.path not in also:
                also.append(hit.path)
        return [found for hit, also in first.values() if (found := self._candidate(hit, also)) is not None]

    def _candidate(self, hit: _Hit, also: list[str]) -> Candidate | None:
        local = self._local(hit.path)
        if local is None:
            return None
        row = hit.row
        values = {**hit.values, **({"xen": hit.version} if hit.version else {})}
        return Candidate(
            path=hit.path,
            local=local,
            role=row.role,
            rule=row.pattern,
            family=row.family,
            basis=row.basis,
            package=fill_words(row.package, values) if row.package else None,
            version=hit.version,
            also=tuple(sorted(also)),
        )

    def _module_trees(self, releases: Iterable[str]) -> tuple[list[ModuleTree], list[_Hit]]:
        trees, hits, seen = [], [], set()
        left = MOST_DIRECTORIES
        for release in releases:
            for row in rows("modules"):
                names = fill(row.pattern, kernel_values(release, None))
                top = "/" + "/".join(names or ())
                identity = self._identity(top) if names and self._kind(top) == "directory" else None
                if identity is None or identity in seen:
                    continue
                seen.add(identity)
                paths, left = self._modules_under(top, left)
                if paths or not left:
                    trees.append(ModuleTree(path=top, release=release, count=len(paths), complete=left > 0))
                hits += [_Hit(path, row, None, {"release": release}) for path in paths]
        return trees, hits

    def _modules_under(self, top: str, left: int) -> tuple[list[str], int]:
        paths, waiting = [], [top]
        while waiting and left > 0:
            directory = waiting.pop()
            left -= 1
            for name, kind in self._entries(directory).items():
                if kind == "directory":
                    waiting.append(f"{directory}/{name}")
                elif kind == "file" and _MODULE.search(name):
                    paths.append(f"{directory}/{name}")
        return sorted(paths), left


def _may_be(named: str | None, version: str) -> bool:
    """Whether a file named after ``named`` can be of ``version``: Debian's 4.17-amd64 holds 4.17.2-pre."""
    one, other = NUMBERS.match(named or ""), NUMBERS.match(version)
    if one is None or other is None:
        return True
    return all(left == right for left, right in zip(one[0].split("."), other[0].split("."), strict=False))


def _natural(text: str) -> list[tuple[int, str]]:
    """A sort key with 5.9 before 5.10; numbers of any length are compared as text of equal length."""
    return [(len(part), part) for part in (number.lstrip("0") for number in _DIGITS.findall(text))] + [(0, text)]


def _look_alike(name: str, role: Role, release: str | None) -> str | None:
    """Why a file that crash may try is no kernel; None for a file that crash passes over.

    SUSE's crash 7.1.3 tries compressed files, too; others take any ELF file (symbols.c:is_kernel).
    """
    compressed = name.endswith(".gz")
    if role == "symvers" and compressed:
        return "the checksums of exported symbols, for building modules"
    if role == "symtypes" and compressed:
        return "the types behind the checksums of exported symbols, for building modules"
    if role in ("xen-boot", "xen-boot-debug"):
        return "the hypervisor, a 32-bit ELF file because multiboot starts it in 32-bit mode"
    if role in ("xen-syms", "xen-syms-debug"):
        return "the hypervisor's symbols, not those of the Dom0 kernel"
    if release and role in ("kernel-elf", "kernel-debuginfo"):
        return "the kernel of another release"
    return None
