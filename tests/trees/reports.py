# SPDX-License-Identifier: Apache-2.0
"""Reports of support tools, extracted: a sosreport is a root with gaps, a supportconfig a directory of flat texts."""

from __future__ import annotations

from pathlib import Path

from tests.trees.bootfiles import bls, default_grub, grubenv
from tests.trees.builder import Site, Tree
from tests.trees.hypervisors import Hypervisor
from tests.trees.machine import Machine, config, cpuinfo, meminfo
from tests.trees.redhat import MACHINE_ID, RHEL8
from tests.trees.suse import SLES12, XEN_45, sles12_sp1_xen

_DMESG = "[    0.000000] Linux version {} (mockbuild@x86-64-02.build.eng.rdu2.redhat.com) #1 SMP\n[    0.000000] BIOS\n"


def sosreport_rhel8(root: Path) -> Tree:
    """A sosreport of a RHEL 8 host: no images, no /sys/kernel/notes, command output under sos_commands."""
    site, release = Site(root), RHEL8.release
    options = "root=/dev/mapper/rhel-root ro crashkernel=auto rhgb quiet"
    title = f"Red Hat Enterprise Linux ({release}) 8.9 (Ootpa)"
    machine = Machine(RHEL8, "rhel8.example.com", f"BOOT_IMAGE=(hd0,msdos1)/vmlinuz-{release} {options}", 8)
    uname = f"Linux {machine.nodename} {release} {RHEL8.version} x86_64 x86_64 x86_64 GNU/Linux\n"
    files = {
        "/proc/cmdline": machine.cmdline + "\n",
        "/proc/modules": "xfs 1572864 2 - Live 0xffffffffc0a00000\n",
        "/proc/meminfo": meminfo(machine.memory_kib),
        "/proc/cpuinfo": cpuinfo(machine.cpus),
        "/etc/os-release": 'NAME="Red Hat Enterprise Linux"\nVERSION_ID="8.9"\nID="rhel"\nID_LIKE="fedora"\n',
        "/etc/redhat-release": "Red Hat Enterprise Linux release 8.9 (Ootpa)\n",
        "/etc/hostname": machine.nodename + "\n",
        "/etc/machine-id": MACHINE_ID + "\n",
        "/etc/kdump.conf": "path /var/crash\ncore_collector makedumpfile -l --message-level 7 -d 31\n",
        "/etc/default/grub": default_grub(GRUB_CMDLINE_LINUX=options, GRUB_ENABLE_BLSCFG="true"),
        "/boot/grub2/grubenv": grubenv(saved_entry=f"{MACHINE_ID}-{release}", kernelopts=options),
        f"/boot/loader/entries/{MACHINE_ID}-{release}.conf": bls(title, release, "$kernelopts $tuned_params"),
        f"/lib/modules/{release}/modules.dep": "kernel/drivers/char/crash.ko.xz:\nkernel/fs/xfs/xfs.ko.xz:\n",
        "/var/crash/127.0.0.1-2023-11-20-06:55:06/vmcore-dmesg.txt": _DMESG.format(release),
        "/var/crash/127.0.0.1-2023-11-20-06:55:06/kexec-dmesg.log": "kdump: saving vmcore complete\n",
        "/sos_commands/kernel/uname_-a": uname,
        "/sos_commands/kernel/lsmod": "Module                  Size  Used by\nxfs                  1572864  2\n",
        "/sos_commands/kernel/dmesg": _DMESG.format(release),
        "/sos_commands/kernel/sysctl_-a": f"kernel.osrelease = {release}\nkernel.hostname = {machine.nodename}\n",
        "/sos_commands/boot/ls_-lanR_.boot": f"/boot:\n-rwxr-xr-x. 1 0 0 10875712 Sep 29  2023 vmlinuz-{release}\n",
        "/sos_commands/host/hostname": machine.nodename + "\n",
        "/sos_commands/xen/xm_info": "xm: command not found\n",
        "/version.txt": "sos: 4.6.0\n",
        "/sos_logs/sos.log": "2023-11-20 07:00:00,000 INFO: [sos.report] executing 'sos report'\n",
    }
    for path, text in files.items():
        site.put(path, text)
    site.put(f"/boot/config-{release}", config(machine, RHEL8), "config")
    site.link("/uname", "sos_commands/kernel/uname_-a")
    site.link("/lsmod", "sos_commands/kernel/lsmod")
    truth = machine.truth | {"memory_source": None, "build_id": None}
    return site.tree(
        RHEL8,
        **truth,
        os_id="rhel",
        os_version="8.9",
        boot_loader="bls",
        boot_config="/boot/loader/entries",
        booted=(title,),
        crash_module=f"/lib/modules/{release}/kernel/drivers/char/crash.ko.xz",
    )


