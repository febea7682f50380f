# SPDX-License-Identifier: Apache-2.0
"""packages_for: the right package and command on each distribution, with the word "unverified" where it is due."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.images.packages import family_of, packages_for, xen_syms_package, xen_syms_remedy

HEX = "23d6a2555a6e5449f36482380e1a2f4ce6897ed6"


@pytest.mark.parametrize(
    ("os_id", "release", "command"),
    [
        ("debian", "6.1.0-18-amd64", "apt-get install linux-image-6.1.0-18-amd64-dbg"),
        ("ubuntu", "5.15.0-91-generic", "apt-get install linux-image-5.15.0-91-generic-dbgsym"),
        ("sles", "3.12.49-6-xen", "zypper --plus-content debug install kernel-xen-debuginfo"),
        ("opensuse-leap", "6.4.0-150600.21-default", "zypper --plus-content debug install kernel-default-debuginfo"),
        ("opensuse-tumbleweed", "6.9.1", "zypper --plus-content debug install kernel-default-debuginfo"),
        ("rhel", "5.14.0-362.el9.x86_64", "dnf debuginfo-install kernel-5.14.0-362.el9.x86_64"),
        ("rhel", "5.14.0-362.el9.x86_64+rt", "dnf debuginfo-install kernel-rt-5.14.0-362.el9.x86_64"),
        ("centos", "2.6.18-398.el5xen", "dnf debuginfo-install kernel-xen-2.6.18-398.el5"),
        ("ol", "5.15.0-100.el9uek.x86_64", "dnf install kernel-uek-debuginfo-5.15.0-100.el9uek.x86_64"),
        ("ol", "5.14.0-362.el9.x86_64", "dnf install kernel-debuginfo-5.14.0-362.el9.x86_64"),
        ("openEuler", "5.10.0-60.oe2203.x86_64", "dnf install kernel-debuginfo-5.10.0-60.oe2203.x86_64"),
        ("qubes", "6.1.62-1.qubes.fc37.x86_64", "qubes-dom0-update kernel-debuginfo-6.1.62-1.qubes.fc37.x86_64"),
        ("arch", "6.9.1-arch1-1", None),
        ("xcp-ng", "4.19.0+1", None),
    ],
)
def test_the_command_for_a_kernel(os_id: str, release: str, command: str | None) -> None:
    package = packages_for(os_id, release)
    assert package is not None
    assert package.command == command


def test_suse_finds_the_package_of_exactly_this_build_by_its_build_id() -> None:
    package = packages_for("sles", "3.12.49-6-xen", build_id=HEX)
    assert package is not None
    assert package.command == f"zypper --plus-content debug install 'debuginfo(build-id)={HEX}'"
    assert package.names == ("kernel-xen-debuginfo",)
    assert "3.12.49-6 or 3.12.49-6.N" in package.note


@pytest.mark.parametrize(
    ("os_id", "version", "names", "says"),
    [
        ("debian", "4.17.2-pre", ("xen-hypervisor-4.17-amd64-dbg",), "no DWARF"),
        ("ubuntu", "4.17.2-pre", ("xen-hypervisor-4.17-amd64-dbg",), "unverified"),
        ("sles", "4.5.1_10-1", ("xen", "xen-debuginfo"), "with the package xen itself"),
        ("fedora", "4.17.2", ("xen-hypervisor",), "/usr/lib/debug/xen-syms-*"),
        ("xcp-ng", "4.13.5-9.38", ("xen-hypervisor-debuginfo",), "exactly the running"),
        ("arch", "4.17.2", (), "build directory"),
    ],
)
def test_the_package_for_xen(os_id: str, version: str, names: tuple[str, ...], says: str) -> None:
    package = packages_for(os_id, version, "xen")
    assert package is not None
    assert package.names == names
    assert says in package.note


def test_a_derivative_is_known_by_what_it_is_like_and_an_unknown_one_gives_none() -> None:
    assert family_of("elementary", ("ubuntu", "debian")) == "ubuntu"
    assert family_of("openSUSE-microos") == "suse"
    assert family_of("redhat") == "redhat"
    assert family_of("plan9", ()) is None
    assert packages_for(None, "6.1.0") is None
    assert packages_for("plan9", "6.1.0") is None


FAMILIES = ("debian", "ubuntu", "suse", "oracle", "redhat", "openeuler", "arch", "xenserver", "qubes")


@pytest.mark.parametrize("os_id", FAMILIES)
def test_unverified_facts_say_so(os_id: str) -> None:
    for package in (packages_for(os_id, "6.1.0-1"), packages_for(os_id, "4.17.2", "xen")):
        assert package is not None
        assert (package.basis == "unverified") == ("unverified" in package.note)
        assert package.family == os_id


@given(st.sampled_from(FAMILIES), st.one_of(st.none(), st.text(max_size=40)), st.sampled_from(("kernel", "xen")))
@settings(max_examples=150)
def test_any_release_gives_a_command_of_plain_words(os_id: str, release: str | None, what: str) -> None:
    package = packages_for(os_id, release, "xen" if what == "xen" else "kernel", build_id=release)
    assert package is not None
    if package.command is not None:
        assert shlex.join(shlex.split(package.command)) == package.command
        assert package.command.isprintable()


@pytest.mark.parametrize("hostile", ["$(reboot)", "6.1; reboot", "--force", "a b", "\x1b[2J", "'", "../x"])
def test_what_is_no_version_is_replaced_by_a_word(hostile: str) -> None:
    package = packages_for("debian", hostile)
    assert package is not None
    assert package.command == "apt-get install linux-image-RELEASE-dbg"


@pytest.mark.parametrize(
    ("os_id", "begins", "contains"),
    [
        (
            "debian",
            "build Xen with CONFIG_EXPERT=y and CONFIG_DEBUG_INFO=y",
            "xen-hypervisor-4.17-amd64-dbg does not help",
        ),
        ("ubuntu", "build Xen with CONFIG_EXPERT=y", "has no DWARF"),
        ("arch", "build Xen with CONFIG_EXPERT=y", "fits the dump of a machine that ran this build"),
        ("unheard-of", "build Xen with CONFIG_EXPERT=y", "fits the dump of a machine that ran this build"),
        ("sles", "zypper --plus-content debug install xen xen-debuginfo", "/boot/xen-syms-*"),
        ("fedora", "dnf install xen-hypervisor", "/usr/lib/debug/xen-syms-*"),
        ("xcp-ng", "yum install xen-hypervisor-debuginfo", "exactly the running hypervisor's version"),
    ],
)
def test_how_to_get_symbols_of_xen_that_crash_takes(os_id: str, begins: str, contains: str) -> None:
    remedy = xen_syms_remedy(os_id, "4.17.5")
    assert remedy.startswith(begins) and contains in remedy
    package = xen_syms_package(os_id, "4.17.5")
    assert (package is not None) == (not begins.startswith("build"))
