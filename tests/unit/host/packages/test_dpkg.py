# SPDX-License-Identifier: Apache-2.0
"""dpkg's status file."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.host.packages import dpkg, package_versions
from xcrash.host.sysroot import LocalRoot

STATUS = """\
Package: xen-hypervisor-4.17-amd64
Status: install ok installed
Priority: optional
Architecture: amd64
Version: 4.17.3+10-g091466ba55-1~deb12u1
Description: Xen Hypervisor on AMD64
 Version: 9.9 is not a field, it stands in the description
 .
 Package: neither

Package: crash
Status: deinstall ok config-files
Version: 8.0.2-1

Package: makedumpfile
Status: install ok half-configured
Version: 1:1.7.2-1

Package: libvirt-daemon-system
Status: hold ok installed
Version: 9.0.0-4+deb12u2
"""


def machine(directory: Path, status: str | bytes, name: str = "status") -> LocalRoot:
    place = directory / "var/lib/dpkg" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(status.encode() if isinstance(status, str) else status)
    return LocalRoot(directory)


def test_only_installed_packages_have_a_version(tmp_path: Path) -> None:
    names = ["xen-hypervisor-4.17-amd64", "crash", "makedumpfile", "libvirt-daemon-system", "neither"]
    assert package_versions(machine(tmp_path, STATUS), names) == {
        "xen-hypervisor-4.17-amd64": "4.17.3+10-g091466ba55-1~deb12u1",
        "crash": None,
        "makedumpfile": None,
        "libvirt-daemon-system": "9.0.0-4+deb12u2",
        "neither": None,
    }


def test_a_package_that_waits_for_triggers_is_installed(tmp_path: Path) -> None:
    text = "Package: crash\nStatus: install ok triggers-awaited\nVersion: 8.0.2-1\n"
    assert package_versions(machine(tmp_path, text), ["crash"]) == {"crash": "8.0.2-1"}


def test_a_part_of_status_d_has_no_status_line(tmp_path: Path) -> None:
    root = machine(tmp_path, "Package: libelf1\nVersion: 0.188-2.1\n", "status.d/libelf1")
    machine(tmp_path, "deadbeef  usr/lib/x\n", "status.d/libelf1.md5sums")
    assert package_versions(root, ["libelf1"]) == {"libelf1": "0.188-2.1"}


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    text = "Package: crash\nStatus: install ok installed\nConffiles: " + "x" * 300_000 + "\nVersion: 8.0.2-1\n"
    assert package_versions(machine(tmp_path, text), ["crash"]) == {"crash": "8.0.2-1"}


def test_the_rest_of_a_long_line_is_no_field(tmp_path: Path) -> None:
    head = "X: "
    text = "Package: crash\n" + head + "x" * (dpkg._LONGEST_LINE - len(head)) + "Version: 9\nVersion: 8.0.2-1\n"
    assert package_versions(machine(tmp_path, text), ["crash"]) == {"crash": "8.0.2-1"}


def test_a_machine_without_dpkg_has_no_packages(tmp_path: Path) -> None:
    root = LocalRoot(tmp_path)
    assert dpkg.installed(root, lambda name: True) == {}
    assert root.unread == {}


@given(
    st.lists(st.sampled_from([b"Package: a\n", b"Version: 1\n", b"Status:", b"\n", b"\xff\n", b" x\n"]) | st.binary())
)
@settings(max_examples=60)
def test_any_lines_give_names_with_versions(lines: list[bytes]) -> None:
    assert all(name and version for name, version in dpkg.status(lines, lambda name: True).items())
