# SPDX-License-Identifier: Apache-2.0
"""What crash is told of a Xen dump besides its files."""

from __future__ import annotations

from pathlib import Path

from xcrash.images import DumpIdentity, KernelImage
from xcrash.plan import LaunchPlan, NamelistChoice, Recipe, plan_dump
from xcrash.plan.xen_options import with_p2m_mfn, with_phys_start

DUMP = DumpIdentity(path="/d", size=1, format="elf-kdump")


def plan() -> LaunchPlan:
    names = NamelistChoice(KernelImage(path="/vmlinux", size=1, format="elf"), None, None, (), (), None)
    return plan_dump(DUMP, names, Recipe(Path("/usr/bin/crash"), Path("/run/w"), {}, Path("/cache")))


def test_a_p2m_frame_goes_into_every_command_line_with_its_reason() -> None:
    made = with_p2m_mfn(plan(), 0x12965, "told by doms in the hypervisor's view")
    assert made.argv[:3] == ("/usr/bin/crash", "--p2m_mfn", "0x12965")
    assert made.argv[-2:] == ("/vmlinux", "/d")
    assert len(made.ladder) > 5
    assert all(rung.argv[:3] == made.argv[:3] and rung.argv[-2:] == made.argv[-2:] for rung in made.ladder)
    assert (made.decisions[-1].what, made.decisions[-1].chosen) == ("--p2m_mfn", "--p2m_mfn 0x12965")
    assert made.decisions[-1].reason.endswith("told by doms in the hypervisor's view")


def test_a_later_frame_takes_the_place_of_the_one_before() -> None:
    made = with_p2m_mfn(with_p2m_mfn(plan(), 1), 2)
    assert made == with_p2m_mfn(plan(), 2)


def test_both_options_go_together() -> None:
    made = with_p2m_mfn(with_phys_start(plan(), 0x4F800000), 1)
    assert made.argv[1:5] == ("--p2m_mfn", "0x1", "--xen_phys_start", "0x4f800000")


def test_a_plan_that_cannot_be_started_stays_as_it_is() -> None:
    refused = LaunchPlan(mode="dump")
    assert with_p2m_mfn(refused, 1) is refused
