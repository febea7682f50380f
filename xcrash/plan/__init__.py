# SPDX-License-Identifier: Apache-2.0
"""What shall we start? Pure: facts and choices in, a command line with its reasons out."""

from xcrash.plan.arguments import Recipe
from xcrash.plan.launch import plan_dump, plan_live
from xcrash.plan.memory import choose_memory
from xcrash.plan.namelist import Candidate, NamelistChoice, choose_namelist
from xcrash.plan.values import (
    Decision,
    LaunchPlan,
    Link,
    MemoryCandidate,
    MemoryChoice,
    Refusal,
    Rejected,
    Rung,
    Step,
    Unpacking,
)

__all__ = [
    "Candidate",
    "Decision",
    "LaunchPlan",
    "Link",
    "MemoryCandidate",
    "MemoryChoice",
    "NamelistChoice",
    "Recipe",
    "Refusal",
    "Rejected",
    "Rung",
    "Step",
    "Unpacking",
    "choose_memory",
    "choose_namelist",
    "plan_dump",
    "plan_live",
]
