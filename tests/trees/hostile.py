# SPDX-License-Identifier: Apache-2.0
"""Debian 12 hosts in which somebody or something left traps; the truth is what is still to be found."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from tests.trees import kernels as k
from tests.trees.builder import Site, Tree
from tests.trees.debian import DEBIAN12, debian12
from tests.trees.elves import stretched
from tests.trees.packing import gz

R = DEBIAN12.release
DEBUG_BOOT = f"/usr/lib/debug/boot/vmlinux-{R}"
MISNAMED = "/usr/lib/debug/boot/vmlinux-0.0.0-misnamed"
TERABYTE = 1 << 40
BOMB_BYTES = 1 << 30
_CRC_OF_ZEROS = 0x5B64C2B0
MODULES = 5000
STRANGE_NAMES = (
    b"vmlinux-new\nline",
    b"vmlinux-\x1b[31mred\x1b[0m",
    b"vmlinux-\xff\xfe\x80",
    b"vmlinux-$(touch owned)",
    b"vmlinux-[bold]markup[@click=quit]",
    b"vmlinux-" + b"x" * 240,
    b"vmlinux- blank ; reboot",
    "vmlinux-\u202egnp".encode(),
)


def link_loops(root: Path) -> Tree:
    """Links to themselves, to each other, and to a directory above them."""

    def plant(site: Site) -> None:
        site.link(DEBUG_BOOT, f"vmlinux-{R}")
        site.link("/boot/vmlinux-a", "vmlinux-b")
        site.link("/boot/vmlinux-b", "vmlinux-a")
        site.link(f"/usr/lib/debug/lib/modules/{R}", "../..")
        site.link(f"/lib/modules/{R}/build", f"/lib/modules/{R}/source")
        site.link(f"/lib/modules/{R}/source", f"/lib/modules/{R}/build")
        for at in range(60):
            site.link(f"/boot/chain-{at}", f"chain-{at + 1}")
        site.link(f"/boot/vmlinux-{R}", "chain-0")

    return _trapped(root, plant)


def links_out_of_root(root: Path) -> Tree:
    """Links that leave the root, up to a file that has all that a namelist needs: it belongs to another machine."""
    outside = root / "outside"
    outside.mkdir(parents=True)
    (outside / "vmlinux").write_bytes(k.vmlinux(DEBIAN12))

    def plant(site: Site) -> None:
        site.link(DEBUG_BOOT, str(outside / "vmlinux"))
        site.link(f"/boot/vmlinux-{R}", "../../outside/vmlinux")
        site.link(f"/usr/lib/debug/lib/modules/{R}", str(outside))
        site.link("/usr/lib/debug/.build-id", "../../../../outside")
        site.link("/etc/passwd", "/../../../../../../../../etc/passwd")

    return _trapped(root / "machine", plant)


def huge_files(root: Path) -> Tree:
    """A terabyte of nothing under a kernel's name, and a true vmlinux with a terabyte of debuginfo (both sparse)."""

    def plant(site: Site) -> None:
        site.sparse(f"/boot/vmlinux-{R}", b"", b"", TERABYTE, "other")
        head, tail = stretched(k.vmlinux(DEBIAN12), k.vmlinux_section_names(), TERABYTE)
        site.sparse(DEBUG_BOOT, head, tail, TERABYTE, "kernel-debuginfo")
        site.sparse(f"/lib/modules/{R}/vmlinux", b"\x7fELF", b"", TERABYTE, "other")

    return _trapped(root, plant, namelist=DEBUG_BOOT)


def special_files(root: Path) -> Tree:
    """FIFOs, sockets' kin and, where root makes the tree, devices under a kernel's names: none may be opened."""

    def plant(site: Site) -> None:
        site.directory("/usr/lib/debug/boot")
        os.mkfifo(site.here(DEBUG_BOOT))
        os.mkfifo(site.here("/boot/xen.gz"))
        os.mkfifo(site.directory(f"/usr/lib/debug/lib/modules/{R}") + "/vmlinux")
        (site.root / "proc/kcore").unlink()
        os.mkfifo(site.here("/proc/kcore"))
        site.directory(f"/boot/vmlinux-{R}.gz")
        with contextlib.suppress(OSError):
            os.mknod(site.here(f"/boot/vmlinux-{R}"), stat.S_IFCHR | 0o600, os.makedev(1, 3))
            os.mknod(site.here("/boot/xen-4.17.gz"), stat.S_IFBLK | 0o600, os.makedev(7, 250))

    return replace(_trapped(root, plant), memory_source=None)


