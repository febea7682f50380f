# SPDX-License-Identifier: Apache-2.0
"""Arch Linux: systemd-boot, a kernel without a release in its name, no debuginfo from the distribution."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.builder import Site, Tree
from tests.trees.kernels import Kernel
from tests.trees.machine import Machine, plant_machine, plant_modules, plant_os_release
from tests.trees.packing import initrd, zst

KERNEL = Kernel(
    "6.12.4-arch1-1",
    "#1 SMP PREEMPT_DYNAMIC Mon, 09 Dec 2024 14:31:57 +0000",
    "linux@archlinux",
    "gcc (GCC) 14.2.1 20240910, GNU ld (GNU Binutils) 2.43.1",
    xen="pvops",
)


def arch(root: Path, *, self_built: bool = False) -> Tree:
    """Arch; ``self_built`` adds the vmlinux that a build of one's own leaves in the build directory."""
    site = Site(root)
    site.directory("/usr/lib")
    site.link("/lib", "usr/lib")
    options = "root=PARTUUID=7c0a5f2e-02 rw loglevel=3"
    machine = Machine(KERNEL, "archhost", f"initrd=\\initramfs-linux.img {options}", lockdown="none")
    plant_machine(site, machine)
    plant_os_release(site, {"NAME": "Arch Linux", "ID": "arch", "PRETTY_NAME": "Arch Linux", "BUILD_ID": "rolling"})
    base = f"/usr/lib/modules/{KERNEL.release}"
    site.put("/boot/vmlinuz-linux", k.bzimage(KERNEL, "zst"), "kernel-boot")
    site.put(f"{base}/vmlinuz", k.bzimage(KERNEL, "zst"))
    # Named as the documented places name them: through the link /lib.
    site.images[f"/lib/modules/{KERNEL.release}/vmlinuz"] = "kernel-boot"
    site.put("/boot/initramfs-linux.img", initrd("zst"), "initrd")
    site.put(f"{base}/pkgbase", "linux\n")
    site.put(f"{base}/kernel/fs/ext4/ext4.ko.zst", zst(k.module(KERNEL, "ext4")))
    plant_modules(site, KERNEL, ["kernel/fs/ext4/ext4.ko.zst"], "/usr/lib/modules")
    namelist = f"/lib/modules/{KERNEL.release}/build/vmlinux" if self_built else None
    if namelist:
        site.put(f"{base}/build/vmlinux", k.vmlinux(KERNEL))
        site.images[namelist] = "kernel-debuginfo"
    site.put("/boot/loader/loader.conf", "default arch.conf\ntimeout 3\n")
    entry = f"title   Arch Linux\nlinux   /vmlinuz-linux\ninitrd  /initramfs-linux.img\noptions {options}\n"
    site.put("/boot/loader/entries/arch.conf", entry)
    return site.tree(
        KERNEL,
        **machine.truth,
        os_id="arch",
        namelist=namelist,
        boot_loader="systemd-boot",
        boot_config="/boot/loader/loader.conf",
        booted=("Arch Linux",),
    )
