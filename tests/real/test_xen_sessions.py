# SPDX-License-Identifier: Apache-2.0
"""Both views of real Xen dumps side by side: each command answered by its crash, one recording, dumpinfo survived."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from tests.contract.command_line import Done, xcrash
from tests.lab.paths import Lab
from tests.real.processes import running_on
from xcrash.cli.document_types import RunDocument
from xcrash.transcript.recording import read_sessions

pytestmark = pytest.mark.real

VERSIONS = ("8.0.6", "9.0")


@pytest.fixture(params=["dom0-panic", "xen-crash"])
def dump(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """A dump with its symbols beside it; these tests fail without it rather than pass by being skipped."""
    name = str(request.param)
    found = lab.root / "xen-dump" / name / f"{name}.vmcore"
    assert found.exists(), "the dumps are not there: make lab-xen-dump"
    return found


def run(lab: Lab, version: str, dump: Path, view: str, *lines: str) -> Done:
    """``xcrash run`` from nothing but the file."""
    asked = [word for line in lines for word in ("-c", line)]
    return xcrash("run", dump, "--view", view, "--crash", lab.crash_version(version).path, *asked, "--json")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_views_answer_and_are_recorded_as_one(lab: Lab, dump: Path, workdir: Path, version: str) -> None:
    lines = ("doms", "ps", "dumpinfo", "dumpinfo", "vcpus", "xen: log", "log")
    done = run(lab, version, dump, "all", *lines)
    assert done.status == 6
    document = msgspec.json.decode(done.out, type=RunDocument)
    assert [(one.view, one.command, one.exit) for one in document.commands] == [
        ("xen", "doms", "ok"),
        ("dom0", "ps", "ok"),
        ("xen", "dumpinfo", "died"),
        ("xen", "dumpinfo", "error"),
        ("xen", "vcpus", "ok"),
        ("xen", "log", "ok"),
        ("dom0", "log", "ok"),
    ]
    doms, ps, died, refused, vcpus, console, log = document.commands
    assert died.error and "(signal 11) and was started again" in died.error.message
    assert refused.error and refused.error.code == "command-deadly"
    before = json.loads((dump.parent / "before.json").read_text())
    guests = [line.split()[1] for line in before["xl list"].splitlines()[2:]]
    assert doms.parsed and {str(one["domain_id"]) for one in doms.parsed["domains"]} >= {"0", *guests}
    assert vcpus.parsed and len(vcpus.parsed["vcpus"]) >= 2
    assert ps.parsed and len(ps.parsed["tasks"]) > 20
    assert "(XEN)" in console.text and "Shot down all CPUs" in console.text
    assert re.search(r"Linux version 6\.1\.0", log.text) and "Shot down all CPUs" not in log.text
    assert document.views is not None and list(document.views) == ["dom0", "xen"]
    dom0, hypervisor = document.views["dom0"], document.views["xen"]
    assert dom0.banner and dom0.banner.fields["RELEASE"] in [
        path.name.removeprefix("vmlinux-") for path in dump.parent.glob("vmlinux-*")
    ]
    assert hypervisor.banner and hypervisor.banner.fields["DOMAINS"] == str(len(doms.parsed["domains"]))
    assert dom0.session and hypervisor.session and dom0.session.recording == hypervisor.session.recording
    first, second = read_sessions(Path(dom0.session.recording or ""))
    assert [one.command for one in first.exchanges] == ["ps", "log", "q"]
    assert [one.command for one in second.exchanges] == ["doms", "dumpinfo", "vcpus", "log", "q"]
    assert Path(first.facts.namelist or "").name.startswith("vmlinux-")
    assert Path(second.facts.namelist or "").name.startswith("xen-syms-")
    again = xcrash("run", first.path, "-c", "doms", "-c", "ps", "--json")
    replayed = msgspec.json.decode(again.out, type=RunDocument)
    assert [one.text for one in replayed.commands] == [doms.text, ps.text]
    assert list(workdir.iterdir()) == []
    assert running_on(str(workdir)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_hypervisors_view_alone_survives_dumpinfo(lab: Lab, dump: Path, workdir: Path, version: str) -> None:
    done = run(lab, version, dump, "xen", "dumpinfo", "pcpus")
    assert done.status == 6
    document = msgspec.json.decode(done.out, type=RunDocument)
    assert [(one.view, one.exit) for one in document.commands] == [("xen", "died"), ("xen", "ok")]
    assert document.error == document.commands[0].error
    pcpus = document.commands[1].parsed
    assert pcpus and len(pcpus["pcpus"]) == 2
    assert list(workdir.iterdir()) == []
