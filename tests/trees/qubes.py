# SPDX-License-Identifier: Apache-2.0
"""Qubes OS: a Fedora Dom0 without kernel debuginfo, /boot on a file system of its own."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.bootfiles import Grub2, default_grub, grubenv
from tests.trees.builder import Site, Tree
from tests.trees.hypervisors import Hypervisor, xen_elf32, xen_syms
from tests.trees.kernels import Kernel
from tests.trees.machine import (
    SEPARATE_BOOT,
    Machine,
    plant_config,
    plant_machine,
    plant_modules,
    plant_os_release,
    plant_programs,
    plant_xen,
)
from tests.trees.packing import gz, initrd, system_map

KERNEL = Kernel(
    "6.6.68-1.qubes.fc37.x86_64",
    "#1 SMP PREEMPT_DYNAMIC Mon Jan  6 13:25:01 GMT 2025",
    "mockbuild@build-fedora",
    "gcc (GCC) 12.3.1 20230508 (Red Hat 12.3.1-1), GNU ld version 2.38-27.fc37",
    xen="pvops",
    salt=True,
)
XEN = Hypervisor("4.17.5", "gcc (GCC) 12.3.1 20230508 (Red Hat 12.3.1-1)")


def qubes4(root: Path) -> Tree:
    """Qubes 4.2: Xen with symbols, and no vmlinux anywhere."""
    site = Site(root)
    grub = Grub2(
        "Qubes",
        prefix="",
        initrd="initramfs-{}.img",
        root_args="root=/dev/mapper/qubes_dom0-root ro",
        kernel_args="rd.luks.uuid=luks-6afecd3a rd.lvm.lv=qubes_dom0/root plymouth.ignore-serial-consoles rhgb quiet",
        xen_args="console=none dom0_mem=min:1024M dom0_mem=max:4096M ucode=scan smt=off gnttab_max_frames=2048",
    )
    machine = Machine(KERNEL, "dom0", grub.dom0_cmdline, 4, 4062212, "none", modules=("xen_gntdev", "dm_crypt"))
    plant_machine(site, machine)
    plant_xen(site, XEN)
    fields = {"NAME": "Qubes OS", "VERSION": "4.2.3 (R4.2.3)", "ID": "qubes", "VERSION_ID": "4.2.3"}
    site.put("/etc/fstab", SEPARATE_BOOT)
    plant_os_release(site, fields | {"PRETTY_NAME": "Qubes OS 4.2.3 (R4.2.3)"})
    site.put("/etc/qubes-release", "Qubes release 4.2.3 (R4.2.3)\n")
    site.put(f"/boot/vmlinuz-{KERNEL.release}", k.bzimage(KERNEL), "kernel-boot")
    site.put(f"/boot/System.map-{KERNEL.release}", system_map(), "system-map")
    site.put(f"/boot/initramfs-{KERNEL.release}.img", initrd("zst"), "initrd")
    plant_config(site, machine)
    plant_modules(site, KERNEL, ["kernel/drivers/md/dm-crypt.ko.xz"])
    image = site.put("/boot/xen-4.17.5.gz", gz(xen_elf32(XEN)), "xen-boot")
    for name in ("xen.gz", "xen-4.17.gz", "xen-4.gz"):
        site.link(f"/boot/{name}", "xen-4.17.5.gz")
    syms = site.put("/usr/lib/debug/xen-syms-4.17.5", xen_syms(XEN), "xen-syms")
    site.put("/boot/grub2/grub.cfg", grub.config([KERNEL.release], [("xen-4.17.5.gz", "4.17.5")]))
    site.put("/boot/grub2/grubenv", grubenv(saved_entry="Qubes, with Xen hypervisor"))
    settings = default_grub(GRUB_CMDLINE_LINUX=grub.kernel_args, GRUB_CMDLINE_XEN_DEFAULT=grub.xen_args)
    site.put("/etc/default/grub", settings)
    plant_programs(site, "/usr/sbin/xl", "/usr/bin/virsh", "/usr/bin/qvm-ls")
    site.put("/etc/xen/xl.conf", 'autoballoon="off"\n')
    return site.tree(
        KERNEL,
        XEN,
        **machine.truth,
        os_id="qubes",
        os_version="4.2.3",
        xen_build_id_in_sysfs=True,
        xen_image=image,
        xen_syms=syms,
        xen_syms_have_dwarf=True,
        guest_type="PV",
        needs_lens=True,
        toolstack="xl",
        boot_loader="grub2",
        boot_config="/boot/grub2/grub.cfg",
        edit_path="/etc/default/grub",
        apply_command="grub2-mkconfig -o /boot/grub2/grub.cfg",
        booted=("Qubes, with Xen hypervisor", f"Qubes, with Xen 4.17.5 and Linux {KERNEL.release}"),
    )
