# SPDX-License-Identifier: Apache-2.0
"""What shall we start? Pure: files and choices in, a command line with its reasons out."""

from xcrash.plan.launch import Decision, LaunchPlan, Link, plan_dump

__all__ = ["Decision", "LaunchPlan", "Link", "plan_dump"]
