# SPDX-License-Identifier: Apache-2.0
"""The readers of what a machine or a report says of itself, and of its package databases."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from tests.fuzz.given import Machine, Target, encodes, file, machine_of, of_text
from tests.unit.host import test_domains as domains_data
from tests.unit.host import test_xen as xen_data
from tests.unit.host.packages import databases
from tests.unit.host.packages.test_dpkg import STATUS
from tests.unit.host.test_supportconfig import BASIC, BOOT
from tests.unit.images import builders as b
from xcrash.host.crash_module import find_crash_module
from xcrash.host.domains import parse_domain_details, parse_domain_table
from xcrash.host.facts import look_at_host
from xcrash.host.hardware import cpus_in_list, read_hardware
from xcrash.host.kernel_config import IN_KERNEL, read_kernel_config, unpacked
from xcrash.host.live_memory import look_at_kcore, memory_address
from xcrash.host.memory_sources import looked_at
from xcrash.host.os_release import read_os_release
from xcrash.host.packages import dpkg, listing, rpm, rpm_bdb, rpm_ndb
from xcrash.host.packages.rpm_header import DamagedDatabaseError, package, wanted_bytes
from xcrash.host.privileges import effective_capabilities
from xcrash.host.running_kernel import kernel_notes
from xcrash.host.supportconfig import SupportconfigRoot
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import KernelConfig
from xcrash.host.xen import command_line_in_log, parse_info

_HEADERS: Final = [databases.header("xen", "4.17.7", "1", epoch=2), databases.header("crash", "8.0", padding=900)]
_CONFIG: Final = "CONFIG_STRICT_DEVMEM=y\n# CONFIG_PROC_KCORE is not set\nCONFIG_DEVMEM=m\n"
_RELEASES: Final = {
    "/etc/os-release": 'ID="sles"\nVERSION_ID=15.5\nPRETTY_NAME="SUSE \\"x\\""\nID_LIKE=\'suse opensuse\'\n',
    "/etc/xensource-inventory": "PRODUCT_BRAND='XCP-ng'\nPRODUCT_VERSION='8.2.1'\n",
    "/etc/SuSE-release": "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 1\n",
    "/etc/redhat-release": "CentOS release 5.11 (Final)\n",
    "/etc/debian_version": "7.11\n",
}
_MODULES: Final = "kernel/fs/x.ko:\nupdates/crash.ko.xz: kernel/y.ko\n/lib/modules/6.1/extra/crash.ko:\n"
_HARDWARE: Final = {
    "/proc/meminfo": "MemTotal:       16314568 kB\n",
    "/sys/devices/system/cpu/online": "0-3,8\n",
    "/etc/hostname": "# name\nhost1\n",
    "/lib/modules/6.1/modules.dep": _MODULES,
    "/proc/modules": "crash 16384 0 - Live 0x0 (O)\n",
    "/proc/misc": " 57 crash\n",
}
_IOMEM: Final = "00000000-0009ffff : System RAM\n00100000-bfffffff : System RAM\n  01000000-02000000 : Kernel code\n"
_LISTS: Final = (
    "xen-4.5.1_10-1.1.x86_64  Fri Nov 20\nxen  SUSE Linux Enterprise 12  4.5-1\nii  crash:amd64  8.0-1  amd64\n"
)


def os_release(data: bytes) -> None:
    """The distribution, by each of the files that may tell."""
    encodes(read_os_release(Machine(data)))
    for path in _RELEASES:
        encodes(read_os_release(Machine(b"\n@@ " + path.encode() + b"\n" + data)))


def kernel_config(data: bytes) -> None:
    """A kernel's configuration as text, and the bytes as its compressed copy."""
    encodes(unpacked(data))
    for path, content in (("/boot/config-6.1", data), (IN_KERNEL, gzip.compress(data, 1))):
        root = Machine(b"\n@@ " + path.encode() + b"\n" + content + b"\n@@ /sys/kernel/security/lockdown\n" + data)
        encodes(read_kernel_config(root, "6.1"))


def hardware(data: bytes) -> None:
    """Processors, memory, name, and crash's own driver."""
    root = Machine(data)
    encodes((read_hardware(root), find_crash_module(root, "6.1")))


def _numbers(text: str) -> object:
    return cpus_in_list(text), memory_address(text), effective_capabilities(text)


def kcore(data: bytes) -> None:
    """What looks like /proc/kcore, and the notes of the running kernel."""
    looked_at("/proc/kcore", file(data), look_at_kcore, KernelConfig(), None)
    assert len(kernel_notes(data)) <= len(data) // 12


def rpm_header(data: bytes) -> None:
    """A header, whole and cut to what is read of it."""
    for header in (data, data[: wanted_bytes(data[:8])]):
        found = package(header)
        encodes(found)
        assert found is None or (found.name and found.version)


