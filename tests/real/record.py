# SPDX-License-Identifier: Apache-2.0
"""Record transcripts/ and the demo anew: the real crash on the lab's dumps, paths of this machine replaced."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.lab.paths import Dump, Lab, load_lab
from tests.lab.proc import run
from tests.lab.trees import loader_argv
from tests.real.recordings import DEMO, SCENES, Scene
from xcrash.errors import XcrashError
from xcrash.images import identify_kernel
from xcrash.images.dump import identify_dump
from xcrash.plan import Candidate, Recipe, choose_namelist, plan_dump
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript.asciicast import Facts, Header, read_cast
from xcrash.transcript.record import CastRecorder

ROOT = Path(__file__).parents[2]
TRANSCRIPTS = ROOT / "transcripts"
PLACES = {DEMO.name: ROOT / "xcrash" / "transcript"}
LARGEST = 1_000_000
LONGEST = 600.0  # seconds of one command on a busy machine


def main() -> None:
    """Record every scene and the demo, or those that are named; says what it writes."""
    scenes = {scene.name: scene for scene in (*SCENES, DEMO)}
    parser = argparse.ArgumentParser(prog="python -m tests.real.record", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"one of: {', '.join(scenes)}")
    named = parser.parse_args().scenes
    unknown = [name for name in named if name not in scenes]
    if unknown:
        parser.error(f"no such scene: {', '.join(unknown)}")
    lab = load_lab()
    if lab is None:
        sys.exit("the lab is not there: make lab")
    for name in named or scenes:
        _record(lab, scenes[name])


def _record(lab: Lab, scene: Scene) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        session, cast = _session(lab, scene, work)
        session.start()
        try:
            session.wait_ready()
        except XcrashError as error:
            print(f"  does not start: {error.message}")
        for command in () if session.gone else scene.commands:
            result = session.run(command, timeout=LONGEST)
            if command == "ps" and scene.stacks:
                _stacks(session, session.text(result.start, result.end))
        session.close()
        if scene.commands and not session.was_ready:
            sys.exit(f"{scene.name}: crash was to start and did not")
        _publish(lab, work, cast, PLACES.get(scene.name, TRANSCRIPTS) / f"{scene.name}.cast")


def _stacks(session: Session, tasks: str) -> None:
    """The stack of every task, so that Enter in the task table has an answer."""
    for line in tasks.splitlines()[1:]:
        session.run(f"bt {line.lstrip('> -').split()[0]}", timeout=LONGEST)


def _session(lab: Lab, scene: Scene, work: Path) -> tuple[Session, Path]:
    """A session that starts as planned, but for what the scene has wrong."""
    dump, crash = lab.dump(scene.dump), lab.crash_version(scene.crash)
    identity = identify_dump(_cut(dump, work) if scene.cut else dump.path)
    own, used = identify_kernel(dump.vmlinux), identify_kernel(_vmlinux(lab, scene, dump, work))
    names = choose_namelist(identity, [Candidate(path=own.path, why="the lab's", kernel=own)])
    plan = plan_dump(identity, names, Recipe(crash.path, work, os.environ, work, scene.options))
    argv = tuple(used.path if word == own.path else word for word in plan.argv)
    cast = work / "session.cast"
    facts = Facts(
        crash=crash.version,
        argv=argv,
        kind="vmcore",
        release=identity.release,
        build_id=identity.build_id,
        dump=identity.path,
        dump_format=identity.format,
        namelist=used.path,
        namelist_build_id=used.build_id,
        scrubbed=True,
        source="the lab of this repository (make lab, make recordings)",
        licence="CC0",
    )
    transport = PtyTransport(argv, plan.env, Path(plan.cwd))
    return Session(transport, Spool.create(work / "spool"), recorder=CastRecorder(cast, facts)), cast


def _cut(dump: Dump, work: Path) -> Path:
    """The same dump without its second half."""
    (work / "dumps").mkdir()
    path = work / "dumps" / dump.path.name
    shutil.copyfile(dump.path, path)
    os.truncate(path, dump.size // 2)
    return path


def _vmlinux(lab: Lab, scene: Scene, dump: Dump, work: Path) -> Path:
    if scene.vmlinux == "own":
        return dump.vmlinux
    if scene.vmlinux == "other":
        return next(kernel.vmlinux for kernel in lab.kernels if kernel.name != dump.kernel)
    (work / "kernel").mkdir()
    path = work / "kernel" / dump.vmlinux.name
    tree = lab.root / "trees" / lab.crash_version("").path.name
    argv = loader_argv(tree, "usr/bin/x86_64-linux-gnu-objcopy")  # crash depends on binutils
    run([*argv, "--strip-debug", str(dump.vmlinux), str(path)])
    return path


def _publish(lab: Lab, work: Path, cast: Path, target: Path) -> None:
    """Replace this machine's paths by those of a Debian host, check the size, move into place."""
    text = cast.read_text(encoding="utf-8")
    for ours, theirs in sorted(_replaced(lab, work).items(), reverse=True):  # longer ones first
        text = text.replace(ours, theirs)
    lines = text.splitlines()
    header = msgspec.json.decode(lines[0], type=Header)
    lines[0] = msgspec.json.encode(msgspec.structs.replace(header, title=target.stem)).decode()
    size = len(text.encode())
    if size > LARGEST:
        sys.exit(f"{target} would have {size:,} bytes; recordings stay under {LARGEST:,}")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {size:,} bytes, {len(read_cast(target).events)} events", flush=True)


def _replaced(lab: Lab, work: Path) -> dict[str, str]:
    boot, dumps = "/usr/lib/debug/boot", "/var/crash"
    return {
        **{str(kernel.vmlinux.parent): boot for kernel in lab.kernels},
        **{str(dump.path.parent): dumps for dump in (*lab.dumps, *lab.more_dumps)},
        **{str(lab.root / "trees" / crash.path.name / "usr"): "/usr" for crash in lab.crash},
        **{str(crash.path.parent): "/usr/bin" for crash in lab.crash},
        str(work / "kernel"): boot,
        str(work / "dumps"): dumps,
    }


if __name__ == "__main__":
    main()
