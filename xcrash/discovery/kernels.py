# SPDX-License-Identifier: Apache-2.0
"""Find the files that may be the namelist of a memory image, and look into each of them."""

from __future__ import annotations

import os
import posixpath
import pwd
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from xcrash.errors import UsageError, XcrashError
from xcrash.far_file import Place as FilePlace
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import LocalRoot
from xcrash.images import DumpIdentity, KernelImage, check_namelist, identify_kernel
from xcrash.images import catalogue as places
from xcrash.images.catalogue import Catalogue
from xcrash.images.debuginfod import cached
from xcrash.literal import visible
from xcrash.plan import Candidate

MOST_BESIDE = 64
"""Files beside a dump that are looked into."""

MOST_MISNAMED = 256
"""Files of other names that are looked into when none of a fitting name has the build-id."""

_PLACES = {
    "suse": "a place that SUSE uses",
    "redhat": "a place that Red Hat and its kin use",
    "debian": "a place that Debian and Ubuntu use",
}
_BASIS = {"unverified": ", a place not verified for this distribution"}


class Place(NamedTuple):
    """Where a candidate lies: its path on the machine, where it can be read, and why it is one."""

    path: str
    local: FilePlace
    why: str


class Where(NamedTuple):
    """Where to look besides the machine's catalogue; ``in_root``: show paths as the machine itself sees them.

    ``far`` is the machine behind a connection: names are those of its files then.
    """

    in_root: bool
    debug_dirs: tuple[str, ...] = ()
    beside: Path | None = None
    far: SshRoot | None = None


def named_candidates(vmlinux: str | None, debuginfo: str | None, far: SshRoot | None = None) -> list[Candidate]:
    """The files the user named; NamelistError for one that is missing or cannot be read."""
    places = [named_file(name, far) for name in (vmlinux, debuginfo) if name is not None]
    return [Candidate(path=str(at), why="named by the user", kernel=identify_kernel(at), named=True) for at in places]


def named_file(name: str, far: SshRoot | None) -> FilePlace:
    """A file that the user named: on this machine, or by its absolute path on the other one."""
    if far is None:
        return Path(name).absolute()
    found = far.local(name) if name.startswith("/") else None
    if found is None:
        raise UsageError(
            "far-path", f"{visible(name)} names no file on {far.where}", "name it by its absolute path over there"
        )
    return found


def find_candidates(
    where: Where, catalogue: Catalogue, wanted: DumpIdentity, environ: Mapping[str, str]
) -> list[Candidate]:
    """Every file that may be the namelist or debuginfo of ``wanted``, best place first, each looked into once."""
    found = [
        *_beside(where.beside, "it lies beside the dump"),
        *(_in_far_dirs(where.far, where.debug_dirs, wanted) if where.far else _in_debug_dirs(where.debug_dirs, wanted)),
        *_in_catalogue(catalogue, wanted.release, wanted.build_id),
        *([] if where.far else in_debuginfod(wanted.build_id, environ)),
    ]
    candidates = [_look_into(place, where.in_root) for place in once(found)]
    return candidates + _by_contents(where, catalogue, wanted, candidates)


def _by_contents(
    where: Where, catalogue: Catalogue, wanted: DumpIdentity, known: Sequence[Candidate]
) -> list[Candidate]:
    """Files of other names with the build-id that no file of a fitting name has."""
    if wanted.build_id is None or _is_served(known, wanted.build_id):
        return []
    places = once(_shown(catalogue.all_namelists()))[:MOST_MISNAMED]
    others = [_look_into(place._replace(why="found by its contents"), where.in_root) for place in places]
    return [one for one in others if _build_id(one) == wanted.build_id]


def _is_served(known: Sequence[Candidate], build_id: str) -> bool:
    """Whether crash could start with files of this build-id: a whole vmlinux, or one and its separate debuginfo."""
    same = [one.kernel for one in known if one.kernel and one.kernel.build_id == build_id]
    pair = {bool(kernel.is_debug_only) for kernel in same if not kernel.missing_bytes}
    return pair == {True, False} or any(_is_namelist(kernel) for kernel in same)


def _is_namelist(kernel: KernelImage) -> bool:
    try:
        check_namelist(kernel)
    except XcrashError:
        return False
    return True


def _build_id(candidate: Candidate) -> str | None:
    return candidate.kernel.build_id if candidate.kernel else None


def find_debuginfo(catalogue: Catalogue, named: Candidate, far: SshRoot | None = None) -> list[Candidate]:
    """Separate debuginfo for a namelist that the user named, where such files usually lie."""
    kernel = named.kernel
    if kernel is None or kernel.has_dwarf:
        return []
    found = [
        *([] if far else _beside(Path(kernel.path).parent, "it lies beside the vmlinux")),
        *_shown(catalogue.debuginfo_candidates(kernel.release, kernel.build_id, kernel.path, kernel.debuglink)),
    ]
    looked_into = [_look_into(place, in_root=False) for place in once(found)]
    return [one for one in looked_into if one.kernel and one.kernel.is_debug_only]


