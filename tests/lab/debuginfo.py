# SPDX-License-Identifier: Apache-2.0
"""Places where debuginfo is looked for, filled with links to the lab's vmlinux."""

from __future__ import annotations

from pathlib import Path

from tests.lab.paths import Lab


def debug_directory(lab: Lab) -> Path:
    """Return the lab's build-id tree, laid out like /usr/lib/debug."""
    return lab.root / "debug"


def link_debuginfo(lab: Lab) -> None:
    """Make the vmlinux found by its build-id: in the tree, and beside the dumps as somebody who collects them would."""
    in_tree = debug_directory(lab) / ".build-id" / lab.build_id[:2] / f"{lab.build_id[2:]}.debug"
    for link in (in_tree, lab.dump("panic").path.parent / lab.vmlinux.name):
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(lab.vmlinux)
