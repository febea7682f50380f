# SPDX-License-Identifier: Apache-2.0
"""SUSE: the hosts with a compressed vmlinux in /boot and its debuginfo beside it."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.bootfiles import Grub2, default_grub, grubenv
from tests.trees.builder import Site, Tree
from tests.trees.hypervisors import Hypervisor, xen_elf32, xen_syms
from tests.trees.kernels import Kernel
from tests.trees.machine import (
    Machine,
    plant_config,
    plant_crash_device,
    plant_machine,
    plant_modules,
    plant_os_release,
    plant_programs,
    plant_xen,
)
from tests.trees.packing import gz, initrd, symtypes, symvers, system_map, xz, zst

SLES11 = Kernel(
    "3.0.101-63-xen",
    "#1 SMP Tue Jun 23 16:02:31 UTC 2015 (4b89d0c)",
    "geeko@buildhost",
    "gcc version 4.3.4 [gcc-4_3-branch revision 152973] (SUSE Linux)",
    xen="forward-ported",
)
SLES12 = Kernel(
    "3.12.49-6-xen",
    "#1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3)",
    "geeko@buildhost",
    "gcc version 4.8.5 (SUSE Linux)",
    xen="forward-ported",
)
SLES12_DEFAULT = Kernel(
    "3.12.49-6-default", "#1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3)", SLES12.builder, SLES12.compiler
)
SLES15 = Kernel(
    "5.14.21-150500.55.7-default",
    "#1 SMP PREEMPT_DYNAMIC Mon Jun 12 12:36:10 UTC 2023 (1dc7a19)",
    "geeko@buildhost",
    "gcc (SUSE Linux) 7.5.0, GNU ld (GNU Binutils; SUSE Linux Enterprise 15) 2.39.0",
    xen="pvops",
    salt=True,
)
XEN_44 = Hypervisor("4.4.2_08-1", "gcc (SUSE Linux) 4.3.4")
XEN_45 = Hypervisor("4.5.1_10-1")
XEN_45_DEBUG = Hypervisor("4.5.1_10-1", debug=True)

_FORWARD_PORTED_CRASH = "/lib/modules/{}/updates/crash.ko"


def sles11_sp4_xen(root: Path) -> Tree:
    """SLES 11 SP4 with xend: GRUB legacy, Dom0's kernel a module of Xen, no os-release."""
    site, disk = Site(root), "/dev/disk/by-id/scsi-3600508b1001c2b5a-part"
    args = f"root={disk}2 resume={disk}1 splash=silent showopts vga=0x314"
    machine = Machine(SLES11, "xenhost11", args, cpus=16, memory_kib=4194304, modules=("netbk", "blkbk", "ext3"))
    plant_machine(site, machine)
    plant_xen(site, XEN_44, kernel_has="3.0")
    site.put("/etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n")
    site.put("/etc/HOSTNAME", "xenhost11\n")
    _flavour(site, machine, SLES11, f"vmlinux-{SLES11.release}")
    debuginfo = site.put(
        f"/usr/lib/debug/boot/vmlinux-{SLES11.release}.debug", k.split_debug(SLES11), "kernel-debuginfo"
    )
    image = _xen(site, XEN_44)
    site.link("/boot/xen.gz", Path(image).name)
    site.put("/boot/grub/menu.lst", _MENU_LST.format(args=args, disk=disk))
    site.put("/boot/grub/device.map", "(hd0)\t/dev/disk/by-id/scsi-3600508b1001c2b5a\n")
    _xend(site)
    module = _crash_module(site, SLES11)
    return site.tree(
        SLES11,
        XEN_44,
        **machine.truth,
        os_id="sles",
        os_version="11.4",
        namelist=f"/boot/vmlinux-{SLES11.release}.gz",
        debuginfo=debuginfo,
        xen_image=image,
        xen_syms="/boot/xen-syms-4.4.2_08-1",
        xen_syms_have_dwarf=True,
        toolstack="xm",
        boot_loader="grub-legacy",
        boot_config="/boot/grub/menu.lst",
        edit_path="/boot/grub/menu.lst",
        booted=("Xen -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63",),
        crash_module=module,
    )


