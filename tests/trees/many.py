# SPDX-License-Identifier: Apache-2.0
"""A machine with far too much installed, for measuring how long a look at it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.trees import kernels as k
from tests.trees.bootfiles import Grub2
from tests.trees.builder import Site, Tree
from tests.trees.debian import DEBIAN12, DEBIAN12_OS
from tests.trees.elves import stretched
from tests.trees.hypervisors import Hypervisor, xen_elf32, xen_syms
from tests.trees.machine import Machine, plant_config, plant_machine, plant_modules, plant_os_release
from tests.trees.packing import gz, initrd, system_map

KERNELS, XENS, MODULES = 200, 50, 5000
VMLINUX_BYTES = 600 << 20
RUNNING = 137


def many(root: Path, *, kernels: int = KERNELS, xens: int = XENS, modules: int = MODULES) -> Tree:
    """200 kernels with debuginfo of 600 MB (sparse), 50 builds of Xen with symbols, 5,000 modules with debuginfo."""
    site = Site(root)
    builds = [replace(DEBIAN12, release=f"6.1.0-{number:03}-amd64") for number in range(kernels)]
    running = builds[min(RUNNING, kernels - 1)]
    grub = Grub2("Debian GNU/Linux")
    machine = Machine(running, "crowded", grub.plain_cmdline(running.release), lockdown="none")
    plant_machine(site, machine)
    plant_os_release(site, DEBIAN12_OS)
    _companions(site, builds, machine)
    names = k.vmlinux_section_names()
    for kernel in builds:
        site.put(f"/boot/vmlinuz-{kernel.release}", k.bzimage(kernel), "kernel-boot")
        head, tail = stretched(k.vmlinux(kernel), names, VMLINUX_BYTES)
        site.sparse(f"/usr/lib/debug/boot/vmlinux-{kernel.release}", head, tail, VMLINUX_BYTES, "kernel-debuginfo")
    for number in range(xens):
        xen = Hypervisor(f"4.17.{number}")
        site.put(f"/boot/xen-{xen.version}.gz", gz(xen_elf32(xen)), "xen-boot")
        site.put(f"/usr/lib/debug/xen-syms-{xen.version}", xen_syms(xen), "xen-syms")
    _modules(site, running, modules)
    site.put("/boot/grub/grub.cfg", grub.config([kernel.release for kernel in reversed(builds)]))
    return site.tree(
        running,
        **machine.truth,
        os_id="debian",
        os_version="12",
        namelist=f"/usr/lib/debug/boot/vmlinux-{running.release}",
        boot_loader="grub2",
        boot_config="/boot/grub/grub.cfg",
    )


def _companions(site: Site, builds: list[k.Kernel], machine: Machine) -> None:
    for kernel in builds:
        plant_config(site, machine, kernel=kernel)
        site.put(f"/boot/System.map-{kernel.release}", system_map(), "system-map")
        site.put(f"/boot/initrd.img-{kernel.release}", initrd("zst"), "initrd")


def _modules(site: Site, kernel: k.Kernel, count: int) -> None:
    base = f"/usr/lib/debug/lib/modules/{kernel.release}/kernel/drivers"
    paths = [f"d{number % 40:02}/module_{number:04}.ko" for number in range(count)]
    # Files of their own, of equal contents: links to one file would be looked at once.
    data = k.module_debug(kernel, "module")
    for path in paths:
        site.put(f"{base}/{path}", data, "module-debuginfo")
    plant_modules(site, kernel, [f"kernel/drivers/{path}" for path in paths])
