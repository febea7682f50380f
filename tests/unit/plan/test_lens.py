# SPDX-License-Identifier: Apache-2.0
"""When crash is started behind the lens, when not, and what is said when it cannot be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from xcrash.host.values import HostFacts, KernelConfig, MemoryFacts, Privileges, RunningKernel, SourceProbe, XenFacts
from xcrash.plan.lens import LensChoice, LensFacts, Wish, behind_lens, choose_lens

EVERYTHING = LensFacts(device=True, library=True, package=True, may_mount=True)


def host(release: str = "6.1.0-50-amd64", lockdown: str | None = None, uid: int = 0, **xen: Any) -> HostFacts:
    known = XenFacts(**{"role": "dom0", "guest_type": "PV", **xen})
    kernel = RunningKernel(release=release, config=KernelConfig(lockdown=lockdown))
    return HostFacts(root="/", kind="live", kernel=kernel, xen=known, privileges=Privileges(uid=uid))


def chosen(
    where: HostFacts,
    wish: Wish = "auto",
    facts: LensFacts | None = EVERYTHING,
    memory: str | None = None,
    extra: tuple[str, ...] = (),
) -> LensChoice:
    return choose_lens(where, facts, wish, memory, extra, "apt-get install libfuse3-3")


def reason(choice: LensChoice) -> str:
    assert choice.decision is not None
    return choice.decision.reason


def test_a_modern_pv_dom0_gets_it() -> None:
    choice = chosen(host())
    assert choice.used and choice.decision is not None and choice.decision.chosen == "/proc/kcore"
    assert "page tables hold machine frames" in reason(choice)
    assert (choice.warnings, choice.steps, choice.refusal) == ((), (), None)


def test_a_host_without_xen_hears_nothing_of_it() -> None:
    plain = msgspec.structs.replace(host(), xen=None)
    assert chosen(plain) == LensChoice(False)
    asked = chosen(plain, "on")
    assert not asked.used and asked.warnings == ("--lens on has no effect: this kernel does not run on Xen",)


NOT_NEEDED = {
    "PVH": (host(guest_type="PVH"), "translates the frames of a PVH domain", False),
    "HVM": (host(guest_type="HVM", role="domU"), "translates the frames of a HVM domain", False),
    "DomU": (host(role="domU"), "this is a DomU", True),
    "role unknown": (host(role=None), "this is a DomU", True),
    "forward-ported": (host("4.12.14-122.37-xen"), "forward-ported", False),
    "forward-ported, newer": (host("5.3.18-1-xen"), "forward-ported", False),
    "before 4.15": (host("4.14.99"), "before Linux 4.15", True),
    "release unknown": (host(""), "before Linux 4.15", True),
}


@pytest.mark.parametrize("name", NOT_NEEDED)
def test_a_host_that_needs_none_is_told_why(name: str) -> None:
    where, why, possible = NOT_NEEDED[name]
    choice = chosen(where)
    assert not choice.used and why in reason(choice)
    assert (choice.warnings, choice.refusal) == ((), None)
    asked = chosen(where, "on")
    assert asked.used is possible
    assert bool(asked.warnings) is not possible


AGAINST: dict[str, tuple[dict[str, Any], str]] = {
    "off": ({"wish": "off"}, "--lens off"),
    "another source": ({"memory": "/dev/mem"}, "/dev/mem was named"),
    "lockdown": ({"where": host(lockdown="confidentiality")}, "lockdown is [confidentiality]"),
}


@pytest.mark.parametrize("name", AGAINST)
def test_what_speaks_against_it_is_told_with_what_crash_will_do(name: str) -> None:
    given, why = AGAINST[name]
    choice = chosen(**{"where": host(), **given})
    assert not choice.used and why in reason(choice)
    (warning,) = choice.warnings
    assert "seek error: physical address: ffffffffffffffff" in warning and "--minimal" in warning
    assert choice.refusal is None


def test_a_minimal_session_needs_none() -> None:
    choice = chosen(host(), extra=("--minimal",))
    assert (choice.used, choice.warnings, choice.refusal) == (False, (), None)
    assert "walks no page tables" in reason(choice)


def test_kcore_named_by_the_user_is_kcore_behind_the_lens() -> None:
    assert chosen(host(), memory="/proc/kcore").used


LACKS = {
    "device": ("/dev/fuse", "modprobe fuse"),
    "library": ("libfuse", "apt-get install libfuse3-3"),
    "package": ("the Python package mfusepy", "pip install 'xcrash[lens]'"),
}


@pytest.mark.parametrize("name", LACKS)
def test_what_is_missing_is_named_with_how_to_get_it(name: str) -> None:
    what, command = LACKS[name]
    choice = chosen(host(), facts=msgspec.structs.replace(EVERYTHING, **{name: False}))
    assert not choice.used and what in reason(choice)
    assert [step.command for step in choice.steps] == [command]
    assert choice.refusal is not None and choice.refusal.code == "lens-missing"
    assert what in choice.refusal.message and command in choice.refusal.hint and "--minimal" in choice.refusal.hint


def test_nothing_is_refused_where_it_is_not_known_to_be_a_pv_dom0() -> None:
    choice = chosen(host(guest_type=None), facts=msgspec.structs.replace(EVERYTHING, library=False))
    assert choice.refusal is None and "if this is a PV Dom0" in choice.warnings[0]
    assert chosen(host(guest_type=None)).used


def test_without_root_the_plan_is_the_same_and_says_so() -> None:
    facts = msgspec.structs.replace(EVERYTHING, may_mount=False)
    for uid, what in ((1000, "missing: root"), (0, "missing: CAP_SYS_ADMIN (a container?)")):
        choice = chosen(host(uid=uid), facts=facts)
        assert choice.used and choice.decision is not None and choice.decision.evidence == (what,)


def test_a_copy_of_a_machine_is_planned_for() -> None:
    choice = chosen(host(), facts=None)
    assert choice.used and choice.decision is not None
    assert choice.decision.evidence == ("a copy of a machine: not tried",)


def test_behind_the_lens_there_is_no_other_source() -> None:
    facts = MemoryFacts(
        probes=(
            SourceProbe(source="/dev/crash", outcome="read", detail="read"),
            SourceProbe(source="/proc/kcore", outcome="read", detail="read"),
            SourceProbe(source="/dev/mem", outcome="absent", detail="not present"),
        )
    )
    assert [probe.outcome for probe in behind_lens(facts).probes] == ["refused", "read", "absent"]