def _database(headers: Callable[[BinaryIO, int], Iterator[bytes]]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with suppress(DamagedDatabaseError):
            for header in headers(io.BytesIO(data), len(data)):
                encodes(package(header))

    return read


def rpm_file(data: bytes) -> None:
    """A database of any format, as a file of a machine."""
    path = file(data, "machine/var/lib/rpm/rpmdb.sqlite")
    encodes(rpm.installed(LocalRoot(path.parents[3]), lambda name: True))


def dpkg_status(data: bytes) -> None:
    """dpkg's status, as lines and as a file of a machine."""
    encodes(dpkg.status(data.splitlines(keepends=True), lambda name: True))
    encodes(dpkg.installed(Machine(b"\n@@ /var/lib/dpkg/status\n" + data), lambda name: True))


def _lists(text: str) -> object:
    found = [list(read(text)) for read in (listing.nvra, listing.columns, listing.dpkg_l)]
    assert all(name and version for pairs in found for name, version in pairs)
    return found


def supportconfig(data: bytes) -> None:
    """The index of a report's file, all that it holds, and the facts of the machine in it."""
    root = SupportconfigRoot(file(data, "report/basic-environment.txt").parent)
    for path in ("/etc/default/grub", "/etc", "/etc/SuSE-release", "/"):
        encodes((root.text(path), root.list(path), root.kind_of(path)))
    encodes((root.command("uname", "-a"), root.command_starting("rpm", "-qa")))
    encodes(look_at_host(root))


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        databases.sqlite(Path(directory, "db"), _HEADERS)
        return Path(directory, "db").read_bytes()


TARGETS: Final = {
    "os-release": Target(
        os_release, [machine_of({path: text}) for path, text in _RELEASES.items()]
        + [text.encode() for text in _RELEASES.values()], [b"ID=", b'"', b"'", b" release ", b"VERSION = "],
    ),
    "kernel-config": Target(
        kernel_config, [_CONFIG.encode(), gzip.compress(_CONFIG.encode()), b"none [integrity]\n"], [b"CONFIG_", b"=y\n"]
    ),
    "hardware": Target(hardware, [machine_of(_HARDWARE)], [b"\n@@ /proc/meminfo\n", b"MemTotal:", b"crash.ko", b"../"]),
    "numbers": of_text(_numbers, ["0-3,8\n", _IOMEM, "CapEff:\t000001ffffffffff\n"], [" : System RAM\n", "ffffffff"]),
    "kcore": Target(kcore, [b.core().build()[:9000], b.core(bits=32).build()[:9000], b.kernel_notes()], [b"\x7fELF"]),
    "xl-info": of_text(
        lambda text: (parse_info(text), command_line_in_log(text)), [xen_data.XL_INFO, xen_data.XL_DMESG],
        ["xen_commandline : ", "(XEN) [", "] Command line: "],
    ),
    "xl-list": of_text(
        parse_domain_table, [domains_data.XL_LIST, domains_data.XM_LIST], ["Name ID Mem VCPUs\n", "r-----", "-b----"]
    ),
    "xl-list-l": of_text(
        parse_domain_details, [domains_data.XL_LIST_L, "libxl: error\n[\n{}]\n"],
        ['{"domid": ', '"config": {', '"c_info": {', '"b_info": {', "[", "1e999", "NaN", "null", '"\\ud800"'],
    ),
    "rpm-header": Target(rpm_header, _HEADERS, [b"\0\0\3\xe8", b"\0\0\3\xe9", b"\0\0\3\xeb"]),
    "rpm-bdb": Target(
        _database(rpm_bdb.headers), [databases.bdb(_HEADERS), databases.bdb(_HEADERS, ">"), databases.bdb(_HEADERS * 9)]
    ),
    "rpm-ndb": Target(_database(rpm_ndb.headers), [databases.ndb(_HEADERS)], [b"Slot", b"BlbS", b"BlbE", b"RpmP"]),
    "rpm-file": Target(
        rpm_file, [_sqlite(), databases.bdb(_HEADERS), databases.ndb(_HEADERS)],
        [b"CREATE TABLE ", b"Packages", b"hnum"]
    ),
    "dpkg-status": Target(dpkg_status, [STATUS.encode()], [b"Package: ", b"\nVersion: ", b"\nStatus: install ok "]),
    "package-lists": of_text(_lists, [_LISTS], ["ii  ", "-1.x86_64", ":"]),
    "supportconfig": Target(
        supportconfig, [BASIC.encode(), BOOT.encode()],
        [b"\n#==[ Command ]===#\n# ", b"\n#==[ Configuration File ]===#\n# /", b" - File not found", b"/bin/cat "],
    ),
}  # fmt: skip
