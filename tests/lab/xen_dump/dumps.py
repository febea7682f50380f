# SPDX-License-Identifier: Apache-2.0
"""What the dumps of a Xen machine are, and which of them are here; needs nothing but Python."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.paths import Lab


@dataclass(frozen=True)
class Scene:
    """One crash: ``command`` brings the machine down, on which ``guests`` run; ``dumped`` are dumped before.

    ``whole``: the dump has the memory of the guests, too. Xen is crashed from the Dom0's CPU 0: on a kernel without a
    crashed task crash starts only where that one was not idle.

    No PVH guest is dumped: xl goes through its address space frame by frame, which took over 6 minutes under emulation.
    """

    name: str
    made: str
    command: str
    guests: tuple[str, ...]
    dumped: tuple[str, ...] = ()
    whole: bool = False

    @property
    def file(self) -> str:
        """Return the name of the dump."""
        return f"{self.name}.vmcore"

    def cores(self, where: Path) -> dict[str, Path]:
        """Return the dumps of the guests by their names."""
        return {name: where / f"{name}.core" for name in self.dumped}


SCENES = (
    Scene("dom0-panic", "the Dom0 panicked: sysrq c", "echo c > /proc/sysrq-trigger", ("domu", "pvh"), ("domu",), True),
    Scene("xen-crash", "the hypervisor crashed: its debug key C", "taskset -c 0 xl debug-keys C", ("domu",)),
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
    cores: dict[str, Path]

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
    try:
        return tuple(_described(lab, scene) for scene in SCENES)
    except (OSError, ValueError, KeyError):
        return None


def _described(lab: Lab, scene: Scene) -> XenDump:
    """A dump as its stamp has it; FileNotFoundError when a file of it is gone."""
    stamp = json.loads((lab.root / f"stamps/{step_of(scene)}.json").read_text(encoding="utf-8"))
    missing = [name for name in stamp["files"] if not Path(name).is_file()]
    if missing:
        raise FileNotFoundError(missing[0])
    facts: dict[str, Any] = stamp["facts"]
    return XenDump(
        name=scene.name,
        made=scene.made,
        path=Path(facts["path"]),
        xen_syms=Path(facts["xen_syms"]),
        vmlinux=Path(facts["vmlinux"]),
        release=facts["release"],
        cores={name: Path(path) for name, path in facts["cores"].items()},
    )


def step_of(scene: Scene) -> str:
    """Return the name of the step that makes a scene's dump."""
    return f"xen-dump-{scene.name}"
