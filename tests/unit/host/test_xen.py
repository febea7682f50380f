# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's facts from sysfs, procfs and the toolstack's answers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.test_domains import XL_LIST, XL_LIST_L, XM_LIST
from tests.unit.host.written import report, tree
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import XenFacts
from xcrash.host.xen import command_line_in_log, parse_info, read_xen

RAW_ID = bytes(range(0x15, 0x29))
SYSFS: dict[str, str | bytes] = {
    "/sys/hypervisor/type": "xen\n",
    "/sys/hypervisor/version/major": "4\n",
    "/sys/hypervisor/version/minor": "17\n",
    "/sys/hypervisor/version/extra": ".7\n",
    "/sys/hypervisor/guest_type": "PV\n",
    "/sys/hypervisor/properties/buildid": RAW_ID,
    "/sys/hypervisor/properties/capabilities": "xen-3.0-x86_64 hvm-3.0-x86_64 \n",
}
CONTROL = {"/proc/xen/capabilities": "control_d\n"}
XL_INFO = """host                   : dom0
release                : 6.1.0-50-amd64
machine                : x86_64
nr_cpus                : 2
hw_caps                : 178bfbff:f6d82203:2e500800:000000f3
virt_caps              :
total_memory           : 4095
libxl: error: libxl_utils.c:818: something between
xen_major              : 4
xen_minor              : 17
xen_extra              : .7
xen_version            : 4.17.7
xen_caps               : xen-3.0-x86_64 hvm-3.0-x86_32
platform_params        : virt_start=0xffff800000000000
xen_commandline        : placeholder dom0_mem=2G,max:2G console=com1 sync:console
build_id               : 151b373f00112233445566778899aabbccddeeff
xend_config_format     : 4
"""
XL_DMESG = """(XEN) Xen version 4.17.7 (Debian 4.17.7-1) (gcc 12) debug=n
(XEN) [2026-01-01 00:00:00] Bootloader: GRUB 2.06
(XEN) [2026-01-01 00:00:00] Command line: dom0_mem=2G console_timestamps=date
(XEN) Command line: second
"""


def test_a_machine_without_xen_has_no_facts_of_it(tmp_path: Path) -> None:
    assert read_xen(tree(tmp_path, {"/boot/xen.gz": "", "/usr/sbin/xl": "", "/etc/xen/xl.conf": ""})) is None


def test_another_hypervisor_is_not_xen(tmp_path: Path) -> None:
    assert read_xen(tree(tmp_path, {"/sys/hypervisor/type": "s390\n"})) is None


def test_sysfs_of_a_dom0(tmp_path: Path) -> None:
    facts = read_xen(tree(tmp_path, {**SYSFS, **CONTROL}))
    assert facts is not None
    assert (facts.role, facts.guest_type, facts.version) == ("dom0", "PV", "4.17.7")
    assert facts.build_id == RAW_ID.hex()
    assert facts.capabilities == ("xen-3.0-x86_64", "hvm-3.0-x86_64")
    assert (facts.commandline, facts.domains) == (None, None)


def test_initdomain_says_the_role_without_xenfs(tmp_path: Path) -> None:
    facts = read_xen(tree(tmp_path, {**SYSFS, "/sys/hypervisor/start_flags/initdomain": "1\n"}))
    assert facts is not None and facts.role == "dom0"


def test_initdomain_0_is_a_guest(tmp_path: Path) -> None:
    files = {**SYSFS, "/sys/hypervisor/start_flags/initdomain": "0\n", "/sys/hypervisor/guest_type": "HVM\n"}
    facts = read_xen(tree(tmp_path, files))
    assert facts is not None
    assert (facts.role, facts.guest_type, facts.domains) == ("domU", "HVM", None)


def test_xenfs_without_control_d_is_a_guest(tmp_path: Path) -> None:
    facts = read_xen(tree(tmp_path, {**SYSFS, "/proc/xen/capabilities": ""}))
    assert facts is not None and facts.role == "domU"


def test_an_empty_capabilities_file_in_a_report_says_nothing(tmp_path: Path) -> None:
    facts = read_xen(report(tmp_path, {}, {**SYSFS, "/proc/xen/capabilities": ""}))
    assert facts is not None and facts.role is None


def test_old_kernels_leave_role_and_guest_type_unknown(tmp_path: Path) -> None:
    facts = read_xen(tree(tmp_path, {"/sys/hypervisor/type": "xen\n"}))
    assert facts is not None
    assert (facts.role, facts.guest_type, facts.version, facts.build_id) == (None, None, None, None)


@pytest.mark.parametrize("raw", [b"<denied>", RAW_ID[:7], RAW_ID + b"\x01\x02", b"", RAW_ID.hex().encode()])
def test_a_build_id_of_another_length_is_not_believed(tmp_path: Path, raw: bytes) -> None:
    facts = read_xen(tree(tmp_path, {**SYSFS, "/sys/hypervisor/properties/buildid": raw}))
    assert facts is not None and facts.build_id is None


