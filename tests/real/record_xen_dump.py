# SPDX-License-Identifier: Apache-2.0
"""Record the dumps of a Xen machine anew: every view of each with the real crash, as xcrash itself records them."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.lab.paths import Lab, load_lab
from tests.lab.xen_dump.dumps import XenDump, find_xen_dumps
from tests.real.record import LARGEST, ROOT, TRANSCRIPTS
from xcrash.transcript.asciicast import Header, read_cast

_DOM0 = (
    *("sys", "ps", "ps -m", "bt", "bt -a", "mod", "mod -t", "log", "log -m", "kmem -i", "swap", "mount", "net", "dev"),
    *(
        "p xen_sched_clock_offset",
        "p __sched_clock_offset",
        "task",
        "files",
        "vm",
        "runq",
        "timer",
        "irq",
        "sym xen_p2m_addr",
    ),
)
_XEN = ("doms", "vcpus", "pcpus", "log", "sys", "sched", "domain", "vcpu", "set", "help", "sym idle_vcpu")


class Scene(NamedTuple):
    """One recording: the lab's dump, the version of crash, and what each view is asked."""

    name: str
    dump: str
    crash: str
    commands: tuple[str, ...]
    guest: str = ""
    options: tuple[str, ...] = ()


def _views(dom0: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"dom0: {line}" for line in dom0), *(f"xen: {line}" for line in _XEN))


SCENES = (
    Scene("xen4.17-dump-dom0-panic", "dom0-panic", "9.0.2", _views(_DOM0)),
    Scene("xen4.17-dump-xen-crash", "xen-crash", "8.0.6", _views(_DOM0)),
    Scene("xen4.17-dump-dumpinfo", "xen-crash", "9.0.2", ("xen: doms", "xen: dumpinfo", "xen: vcpus", "dom0: sys")),
    Scene(
        "xen4.17-dump-guest",
        "dom0-panic",
        "9.0.2",
        ("xen: doms", "xen: vcpus", "dom0: sys", "domU: log", "domU: log -m", "domU: rd linux_banner 4"),
        options=("--domain", "1", "--rescue"),
    ),
    Scene("xen4.17-domu-core", "dom0-panic", "9.0.2", ("sys", "ps", "bt", "bt -a", "log", "mod", "kmem -i"), "domu"),
)


def main() -> None:
    """Record every scene, or those that are named; says what it writes."""
    scenes = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(prog="python -m tests.real.record_xen_dump", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"one of: {', '.join(scenes)}")
    named = parser.parse_args().scenes
    unknown = [name for name in named if name not in scenes]
    if unknown:
        parser.error(f"no such scene: {', '.join(unknown)}")
    lab = load_lab()
    dumps = find_xen_dumps(lab) if lab else None
    if lab is None or dumps is None:
        sys.exit("the dumps are not there: make lab-xen-dump")
    for name in named or scenes:
        scene = scenes[name]
        _record(lab, scene, next(dump for dump in dumps if dump.name == scene.dump))


def _record(lab: Lab, scene: Scene, dump: XenDump) -> None:
    crash = lab.crash_version(scene.crash).path
    if scene.guest:
        what = [str(dump.cores[scene.guest]), "--vmlinux", str(dump.vmlinux)]
    else:
        what = [str(dump.path), "--view", "all", *scene.options]
    lines = (*scene.commands, *_of_each_vcpu(crash, what)) if "xen: vcpu" in scene.commands else scene.commands
    asked = [word for line in lines for word in ("-c", line)]
    with tempfile.TemporaryDirectory() as state:
        argv = [sys.executable, "-m", "xcrash", "run", *what, "--crash", str(crash), *asked]
        environment = {**os.environ, "XDG_STATE_HOME": state}
        done = subprocess.run(argv, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        if said := done.stderr.strip():
            print(f"  {scene.name}: {said}")
        (cast,) = Path(state).rglob("*.cast")
        _publish(lab, scene, dump, cast)


def _of_each_vcpu(crash: Path, what: list[str]) -> list[str]:
    """What the view of the vcpus asks of each of them."""
    argv = [sys.executable, "-m", "xcrash", "run", *what, "--crash", str(crash), "--no-record", "--json", "-c", "vcpus"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    vcpus = json.loads(done.stdout)["commands"][0]["parsed"]["vcpus"]
    domains = sorted({one["domain"] for one in vcpus})
    found = [*(f"vcpu {one['vcpu']}" for one in vcpus), *(f"domain {address}" for address in domains)]
    return [f"xen: {line.replace(' 0x', ' ')}" for line in found]


def _publish(lab: Lab, scene: Scene, dump: XenDump, cast: Path) -> None:
    """Replace this machine's paths by those of a Debian host, check the size, write."""
    text = cast.read_text(encoding="utf-8")
    crash = lab.crash_version(scene.crash).path
    boot = "/usr/lib/debug/boot"
    for ours, theirs in {
        str(crash): "/usr/bin/crash",
        str(dump.path.parent / dump.xen_syms.name): f"{boot}/{dump.xen_syms.name}",
        str(dump.path.parent / dump.vmlinux.name): f"{boot}/{dump.vmlinux.name}",
        str(dump.xen_syms.parent): boot,
        str(dump.vmlinux.parent): boot,
        str(dump.path.parent): "/var/crash",
        str(lab.root / "trees" / crash.name / "usr"): "/usr",
        str(crash.parent): "/usr/bin",
    }.items():
        text = text.replace(ours, theirs)
    lines = text.splitlines()
    header = msgspec.json.decode(lines[0], type=Header)
    if header.xcrash is None:
        sys.exit(f"{scene.name}: no recording of xcrash")
    source = "the lab of this repository (make lab-xen-dump, make recordings-xen-dump)"
    facts = msgspec.structs.replace(header.xcrash, crash=scene.crash, scrubbed=True, source=source, licence="CC0")
    lines[0] = msgspec.json.encode(msgspec.structs.replace(header, title=scene.name, xcrash=facts)).decode()
    size = sum(len(line.encode()) + 1 for line in lines)
    if size > LARGEST:
        sys.exit(f"{scene.name} would have {size:,} bytes; recordings stay under {LARGEST:,}")
    if str(lab.root) in text:
        sys.exit(f"{scene.name}: a path of this machine is left in it")
    target = TRANSCRIPTS / f"{scene.name}.cast"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {size:,} bytes, {len(read_cast(target).events)} events", flush=True)


if __name__ == "__main__":
    main()
