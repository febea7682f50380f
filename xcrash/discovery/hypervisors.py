# SPDX-License-Identifier: Apache-2.0
"""Find the files that may be the symbols of the hypervisor in a dump, and hold each of them against the dump."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from xcrash.discovery.kernels import Place, Where, in_debuginfod, once
from xcrash.errors import XcrashError
from xcrash.host.sysroot import LocalRoot
from xcrash.images import DumpIdentity, identify_kernel
from xcrash.images.catalogue import Catalogue
from xcrash.images.classify import classify_image
from xcrash.images.dump import dump_memory
from xcrash.images.identity import XenDump
from xcrash.images.memory import Memory
from xcrash.images.xen_build_id import build_ids_near
from xcrash.images.xen_match import compare_xen
from xcrash.plan.xen import SYMBOLS
from xcrash.plan.xen_dump import XenCandidate

MOST_FILES = 32
"""Files of one place that are looked into."""

_PREFIX = "xen-syms"
_INSIDE = ("", "boot", "usr/lib/debug", "usr/lib/debug/boot")


def find_xen_syms(
    where: Where, catalogue: Catalogue, dump: DumpIdentity, environ: Mapping[str, str]
) -> list[XenCandidate]:
    """Every file that may hold the symbols of the hypervisor in ``dump``, best place first."""
    xen = dump.xen or XenDump()
    with dump_memory(Path(dump.path)) as memory:
        ids = build_ids_near(memory, xen.phys_start) if memory and memory.placed and xen.phys_start else ()
        found = [
            *_named_so(where.beside, "it lies beside the dump"),
            *(place for name in where.debug_dirs for place in _in_debug_dir(Path(name).absolute(), xen, ids)),
            *_in_catalogue(catalogue, xen, ids),
            *(place for one in ids for place in in_debuginfod(one, environ)),
        ]
        looked_into = [_look_into(place, xen, memory) for place in once(found)]
    ours = {one.kernel.build_id for one in looked_into if one.is_xen and one.kernel}
    return [one for one in looked_into if one.is_xen or one.problem or (one.kernel and one.kernel.build_id in ours)]


def named_xen_syms(path: Path, dump: DumpIdentity, named: bool = True) -> XenCandidate:
    """The file that the user named, as the symbols or (not ``named``) as their separate debug information.

    NamelistError for one that is missing or cannot be read.
    """
    with dump_memory(Path(dump.path)) as memory:
        place = Place(str(path), path, "named by the user")
        identify_kernel(path, thorough=False)
        return _look_into(place, dump.xen or XenDump(), memory, named)


def _look_into(place: Place, xen: XenDump, memory: Memory | None, named: bool = False) -> XenCandidate:
    """What the file is, and whether it belongs to the dump."""
    try:
        kernel = identify_kernel(place.local, thorough=False)
        image = classify_image(place.local, str(place.local))
        match = compare_xen(image, place.local, xen, memory)
    except XcrashError as error:
        problem = error.message.removeprefix(str(place.local)).lstrip(": ")
        return XenCandidate(path=str(place.local), why=place.why, problem=problem, named=named)
    return XenCandidate(
        path=str(place.local),
        why=place.why,
        kernel=kernel,
        is_xen=image.role in SYMBOLS,
        is_debug=image.role == "xen-syms-debug",
        match=match,
        named=named,
    )


def _named_so(directory: Path | None, why: str) -> list[Place]:
    if directory is None:
        return []
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(_PREFIX) and entry.is_file())
    except (OSError, ValueError):
        return []
    return [Place(str(directory / name), directory / name, why) for name in names[:MOST_FILES] if ".map" not in name]


def _in_debug_dir(directory: Path, xen: XenDump, ids: Sequence[str]) -> list[Place]:
    """xen-syms itself, in unpacked packages, in a build-id tree, or as debuginfod keeps it."""
    why = f"in the debug directory {directory}"
    found = [place for name in _INSIDE for place in _named_so(directory / name, why)]
    names = (name for one in ids for name in (f".build-id/{one[:2]}/{one[2:]}.debug", f"{one}/debuginfo"))
    found += [Place(str(path), path, why) for name in names if (path := directory / name).is_file()]
    return found + [
        place._replace(why=why) for place in _in_catalogue(Catalogue(LocalRoot(directory, "tree")), xen, ids)
    ]


def _in_catalogue(catalogue: Catalogue, xen: XenDump, ids: Iterable[str]) -> list[Place]:
    by_id = [one for build_id in ids for one in catalogue.debuginfo_candidates(None, build_id)]
    by_place = [one for one in catalogue.xen_images(xen.version) if one.role in SYMBOLS][:MOST_FILES]
    return [
        *(Place(one.path, one.local, "found by build-id") for one in by_id if isinstance(one.local, Path)),
        *(Place(one.path, one.local, "found at a usual place") for one in by_place if isinstance(one.local, Path)),
    ]
