# SPDX-License-Identifier: Apache-2.0
"""First findings: small rules over what crash has printed so far, each with the lines it stands on.

A rule looks at one thing and says nothing when it does not know. It claims no cause: it says where to look first.
"""

from __future__ import annotations

from xcrash.findings.kernel import INCOMPLETE, KERNEL_RULES, panic_trace
from xcrash.findings.kernel_log import LOG_RULE
from xcrash.findings.values import Finding, Findings, Rule, Seen, Severity
from xcrash.findings.xen import CONSOLE_RULE, XEN_LOG_RULE

__all__ = ["RULES", "Finding", "Findings", "Seen", "Severity", "find", "panic_trace"]

_ORDER: tuple[Severity, ...] = ("critical", "warning", "info")

RULES = (*KERNEL_RULES, LOG_RULE)
"""Those for the session of a kernel."""


def find(seen: Seen) -> Findings:
    """What every rule finds; a rule that fails on absurd input harms no other."""
    found: list[Finding] = []
    looked, waiting, failed = 0, [], []
    for rule in _rules(seen):
        if _input(seen, rule.needs) is None:
            waiting.append(rule.needs)
            continue
        try:
            found.extend(rule.look(seen))
            looked += 1
        except Exception:  # whatever a dump holds, the other rules still speak
            failed.append(rule.look.__name__.strip("_"))
    found.sort(key=lambda one: _ORDER.index(one.severity))
    return Findings(found=tuple(found), looked=looked, waiting=tuple(dict.fromkeys(waiting)), failed=tuple(failed))


def _rules(seen: Seen) -> tuple[Rule, ...]:
    """The rules for this kind of session: of a hypervisor there are no tasks and no modules."""
    if seen.hypervisor and not seen.hypervisor_view:
        return (INCOMPLETE, CONSOLE_RULE)
    live = (XEN_LOG_RULE,) if seen.xen_log else ()
    dumped = (CONSOLE_RULE,) if seen.hypervisor else ()
    return (*RULES, *live, *dumped)


def _input(seen: Seen, needs: str) -> object:
    inputs: dict[str, object] = {
        "sys": seen.banner,
        "ps": seen.tasks,
        "bt": seen.stack,
        "mod -t": seen.taints,
        "log": seen.log,
        "xl dmesg": seen.xen_log,
        "log of Xen": seen.hypervisor.console if seen.hypervisor else None,
    }
    return inputs[needs]
