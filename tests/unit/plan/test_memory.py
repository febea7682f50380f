# SPDX-License-Identifier: Apache-2.0
"""Which source of live memory is chosen, and what is said of the others."""

from __future__ import annotations

from typing import Literal

import pytest

from xcrash.host.values import CrashModule, HostFacts, KernelConfig, MemoryFacts, Privileges, RunningKernel, SourceProbe
from xcrash.plan import choose_memory
from xcrash.plan.memory import MemoryPlan

Outcome = Literal["read", "refused", "needs-root", "absent", "masked", "unproven"]
MODULE = "/lib/modules/3.12.49-6-xen/updates/crash.ko"
INSMOD = f"insmod {MODULE}"


def choose(
    crash: Outcome = "absent",
    kcore: Outcome = "read",
    mem: Outcome = "refused",
    *,
    named: str | None = None,
    module: str | None = None,
    loaded: bool = False,
    uid: int | None = 0,
    kind: Literal["live", "tree", "sosreport"] = "live",
) -> MemoryPlan:
    facts = MemoryFacts(
        probes=(
            SourceProbe(source="/dev/mem", outcome=mem, detail="CONFIG_STRICT_DEVMEM=y"),
            SourceProbe(source="/proc/kcore", outcome=kcore, detail="its header and one page were read"),
            SourceProbe(source="/dev/crash", outcome=crash, detail="not present"),
        ),
        crash_module=CrashModule(path=module, loaded=loaded),
    )
    privileges = None if uid is None else Privileges(uid=uid)
    host = HostFacts(root="/", kind=kind, privileges=privileges)
    return choose_memory(facts, host, named, INSMOD if module and not loaded else None)


def verdicts(plan: MemoryPlan) -> dict[str, str]:
    return {one.source: one.verdict for one in plan.choice.candidates}


def test_the_crash_driver_is_preferred_when_it_is_there() -> None:
    plan = choose(crash="read")
    assert plan.choice.chosen == "/dev/crash"
    assert verdicts(plan) == {"/dev/crash": "chosen", "/proc/kcore": "usable", "/dev/mem": "rejected"}
    assert plan.refusal is None and plan.steps == ()


def test_kcore_stands_in_and_the_module_is_proposed_with_its_exact_command() -> None:
    plan = choose(module=MODULE)
    assert plan.choice.chosen == "/proc/kcore"
    assert verdicts(plan)["/dev/crash"] == "needs-consent"
    (step,) = plan.steps
    assert (step.needs, step.command, step.consent) == ("consent", INSMOD, "load-crash-module")
    assert "adds a module to the running kernel" in step.reason


def test_the_reason_against_dev_mem_is_told() -> None:
    plan = choose()
    rejected = {one.candidate: one.reason for one in plan.decision.rejected}
    assert rejected["/dev/mem"] == "CONFIG_STRICT_DEVMEM=y"


def test_dev_mem_is_the_last_resort() -> None:
    assert choose(kcore="masked", mem="read").choice.chosen == "/dev/mem"


def test_a_source_the_user_names_is_taken() -> None:
    plan = choose(crash="read", named="/proc/kcore")
    assert plan.choice.chosen == "/proc/kcore"
    assert plan.decision.reason == "named by the user"
    assert "was named by the user" in plan.choice.candidates[0].reason


def test_a_named_source_that_cannot_be_read_is_refused_and_nothing_else_is_taken() -> None:
    plan = choose(named="/dev/mem")
    assert plan.choice.chosen is None
    assert plan.refusal and plan.refusal.code == "memory-none"
    assert "/dev/mem: CONFIG_STRICT_DEVMEM=y" in plan.refusal.message
    assert "/proc/kcore" not in plan.refusal.message


def test_naming_the_driver_that_is_not_loaded_asks_for_consent() -> None:
    plan = choose(named="/dev/crash", module=MODULE)
    assert plan.choice.chosen is None and plan.refusal
    assert plan.refusal.hint == "allow loading the driver: --allow load-crash-module"
    assert [step.consent for step in plan.steps] == ["load-crash-module"]


def test_without_root_the_plan_is_made_with_sudo() -> None:
    plan = choose(kcore="needs-root", uid=1000)
    assert plan.choice.chosen == "/proc/kcore"
    assert [(step.needs, step.command) for step in plan.steps] == [("root", "sudo xcrash")]


def test_a_permission_that_root_lacks_too_is_a_refusal() -> None:
    assert choose(kcore="needs-root", uid=0).choice.chosen is None


def test_a_copy_of_a_machine_promises_and_a_report_never_does() -> None:
    tree = choose(kcore="unproven", uid=None, kind="tree")
    assert tree.choice.chosen == "/proc/kcore"
    report = choose(kcore="absent", mem="absent", uid=None, kind="sosreport")
    assert report.choice.chosen is None and report.refusal
    assert report.refusal.hint.startswith("name a dump of that machine")


def test_a_kernel_in_lockdown_may_refuse_the_module_and_the_step_says_so() -> None:
    kernel = RunningKernel(config=KernelConfig(lockdown="integrity"))
    host = HostFacts(root="/", kind="live", privileges=Privileges(uid=0), kernel=kernel)
    facts = MemoryFacts(
        probes=(SourceProbe(source="/proc/kcore", outcome="read", detail="read"),),
        crash_module=CrashModule(path=MODULE),
    )
    (step,) = choose_memory(facts, host, None, INSMOD).steps
    assert "lockdown is [integrity]" in step.reason


@pytest.mark.parametrize("loaded", [True, False])
def test_loading_is_proposed_only_while_the_module_is_not_loaded(loaded: bool) -> None:
    plan = choose(crash="read" if loaded else "absent", module=MODULE, loaded=loaded)
    assert bool(plan.steps) is not loaded
