# SPDX-License-Identifier: Apache-2.0
"""What crash has to be told of a Xen dump that the dump does not say (crash's main.c and netdump.c)."""

from __future__ import annotations

import msgspec

from xcrash.plan.values import Decision, LaunchPlan

P2M_MFN, PHYS_START = "--p2m_mfn", "--xen_phys_start"


def with_p2m_mfn(plan: LaunchPlan, mfn: int, reason: str = "named by the user") -> LaunchPlan:
    """The same plan for the Linux kernel whose list of p2m frames is in machine frame ``mfn``: a guest's, say.

    ``reason`` tells where the frame was learnt. A plan that cannot be started stays as it is.
    """
    return _with_option(plan, P2M_MFN, mfn, f"the frame with the kernel's list of p2m frames, {reason}")


def with_phys_start(plan: LaunchPlan, address: int) -> LaunchPlan:
    """The same plan with the physical address that Xen was loaded at."""
    return _with_option(plan, PHYS_START, address, "where Xen was loaded, named by the user")


def _with_option(plan: LaunchPlan, option: str, value: int, reason: str) -> LaunchPlan:
    if not plan.argv:
        return plan
    words = (option, f"{value:#x}")
    decisions = [one for one in plan.decisions if one.what != option]
    return msgspec.structs.replace(
        plan,
        argv=_put(plan.argv, words),
        ladder=tuple(msgspec.structs.replace(rung, argv=_put(rung.argv, words)) for rung in plan.ladder),
        decisions=(*decisions, Decision(what=option, chosen=" ".join(words), reason=reason)),
    )


def _put(argv: tuple[str, ...], words: tuple[str, str]) -> tuple[str, ...]:
    """The option behind the program's name, in the place of one that was there."""
    if argv[1:2] == words[:1]:
        return (argv[0], *words, *argv[3:])
    return (argv[0], *words, *argv[1:])