def supportconfig_sles12(root: Path) -> Tree:
    """A supportconfig of the SLES 12 SP1 Dom0: everything in sections, configuration files without their comments."""
    host = sles12_sp1_xen(root / "host")
    site = Site(root / "scc_dl980-5_151120_0655")
    read = {path: (host.root / path[1:]).read_text() for path in _FILES}
    uname = f"Linux dl980-5 {SLES12.release} {SLES12.version} x86_64 x86_64 x86_64 GNU/Linux"
    boot = "\n".join(sorted(f"-rw-r--r-- 1 root root {at * 4096} Oct 26  2015 {name[6:]}" for at, name in _boot(host)))
    texts = {
        "basic-environment.txt": [
            ("Command", "/bin/date", "Fri Nov 20 06:55:06 CET 2015"),
            ("Command", "/bin/uname -a", uname),
            ("Configuration File", "/etc/SuSE-release", read["/etc/SuSE-release"]),
            ("Configuration File", "/etc/os-release", read["/etc/os-release"]),
        ],
        "boot.txt": [
            ("Command", "/bin/uname -a", uname),
            ("Configuration File", "/boot/grub/menu.lst - File not found", ""),
            ("Configuration File", "/etc/default/grub", _bare(read["/etc/default/grub"])),
            ("Configuration File", "/boot/grub2/grub.cfg", _bare(read["/boot/grub2/grub.cfg"])),
            ("Command", "/usr/sbin/efibootmgr -v", "ERROR: Command not found or not executable"),
            ("Configuration File", "/proc/cmdline", read["/proc/cmdline"]),
            ("Command", "/bin/ls -lR --time-style=long-iso /boot/", f"/boot/:\n{boot}"),
        ],
        "memory.txt": [("Configuration File", "/proc/meminfo", read["/proc/meminfo"])],
        "proc.txt": [
            ("Configuration File", "/proc/cpuinfo", read["/proc/cpuinfo"]),
            ("Configuration File", "/proc/version", read["/proc/version"]),
            ("Configuration File", "/proc/modules", read["/proc/modules"]),
        ],
        "sysfs.txt": [("Configuration File", "/sys/hypervisor/type", "xen")],
        "modules.txt": [("Command", "/sbin/lsmod", "Module                  Size  Used by\nnetbk  65536  1")],
        "env.txt": [("Command", "/sbin/sysctl -a", f"kernel.osrelease = {SLES12.release}\nkernel.hostname = dl980-5")],
        "rpm.txt": [("Command", "rpm -qa --queryformat '%-35{NAME} %{VERSION}-%{RELEASE}\\n'", _RPMS)],
        "crash.txt": [("Configuration File", "/etc/sysconfig/kdump", 'KDUMP_SAVEDIR="/var/crash"')],
        "xen.txt": [
            ("Command", "/usr/sbin/xl info", _xl_info(XEN_45)),
            ("Command", "/usr/sbin/xl list", _XL_LIST),
            ("Configuration File", "/proc/xen/capabilities", "control_d"),
            ("Configuration File", "/etc/xen/xl.conf", "autoballoon=0"),
        ],
    }
    for name, sections in texts.items():
        site.put("/" + name, "".join(_section(*section) for section in sections))
    return site.tree(
        SLES12,
        build_id=None,
        os_id="sles",
        os_version="12.1",
        nodename="dl980-5",
        cpus=128,
        memory_bytes=host.memory_bytes,
        xen_version=XEN_45.version,
        toolstack="xl",
        boot_loader="grub2",
        boot_config=host.boot_config,
        edit_path=host.edit_path,
        apply_command=host.apply_command,
        booted=host.booted,
    )


_FILES = (
    "/etc/SuSE-release",
    "/etc/os-release",
    "/etc/default/grub",
    "/boot/grub2/grub.cfg",
    *(f"/proc/{name}" for name in ("cmdline", "meminfo", "cpuinfo", "version", "modules")),
)
_RPMS = f"""kernel-xen                          3.12.49-6.1
crash                               7.1.3-1.1
crash-kmp-xen                       7.1.3_k3.12.49_6-1.1
xen                                 {XEN_45.version}
libvirt                             1.2.18-8.1
virt-install                        1.2.1-5.1
virt-manager                        1.2.1-5.1
vm-install                          0.8.40-1.3"""
_XL_LIST = """Name                                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                                     0 131072   128     r-----  135602.1
sles12sp1-pv                                 3  4096     4     -b----     612.4"""


def _section(kind: str, title: str, text: str) -> str:
    rule = f"#==[ {kind} ]"
    return f"{rule.ljust(52, '=')}#\n# {title}\n{text.rstrip()}\n\n"


def _bare(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _boot(host: Tree) -> list[tuple[int, str]]:
    return list(enumerate((path for path in host.images if path.startswith("/boot/")), 1))


def _xl_info(xen: Hypervisor) -> str:
    major, minor, extra = xen.parts
    values = {
        "host": "dl980-5",
        "release": SLES12.release,
        "version": SLES12.version,
        "machine": "x86_64",
        "nr_cpus": "128",
        "total_memory": "131057",
        "free_memory": "12",
        "xen_major": major,
        "xen_minor": minor,
        "xen_extra": extra,
        "xen_version": xen.version,
        "xen_caps": xen.capabilities,
        "xen_scheduler": "credit",
        "xen_pagesize": "4096",
        "platform_params": "virt_start=0xffff800000000000",
        "xen_changeset": "",
        "xen_commandline": "dom0_mem=131072M dom0_max_vcpus=128 vga=gfx-1024x768x16",
        "cc_compiler": xen.compiler,
        "xend_config_format": "4",
    }
    return "\n".join(f"{key:23}: {value}" for key, value in values.items())
