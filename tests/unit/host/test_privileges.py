# SPDX-License-Identifier: Apache-2.0
"""Who runs xcrash: capabilities, and hints at a container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import tree
from xcrash.host.privileges import container_of, effective_capabilities, read_privileges
from xcrash.host.sysroot import LocalRoot

ALL = "Name:\tcat\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n"


def test_root_has_every_capability() -> None:
    assert effective_capabilities(ALL) == (
        "CAP_DAC_READ_SEARCH",
        "CAP_SYS_MODULE",
        "CAP_SYS_RAWIO",
        "CAP_SYS_ADMIN",
        "CAP_SYSLOG",
    )


@pytest.mark.parametrize(
    ("mask", "names"),
    [
        ("0000000000000000", ()),
        ("00000000a80425fb", ()),  # what Docker leaves to root
        ("0000000000020000", ("CAP_SYS_RAWIO",)),
        ("0000000400000000", ("CAP_SYSLOG",)),
        ("junk", ()),
    ],
)
def test_the_effective_mask(mask: str, names: tuple[str, ...]) -> None:
    assert effective_capabilities(f"CapPrm:\t000001ffffffffff\nCapEff:\t{mask}\n") == names


@pytest.mark.parametrize(
    ("path", "content", "container"),
    [
        ("/run/.containerenv", "", "podman"),
        ("/.dockerenv", "", "docker"),
        ("/run/systemd/container", "systemd-nspawn\n", "systemd-nspawn"),
        ("/proc/1/environ", "TERM=linux\0container=lxc\0", "lxc"),
        ("/proc/1/cgroup", "3:cpu:/docker/0123456789ab\n0::/\n", "docker"),
        ("/proc/1/cgroup", "11:memory:/kubepods/besteffort/pod12\n", "kubernetes"),
        ("/proc/1/cgroup", "0::/init.scope\n", None),
        ("/proc/1/environ", "TERM=linux\0mycontainer=1\0", None),
    ],
)
def test_hints_at_a_container(tmp_path: Path, path: str, content: str, container: str | None) -> None:
    assert container_of(tree(tmp_path, {path: content})) == container


def test_a_copy_has_no_privileges(tmp_path: Path) -> None:
    assert read_privileges(tree(tmp_path, {"/proc/self/status": ALL})) is None


def test_the_live_machine_has_a_user() -> None:
    root = LocalRoot("/")
    found = read_privileges(root)
    assert found is not None
    assert found.uid == os.geteuid()
    assert found.container is None or found.container
    assert "/proc/1/environ" not in root.unread


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_status_raises_nothing(text: str) -> None:
    assert effective_capabilities("CapEff:" + text) is not None
