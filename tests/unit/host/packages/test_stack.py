# SPDX-License-Identifier: Apache-2.0
"""The stack's versions from every kind of root."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.packages import databases
from xcrash.host.open_root import open_root
from xcrash.host.packages import listing, stack, stack_versions

EMPTY: dict[str, str | None] = dict.fromkeys(stack.STACK)

SLES12 = {
    "libvirt": "1.2.5-13.3",
    "virt_install": "1.1.0-5.1",
    "virt_manager": "1.1.0-5.1",
    "vm_install": "0.8.25-1.5",
    "xen": "4.4.1_06-2.2",
    "qemu": "2.0.2-46.1",
    "kexec_tools": "2.0.5-6.1",
    "kdump": "0.8.15-9.2",
}
SLES12_PACKAGES = {
    "libvirt": "1.2.5-13.3",
    "virt-install": "1.1.0-5.1",
    "virt-manager": "1.1.0-5.1",
    "vm-install": "0.8.25-1.5",
    "xen": "4.4.1_06-2.2",
    "xen-tools": "4.4.1_06-2.2",
    "qemu": "2.0.2-46.1",
    "kexec-tools": "2.0.5-6.1",
    "kdump": "0.8.15-9.2",
    "xen-doc-html": "9-9",
}


def put(directory: Path, path: str, text: str) -> None:
    place = directory / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def test_a_mounted_suse_dom0_names_its_stack(tmp_path: Path) -> None:
    parted = [(name, *version.split("-")) for name, version in SLES12_PACKAGES.items()]
    headers = [databases.header(name, version, release) for name, version, release in parted]
    place = tmp_path / "var/lib/rpm/Packages"
    place.parent.mkdir(parents=True)
    place.write_bytes(databases.bdb(headers, page_size=4096))
    assert stack_versions(open_root(tmp_path)) == {**EMPTY, **SLES12}


def test_a_debian_dom0_names_its_stack(tmp_path: Path) -> None:
    versions = {
        "libvirt-daemon": "9.0.0-4",
        "libvirt0": "9.0.0-4",
        "virtinst": "1:4.1.0-2",
        "xen-tools": "4.9.2-1",
        "xen-hypervisor-4.9-amd64": "4.9.1",
        "xen-hypervisor-4.17-amd64": "4.17.3+10-1",
        "xen-utils-4.17": "4.17.3+10-1",
        "kdump-tools": "1:1.8.1",
        "libelf1": "0.188-2.1",
        "crash": "8.0.2-1",
    }
    status = [f"Package: {name}\nStatus: install ok installed\nVersion: {text}\n" for name, text in versions.items()]
    put(tmp_path, "var/lib/dpkg/status", "\n".join(status))
    assert stack_versions(open_root(tmp_path)) == {
        **EMPTY,
        "libvirt": "9.0.0-4",
        "virt_install": "1:4.1.0-2",
        "xen": "4.17.3+10-1",
        "kdump": "1:1.8.1",
        "elfutils": "0.188-2.1",
        "crash": "8.0.2-1",
    }


def test_debians_xen_tools_are_none_of_xens(tmp_path: Path) -> None:
    put(tmp_path, "var/lib/dpkg/status", "Package: xen-tools\nStatus: install ok installed\nVersion: 4.9.2-1\n")
    assert stack_versions(open_root(tmp_path)) == EMPTY


def test_a_supportconfig_names_its_stack(tmp_path: Path) -> None:
    lines = "".join(
        f"{name:35} {'SUSE Linux Enterprise 12':35} {version}\n" for name, version in SLES12_PACKAGES.items()
    )
    text = (
        "#==[ Command ]======================================#\n"
        '# rpm -qa --queryformat "%-35{NAME} %-35{DISTRIBUTION} %{VERSION}-%{RELEASE}\\n" | sort -k 1,2 -t " " -i\n'
        f"{'NAME':35} {'DISTRIBUTION':35} VERSION\n{lines}\n"
        "#==[ Command ]======================================#\n# /bin/rpm -qa --last\nxen-1-1.x86_64   Fri Nov 20\n"
    )
    put(tmp_path, "rpm.txt", text)
    put(tmp_path, "basic-environment.txt", "#==[ Command ]===#\n# /bin/date\nx\n")
    assert stack_versions(open_root(tmp_path)) == {**EMPTY, **SLES12}


@pytest.mark.parametrize("path", ["installed-rpms", "sos_commands/rpm/package-data"])
def test_a_sosreport_names_its_stack(path: str, tmp_path: Path) -> None:
    (tmp_path / "sos_commands").mkdir()
    gap = "\t" if path.endswith("data") else "      "
    text = "".join(f"{n}-{v}.x86_64{gap}Fri Nov 20 06:55:06 2015\n" for n, v in SLES12_PACKAGES.items())
    put(tmp_path, path, text)
    assert stack_versions(open_root(tmp_path)) == {**EMPTY, **SLES12}


def test_a_debian_sosreport_names_its_stack(tmp_path: Path) -> None:
    (tmp_path / "sos_commands").mkdir()
    text = (
        "Desired=Unknown/Install/Remove/Purge/Hold\n||/ Name           Version      Architecture Description\n"
        "+++-==============-============-============-=====\n"
        "ii  crash          8.0.2-1      amd64        kernel debugging utility\n"
        "rc  makedumpfile   1:1.7.2-1    amd64        VMcore extraction tool\n"
        "ii  libelf1:amd64  0.188-2.1    amd64        library\n"
    )
    put(tmp_path, "installed-debs", text)
    assert stack_versions(open_root(tmp_path)) == {**EMPTY, "crash": "8.0.2-1", "elfutils": "0.188-2.1"}


def test_a_row_of_dpkg_without_a_name_is_passed_over() -> None:
    assert list(listing.dpkg_l("ii  :amd64  1.0-1  amd64\nii  crash:amd64  8.0.2-1  amd64\n")) == [("crash", "8.0.2-1")]


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_any_text_as_a_listing_gives_pairs(text: str) -> None:
    for pairs in (listing.nvra(text), listing.columns(text), listing.dpkg_l(text)):
        assert all(name and version for name, version in pairs)
