# SPDX-License-Identifier: Apache-2.0
"""Places where debuginfo is looked for, filled with links to the lab's vmlinux."""

from __future__ import annotations

from pathlib import Path

from tests.lab.paths import Lab


def debug_directory(lab: Lab) -> Path:
    """Return the lab's build-id tree, laid out like /usr/lib/debug."""
    return lab.root / "debug"


def link_debuginfo(lab: Lab) -> None:
    """Make each vmlinux found by its build-id: in the tree, and beside its dumps as a collector of them would."""
    tree = debug_directory(lab) / ".build-id"
    wanted = {tree / kernel.build_id[:2] / f"{kernel.build_id[2:]}.debug": kernel.vmlinux for kernel in lab.kernels}
    wanted |= {dump.path.parent / dump.vmlinux.name: dump.vmlinux for dump in (*lab.dumps, *lab.more_dumps)}
    for link, vmlinux in wanted.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(vmlinux)