def unreadable_files(root: Path) -> Tree:
    """Files and a directory that only root may read; the namelist is one of them (for root there is no trap)."""

    def plant(site: Site) -> None:
        site.put(DEBUG_BOOT, k.vmlinux(DEBIAN12), "kernel-debuginfo", mode=0)
        site.put(f"/boot/vmlinux-{R}", k.stripped_vmlinux(DEBIAN12), "kernel-elf", mode=0)
        os.chmod(site.here("/sys/kernel/notes"), 0)  # noqa: PTH101
        os.chmod(site.directory(f"/usr/lib/debug/lib/modules/{R}"), 0)  # noqa: PTH101

    tree = _trapped(root, plant)
    return replace(tree, namelist=DEBUG_BOOT) if os.access(root / DEBUG_BOOT[1:], os.R_OK) else tree


def strange_names(root: Path) -> Tree:
    """Names with newlines, escapes, blanks, shell and markup signs, bytes that are not UTF-8: all real kernels."""

    def plant(site: Site) -> None:
        other = k.vmlinux(replace(DEBIAN12, seed="other build", release="6.1.0-0-other"))
        for directory in ("/boot", "/usr/lib/debug/boot"):
            for name in STRANGE_NAMES:
                place = os.fsencode(site.directory(directory)) + b"/" + name
                with open(place, "wb") as file:  # noqa: PTH123 - a name that no Path can show
                    file.write(other)
        site.put(DEBUG_BOOT, k.vmlinux(DEBIAN12), "kernel-debuginfo")

    return _trapped(root, plant, namelist=DEBUG_BOOT)


def many_modules(root: Path) -> Tree:
    """5,000 module files beside the namelist, and as many with debuginfo."""

    def plant(site: Site) -> None:
        site.put(DEBUG_BOOT, k.vmlinux(DEBIAN12), "kernel-debuginfo")
        here, debug = f"/lib/modules/{R}/kernel/drivers", f"/usr/lib/debug/lib/modules/{R}/kernel/drivers"
        first = site.put(f"{here}/first.ko", k.module(DEBIAN12, "first"))
        first_debug = site.put(f"{debug}/first.ko", k.module_debug(DEBIAN12, "first"), "module-debuginfo")
        for at in range(1, MODULES):
            site.same(f"{here}/d{at % 50:02}/module_{at:04}.ko", first)
            site.same(f"{debug}/d{at % 50:02}/module_{at:04}.ko", first_debug, "module-debuginfo")

    return _trapped(root, plant, namelist=DEBUG_BOOT)


def not_kernels(root: Path) -> Tree:
    """Under a kernel's names: a text, nothing, an ELF file cut short, a program, a module, zeros, a gzip'ed text."""

    def plant(site: Site) -> None:
        site.put(f"/boot/vmlinux-{R}", f"Linux version {R} is what this text says\n" * 100, "other")
        site.put(DEBUG_BOOT, k.vmlinux(DEBIAN12)[:3000])
        site.put(f"/usr/lib/debug/lib/modules/{R}/vmlinux", b"", "other")
        site.put(f"/usr/lib/debug/lib/modules/{R}/vmlinux.debug", k.program(), "other")
        site.put(f"/lib/modules/{R}/vmlinux", k.module(DEBIAN12, "vmlinux"), "other")
        site.put(f"/lib/modules/{R}/build/vmlinux", bytes(8192), "other")
        site.put(f"/boot/vmlinux-{R}.gz", gz(f"Linux version {R} (x@y) (gcc) #1 SMP\n".encode() * 200), "other")

    return _trapped(root, plant)


