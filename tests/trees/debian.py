# SPDX-License-Identifier: Apache-2.0
"""Debian and Ubuntu: the whole vmlinux under /usr/lib/debug/boot, packages in dpkg's database."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.bootfiles import Grub2, default_grub
from tests.trees.builder import Site, Tree
from tests.trees.hypervisors import Hypervisor, xen_efi, xen_elf32, xen_syms
from tests.trees.kernels import Kernel
from tests.trees.machine import (
    Machine,
    plant_config,
    plant_machine,
    plant_modules,
    plant_os_release,
    plant_programs,
    plant_xen,
)
from tests.trees.packing import DEBIAN_SYSTEM_MAP, gz, initrd, system_map

_DEBIAN_COMPILER = "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40"
DEBIAN12 = Kernel(
    "6.1.0-50-amd64",
    "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-12)",
    "debian-kernel@lists.debian.org",
    _DEBIAN_COMPILER,
    xen="pvops",
    salt=True,
)
UBUNTU2204 = Kernel(
    "5.15.0-91-generic",
    "#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023",
    "buildd@lcy02-amd64-045",
    "gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0, GNU ld (GNU Binutils for Ubuntu) 2.38",
    xen="pvops",
)
XEN_417 = Hypervisor("4.17.7+13-g2445b30a44-0+deb12u1", "gcc (Debian 12.2.0-14+deb12u1) 12.2.0")
GRUB = Grub2("Debian GNU/Linux")
DEBIAN12_OS = {
    "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)",
    "NAME": "Debian GNU/Linux",
    "VERSION_ID": "12",
    "VERSION_CODENAME": "bookworm",
    "ID": "debian",
}


def debian12(root: Path, *, lockdown: str = "none", with_debuginfo: bool = True) -> Tree:
    """Debian 12 without Xen."""
    site = Site(root)
    machine = Machine(DEBIAN12, "bookworm", GRUB.plain_cmdline(DEBIAN12.release), lockdown=lockdown)
    truth = _debian(site, machine, with_debuginfo)
    site.put("/boot/grub/grub.cfg", GRUB.config([DEBIAN12.release]))
    site.put("/var/lib/dpkg/status", dpkg_status(_packages(DEBIAN12.release, "6.1.176-1", with_debuginfo)))
    return site.tree(DEBIAN12, **truth, booted=("Debian GNU/Linux", f"Debian GNU/Linux, with Linux {DEBIAN12.release}"))


def debian12_xen(root: Path) -> Tree:
    """Debian 12 as a PV Dom0: Xen 4.17 whose symbols have no DWARF, and a kernel that needs the lens."""
    site = Site(root)
    grub = Grub2(GRUB.title, xen_args="dom0_mem=2G,max:2G dom0_max_vcpus=2")
    machine = Machine(
        DEBIAN12, "dom0", grub.dom0_cmdline, 2, 2004936, "none", modules=("xen_netback", "xen_blkback", "ext4")
    )
    truth = _debian(site, machine, with_debuginfo=True)
    plant_xen(site, XEN_417)
    image = site.put("/boot/xen-4.17-amd64.gz", gz(xen_elf32(XEN_417)), "xen-boot")
    site.put("/boot/xen-4.17-amd64.efi", xen_efi(XEN_417), "xen-efi")
    site.put("/boot/xen-4.17-amd64.config", "CONFIG_X86_64=y\nCONFIG_PV=y\nCONFIG_HVM=y\n# CONFIG_DEBUG is not set\n")
    syms = site.put("/usr/lib/debug/boot/xen-syms-4.17-amd64", xen_syms(XEN_417, with_dwarf=False), "xen-syms")
    site.put("/usr/lib/debug/boot/xen-syms-4.17-amd64.map", system_map(0xFFFF82D040200000), "other")
    site.put("/boot/grub/grub.cfg", grub.config([DEBIAN12.release], [("xen-4.17-amd64.gz", "4.17-amd64")]))
    site.put("/etc/default/grub.d/xen.cfg", f'# Options of Xen and of Dom0.\nGRUB_CMDLINE_XEN="{grub.xen_args}"\n')
    plant_programs(site, "/usr/lib/xen-4.17/bin/xl", "/usr/bin/virsh")
    site.link("/usr/sbin/xl", "../lib/xen-4.17/bin/xl")
    site.put("/etc/xen/xl.conf", '#autoballoon="auto"\n')
    packages = _packages(DEBIAN12.release, "6.1.176-1", True)
    for name in ("xen-hypervisor-4.17-amd64", "xen-hypervisor-4.17-amd64-dbg", "xen-utils-4.17"):
        packages[name] = "4.17.7+13-g2445b30a44-0+deb12u1"
    site.put("/var/lib/dpkg/status", dpkg_status(packages | {"libvirt-daemon": "9.0.0-4+deb12u2"}))
    titles = (
        "Debian GNU/Linux, with Xen hypervisor",
        f"{grub.title}, with Xen 4.17-amd64 and Linux {DEBIAN12.release}",
    )
    truth |= {
        "xen_build_id_in_sysfs": True,
        "xen_image": image,
        "xen_syms": syms,
        "xen_syms_have_dwarf": False,
        "guest_type": "PV",
        "needs_lens": True,
        "toolstack": "xl",
        "edit_path": "/etc/default/grub.d/xen.cfg",
        "apply_command": "update-grub",
        "booted": titles,
    }
    return site.tree(DEBIAN12, XEN_417, **truth)


def ubuntu2204(root: Path) -> Tree:
    """Ubuntu 22.04 with the kernel's -dbgsym package: a boot image for root alone, a kernel packed with zstd."""
    site = Site(root)
    kernel = UBUNTU2204
    grub = Grub2("Ubuntu", kernel_args="quiet splash")
    machine = Machine(
        kernel, "jammy", grub.plain_cmdline(kernel.release), lockdown="none", modules=("btrfs", "raid6_pq")
    )
    plant_machine(site, machine)
    plant_os_release(
        site,
        {
            "PRETTY_NAME": "Ubuntu 22.04.3 LTS",
            "NAME": "Ubuntu",
            "VERSION_ID": "22.04",
            "VERSION": "22.04.3 LTS (Jammy Jellyfish)",
            "ID": "ubuntu",
            "ID_LIKE": "debian",
        },
    )
    site.put(f"/boot/vmlinuz-{kernel.release}", k.bzimage(kernel, "zst"), "kernel-boot", mode=0o600)
    site.put(f"/boot/System.map-{kernel.release}", system_map(), "system-map", mode=0o600)
    site.put(f"/boot/initrd.img-{kernel.release}", initrd("zst", microcode=True), "initrd")
    plant_config(site, machine)
    namelist = site.put(f"/usr/lib/debug/boot/vmlinux-{kernel.release}", k.vmlinux(kernel), "kernel-debuginfo")
    debug = f"/usr/lib/debug/lib/modules/{kernel.release}/kernel/fs/btrfs/btrfs.ko"
    site.put(debug, k.module_debug(kernel, "btrfs"), "module-debuginfo")
    plant_modules(site, kernel, ["kernel/fs/btrfs/btrfs.ko"])
    site.put("/boot/grub/grub.cfg", grub.config([kernel.release]))
    site.put("/etc/default/grub", default_grub(GRUB_CMDLINE_LINUX_DEFAULT=grub.kernel_args))
    packages = {f"linux-image-{kernel.release}": "5.15.0-91.101", "linux-image-generic": "5.15.0.91.88"}
    packages[f"linux-image-unsigned-{kernel.release}-dbgsym"] = "5.15.0-91.101"
    site.put("/var/lib/dpkg/status", dpkg_status(packages | {"crash": "8.0.0-1ubuntu1"}))
    return site.tree(
        kernel,
        **machine.truth,
        os_id="ubuntu",
        os_version="22.04",
        namelist=namelist,
        boot_loader="grub2",
        boot_config="/boot/grub/grub.cfg",
        booted=("Ubuntu", f"Ubuntu, with Linux {kernel.release}"),
    )


