# SPDX-License-Identifier: Apache-2.0
"""Name, processors and memory of a machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import report, tree
from xcrash.host.hardware import Hardware, cpus_in_list, read_hardware
from xcrash.host.sysroot import LocalRoot

MEMINFO = "MemTotal:       132014080 kB\nMemFree:        1000 kB\n"
X86 = "processor\t: 0\nmodel name\t: Xeon\n\nprocessor\t: 1\nmodel name\t: Xeon\n"
S390 = "vendor_id       : IBM/S390\n# processors    : 2\nprocessor 0: version = FF\nprocessor 1: version = FF\n"


def test_memory_is_in_bytes_and_the_online_list_is_counted(tmp_path: Path) -> None:
    files = {"/proc/meminfo": MEMINFO, "/sys/devices/system/cpu/online": "0-127\n", "/proc/cpuinfo": X86}
    files["/proc/sys/kernel/hostname"] = "dl980-5\n"
    assert read_hardware(tree(tmp_path, files)) == Hardware("dl980-5", 128, 132014080 * 1024)


@pytest.mark.parametrize("text", [X86, S390])
def test_processors_are_counted_where_there_is_no_list(tmp_path: Path, text: str) -> None:
    assert read_hardware(tree(tmp_path, {"/proc/cpuinfo": text})).cpus == 2


@pytest.mark.parametrize(
    ("text", "count"),
    [("0\n", 1), ("0-3,8,10-11", 7), ("", None), ("3-0", None), ("0-99999999", None), ("a-b", None), ("0-1,", None)],
)
def test_lists_of_processors(text: str, count: int | None) -> None:
    assert cpus_in_list(text) == count


@pytest.mark.parametrize(
    ("path", "content", "name"),
    [
        ("/etc/hostname", "# set by hand\nnode1\n", "node1"),
        ("/etc/HOSTNAME", "dl980-5.example.org\n", "dl980-5.example.org"),
        ("/uname", "Linux reported 5.14.0 #1 SMP x86_64 GNU/Linux\n", "reported"),
        ("/etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=old.example.org\n", "old.example.org"),
        ("/etc/hostname", "\n", None),
    ],
)
def test_the_name_of_a_machine(tmp_path: Path, path: str, content: str, name: str | None) -> None:
    assert read_hardware(report(tmp_path, {}, {path: content})).nodename == name


def test_an_empty_root_says_nothing(tmp_path: Path) -> None:
    assert read_hardware(tree(tmp_path)) == Hardware(None, None, None)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_raise_nothing(content: bytes) -> None:
    files = ("/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu/online", "/etc/hostname")
    with tempfile.TemporaryDirectory() as directory:
        assert isinstance(read_hardware(tree(Path(directory), dict.fromkeys(files, content))), Hardware)


def test_the_live_machine_has_processors_and_memory() -> None:
    found = read_hardware(LocalRoot("/"))
    assert (found.cpus or 0) >= 1
    assert (found.memory_bytes or 0) > 1 << 20
