# SPDX-License-Identifier: Apache-2.0
"""A kernel with debug info: vmlinux for crash, vmlinuz and a few modules for the guest."""

from __future__ import annotations

import lzma
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.elfnotes import identify
from tests.lab.proc import LabError, run
from tests.lab.stamps import fresh_directory, remove_tree
from tests.lab.trees import unpack_part

# qemu_fw_cfg is what hands VMCOREINFO to QEMU; without it the dump would not name its kernel.
MODULES = ("qemu_fw_cfg", "virtio_blk", "virtio_net", "virtio_rng", "virtio_balloon", "loop", "dummy", "bridge")
BOOKWORM_MODULES = ("virtio_pci",)  # built into trixie's kernel


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel."""

    home: Path
    release: str
    build_id: str

    @property
    def vmlinux(self) -> Path:
        """Return the image with debug info."""
        return self.home / f"vmlinux-{self.release}"

    @property
    def vmlinuz(self) -> Path:
        """Return the image that boots."""
        return self.home / f"vmlinuz-{self.release}"

    @property
    def config(self) -> Path:
        """Return the configuration it was built with."""
        return self.home / f"config-{self.release}"

    @property
    def module_lists(self) -> list[Path]:
        """Return what depmod wants to know: the order of the modules, and which are built in."""
        return sorted(self.home.glob("modules.*"))

    def modules(self) -> list[Path]:
        """Return the modules in the order in which they can be loaded."""
        return sorted((self.home / "modules").glob("*.ko"))


def unpack_kernel(image: Path, debug: Path, target: Path, modules: Sequence[str]) -> Kernel:
    """Unpack the image package and the vmlinux of the debug package."""
    with fresh_directory(target) as work:
        unpack_part(debug, "./usr/lib/debug/boot/vmlinux-*", work)
        vmlinux = _only(work, "usr/lib/debug/boot/vmlinux-*")
        release, build_id = identify(vmlinux)
        vmlinux.replace(work / f"vmlinux-{release}")
        parts = work / "image"
        run(["dpkg-deb", "-x", str(image), str(parts)], seconds=600)
        for name in (f"vmlinuz-{release}", f"config-{release}"):
            _only(parts, f"boot/{name}").replace(work / name)
        for path in parts.glob("**/modules.*"):
            path.replace(work / path.name)
        _take_modules(parts, work / "modules", modules)
        remove_tree(parts)
        remove_tree(work / "usr")
    return Kernel(target, release, build_id)


def _only(where: Path, pattern: str) -> Path:
    found = list(where.glob(pattern))
    if len(found) != 1:
        raise LabError(f"expected one {pattern} in the packages, found {len(found)}: do image and debug package match?")
    return found[0]


def _take_modules(parts: Path, target: Path, names: Sequence[str]) -> None:
    available = {_module_name(path): path for path in parts.glob("**/*.ko*")}
    target.mkdir()
    order: list[str] = []
    for name in names:
        _add_with_needs(name, available, order, target)
    for number, name in enumerate(order):
        (target / f"{name}.ko").replace(target / f"{number:02}-{name}.ko")


def _module_name(path: Path) -> str:
    return path.name.split(".ko")[0].replace("-", "_")


def _add_with_needs(name: str, available: Mapping[str, Path], order: list[str], target: Path) -> None:
    # A module that is not there as a file is built into the kernel.
    if name in order or name not in available:
        return
    path = available[name]
    copy = target / f"{name}.ko"
    if path.suffix == ".xz":
        with lzma.open(path) as packed, copy.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    elif path.suffix == ".ko":
        shutil.copyfile(path, copy)
    else:
        raise LabError(f"{path.name}: this compression of modules is not known to the lab")
    needs = re.search(rb"\0depends=([^\0]*)\0", copy.read_bytes())
    for need in needs[1].decode().split(",") if needs else []:
        _add_with_needs(need.replace("-", "_"), available, order, target)
    order.append(name)
