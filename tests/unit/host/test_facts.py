# SPDX-License-Identifier: Apache-2.0
"""A whole machine at once."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.unit.host.test_os_release import SLES_12_SP1
from tests.unit.host.test_running_kernel import UNAME
from tests.unit.host.test_xen import CONTROL, SYSFS
from tests.unit.host.written import SUSE_R, report, tree
from xcrash.host.facts import look_at_host
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import HostFacts

DOM0: dict[str, str | bytes] = {
    **SYSFS,
    **CONTROL,
    "/etc/os-release": SLES_12_SP1,
    "/proc/sys/kernel/osrelease": SUSE_R + "\n",
    "/proc/sys/kernel/hostname": "dl980-5\n",
    "/proc/meminfo": "MemTotal:       132014080 kB\n",
    "/sys/devices/system/cpu/online": "0-127\n",
    f"/boot/config-{SUSE_R}": "CONFIG_STRICT_DEVMEM=y\n",
}


def test_a_suse_dom0_as_a_tree(tmp_path: Path) -> None:
    host = look_at_host(tree(tmp_path, DOM0))
    assert (host.root, host.kind, host.nodename) == (str(tmp_path), "tree", "dl980-5")
    assert (host.os.id, host.os.version, host.kernel.release) == ("sles", "12.1", SUSE_R)
    assert (host.cpus, host.memory_bytes) == (128, 132014080 * 1024)
    assert host.kernel.config.strict_devmem is True
    assert host.xen is not None and host.xen.role == "dom0"
    assert host.privileges is None


def test_a_report_is_looked_at_like_a_machine(tmp_path: Path) -> None:
    host = look_at_host(report(tmp_path, {}, {"/uname": UNAME}))
    assert (host.kind, host.nodename, host.kernel.release, host.xen) == ("sosreport", "dl980-5", SUSE_R, None)


def test_the_boot_loader_of_a_guest_starts_a_kernel_and_no_hypervisor(tmp_path: Path) -> None:
    menu = (
        "menuentry 'Linux, with Xen hypervisor' {\n\tmultiboot2 /boot/xen.gz placeholder\n"
        "\tmodule2 /boot/vmlinuz-6.1.0 placeholder root=/dev/xvda1 ro\n}\n"
        "menuentry 'Linux' {\n\tlinux /boot/vmlinuz-6.1.0 root=/dev/xvda1 ro\n}\n"
    )
    files = {**SYSFS, "/sys/hypervisor/start_flags/initdomain": "0\n", "/boot/grub/grub.cfg": menu}
    files["/proc/cmdline"] = "BOOT_IMAGE=/boot/vmlinuz-6.1.0 root=/dev/xvda1 ro\n"
    host = look_at_host(tree(tmp_path, files))
    assert host.xen is not None and host.xen.role == "domU"
    assert [entry.title for entry in host.boot.entries if entry.current] == ["Linux"]


def test_an_empty_directory_is_a_machine_of_which_nothing_is_known(tmp_path: Path) -> None:
    host = look_at_host(tree(tmp_path))
    assert (host.os.id, host.kernel.release, host.nodename, host.cpus, host.xen) == (None, None, None, None, None)


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    root = tree(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("os-release")
    assert look_at_host(root).unread["/etc/os-release"] == "too many symbolic links"


def test_facts_become_json_and_come_back() -> None:
    host = look_at_host(LocalRoot("/"))
    assert msgspec.json.decode(msgspec.json.encode(host), type=HostFacts) == host
