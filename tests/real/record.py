# SPDX-License-Identifier: Apache-2.0
"""Record transcripts/ and the demo anew: the real crash on the lab's dumps, paths of this machine replaced."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.lab.paths import Lab, load_lab
from xcrash.errors import XcrashError
from xcrash.images import identify_kernel
from xcrash.images.dump import identify_dump
from xcrash.plan import Candidate, Recipe, choose_namelist, plan_dump
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript.asciicast import Facts, Header, read_cast
from xcrash.transcript.record import CastRecorder

ROOT = Path(__file__).parents[2]
TRANSCRIPTS = ROOT / "transcripts"
DEMO = ROOT / "xcrash" / "transcript" / "demo.cast"
LARGEST = 1_000_000

OVERVIEW = ("sys", "ps", "bt", "log")
TOUR = (
    *OVERVIEW,
    *(
        "ps -m",
        "ps -S",
        "ps -A",
        "ps -s",
        "foreach UN bt",
        "foreach bt",
        "bt -a",
        "log -T",
        "kmem -i",
        "kmem -s",
        "mod",
        "mod -t",
        "mount",
    ),
    *(
        "swap",
        "net",
        "dev",
        "dev -d",
        "irq -u",
        "runq",
        "timer",
        "files",
        "vm",
        "sig",
        "task -R pid,comm,prio",
        "sys -t",
    ),
    *("set", "struct list_head", "p jiffies", "sym panic", "dis -r panic", "rd linux_banner 8", "help ps", "alias"),
)


class Scene(NamedTuple):
    """One recording: its file name, which crash on which dump, and the commands."""

    name: str
    crash: str
    dump: str
    commands: tuple[str, ...]
    stacks: bool = False


SCENES = (
    Scene("debian13-6.12-kdump-sysrq", "8.0.6", "panic", (*OVERVIEW, "bt 99999", "foo", "p nosuch", "ps -Q")),
    Scene("debian13-6.12-kdump-sysrq-crash9", "9.0.2", "panic", (*OVERVIEW, "ps -s", "help ps")),
    Scene("debian13-6.12-elf-sysrq", "9.0.2", "panic-elf", ("sys", "ps")),
    Scene("debian13-6.12-flattened-sysrq", "8.0.6", "panic-flat", ("sys", "ps")),
    Scene("debian13-6.12-kdump-running", "9.0.2", "running", ("sys", "ps", "bt -a")),
)


def main() -> None:
    """Record every scene and the demo; says what it writes."""
    lab = load_lab()
    if lab is None:
        sys.exit("the lab is not there: make lab")
    TRANSCRIPTS.mkdir(exist_ok=True)
    for scene in SCENES:
        _record(lab, scene, TRANSCRIPTS / f"{scene.name}.cast")
    _record(lab, Scene("demo", "9.0.2", "panic", TOUR, stacks=True), DEMO)
    _record_failure(lab, TRANSCRIPTS / "debian13-6.12-kdump-truncated.cast")


def _record(lab: Lab, scene: Scene, target: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        session, cast = _session(lab, scene.crash, Path(lab.dump(scene.dump).path), Path(work))
        session.start()
        session.wait_ready()
        for command in scene.commands:
            result = session.run(command, timeout=120)
            if command == "ps" and scene.stacks:
                _stacks(session, session.text(result.start, result.end))
        session.close()
        _publish(lab, cast, target)


def _stacks(session: Session, tasks: str) -> None:
    """The stack of every task, so that Enter in the task table has an answer."""
    for line in tasks.splitlines()[1:]:
        session.run(f"bt {line.lstrip('> -').split()[0]}", timeout=120)


def _record_failure(lab: Lab, target: Path) -> None:
    """A start that fails: the same dump, cut off in its middle."""
    with tempfile.TemporaryDirectory() as work:
        whole = Path(lab.dump("panic").path)
        cut = Path(work) / whole.name
        with whole.open("rb") as source, cut.open("wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.truncate(whole.stat().st_size // 2)
        session, cast = _session(lab, "9.0.2", cut, Path(work))
        session.start()
        try:
            session.wait_ready()
        except XcrashError as error:
            print(f"  as wanted: {error.message}")
        session.close()
        _publish(lab, cast, target, {work: "/var/crash"})


def _session(lab: Lab, version: str, dump: Path, work: Path) -> tuple[Session, Path]:
    kernel, identity = identify_kernel(Path(lab.vmlinux)), identify_dump(dump)
    crash = Path(next(crash.path for crash in lab.crash if crash.version.startswith(version)))
    names = choose_namelist(identity, [Candidate(path=kernel.path, why="the lab's", kernel=kernel)])
    plan = plan_dump(identity, names, Recipe(crash, work, os.environ, work))
    cast = work / "session.cast"
    facts = Facts(
        crash=version,
        argv=plan.argv,
        kind="vmcore",
        release=identity.release,
        build_id=identity.build_id,
        dump=identity.path,
        dump_format=identity.format,
        namelist=kernel.path,
        namelist_build_id=kernel.build_id,
        scrubbed=True,
        source="the lab of this repository (make lab, make recordings)",
        licence="CC0",
    )
    transport = PtyTransport(plan.argv, plan.env, Path(plan.cwd))
    return Session(transport, Spool.create(work / "spool"), recorder=CastRecorder(cast, facts)), cast


def _publish(lab: Lab, cast: Path, target: Path, more: dict[str, str] | None = None) -> None:
    """Replace this machine's paths by those of a Debian host, check the size, move into place."""
    replaced = {
        **(more or {}),
        str(Path(lab.vmlinux).parent): "/usr/lib/debug/boot",
        str(Path(lab.dump("panic").path).parent): "/var/crash",
        str(Path(lab.crash[0].path).parent): "/usr/bin",
    }
    text = cast.read_text(encoding="utf-8")
    for ours, theirs in replaced.items():
        text = text.replace(ours, theirs)
    lines = text.splitlines()
    header = msgspec.json.decode(lines[0], type=Header)
    lines[0] = msgspec.json.encode(msgspec.structs.replace(header, title=target.stem)).decode()
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    size = target.stat().st_size
    if size > LARGEST:
        sys.exit(f"{target} has {size:,} bytes; recordings stay under {LARGEST:,}")
    print(f"{target.relative_to(ROOT)}: {size:,} bytes, {len(read_cast(target).events)} events")


if __name__ == "__main__":
    main()
