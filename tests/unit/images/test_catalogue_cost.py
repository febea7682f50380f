# SPDX-License-Identifier: Apache-2.0
"""The catalogue on a large root: look-ups are counted, each directory is listed once, nothing is asked twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xcrash.host.sysroot import Entry, EntryKind, LocalRoot
from xcrash.images.catalogue import Catalogue
from xcrash.images.places import rows

HEX = "23d6a2555a6e5449f36482380e1a2f4ce6897ed6"


class Counting:
    """A root that counts what it is asked."""

    def __init__(self, root: LocalRoot) -> None:
        self._root = root
        self.listed: list[str] = []
        self.asked: list[str] = []

    def list(self, path: str) -> list[Entry]:
        self.listed.append(path)
        return self._root.list(path)

    def kind_of(self, path: str) -> EntryKind | None:
        self.asked.append(path)
        return self._root.kind_of(path)

    def local(self, path: str) -> Path | None:
        return self._root.local(path)


KERNELS, XENS, MODULES, MODULE_DIRECTORIES = 200, 50, 5000, 100


@pytest.fixture
def big(tmp_path: Path) -> Counting:
    """200 kernels, 50 hypervisors, 5,000 module debug files."""
    made = ["boot/vmlinuz-{}", "boot/System.map-{}", "boot/config-{}", "boot/initrd.img-{}", "lib/modules/{}/config"]
    made += ["usr/lib/debug/boot/vmlinux-{}", "usr/lib/debug/lib/modules/{}/vmlinux"]
    files = [pattern.format(f"6.1.0-{number}-amd64") for number in range(KERNELS) for pattern in made]
    files += [f"boot/{name}" for number in range(XENS // 2) for name in (f"xen-4.{number}.gz", f"xen-syms-4.{number}")]
    directory = "usr/lib/debug/lib/modules/6.1.0-7-amd64/kernel/drivers"
    files += [f"{directory}/{number % MODULE_DIRECTORIES}/m{number}.ko.debug" for number in range(MODULES)]
    for parent in {os.path.dirname(file) for file in files}:  # noqa: PTH120
        (tmp_path / parent).mkdir(parents=True, exist_ok=True)
    for file in files:
        (tmp_path / file).touch()
    return Counting(LocalRoot(tmp_path))


def test_a_namelist_is_found_among_many_without_a_walk(big: Counting) -> None:
    found = Catalogue(big).namelist_candidates("6.1.0-7-amd64", HEX)
    assert [one.path for one in found] == [
        "/usr/lib/debug/boot/vmlinux-6.1.0-7-amd64",
        "/usr/lib/debug/lib/modules/6.1.0-7-amd64/vmlinux",
    ]
    assert big.listed == []
    assert len(big.asked) == len(set(big.asked)) <= len(rows("namelist"))


def test_one_catalogue_lists_each_directory_once_whatever_is_asked(big: Counting) -> None:
    catalogue = Catalogue(big)
    known = catalogue.known_images()
    assert len(known.images) == KERNELS * 7 + XENS
    assert [(tree.release, tree.count) for tree in known.modules] == [("6.1.0-7-amd64", MODULES)]
    assert len(catalogue.xen_images("4.7.1")) == 2
    assert len(catalogue.releases()) == KERNELS
    assert len(catalogue.module_debuginfo("6.1.0-7-amd64")) == MODULES
    assert len(catalogue.look_alikes("6.1.0-7-amd64")) == XENS
    assert len(big.listed) == len(set(big.listed))
    assert len(big.listed) <= 2 * KERNELS + MODULE_DIRECTORIES + 40
    assert len(big.asked) == len(set(big.asked)) <= 4 * KERNELS + 60
    before = len(big.listed), len(big.asked)
    catalogue.known_images(modules=True)
    catalogue.look_alikes("6.1.0-7-amd64")
    assert (len(big.listed), len(big.asked)) == before
