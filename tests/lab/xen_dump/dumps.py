# SPDX-License-Identifier: Apache-2.0
"""What the dumps of a Xen machine are, and which of them are here; needs nothing but Python."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.paths import Lab

DOMU_CORE = "domu.core"


@dataclass(frozen=True)
class Scene:
    """One crash: ``command`` brings the machine down, ``domu`` says whether the guest is dumped before."""

    name: str
    made: str
    command: str
    domu: bool = False

    @property
    def file(self) -> str:
        """Return the name of the dump."""
        return f"{self.name}.vmcore"

    def more_files(self, where: Path) -> list[Path]:
        """Return what else is dumped: the guest."""
        return [where / DOMU_CORE] if self.domu else []


SCENES = (
    Scene("dom0-panic", "the Dom0 panicked: sysrq c", "echo c > /proc/sysrq-trigger", domu=True),
    Scene("xen-crash", "the hypervisor crashed: its debug key C", "xl debug-keys C"),
)


@dataclass(frozen=True)
class XenDump:
    """A dump of a machine that crashed under Xen, what opens it, and what the machine said before."""

    name: str
    made: str
    path: Path
    xen_syms: Path
    vmlinux: Path
    release: str
    domu_core: Path | None

    @property
    def before(self) -> dict[str, str]:
        """Return what the machine said before it crashed: see scenes.FACTS."""
        found: dict[str, str] = json.loads((self.path.parent / "before.json").read_text(encoding="utf-8"))
        return found

    @property
    def console(self) -> str:
        """Return what the hypervisor, the Dom0 and the kernel that saved wrote on the serial line."""
        return (self.path.parent / "serial.log").read_text(encoding="utf-8", errors="replace")


def find_xen_dumps(lab: Lab) -> tuple[XenDump, ...] | None:
    """Return the dumps if all are there; nothing is built."""
    found = []
    for scene in SCENES:
        try:
            stamp = json.loads((lab.root / f"stamps/{step_of(scene)}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        facts: dict[str, Any] = stamp["facts"]
        if not all(Path(name).is_file() for name in stamp["files"]):
            return None
        core = facts["domu_core"]
        found.append(
            XenDump(
                name=scene.name,
                made=scene.made,
                path=Path(facts["path"]),
                xen_syms=Path(facts["xen_syms"]),
                vmlinux=Path(facts["vmlinux"]),
                release=facts["release"],
                domu_core=Path(core) if core else None,
            )
        )
    return tuple(found)


def step_of(scene: Scene) -> str:
    """Return the name of the step that makes a scene's dump."""
    return f"xen-dump-{scene.name}"
