# SPDX-License-Identifier: Apache-2.0
"""The steps of `make lab-xen-dump`, in order; a step that is whole is not done again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.lab.dom0.image import Dom0, prepare_dom0
from tests.lab.paths import Lab
from tests.lab.proc import LabError, say
from tests.lab.stamps import Stamps, only_run, recipe
from tests.lab.xen_dump import capture, hypervisor, scenes
from tests.lab.xen_dump.dumps import SCENES, Scene, XenDump, find_xen_dumps, step_of

_SPACE = 5_000_000_000
_ROOT = Path(__file__).parents[3]


def build_xen_dumps(lab: Lab) -> tuple[XenDump, ...]:
    """Do what is missing and return the dumps; raises LabError."""
    home, stamps = lab.root / "xen-dump", Stamps(lab.root)
    home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home).free < _SPACE and find_xen_dumps(lab) is None:
        raise LabError(f"less than {_SPACE / 1e9:.0f} GB free at {home}")
    dom0 = prepare_dom0(lab, hypervisor.SUITE, _ROOT)
    with only_run(home):
        xen = hypervisor.build_hypervisor(lab.root, stamps)
        second = capture.make_capture(lab.root, dom0, stamps)
        for scene in SCENES:
            said = repr((scene, scenes.XEN_OPTIONS, scenes.MEMORY, scenes.FACTS, capture.OPTIONS))
            made_from = recipe(dom0.parts.made_from, xen.build_id, said, capture.INIT)
            if stamps.get(step_of(scene), made_from) is None:
                say(f"{scene.name}: booting Xen {xen.version} for a crash")
                where = home / scene.name
                scenes.make_scene(lab, dom0, xen, second, scene, where)
                facts = _described(scene, where, xen, dom0)
                files = [where / scene.file, where / "before.json", *scene.cores(where).values()]
                stamps.put(step_of(scene), made_from, facts, files)
                say(f"done: {where / scene.file}")
    found = find_xen_dumps(lab)
    if found is None:
        raise LabError("a dump is gone again; run once more")
    return found


def _described(scene: Scene, where: Path, xen: hypervisor.Hypervisor, dom0: Dom0) -> dict[str, Any]:
    """What is noted of a dump; its namelists lie beside it, as a collector of dumps would have it."""
    kernel = dom0.parts.kernel
    for namelist in (xen.symbols, kernel.vmlinux):
        (where / namelist.name).unlink(missing_ok=True)
        (where / namelist.name).symlink_to(namelist)
    return {
        "path": str(where / scene.file),
        "xen_syms": str(xen.symbols),
        "vmlinux": str(kernel.vmlinux),
        "release": kernel.release,
        "cores": {name: str(path) for name, path in scene.cores(where).items()},
    }
