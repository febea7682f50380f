# SPDX-License-Identifier: Apache-2.0
"""The addresses that the lens needs, from the symbol table of a vmlinux."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.trees import elves
from tests.unit.images import builders as b
from xcrash.errors import LensError, XcrashError
from xcrash.lens.vmlinux_symbols import vmlinux_symbols

NOTES = "OSRELEASE=6.1.0\nKERNELOFFSET=2a00000\nPAGESIZE=4096\n"


def vmlinux(path: Path, addresses: Mapping[str, int]) -> Path:
    """A kernel with these symbols."""
    sections = [(".text", b.PROGBITS, bytes(64)), *elves.symbols(addresses)]
    path.write_bytes(elves.linked(b.ElfFile(sections=sections)))
    return path


def test_the_wanted_ones_are_moved_as_the_notes_tell(tmp_path: Path) -> None:
    addresses = {"xen_start_info": 0xFFFFFFFF82000000, "panic": 0xFFFFFFFF81000000, "phys_base": 0xFFFFFFFF82000100}
    path = vmlinux(tmp_path / "vmlinux", addresses)
    assert vmlinux_symbols(path, "") == {"xen_start_info": 0xFFFFFFFF82000000, "phys_base": 0xFFFFFFFF82000100}
    assert vmlinux_symbols(path, NOTES) == {"xen_start_info": 0xFFFFFFFF84A00000, "phys_base": 0xFFFFFFFF84A00100}


def test_a_name_that_ends_like_a_wanted_one_is_another(tmp_path: Path) -> None:
    path = vmlinux(tmp_path / "vmlinux", {"old_phys_base": 1, "phys_base": 2, "phys_base_old": 3})
    assert vmlinux_symbols(path, "") == {"phys_base": 2}


@pytest.mark.parametrize("symbols", [{}, {"panic": 1}])
def test_a_file_without_them_is_no_kernel(tmp_path: Path, symbols: dict[str, int]) -> None:
    with pytest.raises(LensError) as caught:
        vmlinux_symbols(vmlinux(tmp_path / "vmlinux", symbols), "")
    assert caught.value.code == "lens-no-addresses" and "--vmlinux" in caught.value.hint


def test_a_stripped_or_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vmlinux"
    path.write_bytes(b.ElfFile(sections=[(".text", b.PROGBITS, bytes(64))]).build())
    with pytest.raises(LensError, match="no symbol table"):
        vmlinux_symbols(path, "")
    whole = vmlinux(path, {"phys_base": 2}).read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(XcrashError):
            vmlinux_symbols(path, "")
