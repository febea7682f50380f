# SPDX-License-Identifier: Apache-2.0
"""``xcrash lens --check`` on a Dom0 made of files, and the lens among the checks of the doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import xcrash
from tests.contract.test_schema import read_as
from tests.unit.lens.dom0 import DIRECT, FLAGS, PAGE, TEXT, VMALLOC, Dom0


def plant(root: Path, machine: Dom0) -> Path:
    """The machine's files below a root; two functions of the kernel and one of a module are among its symbols."""
    (root / "proc").mkdir(parents=True, exist_ok=True)
    machine.write(root / "proc/kcore")
    names = machine.write_kallsyms(root / "proc/kallsyms")
    more = (f"{TEXT + PAGE + 64:016x} T schedule", f"{TEXT + 2 * PAGE:016x} r rodata")
    names.write_text("\n".join((names.read_text().rstrip(), *more, "")))
    return root


@pytest.fixture
def machine() -> Dom0:
    made = Dom0(frames=700)
    made.map_machine(VMALLOC[4] + 0x900000, 0xFEE00)
    for frame in range(0, 16):
        if frame not in (3, 8):
            made.memory[frame * PAGE : (frame + 1) * PAGE] = bytes([frame + 1]) * PAGE
    made.seal()
    return made


def checked(root: Path) -> tuple[dict[str, Any], int]:
    done = xcrash("lens", "--check", "--root", root, "--json")
    return done.document, done.status


def test_a_dom0_passes_and_is_counted(machine: Dom0, tmp_path: Path) -> None:
    document, status = checked(plant(tmp_path, machine))
    read_as("lens", document)
    assert status == 0 and document["ok"]
    assert (document["levels"], document["root"], document["p2m"]) == (4, machine.root, "list")
    assert document["p2m_frames"] == document["extents_frames"] == 700
    assert [one["level"] for one in document["tables"]] == [4, 3, 2, 1]
    assert sum(one["tables"] for one in document["tables"]) == len(machine.tables)
    assert [one["untranslatable"] for one in document["tables"]] == [0, 0, 0, 1]
    assert document["tables"][0]["hypervisor"] == 16
    assert all(one["read_only"] == one["tables"] == one["walked"] for one in document["tables"])
    compared = {one["what"]: (one["tried"], one["same"]) for one in document["comparisons"]}
    assert compared["direct map"] == (200, 200)
    assert compared["kernel symbols"][0] == compared["kernel symbols"][1] > 1


def test_the_same_in_words(machine: Dom0, tmp_path: Path) -> None:
    done = xcrash("lens", "--check", "--root", plant(tmp_path, machine))
    assert done.status == 0
    assert "list of 700 frames" in done.out
    assert "200 of 200 the same" in done.out


def test_a_text_that_is_elsewhere_is_found(machine: Dom0, tmp_path: Path) -> None:
    machine.map(TEXT + PAGE, 9)
    document, status = checked(plant(tmp_path, machine))
    assert status == 4 and not document["ok"]
    (symbols,) = [one for one in document["comparisons"] if one["what"] == "kernel symbols"]
    assert "schedule" in symbols["different"]


def test_a_table_that_can_be_written_is_none_of_a_pv_kernel(machine: Dom0, tmp_path: Path) -> None:
    machine.map(DIRECT[4] + machine.free * PAGE, machine.free, FLAGS)
    document, status = checked(plant(tmp_path, machine))
    assert status == 4 and not document["ok"]
    assert sum(one["tables"] - one["read_only"] for one in document["tables"]) == 1


def test_where_there_can_be_no_lens_the_reason_is_an_error_with_a_hint(machine: Dom0, tmp_path: Path) -> None:
    del machine.variables["xen_p2m_addr"]
    document, status = checked(plant(tmp_path, machine))
    assert status == 4
    assert document["schema"] == "xcrash.error/1" and document["error"]["code"] == "lens-no-p2m"
    assert document["error"]["hint"]


def test_a_machine_without_kcore_is_told(tmp_path: Path) -> None:
    document, status = checked(tmp_path)
    assert (status, document["error"]["code"]) == (4, "lens-kcore")


def test_nothing_is_done_without_being_asked() -> None:
    done = xcrash("lens", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "lens-nothing")


def test_the_doctor_names_what_the_lens_takes() -> None:
    checks = xcrash("doctor", "--json").document["checks"]
    (lens,) = [one for one in checks if one["name"] == "lens"]
    assert "/dev/fuse" in lens["found"] and "mfusepy" in lens["found"] and "libfuse" in lens["found"]
