# SPDX-License-Identifier: Apache-2.0
"""Dumps of a machine that crashed under Xen: what crash says of them agrees with what the machine said before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import xcrash
from tests.lab.paths import Lab
from tests.lab.xen_dump.dumps import XenDump, find_xen_dumps

pytestmark = pytest.mark.real

VERSIONS = ("8.0.6", "9.0")
IDLE, IO, XEN = 32767, 32753, 32754
"""Xen's own domains (xen/include/public/xen.h: DOMID_IDLE, DOMID_IO, DOMID_XEN)."""


@pytest.fixture(scope="session")
def dumps(lab: Lab) -> dict[str, XenDump]:
    """The dumps by their names; these tests fail without them rather than pass by being skipped."""
    found = find_xen_dumps(lab)
    assert found is not None, "the dumps are not there: make lab-xen-dump"
    return {dump.name: dump for dump in found}


def run(lab: Lab, version: str, *words: str | Path) -> dict[str, Any]:
    done = xcrash("run", *words, "--crash", lab.crash_version(version).path, "--json")
    assert done.status == 0, done.err
    return done.document


def commands(*names: str) -> list[str]:
    return [word for name in names for word in ("-c", name)]


def parsed(document: dict[str, Any]) -> dict[str, Any]:
    found = {one["command"]: one["parsed"] for one in document["commands"]}
    assert [name for name, value in found.items() if value is None or value["unread"]] == []
    return found


def listed(dump: XenDump) -> dict[int, tuple[int, int]]:
    """Of `xl list`: MiB and vcpus of each domain."""
    rows = [line.split() for line in dump.before["xl list"].splitlines()[1:]]
    return {int(row[1]): (int(row[2]), int(row[3])) for row in rows}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["dom0-panic", "xen-crash"])
def test_the_hypervisor_knows_the_domains_that_xl_listed(
    lab: Lab, dumps: dict[str, XenDump], workdir: Path, name: str, version: str
) -> None:
    dump = dumps[name]
    asked = commands("doms", "vcpus", "pcpus", "sched", "vcpu", "domain", "sys")
    document = run(lab, version, dump.path, "--xen-syms", dump.xen_syms, *asked)
    said = parsed(document)
    before = listed(dump)
    domains = {one["domain_id"]: one for one in said["doms"]["domains"]}
    assert set(domains) == {*before, IDLE, IO, XEN}
    for number, (megabytes, vcpus) in before.items():
        assert domains[number]["vcpus"] == vcpus
        # A PVH guest has a few pages more.
        assert domains[number]["tot_pages"] >> 8 == megabytes
        assert domains[number]["t"] == ("U" if number else "0")
    running = [(one["domain_id"], one["pcpu_id"]) for one in said["vcpus"]["vcpus"] if one["active"]]
    assert sorted(pcpu for _, pcpu in running) == [0, 1]
    assert len(said["pcpus"]["pcpus"]) == 2
    assert document["banner"]["fields"]["DOMAINS"] == str(len(domains))
    info = dict(re.findall(r"^(\w+) *: (.*)$", dump.before["xl info"], re.MULTILINE))
    assert document["target"]["vmlinux"]["build_id"] == info["build_id"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_dom0_knows_the_tasks_that_ps_listed(
    lab: Lab, dumps: dict[str, XenDump], workdir: Path, version: str
) -> None:
    dump = dumps["dom0-panic"]
    document = run(lab, version, dump.path, "--vmlinux", dump.vmlinux, *commands("sys", "ps", "bt"))
    said = parsed(document)
    banner = document["banner"]
    assert banner["panic"] == "Kernel panic - not syncing: sysrq triggered crash"
    assert banner["release"] == dump.before["release"].strip()
    assert len(said["ps"]["tasks"]) == banner["tasks"]
    # The shell that crashed the machine and the one that slept before it came, ps and sshd's session went.
    assert abs(banner["tasks"] - int(dump.before["tasks"])) <= 8
    names = {line.split(maxsplit=3)[3][:15] for line in dump.before["ps"].splitlines()[1:]}
    kept = {"oxenstored", "xenconsoled", "xenwatch", "xenbus", "sshd", "init"}
    assert kept <= names
    assert kept <= {one["comm"] for one in said["ps"]["tasks"]}
    assert "sysrq_handle_crash" in next(one["text"] for one in document["commands"] if one["command"] == "bt")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_guest_opens_with_the_kernel_it_ran(
    lab: Lab, dumps: dict[str, XenDump], workdir: Path, version: str
) -> None:
    dump = dumps["dom0-panic"]
    document = run(lab, version, dump.cores["domu"], "--vmlinux", dump.vmlinux, *commands("ps"))
    assert document["banner"]["cpus"] == listed(dump)[1][1]
    assert len(parsed(document)["ps"]["tasks"]) == document["banner"]["tasks"]


def test_the_dump_says_what_it_is_before_crash_has_seen_it(dumps: dict[str, XenDump]) -> None:
    for dump in dumps.values():
        identity = xcrash("plan", dump.path, "--json").document["target"]["dump"]
        assert identity["release"] == dump.release
        assert identity["xen"]["version"] == "4.17.5"
        assert identity["xen"]["views"] == ["dom0", "hypervisor"]
        assert identity["missing_bytes"] == 0
