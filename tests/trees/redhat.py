# SPDX-License-Identifier: Apache-2.0
"""Red Hat Enterprise Linux and Fedora: vmlinux with debuginfo under /usr/lib/debug/lib/modules, BLS from 8 on."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.bootfiles import Grub2, bls, default_grub, grubenv
from tests.trees.builder import Site, Tree
from tests.trees.kernels import Kernel
from tests.trees.machine import (
    SEPARATE_BOOT,
    Machine,
    plant_config,
    plant_crash_device,
    plant_machine,
    plant_modules,
    plant_os_release,
)
from tests.trees.packing import gz, initrd, symvers, system_map, xz

RHEL7 = Kernel(
    "3.10.0-1160.el7.x86_64",
    "#1 SMP Tue Aug 18 14:50:17 EDT 2020",
    "mockbuild@x86-vm-26.build.eng.bos.redhat.com",
    "gcc version 4.8.5 20150623 (Red Hat 4.8.5-44) (GCC) ",
)
RHEL8 = Kernel(
    "4.18.0-513.5.1.el8_9.x86_64",
    "#1 SMP Fri Sep 29 05:21:10 EDT 2023",
    "mockbuild@x86-64-02.build.eng.rdu2.redhat.com",
    "gcc version 8.5.0 20210514 (Red Hat 8.5.0-20) (GCC)",
    xen="pvops",
    salt=True,
)
RHEL9 = Kernel(
    "5.14.0-362.8.1.el9_3.x86_64",
    "#1 SMP PREEMPT_DYNAMIC Tue Oct 3 11:12:36 EDT 2023",
    "mockbuild@x86-64-04.build.eng.rdu2.redhat.com",
    "gcc (GCC) 11.4.1 20230605 (Red Hat 11.4.1-2), GNU ld version 2.35.2-42.el9",
    xen="pvops",
    salt=True,
)
FEDORA = Kernel(
    "6.11.4-301.fc41.x86_64",
    "#1 SMP PREEMPT_DYNAMIC Sun Oct 20 15:02:33 UTC 2024",
    "mockbuild@34d8b1a7f4a44a9c8f0e",
    "gcc (GCC) 14.2.1 20240912 (Red Hat 14.2.1-3), GNU ld version 2.43.1-2.fc41",
    xen="pvops",
    salt=True,
)
MACHINE_ID = "4f2c6d1e8a3b4c5d9e0f112233445566"


def rhel7(root: Path) -> Tree:
    """RHEL 7: generated grub.cfg, no BLS, crash.ko as it is in the kernel package."""
    site = Site(root)
    grub = Grub2(
        "Red Hat Enterprise Linux Server (3.10.0-1160.el7.x86_64) 7.9 (Maipo)",
        prefix="",
        initrd="initramfs-{}.img",
        root_args="root=/dev/mapper/rhel-root ro",
        kernel_args="crashkernel=auto rd.lvm.lv=rhel/root rd.lvm.lv=rhel/swap rhgb quiet",
    )
    machine = Machine(RHEL7, "rhel7.example.com", grub.plain_cmdline(RHEL7.release), modules=("xfs", "libcrc32c"))
    truth = _common(site, machine, "7.9", "Red Hat Enterprise Linux Server 7.9 (Maipo)")
    site.put("/boot/grub2/grub.cfg", grub.config([RHEL7.release]))
    site.put("/etc/fstab", SEPARATE_BOOT)
    site.put("/boot/grub2/grubenv", grubenv(saved_entry=grub.title))
    site.put("/etc/default/grub", default_grub(GRUB_CMDLINE_LINUX=grub.kernel_args))
    path = site.put(f"{_drivers(RHEL7)}/crash.ko", k.module(RHEL7, "crash"))
    plant_modules(site, RHEL7, ["kernel/drivers/char/crash.ko"])
    return site.tree(
        RHEL7,
        **truth,
        boot_loader="grub2",
        boot_config="/boot/grub2/grub.cfg",
        booted=(grub.title, f"{grub.title}, with Linux {RHEL7.release}"),
        crash_module=path,
    )


def rhel8(root: Path, *, crash_module_loaded: bool = False, lockdown: str = "none") -> Tree:
    """RHEL 8: BLS entries whose options come from grubenv, crash.ko.xz, a separate /boot."""
    site = Site(root)
    options = "root=/dev/mapper/rhel-root ro crashkernel=auto rd.lvm.lv=rhel/root rd.lvm.lv=rhel/swap rhgb quiet"
    machine = Machine(
        RHEL8,
        "rhel8.example.com",
        f"BOOT_IMAGE=(hd0,msdos1)/vmlinuz-{RHEL8.release} {options}",
        lockdown=lockdown,
        modules=(*(("crash",) if crash_module_loaded else ()), "xfs", "libcrc32c"),
    )
    truth = _common(site, machine, "8.9", "Red Hat Enterprise Linux 8.9 (Ootpa)")
    title = f"Red Hat Enterprise Linux ({RHEL8.release}) 8.9 (Ootpa)"
    _bls(site, title, RHEL8, "$kernelopts $tuned_params", arg=" $tuned_initrd")
    site.put("/boot/grub2/grubenv", grubenv(saved_entry=f"{MACHINE_ID}-{RHEL8.release}", kernelopts=options))
    path = site.put(f"{_drivers(RHEL8)}/crash.ko.xz", xz(k.module(RHEL8, "crash")))
    plant_modules(site, RHEL8, ["kernel/drivers/char/crash.ko.xz"])
    if crash_module_loaded:
        plant_crash_device(site)
    return site.tree(
        RHEL8,
        **truth,
        boot_loader="bls",
        boot_config="/boot/loader/entries",
        booted=(title,),
        crash_module=path,
        crash_module_loaded=crash_module_loaded,
    )


def rhel9(root: Path) -> Tree:
    """RHEL 9: BLS entries with their own options, no memory driver any more."""
    site = Site(root)
    options = "root=/dev/mapper/rhel-root ro crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M rhgb quiet"
    machine = Machine(
        RHEL9, "rhel9.example.com", f"BOOT_IMAGE=(hd0,gpt2)/vmlinuz-{RHEL9.release} {options}", lockdown="none"
    )
    truth = _common(site, machine, "9.3", "Red Hat Enterprise Linux 9.3 (Plow)")
    title = f"Red Hat Enterprise Linux ({RHEL9.release}) 9.3 (Plow)"
    _bls(site, title, RHEL9, options)
    site.put("/boot/grub2/grubenv", grubenv(saved_entry=f"{MACHINE_ID}-{RHEL9.release}"))
    plant_modules(site, RHEL9, ["kernel/fs/xfs/xfs.ko.xz"])
    return site.tree(
        RHEL9,
        **truth,
        boot_loader="bls",
        boot_config="/boot/loader/entries",
        booted=(title,),
    )


def fedora(root: Path) -> Tree:
    """Fedora 41 under Secure Boot: /lib is a link into /usr, debuginfo where crash does not look."""
    site = Site(root)
    for name in ("lib", "lib64", "bin", "sbin"):
        site.directory(f"/usr/{name}")
        site.link(f"/{name}", f"usr/{name}")
    options = "root=UUID=2c1f7a52-8d0e-4f57-9f23-6f9f0e4f7c11 ro rootflags=subvol=root rhgb quiet"
    machine = Machine(
        FEDORA, "fedora", f"BOOT_IMAGE=(hd0,gpt2)/vmlinuz-{FEDORA.release} {options}", lockdown="integrity"
    )
    truth = _common(site, machine, "41", "Fedora Linux 41 (Server Edition)", "Fedora Linux", "/usr")
    title = f"Fedora Linux ({FEDORA.release}) 41 (Server Edition)"
    _bls(site, title, FEDORA, options)
    site.put("/boot/grub2/grub.cfg", _BLSCFG)
    site.put("/boot/grub2/grubenv", grubenv(saved_entry=f"{MACHINE_ID}-{FEDORA.release}"))
    plant_modules(site, FEDORA, ["kernel/fs/btrfs/btrfs.ko.xz"], "/usr/lib/modules")
    return site.tree(
        FEDORA,
        **truth,
        boot_loader="bls",
        boot_config="/boot/loader/entries",
        booted=(title,),
    )


def _common(
    site: Site, machine: Machine, version: str, pretty: str, name: str = "Red Hat Enterprise Linux", usr: str = ""
) -> dict[str, object]:
    """All that the releases share; the truth about it."""
    kernel = machine.kernel
    ident = "fedora" if "Fedora" in name else "rhel"
    plant_machine(site, machine)
    fields = {"NAME": name, "VERSION_ID": version, "ID": ident, "PRETTY_NAME": pretty}
    if ident == "rhel":
        plant_os_release(site, fields | {"ID_LIKE": "fedora"})
        site.put("/etc/redhat-release", f"{name} release {version}\n")
    else:
        plant_os_release(site, fields, "/usr/lib/os-release")
        site.link("/etc/os-release", "../usr/lib/os-release")
    site.put(f"/boot/vmlinuz-{kernel.release}", k.bzimage(kernel), "kernel-boot")
    site.put(f"/boot/System.map-{kernel.release}", system_map(), "system-map")
    site.put(f"/boot/symvers-{kernel.release}.gz", gz(symvers()), "symvers")
    site.put(f"/boot/initramfs-{kernel.release}.img", initrd("gz", microcode=True), "initrd")
    plant_config(site, machine)
    debug = f"/usr/lib/debug{usr}/lib/modules/{kernel.release}"
    namelist = site.put(f"{debug}/vmlinux", k.vmlinux(kernel), "kernel-debuginfo")
    for directory, module in (("fs/xfs", "xfs"), ("drivers/md", "dm-mod")):
        site.put(f"{debug}/kernel/{directory}/{module}.ko.debug", k.module_debug(kernel, module), "module-debuginfo")
        site.put(f"{usr}/lib/modules/{kernel.release}/kernel/{directory}/{module}.ko.xz", xz(k.module(kernel, module)))
    ident_path = f"/usr/lib/debug/.build-id/{kernel.build_id.hex()[:2]}/{kernel.build_id.hex()[2:]}.debug"
    site.link(ident_path, f"../..{usr}/lib/modules/{kernel.release}/vmlinux")
    return machine.truth | {"os_id": ident, "os_version": version, "namelist": namelist}


def _drivers(kernel: Kernel) -> str:
    return f"/lib/modules/{kernel.release}/kernel/drivers/char"


def _bls(site: Site, title: str, kernel: Kernel, options: str, arg: str = "") -> None:
    entry = bls(title, kernel.release, options, arg=arg)
    site.put(f"/boot/loader/entries/{MACHINE_ID}-{kernel.release}.conf", entry)
    name = f"0-rescue-{MACHINE_ID}"
    rescue = bls(title.replace(kernel.release, name), name, options)
    site.put(f"/boot/vmlinuz-{name}", k.bzimage(kernel), "kernel-boot")
    site.put(f"/boot/initramfs-{name}.img", initrd("gz", microcode=True), "initrd")
    site.put("/etc/fstab", SEPARATE_BOOT)
    site.put(f"/boot/loader/entries/{MACHINE_ID}-0-rescue.conf", rescue)
    site.put("/etc/default/grub", default_grub(GRUB_CMDLINE_LINUX=options, GRUB_ENABLE_BLSCFG="true"))
    site.put("/etc/machine-id", MACHINE_ID + "\n")


_BLSCFG = """#
# DO NOT EDIT THIS FILE
#
if [ -s $prefix/grubenv ]; then
  load_env
fi
insmod blscfg
blscfg
"""
