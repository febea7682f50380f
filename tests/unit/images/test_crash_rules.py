# SPDX-License-Identifier: Apache-2.0
"""crash's own rules: which files it takes as a namelist, and when it wants -f."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest
import zstandard

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images import KernelImage, identify_kernel
from xcrash.images.classify import classify_image
from xcrash.images.crash_rules import force_flag_reason, judge, needs_unpacking

ELF = b.with_section(b.vmlinux(), ".text", b.PROGBITS, b.padding(4000)).build()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("vmlinux.gz", gzip.compress(ELF), "the gzip header names no file"),
        ("kernel.gz", b.named_gzip("vmlinux-6.1", ELF), None),
        ("kernel.gz", b.named_gzip("vmlinux", ELF), None),
        ("vmlinux.gz", b.named_gzip("kernel", ELF), "names 'kernel', which does not begin with vmlinux"),
        ("vmlinux.gz", b.named_gzip("Vmlinux", ELF), "names 'Vmlinux'"),
        ("vmlinux.gz", b.named_gzip("vmlinux", ELF, extra=b"abcd"), "an extra field where crash looks"),
        ("vmlinux.xz", lzma.compress(ELF), None),
        ("kernel.xz", lzma.compress(ELF), "the file's name does not begin with vmlinux"),
        ("vmlinux-6.1.bz2", bz2.compress(ELF), None),
        ("kernel.bz2", bz2.compress(ELF), "the file's name does not begin with vmlinux"),
        ("kernel.zst", zstandard.compress(ELF), None),
        ("kernel", ELF, None),
    ],
)
def test_force_is_wanted_for_names_that_crash_refuses(save: Save, name: str, data: bytes, reason: str | None) -> None:
    kernel = identify_kernel(save(name, data))
    found = force_flag_reason(kernel)
    assert found is None if reason is None else reason in (found or "")
    assert judge(kernel).needs_f is (reason is not None)


def test_an_extra_field_does_not_hide_the_stored_name(save: Save) -> None:
    image = classify_image(save("v.gz", b.named_gzip("vmlinux", ELF, extra=b"abcd")))
    assert (image.gzip_name, image.crash_needs_f, image.crash_accepts) == ("vmlinux", True, True)


def test_the_name_on_the_machine_counts_not_where_the_file_was_read(save: Save) -> None:
    path = save("copy", bz2.compress(ELF))
    assert classify_image(path).crash_needs_f is True
    assert classify_image(path, "/boot/vmlinux-6.1.bz2").crash_needs_f is False


def kernel(**facts: object) -> KernelImage:
    """A kernel that crash takes, with some facts changed."""
    whole: dict[str, object] = {"path": "/boot/vmlinux", "size": 5000, "format": "elf", "elf_class": 64}
    return KernelImage(**{**whole, "elf_type": "exec", "has_symbols": True, "has_dwarf": True, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "accepts", "says"),
    [
        ({}, True, None),
        ({"elf_type": "dyn"}, True, None),
        ({"elf_class": 32}, True, None),
        ({"elf_class": 32, "machine": "i686"}, True, "machine type mismatch"),
        ({"elf_class": 32, "elf_type": "dyn"}, False, "of type dyn"),
        ({"elf_type": "rel"}, False, "module or object"),
        ({"elf_type": "core"}, False, "ELF core"),
        ({"elf_type": None, "elf_class": None}, False, "type unknown"),
        ({"size": 1499}, False, "smaller than 1500 bytes"),
        ({"size": 1500}, True, None),
        ({"has_dwarf": False}, True, "needs its .debug file"),
        ({"has_symbols": False, "debuglink": "v.debug"}, True, "its symbols are in v.debug"),
        ({"is_debug_only": True}, True, "no text and data contents"),
        ({"format": "bzImage"}, False, "this is a bzImage"),
        ({"format": "zstd", "contains": "elf"}, False, "crash does not read zstd, even with -f"),
        ({"format": "lzma", "contains": "elf"}, False, "crash does not read lzma"),
        ({"format": "gzip", "contains": "text", "gzip_name": "vmlinux"}, False, "no ELF file inside"),
        ({"format": "xz", "contains": "elf"}, True, None),
        ({"format": "xz", "contains": "elf", "size": 1499}, False, "smaller than"),
    ],
)
def test_the_verdict_is_that_of_the_file_format(facts: dict[str, object], accepts: bool, says: str | None) -> None:
    verdict = judge(kernel(**facts))
    assert verdict.accepts is accepts
    assert [note for note in verdict.notes if says and says in note] if says else verdict.notes == ()


def test_a_small_compressed_file_gets_no_advice_about_force() -> None:
    verdict = judge(kernel(format="gzip", contains="elf", size=1000))
    assert (verdict.accepts, verdict.needs_f) == (False, False)


@pytest.mark.parametrize(
    ("format_name", "contains", "needed"),
    [
        ("zstd", "elf", True),
        ("lz4", "elf", True),
        ("lzma", "elf", True),
        ("zstd", "text", False),
        ("gzip", "elf", False),
        ("xz", "elf", False),
        ("bzip2", "elf", False),
        ("lzop", None, False),
        ("elf", None, False),
        ("bzImage", "elf", False),
    ],
)
def test_unpacking_is_needed_where_crash_reads_no_such_compression(
    format_name: str, contains: str | None, needed: bool
) -> None:
    assert needs_unpacking(kernel(format=format_name, contains=contains)) is needed
