# SPDX-License-Identifier: Apache-2.0
"""The Dom0 of the lab is one, and xcrash inside it names what is there; a domain that crashes is found in Xen's log."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.lab.dom0.image import CRASHES, HOST
from tests.lab.dom0.machine import Running, find_running, refresh
from tests.lab.paths import Lab
from tests.lab.proc import LabError
from tests.real.dying_kernel import dying_kernel

pytestmark = pytest.mark.dom0

ROOT = Path(__file__).parents[2]
XEN = {"trixie": "4.20", "bookworm": "4.17"}
LINUX = {"trixie": "6.12.", "bookworm": "6.1."}


@pytest.fixture(scope="session")
def plan(dom0: Running) -> Any:
    """What xcrash in the Dom0 plans."""
    return json.loads(dom0.run("xcrash plan --json"))


def xl_info(dom0: Running) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in dom0.run("xl info").splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def test_it_is_the_control_domain_of_the_xen_and_the_linux_of_its_suite(dom0: Running) -> None:
    assert dom0.run("cat /proc/xen/capabilities").strip() == "control_d"
    assert dom0.run("cat /sys/hypervisor/guest_type").strip() == "PV"
    assert xl_info(dom0)["xen_version"].startswith(XEN[dom0.suite])
    assert dom0.run("uname -r").strip() == dom0.release
    assert dom0.release.startswith(LINUX[dom0.suite])


def test_a_domain_runs_beside_it(dom0: Running) -> None:
    rows = [line.split() for line in dom0.run("xl list").splitlines()[1:]]
    assert {"Domain-0", "domu"} <= {row[0] for row in rows}
    assert all(set(row[4]) <= set("rb-") for row in rows), "one is paused, shut down or dying"


def test_every_crash_of_the_lab_starts_there(dom0: Running) -> None:
    for version in CRASHES:
        assert f"crash {version}" in dom0.run(f"crash-{version} --version")


def test_crash_reads_the_running_kernel_with_the_vmlinux(dom0: Running) -> None:
    """Without what a paravirtual kernel's page tables forbid: tests of the lens read the rest."""
    asked = "printf '%s\\n' log q | crash -s --minimal"
    answer = dom0.run(f"{asked} {dom0.vmlinux} /proc/kcore", seconds=900)
    assert f"Linux version {dom0.release} " in answer and "Booting kernel on Xen" in answer


def test_what_the_lens_takes_is_there(dom0: Running) -> None:
    script = "import mfusepy; print(mfusepy.fuse_version_major)"
    assert dom0.run(f"python3 -c {shlex.quote(script)}").strip() == "3"
    assert dom0.run("test -c /dev/fuse && grep -w fuse /proc/filesystems").split() == ["nodev", "fuse"]
    dom0.run("unshare --mount true")


def test_the_plan_names_the_hypervisor(dom0: Running, plan: Any) -> None:
    info, xen = xl_info(dom0), plan["host"]["xen"]
    assert (xen["role"], xen["guest_type"]) == ("dom0", "PV")
    assert (xen["version"], xen["build_id"]) == (info["xen_version"], info["build_id"])
    assert xen["commandline"] == info["xen_commandline"]
    assert xen["capabilities"] == info["xen_caps"].split()
    assert xen["toolstack"] == {"kind": "xl", "version": XEN[dom0.suite], "evidence": "xl info answers"}


def test_the_plan_lists_the_domains(dom0: Running, plan: Any) -> None:
    listed = {row["config"]["c_info"]["name"]: row for row in json.loads(dom0.run("xl list -l"))}
    domains = {domain["name"]: domain for domain in plan["host"]["xen"]["domains"]}
    assert domains.keys() == listed.keys()
    assert {(name, one["id"], one["type"]) for name, one in domains.items()} == {
        (name, row["domid"], row["config"]["c_info"]["type"]) for name, row in listed.items()
    }
    assert (domains["domu"]["memory_bytes"], domains["domu"]["vcpus"]) == (128 << 20, 1)
    assert (domains["Domain-0"]["memory_bytes"], domains["Domain-0"]["vcpus"]) == (3072 << 20, 2)


def test_the_plan_names_what_was_booted(dom0: Running, plan: Any) -> None:
    boot, host = plan["host"]["boot"], plan["host"]
    assert (boot["loader"], boot["edit_path"], boot["apply_command"]) == ("grub2", "/etc/default/grub", "update-grub")
    assert boot["edit_hint"].startswith("GRUB_CMDLINE_XEN=")
    entry = next(entry for entry in boot["entries"] if entry["hypervisor"])
    assert entry["hypervisor"] == f"/boot/xen-{XEN[dom0.suite]}-amd64.gz"
    assert entry["kernel"] == f"/boot/vmlinuz-{dom0.release}"
    assert entry["current"] is not False
    assert host["kernel"]["cmdline"] == dom0.run("cat /proc/cmdline").strip()
    assert (host["kernel"]["build_id"], host["nodename"]) == (dom0.build_id, HOST)


def test_the_plan_takes_the_vmlinux_and_the_memory_of_the_running_kernel(dom0: Running, plan: Any) -> None:
    assert dom0.vmlinux in plan["argv"] and "/proc/kcore" in plan["argv"]


def test_the_hypervisors_log_is_read_and_a_crashed_domain_is_found_in_it(dom0: Running) -> None:
    crashed = re.compile(r"^\(XEN\) Domain \d+ \(vcpu#0\) crashed on cpu#\d+:$", re.MULTILINE)
    before = len(crashed.findall(dom0.run("xl dmesg")))
    dom0.run("cat >/tmp/dying", data=dying_kernel())
    settings = ('name="dying"', 'type="pv"', 'kernel="/tmp/dying"', "memory=16", "vcpus=1", 'on_crash="destroy"')
    dom0.run(f"printf '%s\\n' {shlex.join(settings)} >/tmp/dying.cfg && xl create -q /tmp/dying.cfg")
    dom0.run("for n in $(seq 60); do xl domid dying 2>/dev/null || exit 0; sleep 1; done; exit 1")
    text = dom0.run("xl dmesg")
    log = json.loads(dom0.run("xcrash plan --json"))["host"]["xen"]["log"]
    assert (log["source"], log["lines"]) == ("xl dmesg", len(re.findall(r"^\(XEN\) .*\S", text, re.MULTILINE)))
    event = next(event for event in log["events"] if event["kind"] == "domain crash")
    assert (event["severity"], event["times"]) == ("error", before + 1)
    assert f"(XEN) {event['text']}" == text.splitlines()[event["line"] - 1]
    assert "domain crash" in dom0.run("xcrash plan")


def test_xcrash_there_is_replaced_by_that_of_a_working_tree(dom0: Running, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    package = tmp_path / "xcrash"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("print('of another tree')\n", encoding="utf-8")
    refresh(lab, dom0, tmp_path)
    try:
        assert dom0.run("xcrash") == "of another tree\n"
    finally:
        refresh(lab, dom0, ROOT)
    assert dom0.run("xcrash --version").startswith("xcrash, version ")


def test_it_is_found_running_and_a_failing_command_is_an_error(dom0: Running, lab: Lab) -> None:
    assert find_running(lab.root, dom0.suite) == dom0
    with pytest.raises(LabError, match="status 7 in the Dom0"):
        dom0.run("exit 7")
