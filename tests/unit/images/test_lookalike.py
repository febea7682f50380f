# SPDX-License-Identifier: Apache-2.0
"""The kernel's companions in /boot, plain and compressed, and an early archive before an initrd."""

from __future__ import annotations

import gzip
import lzma

import pytest
import zstandard

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images.classify import classify_image
from xcrash.images.lookalike import text_role

SYMBOLS = b"".join(b"ffffffff81%06x T symbol_%d\n" % (at, at) for at in range(2000))
SYMVERS = b"".join(b"0x%08x\tsymbol_%d\tvmlinux\tEXPORT_SYMBOL_GPL\t\n" % (at, at) for at in range(600))
OLD_SYMVERS = b"".join(b"0x%08x\tsymbol_%d\tdrivers/net/e1000/e1000\n" % (at, at) for at in range(600))
SYMTYPES = b"/* arch/x86/kernel/apm.o */\n" + b"".join(
    b"s#list_%d struct list_%d { s#list_head * next , * prev ; }\n" % (at, at) for at in range(100)
)
CONFIG = b"""#
# Automatically generated file; DO NOT EDIT.
# Linux/x86_64 3.12.49 Kernel Configuration
#
CONFIG_64BIT=y
CONFIG_LOCALVERSION="-6-default"
# CONFIG_COMPILE_TEST is not set
""" + b"".join(b"CONFIG_OPTION_%d=m\n" % at for at in range(200))
XEN_CONFIG = b"#\n# Xen/x86 4.17.7 Configuration\n#\nCONFIG_X86=y\nCONFIG_DEBUG=y\n"


@pytest.mark.parametrize("compress", [bytes, gzip.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize(
    ("data", "role"),
    [
        (SYMBOLS, "system-map"),
        (SYMVERS, "symvers"),
        (OLD_SYMVERS, "symvers"),
        (SYMTYPES, "symtypes"),
        (CONFIG, "config"),
        (XEN_CONFIG, "config"),
        (b.cpio("init", "etc/fstab"), "initrd"),
        (b"just words\n" * 900, "other"),
    ],
)
def test_companions_are_told_by_their_contents(save: Save, data: bytes, role: str, compress: type[bytes]) -> None:
    image = classify_image(save("a-file", compress(data)))
    assert (image.role, image.crash_accepts) == (role, False)
    assert (image.compression is None) is (compress is bytes)


def test_the_stub_of_debian_is_said_to_be_one(save: Save) -> None:
    data = b"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n"
    image = classify_image(save("System.map-6.1.0-50-cloud-amd64", data))
    assert (image.role, image.size, image.release) == ("system-map", 83, "6.1.0-50-cloud-amd64")
    assert image.notes == ("a stub: the real System.map is in the kernel's debug package", "release by name")


def test_a_short_map_is_a_stub_to_crash() -> None:
    assert text_role(SYMBOLS[:1000]).notes == ("a stub: crash wants 16 KiB of a System.map",)
    assert text_role(SYMBOLS[: 16 << 10]).notes == ("crash takes it beside a vmlinux, not in its place",)


def test_a_map_with_module_names_is_a_map() -> None:
    assert text_role(b"ffffffffc0000000 t helper\t[module]\n" + SYMBOLS).role == "system-map"


@pytest.mark.parametrize("prefix", [b"", b"0x"])
def test_the_map_of_a_hypervisor_is_not_a_kernels(prefix: bytes) -> None:
    data = b"".join(prefix + b"ffff82d040%06x T start_%d\n" % (at, at) for at in range(2000))
    assert text_role(data) == ("other", ("the symbol map of Xen",), None, None, False)


def test_a_configuration_tells_its_release_and_how_sure_it_is(save: Save) -> None:
    image = classify_image(save("config", CONFIG))
    assert (image.release, image.version) == ("3.12.49-6-default", "Linux/x86_64 3.12.49 Kernel Configuration")
    # Debian's release is not that of the source.
    assert classify_image(save("config-3.12-1-amd64", CONFIG)).release == "3.12-1-amd64"
    salted = CONFIG.replace(b"CONFIG_64BIT=y", b'CONFIG_BUILD_SALT="6.5.6-300.fc39.x86_64"')
    image = classify_image(save("config-other", salted))
    assert (image.release, image.notes) == ("6.5.6-300.fc39.x86_64", ("release by CONFIG_BUILD_SALT",))


def test_the_configuration_of_a_hypervisor_has_no_release(save: Save) -> None:
    image = classify_image(save("xen-4.17-amd64.config", XEN_CONFIG))
    assert (image.release, image.version) == (None, "Xen/x86 4.17.7 Configuration")
    assert image.notes == ("configuration of Xen, a debug build",)


def test_an_early_archive_before_the_initrd_is_noted(save: Save) -> None:
    early = b.cpio("kernel", "kernel/x86/microcode/GenuineIntel.bin") + gzip.compress(b.cpio("init"))
    image = classify_image(save("initrd.img-6.1.0-50-cloud-amd64", early))
    assert (image.role, image.release) == ("initrd", "6.1.0-50-cloud-amd64")
    assert image.notes[0].startswith("begins with an archive for the early boot")


def test_symvers_of_suse_are_no_kernel_though_crash_tries_them(save: Save) -> None:
    image = classify_image(save("symvers-3.12.49-6-default.gz", gzip.compress(SYMVERS + b.padding(3000))))
    assert (image.role, image.release, image.crash_needs_f) == ("symvers", "3.12.49-6-default", True)
    assert image.notes[-1].endswith("the gzip header names no file; -f would not help")


@pytest.mark.parametrize("data", [b"\n" * 9, b"CONFIG_", b"0x", b"x" * 70000, b"#\n" * 40000])
def test_odd_texts_are_other(data: bytes) -> None:
    assert text_role(data).role == "other"
