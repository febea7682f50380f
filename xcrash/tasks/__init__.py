# SPDX-License-Identifier: Apache-2.0
"""What can be made of a task list and of many stacks: the family tree, and groups of tasks that wait at one place."""

from xcrash.tasks.stacks import StackGroup, groups, trace_of
from xcrash.tasks.tree import Forest, TreeRow, key_of

__all__ = ["Forest", "StackGroup", "TreeRow", "groups", "key_of", "trace_of"]
