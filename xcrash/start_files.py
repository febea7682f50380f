# SPDX-License-Identifier: Apache-2.0
"""Write the start-up files of a plan into the private directory; the index cache only where it is safe."""

from __future__ import annotations

import os
from pathlib import Path

from xcrash import index_cache
from xcrash.plan import LaunchPlan
from xcrash.plan.rc_files import INDEX_CACHE


def write_start_files(plan: LaunchPlan) -> str | None:
    """Write the files and links of ``plan``; returns why its index cache cannot be used, if so. Raises OSError."""
    reason = None
    if plan.index_cache:
        kernels = [kernel for kernel in (plan.namelist, plan.debuginfo) if kernel]
        ids = [kernel.build_id for kernel in kernels if kernel.build_id]
        reason = index_cache.prepare(Path(plan.index_cache), ids)
    for file in plan.files:
        text = _without_cache(file.text) if reason else file.text
        handle = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(text)
    for link in plan.links:
        Path(link.path).symlink_to(link.target)
    return reason


def _without_cache(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(INDEX_CACHE))
