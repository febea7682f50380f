# SPDX-License-Identifier: Apache-2.0
"""What machine is this? Facts of a live or copied machine, read from its files; nothing is changed."""

from __future__ import annotations

from xcrash.host.crash_module import find_crash_module, insmod_command
from xcrash.host.facts import look_at_host
from xcrash.host.memory_sources import probe_memory

__all__ = ["find_crash_module", "insmod_command", "look_at_host", "probe_memory"]