def sles12_sp1_xen(
    root: Path,
    *,
    crash_module_loaded: bool = False,
    gzip_name: str | None = f"vmlinux-{SLES12.release}",
    with_debuginfo: bool = True,
) -> Tree:
    """SLES 12 SP1 with xl: two flavours, four Xen files, a memory driver that is not loaded by default.

    ``gzip_name`` is what the gzip header of the running kernel's vmlinux names, None for nothing.
    """
    site = Site(root)
    grub = Grub2(
        "SLES 12-SP1",
        initrd="initrd-{}",
        root_args=f"root=UUID={_ROOT} ",
        kernel_args=f"resume=/dev/disk/by-uuid/{_SWAP} splash=silent quiet showopts crashkernel=256M",
        xen_args="dom0_mem=131072M dom0_max_vcpus=128 vga=gfx-1024x768x16",
    )
    loaded = ("crash",) if crash_module_loaded else ()
    machine = Machine(
        SLES12, "dl980-5", grub.dom0_cmdline, 128, 131985432, modules=(*loaded, "netbk", "blkbk", "btrfs", "xor")
    )
    plant_machine(site, machine)
    plant_xen(site, XEN_45, kernel_has="3.12")
    site.put("/etc/SuSE-release", "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 1\n")
    plant_os_release(site, _os_release("SLES", "12-SP1", "12.1", "SUSE Linux Enterprise Server 12 SP1"))
    _flavour(site, machine, SLES12, gzip_name)
    _flavour(site, machine, SLES12_DEFAULT, f"vmlinux-{SLES12_DEFAULT.release}")
    debuginfo = f"/usr/lib/debug/boot/vmlinux-{SLES12.release}.debug"
    if with_debuginfo:
        site.put(debuginfo, k.split_debug(SLES12), "kernel-debuginfo")
        site.link(f"/usr/lib/debug/.build-id/{_split_id(SLES12)}.debug", f"../../boot/vmlinux-{SLES12.release}.debug")
    image = _xen(site, XEN_45)
    _xen(site, XEN_45_DEBUG)
    site.link("/boot/xen.gz", Path(image).name)
    site.link("/boot/xen-4.5.gz", Path(image).name)
    xens = [(name, name[4:-3]) for name in (Path(image).name, "xen-dbg-4.5.1_10-1.gz")]
    # The -default flavour is built without Xen, the -xen flavour boots on nothing else.
    config = grub.config([SLES12.release], xens, plain=[SLES12_DEFAULT.release])
    site.put("/boot/grub2/grub.cfg", config)
    site.put("/boot/grub2/grubenv", grubenv(saved_entry="SLES 12-SP1, with Xen hypervisor"))
    site.put(
        "/etc/default/grub",
        default_grub(
            GRUB_DISTRIBUTOR="SLES 12-SP1",
            GRUB_CMDLINE_LINUX_DEFAULT=grub.kernel_args,
            GRUB_CMDLINE_LINUX="",
            GRUB_CMDLINE_XEN_DEFAULT=grub.xen_args,
            GRUB_CMDLINE_XEN="",
            GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT=grub.kernel_args,
        ),
    )
    _xl(site)
    module = _crash_module(site, SLES12)
    if crash_module_loaded:
        plant_crash_device(site)
        site.put("/sys/module/crash/initstate", "live\n")
    return site.tree(
        SLES12,
        XEN_45,
        **machine.truth,
        os_id="sles",
        os_version="12.1",
        namelist=f"/boot/vmlinux-{SLES12.release}.gz",
        debuginfo=debuginfo if with_debuginfo else None,
        needs_f=not (gzip_name or "").startswith("vmlinux"),
        xen_image=image,
        xen_syms="/boot/xen-syms-4.5.1_10-1",
        xen_syms_have_dwarf=True,
        toolstack="xl",
        boot_loader="grub2",
        boot_config="/boot/grub2/grub.cfg",
        edit_path="/etc/default/grub",
        apply_command="grub2-mkconfig -o /boot/grub2/grub.cfg",
        booted=_titles("SLES 12-SP1", [name for _, name in xens], SLES12.release),
        crash_module=module,
        crash_module_loaded=crash_module_loaded,
    )


def sles15(root: Path, *, compression: str = "gz") -> Tree:
    """SLES 15 SP5 without Xen; its vmlinux packed as "gz", "xz" or "zst", the last of which crash does not read."""
    site = Site(root)
    grub = Grub2("SLES 15-SP5", initrd="initrd-{}", root_args=f"root=UUID={_ROOT} ", kernel_args="splash=silent quiet")
    machine = Machine(SLES15, "sles15", grub.plain_cmdline(SLES15.release), lockdown="none")
    plant_machine(site, machine)
    plant_os_release(site, _os_release("SLES", "15-SP5", "15.5", "SUSE Linux Enterprise Server 15 SP5"))
    _flavour(site, machine, SLES15, f"vmlinux-{SLES15.release}", compression)
    debuginfo = site.put(
        f"/usr/lib/debug/boot/vmlinux-{SLES15.release}.debug", k.split_debug(SLES15), "kernel-debuginfo"
    )
    site.put("/boot/grub2/grub.cfg", grub.config([SLES15.release]))
    site.put("/boot/grub2/grubenv", grubenv(saved_entry=""))
    site.put("/etc/default/grub", default_grub(GRUB_CMDLINE_LINUX_DEFAULT=grub.kernel_args))
    return site.tree(
        SLES15,
        **machine.truth,
        os_id="sles",
        os_version="15.5",
        namelist=f"/boot/vmlinux-{SLES15.release}.{compression}",
        debuginfo=debuginfo,
        crash_accepts=compression != "zst",
        boot_loader="grub2",
        boot_config="/boot/grub2/grub.cfg",
        booted=("SLES 15-SP5", f"SLES 15-SP5, with Linux {SLES15.release}"),
        crash_module=_crash_module(site, SLES15),
    )


_ROOT, _SWAP = "35f6e6a2-1b5e-4a87-b9a2-6c9f3cf6d1a4", "9f0c2a64-5a4f-4a9f-8a1e-1f3bb3b1d0c7"