def gzip_bomb(root: Path) -> Tree:
    """A gzip file of 1 MB with 1 GB of zeros inside, one that starts like a kernel, and one cut short.

    Nothing but unpacking all of it tells that the second is no kernel.
    """

    def plant(site: Site) -> None:
        site.put(f"/boot/vmlinux-{R}.gz", _bomb(b""), "other")
        site.put(f"/boot/vmlinux-{R}-a.gz", _bomb(k.vmlinux(DEBIAN12)[:4096]))
        packed = gz(k.split_vmlinux(DEBIAN12), f"vmlinux-{R}")
        site.put(f"/boot/vmlinux-{R}-b.gz", packed[: len(packed) // 2])

    return _trapped(root, plant)


def wrong_build_id(root: Path) -> Tree:
    """A vmlinux of the same release and another build: the best there is, with a warning."""

    def plant(site: Site) -> None:
        site.put(DEBUG_BOOT, k.vmlinux(replace(DEBIAN12, seed="rebuilt")), "kernel-debuginfo")

    return _trapped(root, plant, namelist=DEBUG_BOOT, mismatch=True)


def right_build_id_wrong_name(root: Path) -> Tree:
    """The vmlinux of the running kernel under another release's name, one of another build under the right name."""

    def plant(site: Site) -> None:
        site.put(DEBUG_BOOT, k.vmlinux(replace(DEBIAN12, seed="rebuilt")), "kernel-debuginfo")
        site.put(MISNAMED, k.vmlinux(DEBIAN12), "kernel-debuginfo")

    return _trapped(root, plant, namelist=MISNAMED)


def hostile(root: Path) -> Tree:
    """Most of the traps at once, and still one true namelist."""

    def plant(site: Site) -> None:
        site.put(MISNAMED, k.vmlinux(DEBIAN12), "kernel-debuginfo")
        site.put(f"/boot/vmlinux-{R}", f"Linux version {R} is what this text says\n" * 100, "other")
        site.put(f"/boot/vmlinux-{R}.gz", _bomb(b""), "other")
        site.put(f"/usr/lib/debug/lib/modules/{R}/vmlinux", k.vmlinux(DEBIAN12)[:3000])
        site.put(f"/usr/lib/debug/lib/modules/{R}/vmlinux.debug", k.vmlinux(replace(DEBIAN12, seed="rebuilt")))
        site.sparse(f"/lib/modules/{R}/vmlinux", b"", b"", TERABYTE, "other")
        site.link(DEBUG_BOOT, f"vmlinux-{R}")
        site.link(f"/lib/modules/{R}/build", "../../..")
        site.link("/boot/xen.gz", "/../../../../../../../../etc/passwd")
        os.mkfifo(site.here("/boot/vmlinux-fifo"))
        for name in STRANGE_NAMES:
            with open(os.fsencode(site.directory("/boot")) + b"/" + name, "wb") as file:  # noqa: PTH123
                file.write(k.stripped_vmlinux(DEBIAN12))

    return _trapped(root, plant, namelist=MISNAMED)


def _trapped(root: Path, plant: Callable[[Site], None], namelist: str | None = None, mismatch: bool = False) -> Tree:
    base = debian12(root, with_debuginfo=False)
    site = Site(root)
    plant(site)
    return replace(
        base,
        namelist=namelist,
        mismatch=mismatch,
        images={**base.images, **site.images},
        links={**base.links, **site.links},
    )


@lru_cache(maxsize=4)
def _bomb(start: bytes) -> bytes:
    """A gzip file, in one member, of ``start`` and a gigabyte of zeros; its checksum holds for zeros alone.

    After a full flush a deflate stream refers to nothing before it: what follows can be repeated (RFC 1951, zlib.h).
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = struct.pack("<4BIBB", 0x1F, 0x8B, 8, 8, 0, 2, 3) + f"vmlinux-{R}".encode() + b"\0"
    head += packer.compress(start + bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    size = BOMB_BYTES + len(start)
    return head + block * ((BOMB_BYTES >> 20) - 1) + b"\x03\0" + struct.pack("<II", _CRC_OF_ZEROS, size)
