# SPDX-License-Identifier: Apache-2.0
"""The traps, the reports and the crowded machine are what they are called."""

from __future__ import annotations

import os
import stat
import struct
import zlib
from pathlib import Path

import pytest

from tests.trees import HOSTILE, REPORTS, many
from tests.trees.builder import Site
from tests.trees.elves import stretched
from tests.trees.hostile import BOMB_BYTES, DEBUG_BOOT, MISNAMED, STRANGE_NAMES, TERABYTE
from tests.trees.kernels import Kernel, vmlinux, vmlinux_section_names
from tests.unit.trees.elf_facts import Elf, read
from xcrash.images import elf
from xcrash.images.compressed import gzip_name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tree"


def test_a_stretched_kernel_keeps_its_headers_and_is_sparse(tmp_path: Path) -> None:
    kernel = Kernel("6.1.0", "#1 SMP")
    head, tail = stretched(vmlinux(kernel), vmlinux_section_names(), TERABYTE)
    Site(tmp_path).sparse("/vmlinux", head, tail, TERABYTE)
    with (tmp_path / "vmlinux").open("rb") as file:

        def read_at(offset: int, size: int) -> bytes:
            return os.pread(file.fileno(), size, offset)

        header = elf.read_header(read_at)
        assert header is not None
        sections = {section.name: section for section in elf.read_sections(read_at, header) or ()}
    assert (tmp_path / "vmlinux").stat().st_size == TERABYTE
    assert (tmp_path / "vmlinux").stat().st_blocks * 512 < 1 << 20
    assert sections[".debug_info"].size > TERABYTE - (1 << 20)
    assert sections[".symtab"].in_file


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tree_has_a_true_kernel_wherever_it_says_so(name: str, root: Path) -> None:
    tree = HOSTILE[name](root)
    if tree.namelist is not None:
        with (tree.root / tree.namelist[1:]).open("rb") as file:
            head = file.read(1 << 16)
        assert (bytes.fromhex(tree.build_id or "") in head) is not tree.mismatch
        assert f"Linux version {tree.release} (".encode() in head


def test_traps_are_what_they_are_called(tmp_path: Path) -> None:
    out = HOSTILE["links-out-of-root"](tmp_path / "links")
    assert (out.root / "boot" / f"vmlinux-{out.release}").resolve() == (tmp_path / "links/outside/vmlinux").resolve()
    assert out.namelist is None
    loops = HOSTILE["link-loops"](tmp_path / "loops")
    assert not (loops.root / DEBUG_BOOT[1:]).exists()
    special = HOSTILE["special-files"](tmp_path / "special")
    assert stat.S_ISFIFO((special.root / DEBUG_BOOT[1:]).stat().st_mode)
    huge = HOSTILE["huge-files"](tmp_path / "huge")
    assert (huge.root / DEBUG_BOOT[1:]).stat().st_size == TERABYTE
    strange = HOSTILE["strange-names"](tmp_path / "strange")
    assert set(STRANGE_NAMES) <= {os.fsencode(path.name) for path in (strange.root / "boot").iterdir()}
    crowded = HOSTILE["many-modules"](tmp_path / "modules")
    assert list(crowded.images.values()).count("module-debuginfo") == 5000
    misnamed = HOSTILE["right-build-id-wrong-name"](tmp_path / "misnamed")
    assert Elf(read(misnamed, MISNAMED)).build_id == misnamed.build_id
    assert Elf(read(misnamed, DEBUG_BOOT)).build_id != misnamed.build_id


def test_the_gzip_bomb_is_one_member_that_unpacks_to_a_gigabyte(root: Path) -> None:
    tree = HOSTILE["gzip-bomb"](root)
    data = read(tree, f"/boot/vmlinux-{tree.release}.gz")
    assert len(data) < 2 << 20
    assert struct.unpack("<I", data[-4:])[0] == BOMB_BYTES
    unpacker = zlib.decompressobj(wbits=31)
    assert unpacker.decompress(data, 8 << 20) == bytes(8 << 20)
    assert unpacker.unconsumed_tail
    assert gzip_name(data) == f"vmlinux-{tree.release}"


def test_a_sosreport_has_no_image_and_names_its_kernel_in_uname(root: Path) -> None:
    tree = REPORTS["sosreport-rhel8"](root)
    assert set(tree.images.values()) == {"config"}
    assert f" {tree.release} " in (tree.root / "uname").read_text()
    assert (tree.namelist, tree.build_id, tree.memory_source) == (None, None, None)


def test_a_supportconfig_is_a_flat_directory_of_sections(root: Path) -> None:
    tree = REPORTS["supportconfig-sles12"](root)
    assert all(path.is_file() and path.suffix == ".txt" for path in tree.root.iterdir())
    boot = (tree.root / "boot.txt").read_text()
    rules = [line for line in boot.splitlines() if line.startswith("#==[")]
    assert rules[0] == "#==[ Command ]======================================#"
    assert {len(rule) for rule in rules} == {53}
    assert "# /etc/default/grub\nGRUB_DEFAULT=saved\n" in boot
    assert f"menuentry '{tree.booted[0]}'" in boot
    assert "xen_version            : 4.5.1_10-1\n" in (tree.root / "xen.txt").read_text()


def test_the_crowded_tree_has_kernels_of_different_builds_and_takes_little_room(root: Path) -> None:
    tree = many(root, kernels=5, xens=2, modules=20)
    kernels = sorted(path for path, role in tree.images.items() if role == "kernel-debuginfo")
    ids = set()
    for path in kernels:
        with (root / path[1:]).open("rb") as file:
            head = file.read(1 << 16)
        at = head.index(b"GNU\0") + 4
        ids.add(head[at : at + 20].hex())
        assert (root / path[1:]).stat().st_size == 600 << 20
    assert len(kernels) == len(ids) == 5
    assert tree.build_id in ids
    assert list(tree.images.values()).count("module-debuginfo") == 20
    assert list(tree.images.values()).count("xen-syms") == 2
    assert sum(path.stat().st_blocks for path in root.rglob("*") if path.is_file()) * 512 < 4 << 20
