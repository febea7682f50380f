# SPDX-License-Identifier: Apache-2.0
"""What a real Dom0 needs beyond the lab: Xen, a kernel that can be a Dom0, and an initramfs with crash in it."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from tests.lab.apt import Suite
from tests.lab.cpio import Cpio
from tests.lab.kernel import Kernel, unpack_kernel
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.paths import Lab
from tests.lab.proc import LabError, megabytes, run, say
from tests.lab.stamps import Stamps, fresh_directory, only_run, recipe, remove_tree
from tests.lab.trees import loader_argv, unpack_part

ETC = Path(__file__).with_name("guest_dom0")
DEBUG_BOOT = "usr/lib/debug/boot"

_SUITE = "trixie"
# The lab's own kernels, for clouds, cannot be a Dom0: CONFIG_XEN_DOM0 is not set.
_DEBUG_META = "linux-image-amd64-dbg"
_XEN_META = "xen-system-amd64"
_MODULES = ("xenfs",)
_LOADER = "lib64/ld-linux-x86-64.so.2"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_DIRECTORIES = ("proc", "sys", "run", "tmp", "dev")


@dataclass(frozen=True)
class Dom0:
    """What boots: Xen, and the kernel and the initramfs of its first domain."""

    xen: Path
    kernel: Kernel
    initrd: Path


def prepare_dom0(lab: Lab, version: str) -> Dom0:
    """Fetch and make what is missing; ``version`` of the lab's crash is in the initramfs."""
    home, stamps = lab.root / "dom0", Stamps(lab.root)
    with only_run(home):
        made_from = recipe(_SUITE, _DEBUG_META, _XEN_META, *_MODULES)
        facts = stamps.get("dom0", made_from) or _fetch(home, stamps, made_from)
        kernel = Kernel(home / "kernel", facts["release"], facts["build_id"])
        tree = lab.root / "trees" / lab.crash_version(version).path.name
        initrd = home / "guest/initrd"
        filled_from = recipe(made_from, kernel.build_id, str(tree), *sorted(ETC.iterdir()))
        if stamps.get("dom0-guest", filled_from) is None:
            say("making the initramfs of the Dom0")
            with fresh_directory(initrd.parent) as work, (work / initrd.name).open("wb") as file, Cpio(file) as archive:
                _fill(archive, lab.root / "trees/tools", tree, kernel)
            stamps.put("dom0-guest", filled_from, {}, [initrd])
    return Dom0(home / "xen/xen.elf", kernel, initrd)


def _fetch(home: Path, stamps: Stamps, made_from: str) -> dict[str, str]:
    suite = Suite(home, _SUITE, find_mirror(), find_keyring())
    suite.update()
    debug = _dependency(suite, _DEBUG_META, r"linux-image-\d.*-dbg")
    packages = (_dependency(suite, _XEN_META, r"xen-hypervisor-\d.*-amd64"), debug.removesuffix("-dbg"), debug)
    size = sum(deb.size for package in packages for deb in suite.single(package))
    say(f"to download for a Dom0: {', '.join(packages)}, {megabytes(size)}")
    xen, image, symbols = [suite.fetch_single(package) for package in packages]
    say("unpacking Xen and the kernel")
    with fresh_directory(home / "xen") as work:
        unpack_part(xen, "./boot/xen-*.gz", work)
        packed = next((work / "boot").glob("xen-*.gz"))
        (work / "xen.elf").write_bytes(gzip.decompress(packed.read_bytes()))  # QEMU boots no packed one
    kernel = unpack_kernel(image, symbols, home / "kernel", _MODULES)
    facts = {"release": kernel.release, "build_id": kernel.build_id}
    stamps.put("dom0", made_from, facts, [home / "xen/xen.elf", kernel.vmlinux, kernel.vmlinuz])
    remove_tree(home / "apt")
    return facts


def _dependency(suite: Suite, package: str, pattern: str) -> str:
    found = [name for name in suite.depends(package) if re.fullmatch(pattern, name)]
    if len(found) != 1:
        raise LabError(f"{package} of {suite.name} names no single package like {pattern}: {found}")
    return found[0]


def _fill(archive: Cpio, tools: Path, tree: Path, kernel: Kernel) -> None:
    """Everything is in memory, the vmlinux, too: no disk and no driver for it is needed."""
    busybox = tools / "usr/bin/busybox"
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    for applet in run([str(busybox), "--list"]).split():
        if applet != "busybox":
            archive.link(f"bin/{applet}", "busybox")
    archive.link("sbin", "bin")
    archive.directory("usr")
    archive.link("usr/bin", "../bin")
    for name in _DIRECTORIES:
        archive.directory(name)
    archive.character("dev/console", 5, 1)
    for path in sorted(ETC.iterdir()):
        data = path.read_bytes()
        archive.file(f"etc/{path.name}", data, 0o755 if data.startswith(b"#!") else 0o644)
    for path in kernel.modules():
        archive.file(f"lib/modules/{path.name}", path.read_bytes())
    _add_program(archive, tree, "usr/bin/crash")
    archive.file(f"{DEBUG_BOOT}/{kernel.vmlinux.name}", kernel.vmlinux.read_bytes())


def _add_program(archive: Cpio, tree: Path, program: str) -> None:
    """A program of a tree with its loader and libraries, where Debian has them."""
    loader, *rest = loader_argv(tree, program)
    archive.file(f"bin/{Path(program).name}", (tree / program).read_bytes(), 0o755)
    archive.file(_LOADER, Path(loader).read_bytes(), 0o755)
    for library in re.findall(rf"=> ({re.escape(str(tree))}/\S+)", run([loader, "--list", *rest])):
        if Path(library).name != Path(_LOADER).name:
            archive.file(f"{_LIBRARIES}/{Path(library).name}", Path(library).read_bytes())
