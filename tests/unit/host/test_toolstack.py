# SPDX-License-Identifier: Apache-2.0
"""Which toolstack is in charge, and how that was told."""

from __future__ import annotations

from pathlib import Path

from tests.unit.host.written import tree
from xcrash.host.toolstack import read_toolstack
from xcrash.host.values import Toolstack

SLES_11 = {
    "/usr/sbin/xl": "",
    "/usr/sbin/xm": "",
    "/usr/sbin/xend": "",
    "/etc/xen/xend-config.sxp": "(enable-dom0-ballooning no)\n",
    "/etc/xen/xl.conf": "",
}


def test_an_answer_of_xl_is_evidence_and_its_library_the_version(tmp_path: Path) -> None:
    files = {"/usr/lib64/libxenlight.so.4.5.0": "", "/usr/lib64/libxenlight.so.4.5": ""}
    assert read_toolstack(tree(tmp_path, files), "xl", "4.5.1_10-1") == Toolstack(
        kind="xl", version="4.5", evidence="xl info answers"
    )


def test_without_its_library_the_running_xen_stands_for_the_version(tmp_path: Path) -> None:
    assert read_toolstack(tree(tmp_path), "xl", "4.17.7").version == "4.17.7"


def test_the_library_of_xen_4_1_does_not_carry_xens_version(tmp_path: Path) -> None:
    assert read_toolstack(tree(tmp_path, {"/usr/lib/libxenlight.so.1.0.0": ""}), "xl", "4.1.2").version == "4.1.2"


def test_xend_started_at_boot_outranks_an_xl_that_answers(tmp_path: Path) -> None:
    found = read_toolstack(tree(tmp_path, {**SLES_11, "/etc/init.d/rc3.d/S12xend": ""}), "xl", "4.4.4_02-32.1")
    assert found == Toolstack(
        kind="xm", version="4.4.4_02-32.1", evidence="xend is started at boot (/etc/init.d/rc3.d/S12xend)"
    )


def test_a_running_xend_is_told_by_its_process(tmp_path: Path) -> None:
    files = {**SLES_11, "/var/run/xend.pid": "4711\n", "/proc/4711/cmdline": "/usr/bin/python\0/usr/sbin/xend\0start\0"}
    found = read_toolstack(tree(tmp_path, files), "xl", "4.4.4")
    assert (found.kind, found.evidence) == ("xm", "xend runs (pid 4711)")


def test_a_stale_pid_file_of_xend_is_no_running_xend(tmp_path: Path) -> None:
    files = {"/usr/sbin/xl": "", "/var/run/xend.pid": "4711\n", "/proc/4711/cmdline": "/usr/sbin/sshd\0"}
    assert read_toolstack(tree(tmp_path, files), "xl", "4.4.4").kind == "xl"


def test_xen_4_5_has_no_xend_whatever_is_left_of_it(tmp_path: Path) -> None:
    files = {**SLES_11, "/etc/init.d/rc3.d/S12xend": ""}
    assert read_toolstack(tree(tmp_path, files), "xl", "4.5.1_10-1").kind == "xl"


def test_only_xm_is_installed(tmp_path: Path) -> None:
    found = read_toolstack(tree(tmp_path, {"/usr/sbin/xm": ""}), None, "3.1.2-128.1.10.el5")
    assert found == Toolstack(kind="xm", evidence="/usr/sbin/xm is installed")


def test_xend_is_set_up_and_xl_is_not(tmp_path: Path) -> None:
    files = {name: text for name, text in SLES_11.items() if name != "/etc/xen/xl.conf"}
    found = read_toolstack(tree(tmp_path, files), None, "4.1.2")
    assert found == Toolstack(kind="xm", evidence="/usr/sbin/xm is installed, /etc/xen/xend-config.sxp exists")


def test_both_are_installed_and_nothing_more_is_known(tmp_path: Path) -> None:
    found = read_toolstack(tree(tmp_path, SLES_11), None, "4.4.1")
    assert (found.kind, found.evidence) == ("xl", "/usr/sbin/xl is installed; so is /usr/sbin/xm")


def test_the_choice_in_etc_default_xen_is_obeyed(tmp_path: Path) -> None:
    root = tree(tmp_path, {"/usr/sbin/xl": "", "/usr/sbin/xm": "", "/etc/default/xen": 'TOOLSTACK="xm"\n'})
    found = read_toolstack(root, None, "4.1.4")
    assert (found.kind, found.evidence) == ("xm", "TOOLSTACK=xm in /etc/default/xen")


def test_a_choice_that_is_not_installed_is_not_believed(tmp_path: Path) -> None:
    root = tree(tmp_path, {"/usr/sbin/xl": "", "/etc/default/xen": "TOOLSTACK=xm\n"})
    assert read_toolstack(root, None, "4.1.4").kind == "xl"


def test_xenserver_is_managed_by_xapi(tmp_path: Path) -> None:
    files = {"/etc/xensource-inventory": "PRODUCT_BRAND='XenServer'\nPRODUCT_VERSION='6.5.0'\n", "/usr/sbin/xl": ""}
    assert read_toolstack(tree(tmp_path, files), "xl", "4.4.1-xs90192") == Toolstack(
        kind="xe", version="6.5.0", evidence="/etc/xensource-inventory: XenServer 6.5.0"
    )


def test_nothing_is_installed(tmp_path: Path) -> None:
    assert read_toolstack(tree(tmp_path), None, None) == Toolstack(
        kind="none", evidence="none of xl, xm and xe is installed"
    )