def _in_catalogue(catalogue: Catalogue, release: str | None, build_id: str | None) -> list[Place]:
    if not release and not build_id:
        return []
    return [
        *_shown(catalogue.namelist_candidates(release, build_id)),
        *_shown(catalogue.debuginfo_candidates(release, build_id)),
    ]


def _shown(candidates: Iterable[places.Candidate]) -> list[Place]:
    shown = []
    for one in candidates:
        how = (
            "found by build-id" if "/.build-id/" in one.rule else f"found at {_PLACES.get(one.family, 'a usual place')}"
        )
        names = [name for name in (one.path, *one.also) if "/.build-id/" not in name]
        shown.append(Place((names or [one.path])[0], one.local, f"{how}{_BASIS.get(one.basis, '')}"))
    return shown


def _look_into(place: Place, in_root: bool) -> Candidate:
    path = place.path if in_root else str(place.local)
    try:
        kernel = identify_kernel(place.local, thorough=False)
    except XcrashError as error:
        return Candidate(path=path, why=place.why, problem=error.message.removeprefix(str(place.local)).lstrip(": "))
    return Candidate(path=path, why=place.why, kernel=msgspec.structs.replace(kernel, path=path))


def once(found: Iterable[Place]) -> list[Place]:
    """Each file once, whatever links lead to it; a build-id link gives its place to the name a person knows."""
    seen: dict[str, Place] = {}
    for place in found:
        file = os.path.realpath(place.local) if isinstance(place.local, Path) else str(place.local)
        first = seen.setdefault(file, place)
        if "/.build-id/" in first.path and "/.build-id/" not in place.path:
            seen[file] = place._replace(why=first.why)
    return list(seen.values())


def _beside(directory: Path | None, why: str) -> list[Place]:
    """Who collects dumps often keeps the vmlinux with them."""
    if directory is None:
        return []
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith("vmlinux"))
    except OSError:
        return []
    return [Place(str(directory / name), directory / name, why) for name in names[:MOST_BESIDE]]


def _in_debug_dirs(directories: Sequence[str], wanted: DumpIdentity) -> list[Place]:
    """Unpacked debuginfo packages (``usr/lib/debug`` in them), or directories laid out like /usr/lib/debug itself."""
    found: list[Place] = []
    for name in directories:
        directory = Path(name).absolute()
        inside = [directory / path for path in _layout(wanted)]
        unpacked = _in_catalogue(Catalogue(LocalRoot(directory, "tree")), wanted.release, wanted.build_id)
        locals_ = [*(path for path in inside if path.exists()), *(place.local for place in unpacked)]
        found += [Place(str(path), path, f"in the debug directory {directory}") for path in locals_]
    return found


def _in_far_dirs(far: SshRoot, directories: Sequence[str], wanted: DumpIdentity) -> list[Place]:
    """The same on the other machine, and the cache of debuginfod there."""
    found: list[Place] = []
    for directory in directories:
        for name in _layout(wanted):
            path = posixpath.join("/", directory, name)
            if far.kind_of(path) == "file" and (local := far.local(path)) is not None:
                found.append(Place(path, local, f"in the debug directory {directory}"))
    if wanted.build_id:
        path = f"{far.myself.home}/.cache/debuginfod_client/{wanted.build_id}/debuginfo"
        if far.kind_of(path) == "file" and (local := far.local(path)) is not None:
            found.append(Place(path, local, "in the debuginfod cache, by build-id"))
    return found


def _layout(wanted: DumpIdentity) -> list[str]:
    """A build-id tree, debuginfod's cache, a mirror of /usr/lib/debug, or vmlinux files named by release."""
    inside = []
    if wanted.build_id:
        inside += [f".build-id/{wanted.build_id[:2]}/{wanted.build_id[2:]}.debug", f"{wanted.build_id}/debuginfo"]
    release = wanted.release
    if release and "/" not in release and release not in (".", ".."):
        inside += [f"boot/vmlinux-{release}", f"lib/modules/{release}/vmlinux", f"boot/vmlinux-{release}.debug"]
        inside += [f"vmlinux-{release}", f"{release}/vmlinux"]
    return inside


def in_debuginfod(build_id: str | None, environ: Mapping[str, str]) -> list[Place]:
    """What debuginfod's client keeps of this build-id; nothing is downloaded."""
    home = environ.get("HOME", "")
    found = cached(build_id, environ, Path(home), _sudo_home(environ)) if build_id and home else None
    return [Place(str(found), found, "in the debuginfod cache, by build-id")] if found else []


def _sudo_home(environ: Mapping[str, str]) -> Path | None:
    """The home of who called sudo: debuginfo was perhaps fetched before becoming root."""
    name = environ.get("SUDO_USER")
    if not name:  # no need to ask the name services, which may be a network away
        return None
    try:
        return Path(pwd.getpwnam(name).pw_dir)
    except (KeyError, ValueError):
        return None
