# SPDX-License-Identifier: Apache-2.0
"""XCP-ng, which has XenServer's layout: XAPI, two builds of Xen, a grub.cfg that no person edits."""

from __future__ import annotations

from pathlib import Path

from tests.trees import kernels as k
from tests.trees.builder import Site, Tree
from tests.trees.hypervisors import Hypervisor, xen_elf32, xen_syms
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
from tests.trees.packing import gz, initrd, system_map

KERNEL = Kernel(
    "4.19.0+1",
    "#1 SMP Thu Jan 25 10:28:37 CET 2024",
    "mockbuild@build.example.org",
    "gcc version 4.8.5 20150623 (Red Hat 4.8.5-28) (GCC)",
    xen="pvops",
)
XEN = Hypervisor("4.13.5-9.38", "gcc (GCC) 11.2.1 20210728 (Red Hat 11.2.1-1)")
XEN_DEBUG = Hypervisor(XEN.version, XEN.compiler, debug=True)
_XEN_ARGS = (
    "dom0_mem=4288M,max:4288M watchdog ucode=scan dom0_max_vcpus=1-16 crashkernel=256M,below=4G "
    "console=vga vga=mode-0x0311"
)
_ARGS = "root=LABEL=root-vgdorj ro nolvm hpet=disable console=hvc0 console=tty0 quiet vga=785 splash"


def xcpng8(root: Path) -> Tree:
    """XCP-ng 8.2: kernel and hypervisor named by links, multiboot lines without a placeholder."""
    site = Site(root)
    machine = Machine(KERNEL, "xcp-ng-1", _ARGS, 16, 4288000, modules=("tun", "openvswitch", "dm_multipath"))
    plant_machine(site, machine)
    plant_xen(site, XEN)
    plant_os_release(
        site,
        {"NAME": "XCP-ng", "VERSION": "8.2.1", "ID": "xenenterprise", "ID_LIKE": "centos rhel fedora"}
        | {"VERSION_ID": "8.2.1", "PRETTY_NAME": "XCP-ng 8.2.1"},
    )
    site.put("/etc/xensource-inventory", "PRODUCT_BRAND='XCP-ng'\nPRODUCT_VERSION='8.2.1'\nXEN_VERSION='4.13.5'\n")
    site.put(f"/boot/vmlinuz-{KERNEL.release}", k.bzimage(KERNEL, efi_stub=False), "kernel-boot")
    site.put(f"/boot/System.map-{KERNEL.release}", system_map(), "system-map")
    site.put(f"/boot/initrd-{KERNEL.release}.img", initrd("gz"), "initrd")
    site.link("/boot/vmlinuz-4.19-xen", f"vmlinuz-{KERNEL.release}")
    site.link("/boot/initrd-4.19-xen.img", f"initrd-{KERNEL.release}.img")
    plant_config(site, machine)
    plant_modules(site, KERNEL, ["kernel/net/openvswitch/openvswitch.ko"])
    namelist = site.put(f"/usr/lib/debug/lib/modules/{KERNEL.release}/vmlinux", k.vmlinux(KERNEL), "kernel-debuginfo")
    for xen, suffix in ((XEN, ""), (XEN_DEBUG, "-d")):
        role = "-debug" if xen.debug else ""
        site.put(f"/boot/xen-{xen.version}{suffix}.gz", gz(xen_elf32(xen)), f"xen-boot{role}")
        site.put(f"/boot/xen-syms-{xen.version}{suffix}", xen_syms(xen), f"xen-syms{role}")
        site.put(f"/boot/xen-{xen.version}{suffix}.map", system_map(0xFFFF82D080200000), "other")
    site.link("/boot/xen.gz", f"xen-{XEN.version}.gz")
    site.link("/boot/xen-debug.gz", f"xen-{XEN.version}-d.gz")
    site.put("/boot/grub/grub.cfg", _GRUB_CFG)
    plant_programs(site, "/usr/bin/xe", "/usr/sbin/xl", "/opt/xensource/bin/xapi")
    site.put("/opt/xensource/libexec/xen-cmdline", "#!/usr/bin/env python\nimport sys\n", mode=0o755)
    return site.tree(
        KERNEL,
        XEN,
        **machine.truth,
        os_id="xenenterprise",
        os_version="8.2.1",
        namelist=namelist,
        xen_build_id_in_sysfs=True,
        xen_image=f"/boot/xen-{XEN.version}.gz",
        xen_syms=f"/boot/xen-syms-{XEN.version}",
        xen_syms_have_dwarf=True,
        guest_type="PV",
        needs_lens=True,
        toolstack="xe",
        boot_loader="grub2",
        boot_config="/boot/grub/grub.cfg",
        apply_command="/opt/xensource/libexec/xen-cmdline --set-xen KEY=VALUE",
        booted=("XCP-ng",),
    )


_GRUB_CFG = f"""serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set default=0
set timeout=5
menuentry 'XCP-ng' {{
\tsearch --label --set root root-vgdorj
\tmultiboot2 /boot/xen.gz {_XEN_ARGS}
\tmodule2 /boot/vmlinuz-4.19-xen {_ARGS}
\tmodule2 /boot/initrd-4.19-xen.img
}}
menuentry 'XCP-ng (Serial)' {{
\tsearch --label --set root root-vgdorj
\tmultiboot2 /boot/xen.gz com1=115200,8n1 console=com1,vga {_XEN_ARGS}
\tmodule2 /boot/vmlinuz-4.19-xen root=LABEL=root-vgdorj ro nolvm hpet=disable console=tty0 console=hvc0
\tmodule2 /boot/initrd-4.19-xen.img
}}
menuentry 'XCP-ng in Safe Mode' {{
\tsearch --label --set root root-vgdorj
\tmultiboot2 /boot/xen.gz nosmp noreboot noirqbalance no-mce no-bootscrub no-numa console=vga
\tmodule2 /boot/vmlinuz-4.19-xen earlyprintk=xen root=LABEL=root-vgdorj ro nolvm hpet=disable console=tty0
\tmodule2 /boot/initrd-4.19-xen.img
}}
"""