def test_a_denied_version_shrinks_to_what_is_known(tmp_path: Path) -> None:
    files = {
        **SYSFS,
        "/sys/hypervisor/version/extra": "<denied>",
        "/sys/hypervisor/properties/capabilities": "<denied>",
    }
    facts = read_xen(tree(tmp_path, files))
    assert facts is not None
    assert (facts.version, facts.capabilities) == ("4.17", ())


def test_a_version_without_an_extra_part(tmp_path: Path) -> None:
    facts = read_xen(tree(tmp_path, {**SYSFS, "/sys/hypervisor/version/extra": "\n"}))
    assert facts is not None and facts.version == "4.17"


def test_the_answers_of_xl_make_a_report_a_dom0(tmp_path: Path) -> None:
    commands = {"xl info": XL_INFO, "xl list": XL_LIST, "xl list -l": XL_LIST_L, "xl dmesg": XL_DMESG}
    facts = read_xen(report(tmp_path, commands))
    assert facts is not None
    assert (facts.role, facts.version) == ("dom0", "4.17.7")
    assert facts.build_id == "151b373f00112233445566778899aabbccddeeff"
    assert facts.commandline == "placeholder dom0_mem=2G,max:2G console=com1 sync:console"
    assert facts.capabilities == ("xen-3.0-x86_64", "hvm-3.0-x86_32")
    assert [domain.name for domain in facts.domains or ()] == ["Domain-0", "web server 1", "broken"]
    assert (facts.toolstack.kind, facts.toolstack.version) == ("xl", "4.17.7")


def test_the_toolstacks_build_id_wins_over_that_of_sysfs(tmp_path: Path) -> None:
    facts = read_xen(report(tmp_path, {"xl info": XL_INFO}, {**SYSFS, **CONTROL}))
    assert facts is not None and facts.build_id == "151b373f00112233445566778899aabbccddeeff"


def test_a_toolstack_without_a_build_id_leaves_that_of_sysfs(tmp_path: Path) -> None:
    info = XL_INFO.replace("151b373f00112233445566778899aabbccddeeff", "<denied>")
    facts = read_xen(report(tmp_path, {"xl info": info}, {**SYSFS, **CONTROL}))
    assert facts is not None and facts.build_id == RAW_ID.hex()


def test_xm_of_sles_11(tmp_path: Path) -> None:
    info = "xen_major : 4\nxen_minor : 4\nxen_extra : .1_06-0.9.1\nxen_commandline : \nxend_config_format : 4\n"
    facts = read_xen(report(tmp_path, {"xm info": info, "xm list": XM_LIST}, {"/etc/xen/xend-config.sxp": ""}))
    assert facts is not None
    assert (facts.version, facts.commandline) == ("4.4.1_06-0.9.1", "")
    assert (facts.toolstack.kind, facts.toolstack.evidence) == ("xm", "xm info answers")
    assert len(facts.domains or ()) == 3


def test_the_log_gives_the_command_line_where_xl_info_does_not(tmp_path: Path) -> None:
    facts = read_xen(report(tmp_path, {"xl dmesg": XL_DMESG}, {**SYSFS, **CONTROL}))
    assert facts is not None and facts.commandline == "dom0_mem=2G console_timestamps=date"


def test_only_xens_own_line_is_its_command_line() -> None:
    assert command_line_in_log("[    0.0] Command line: root=/dev/sda\n(XEN) d0: Command line: forged\n") is None
    assert command_line_in_log("(XEN) [    0.000001] Command line:\n") == ""
    assert command_line_in_log("(XEN) Command line: a\n") == "a"


def test_info_keeps_colons_empty_values_and_unknown_keys() -> None:
    info = parse_info(XL_INFO + "some_new_key : x\nnot a key : y\n")
    assert info["hw_caps"] == "178bfbff:f6d82203:2e500800:000000f3"
    assert info["virt_caps"] == ""
    assert info["some_new_key"] == "x"
    assert "libxl" not in info and "not a key" not in info


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_answer_of_a_toolstack_raises_nothing(text: str) -> None:
    assert all(isinstance(value, str) for value in parse_info(text).values())
    found = command_line_in_log("(XEN) " + text)
    assert found is None or isinstance(found, str)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_in_sysfs_raise_nothing(content: bytes) -> None:
    files = {**dict.fromkeys(SYSFS, content), "/sys/hypervisor/type": b"xen", "/proc/xen/capabilities": content}
    with tempfile.TemporaryDirectory() as directory:
        assert isinstance(read_xen(tree(Path(directory), files)), XenFacts)


def test_the_live_machine_has_facts_or_none() -> None:
    facts = read_xen(LocalRoot("/"))
    assert facts is None or facts.role in ("dom0", "domU", None)