def dpkg_status(packages: dict[str, str]) -> str:
    """dpkg's database: stanzas of fields, a blank line between them (deb-control(5))."""
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: kernel\n"
        f"Maintainer: Maintainers <maintainers@example.org>\nArchitecture: amd64\nVersion: {version}\n"
        f"Description: {name}\n A package.\n"
        for name, version in packages.items()
    )


def _packages(release: str, version: str, with_debuginfo: bool) -> dict[str, str]:
    names = {"linux-base": "4.9", f"linux-image-{release}": version, "crash": "8.0.2-1"}
    return names | ({f"linux-image-{release}-dbg": version} if with_debuginfo else {})


def _debian(site: Site, machine: Machine, with_debuginfo: bool) -> dict[str, object]:
    kernel = machine.kernel
    plant_machine(site, machine)
    plant_os_release(site, DEBIAN12_OS, "/usr/lib/os-release")
    site.link("/etc/os-release", "../usr/lib/os-release")
    site.put("/etc/debian_version", "12.12\n")
    site.put(f"/boot/vmlinuz-{kernel.release}", k.bzimage(kernel, "xz"), "kernel-boot")
    site.put(f"/boot/System.map-{kernel.release}", DEBIAN_SYSTEM_MAP, "system-map")
    site.put(f"/boot/initrd.img-{kernel.release}", initrd("zst", microcode=True), "initrd")
    plant_config(site, machine)
    site.link("/vmlinuz", f"boot/vmlinuz-{kernel.release}")
    site.put(f"/lib/modules/{kernel.release}/kernel/fs/ext4/ext4.ko", k.module(kernel, "ext4"))
    plant_modules(site, kernel, ["kernel/fs/ext4/ext4.ko"])
    site.put("/etc/default/grub", default_grub(GRUB_CMDLINE_LINUX_DEFAULT="quiet", GRUB_CMDLINE_LINUX=""))
    truth = {"os_id": "debian", "os_version": "12", "boot_loader": "grub2", "boot_config": "/boot/grub/grub.cfg"}
    if not with_debuginfo:
        return machine.truth | truth
    namelist = site.put(f"/usr/lib/debug/boot/vmlinux-{kernel.release}", k.vmlinux(kernel), "kernel-debuginfo")
    site.put(f"/usr/lib/debug/boot/System.map-{kernel.release}", system_map(), "system-map")
    debug = f"/usr/lib/debug/lib/modules/{kernel.release}/kernel/fs/ext4/ext4.ko"
    site.put(debug, k.module_debug(kernel, "ext4"), "module-debuginfo")
    return machine.truth | truth | {"namelist": namelist}
