# SPDX-License-Identifier: Apache-2.0
"""The views of real Xen dumps: the hypervisor's symbols are found and proven to be its own, and crash opens them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import xcrash
from tests.lab.paths import Lab

pytestmark = pytest.mark.real

QUIET = {"XCRASH_DEBUG_DIRS": "", "DEBUGINFOD_URLS": ""}
VERSIONS = ("8.0.6", "9.0")


def made(lab: Lab, name: str) -> Path:
    found = lab.root / "xen-dump" / name / f"{name}.vmcore"
    assert found.exists(), "the dumps are not there: make lab-xen-dump"
    return found


@pytest.fixture(scope="session", params=["dom0-panic", "xen-crash"])
def dump(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """A dump with its namelists beside it; these tests fail without it rather than pass by being skipped."""
    return made(lab, str(request.param))


@pytest.fixture
def alone(dump: Path, tmp_path: Path) -> Path:
    """The same dump without anything beside it."""
    link = tmp_path / "alone" / "vmcore"
    link.parent.mkdir()
    link.symlink_to(dump)
    return link


def syms(dump: Path) -> Path:
    return next(path for path in sorted(dump.parent.glob("xen-syms-*")) if "." in path.name)


def xen_view(*args: str | Path) -> dict[str, Any]:
    document = xcrash("plan", *args, "--json", env=QUIET).document
    found = next(one for one in document["views"] if one["view"] == "xen")
    assert isinstance(found, dict)
    return found


def test_both_views_are_planned_from_nothing_but_the_file(dump: Path) -> None:
    document = xcrash("plan", dump, "--json", env=QUIET).document
    assert (document["view"], document["mode"]) == ("dom0", "dump")
    assert document["argv"][-2].startswith(str(dump.parent / "vmlinux-"))
    assert document["match"]["verdict"] == "same-build"
    assert document["target"]["dump"]["identified_by"] == [
        "release: 'Linux version' found in the Dom0's memory",
        "build-id: the kernel's note in the Dom0's memory",
    ]
    xen = xen_view(dump)
    before = json.loads((dump.parent / "before.json").read_text())
    told = dict(re.findall(r"^(\w+) *: (.*)$", before["xl info"], re.MULTILINE))
    assert xen["match"]["verdict"] == "same-build"
    build_id = told["build_id"]
    assert xen["match"]["evidence"][0] == f"build-id: {build_id} in the file, {build_id} in the dump's memory"
    assert re.fullmatch(r"addresses: all \d+ that VMCOREINFO_XEN tells are equal", xen["match"]["evidence"][1])


def test_the_symbols_are_found_in_a_debug_directory_and_by_build_id(dump: Path, alone: Path, tmp_path: Path) -> None:
    assert xen_view(alone)["refusal"]["code"] == "xen-syms-required"
    found = syms(dump)
    identity = str(xen_view(dump)["namelist"]["build_id"])
    place = tmp_path / "debug" / ".build-id" / identity[:2] / f"{identity[2:]}.debug"
    place.parent.mkdir(parents=True)
    place.symlink_to(found.resolve())
    xen = xen_view(alone, "--debug-dir", tmp_path / "debug")
    assert xen["match"]["verdict"] == "same-build" and "--hyper" in xen["argv"]
    document = xcrash("plan", alone, "--debug-dir", tmp_path / "debug", "--json", env=QUIET).document
    assert document["view"] == "xen" and "the Dom0's cannot be opened" in document["warnings"][0]


@pytest.mark.parametrize("version", VERSIONS)
def test_symbols_without_debug_information_open_with_it_from_another_file(
    lab: Lab, dump: Path, alone: Path, workdir: Path, version: str
) -> None:
    objcopy = shutil.which("objcopy")
    assert objcopy is not None, "objcopy is not there: the lab built Xen with it"
    stripped, debug = alone.parent / "xen-syms-4.17.5", alone.parent / "xen-syms-4.17.5.debug"
    subprocess.run([objcopy, "--strip-debug", syms(dump), stripped], check=True)
    assert xen_view(alone)["refusal"]["code"] == "xen-syms-no-dwarf"
    subprocess.run([objcopy, "--only-keep-debug", syms(dump), debug], check=True)
    assert xen_view(alone)["argv"][-3:] == [str(stripped), str(debug), str(alone)]
    program = lab.crash_version(version).path
    done = xcrash("run", alone, "--view", "xen", "--crash", program, "-c", "sys", "--json", env=QUIET)
    assert done.status == 0, done.err
    assert done.document["banner"]["domains"] >= 4


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kernel_is_opened_by_the_p2m_frame_that_the_hypervisor_tells(lab: Lab, workdir: Path, version: str) -> None:
    dump = made(lab, "dom0-panic")
    program = lab.crash_version(version).path
    asked = xcrash("run", dump, "--view", "xen", "--crash", program, "-c", "doms", "--json", env=QUIET)
    rows = asked.document["commands"][0]["parsed"]["domains"]
    mfn = next(row["p2m_mfn"] for row in rows if row["domain_id"] == 0)
    words = ("--view", "dom0", "--p2m-mfn", mfn, "--crash", program, "-c", "sys", "--json")
    done = xcrash("run", dump, *words, env=QUIET)
    assert done.status == 0, done.err
    assert done.document["session"]["argv"][1:3] == ["--p2m_mfn", mfn]
    assert done.document["banner"]["panic"] == "Kernel panic - not syncing: sysrq triggered crash"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_guest_is_shown_from_the_dump_of_its_machine(lab: Lab, workdir: Path, version: str) -> None:
    dump = made(lab, "dom0-panic")
    words = ("--view", "domU", "--crash", lab.crash_version(version).path, "--json")
    refused = xcrash("run", dump, *words, "-c", "log", env=QUIET)
    assert refused.status == 5 and "--minimal reads the log and the memory" in refused.document["error"]["hint"]
    done = xcrash("run", dump, *words, "--rescue", "-c", "log", "-c", "rd linux_banner 2", env=QUIET)
    assert done.status == 0, done.err
    assert "asking the hypervisor's view where the guest's memory is: doms" in done.err
    argv, asked = done.document["session"]["argv"], xcrash("run", dump, "--view", "xen", *words[2:], "-c", "doms")
    mfns = {one["domain_id"]: one["p2m_mfn"] for one in asked.document["commands"][0]["parsed"]["domains"]}
    assert argv[1:3] == ["--p2m_mfn", mfns[1]] and "--minimal" in argv
    log, banner = (command["text"] for command in done.document["commands"])
    core = xcrash("run", dump.parent / "domu.core", *words[2:], "-c", "log", env=QUIET)
    assert log.startswith(core.document["commands"][0]["text"].rstrip())
    assert "Linux version" in log and "Hypervisor detected: Xen PV" in log and "dom0lab" not in log
    assert "Linux version 6." in banner


def test_a_guest_needs_a_name_that_is_there_and_memory_in_the_dump(lab: Lab, workdir: Path) -> None:
    whole, left_out = made(lab, "dom0-panic"), made(lab, "xen-crash")
    words = ("--crash", lab.crash_version("9.0").path, "-c", "log", "--json")
    for dump, domain, code in (
        (whole, 2, "guest-not-pv"),
        (whole, 9, "no-such-guest"),
        (left_out, 1, "guest-left-out"),
    ):
        done = xcrash("run", dump, "--domain", str(domain), *words, env=QUIET)
        assert (done.status, done.document["error"]["code"]) == (4, code), done.err