def _flavour(site: Site, machine: Machine, kernel: Kernel, gzip_name: str | None, compression: str = "gz") -> None:
    """Everything that a kernel package puts into /boot."""
    release, unpacked = kernel.release, k.split_vmlinux(kernel)
    packed = {"gz": lambda: gz(unpacked, gzip_name), "xz": lambda: xz(unpacked), "zst": lambda: zst(unpacked)}
    site.put(f"/boot/vmlinuz-{release}", k.bzimage(kernel), "kernel-boot")
    site.put(f"/boot/vmlinux-{release}.{compression}", packed[compression](), "kernel-elf")
    site.put(f"/boot/System.map-{release}", system_map(), "system-map")
    site.put(f"/boot/symvers-{release}.gz", gz(symvers()), "symvers")
    site.put(f"/boot/symtypes-{release}.gz", gz(symtypes()), "symtypes")
    site.put(f"/boot/initrd-{release}", initrd("xz", microcode=True), "initrd")
    plant_config(site, machine, kernel=kernel)


def _xen(site: Site, xen: Hypervisor) -> str:
    """The bootable image and its symbols, both in /boot; the image's path."""
    tag, twin = ("dbg-", "-debug") if xen.debug else ("", "")
    site.put(f"/boot/xen-syms-{tag}{xen.version}", xen_syms(xen), f"xen-syms{twin}")
    return site.put(f"/boot/xen-{tag}{xen.version}.gz", gz(xen_elf32(xen)), f"xen-boot{twin}")


def _crash_module(site: Site, kernel: Kernel) -> str:
    path = site.put(_FORWARD_PORTED_CRASH.format(kernel.release), k.module(kernel, "crash"))
    site.put(f"/lib/modules/{kernel.release}/kernel/fs/ext4/ext4.ko", k.module(kernel, "ext4"))
    plant_modules(site, kernel, ["kernel/fs/ext4/ext4.ko", "updates/crash.ko"])
    return path


def _xend(site: Site) -> None:
    script = "#!/usr/bin/python\nimport sys\nfrom xen.xm import main\nmain.main(sys.argv)\n"
    site.put("/usr/sbin/xm", script, mode=0o755)
    site.put("/usr/sbin/xend", "#!/usr/bin/python\nfrom xen.xend.server import SrvDaemon\n", mode=0o755)
    site.put("/etc/xen/xend-config.sxp", "(xend-unix-server yes)\n(dom0-min-mem 512)\n(enable-dom0-ballooning no)\n")
    site.put("/etc/xen/xl.conf", "autoballoon=1\n")
    plant_programs(site, "/usr/sbin/xl", "/usr/bin/virsh", "/usr/sbin/libvirtd")
    site.put("/var/run/xend.pid", "4321\n")
    site.put("/proc/4321/comm", "xend\n")
    site.put("/proc/4321/cmdline", "/usr/bin/python\0/usr/sbin/xend\0start\0")


def _xl(site: Site) -> None:
    plant_programs(site, "/usr/sbin/xl", "/usr/bin/virsh", "/usr/sbin/libvirtd", "/usr/bin/virt-install")
    site.put("/etc/xen/xl.conf", "autoballoon=0\n")
    site.put("/proc/1502/comm", "xenstored\n")
    site.put("/proc/1502/cmdline", "/usr/sbin/xenstored\0--pid-file=/var/run/xenstored.pid\0")


def _os_release(name: str, version: str, version_id: str, pretty: str) -> dict[str, str]:
    return {"NAME": name, "VERSION": version, "VERSION_ID": version_id, "PRETTY_NAME": pretty, "ID": name.lower()}


def _split_id(kernel: Kernel) -> str:
    text = kernel.build_id.hex()
    return f"{text[:2]}/{text[2:]}"


def _titles(system: str, xens: list[str], release: str) -> tuple[str, ...]:
    """The entries with these kernel arguments; which hypervisor of a version runs, sysfs does not tell."""
    return (f"{system}, with Xen hypervisor", *(f"{system}, with Xen {xen} and Linux {release}" for xen in xens))


_MENU_LST = """# Modified by YaST2. Last modification on Wed Aug  5 10:12:45 CEST 2015
default 0
timeout 8
gfxmenu (hd0,1)/boot/message
##YaST - activate

###Don't change this comment - YaST2 identifier: Original name: xen###
title Xen -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63
    root (hd0,1)
    kernel /boot/xen.gz dom0_mem=4096M dom0_max_vcpus=4
    module /boot/vmlinuz-3.0.101-63-xen {args}
    module /boot/initrd-3.0.101-63-xen

###Don't change this comment - YaST2 identifier: Original name: linux###
title SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63
    root (hd0,1)
    kernel /boot/vmlinuz-3.0.101-63-default {args}
    initrd /boot/initrd-3.0.101-63-default

###Don't change this comment - YaST2 identifier: Original name: failsafe###
title Failsafe -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63
    root (hd0,1)
    kernel /boot/vmlinuz-3.0.101-63-default root={disk}2 showopts ide=nodma apm=off noresume edd=off vga=normal
    initrd /boot/initrd-3.0.101-63-default
"""
