# SPDX-License-Identifier: Apache-2.0
"""Machines made of files: each function writes one under a directory and returns the truth about it.

``python -m tests.trees NAME DIRECTORY`` makes one by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.trees.arch import arch
from tests.trees.builder import Tree
from tests.trees.debian import debian12, debian12_xen, ubuntu2204
from tests.trees.hostile import (
    gzip_bomb,
    hostile,
    huge_files,
    link_loops,
    links_out_of_root,
    many_modules,
    not_kernels,
    right_build_id_wrong_name,
    special_files,
    strange_names,
    unreadable_files,
    wrong_build_id,
)
from tests.trees.many import many
from tests.trees.qubes import qubes4
from tests.trees.redhat import fedora, rhel7, rhel8, rhel9
from tests.trees.reports import sosreport_rhel8, supportconfig_sles12
from tests.trees.suse import sles11_sp4_xen, sles12_sp1_xen, sles15
from tests.trees.xenserver import xcpng8

__all__ = [
    "HOSTILE",
    "ORDINARY",
    "REPORTS",
    "TREES",
    "Maker",
    "Tree",
    "arch",
    "debian12",
    "debian12_xen",
    "fedora",
    "gzip_bomb",
    "hostile",
    "huge_files",
    "link_loops",
    "links_out_of_root",
    "many",
    "many_modules",
    "not_kernels",
    "qubes4",
    "rhel7",
    "rhel8",
    "rhel9",
    "right_build_id_wrong_name",
    "sles11_sp4_xen",
    "sles12_sp1_xen",
    "sles15",
    "sosreport_rhel8",
    "special_files",
    "strange_names",
    "supportconfig_sles12",
    "ubuntu2204",
    "unreadable_files",
    "wrong_build_id",
    "xcpng8",
]

Maker = Callable[[Path], Tree]

ORDINARY: dict[str, Maker] = {
    "sles11-sp4-xen": sles11_sp4_xen,
    "sles12-sp1-xen": sles12_sp1_xen,
    "sles12-sp1-xen-crash-loaded": partial(sles12_sp1_xen, crash_module_loaded=True),
    "sles12-sp1-xen-no-gzip-name": partial(sles12_sp1_xen, gzip_name=None),
    "sles12-sp1-xen-other-gzip-name": partial(sles12_sp1_xen, gzip_name="kernel.elf"),
    "sles15": sles15,
    "sles15-xz": partial(sles15, compression="xz"),
    "sles15-zst": partial(sles15, compression="zst"),
    "rhel7": rhel7,
    "rhel8": rhel8,
    "rhel9": rhel9,
    "fedora": fedora,
    "debian12": debian12,
    "debian12-locked-down": partial(debian12, lockdown="confidentiality"),
    "debian12-xen": debian12_xen,
    "ubuntu2204": ubuntu2204,
    "xcpng8": xcpng8,
    "qubes4": qubes4,
    "arch": arch,
    "arch-self-built": partial(arch, self_built=True),
}
"""Whole machines in good order."""

REPORTS: dict[str, Maker] = {"sosreport-rhel8": sosreport_rhel8, "supportconfig-sles12": supportconfig_sles12}

HOSTILE: dict[str, Maker] = {
    "hostile": hostile,
    "link-loops": link_loops,
    "links-out-of-root": links_out_of_root,
    "huge-files": huge_files,
    "special-files": special_files,
    "unreadable-files": unreadable_files,
    "strange-names": strange_names,
    "many-modules": many_modules,
    "not-kernels": not_kernels,
    "gzip-bomb": gzip_bomb,
    "wrong-build-id": wrong_build_id,
    "right-build-id-wrong-name": right_build_id_wrong_name,
}
"""Machines with traps in them."""

TREES: dict[str, Maker] = {**ORDINARY, **REPORTS, **HOSTILE, "many": many}
