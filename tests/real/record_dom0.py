# SPDX-License-Identifier: Apache-2.0
"""Record crash on the running kernel of a real Dom0 anew: Xen boots in QEMU, crash runs in its first domain."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.lab.dom0 import DEBUG_BOOT, Dom0, prepare_dom0
from tests.lab.dom0_machine import Dom0Machine
from tests.lab.paths import Lab, load_lab
from tests.lab.proc import LabError, plain_environment, say
from tests.real.record import LARGEST, LONGEST, ROOT, TRANSCRIPTS
from xcrash.errors import XcrashError
from xcrash.plan.arguments import Recipe, environment, options
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript.asciicast import Facts, read_cast
from xcrash.transcript.record import CastRecorder

CRASH = "9.0.2"
MEMORY = "/proc/kcore"
XEN = "4.20"
WORKDIR = Path("/run/crash")


class Scene(NamedTuple):
    """One session: how crash is started beyond the usual, what it is asked; no commands: it does not start."""

    name: str
    options: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


SCENES = (
    Scene(f"xen{XEN}-dom0-live-seek-error"),
    Scene(
        f"xen{XEN}-dom0-live-minimal",
        ("--minimal",),
        (
            *("log", "log | tail -40", "sym panic", "dis panic 10", "dis -r panic", "rd linux_banner 8", "set"),
            *("help", "eval 0x1000 + 7", "eval -b 0x8000000000000027", "sys", "ps", "bt", "mod", "sym xen_p2m_addr"),
            *("rd xen_p2m_addr", "rd -x init_top_pgt 512", "rd (init_top_pgt+8)", "rd -p 0x1000 2", "log -T"),
            *("rd nosuch", "dis nosuch", "sym nosuch"),
        ),
    ),
)


def main() -> None:
    """Record every scene in one boot; says what it writes."""
    argparse.ArgumentParser(prog="python -m tests.real.record_dom0", description=__doc__).parse_args()
    lab = load_lab()
    if lab is None:
        sys.exit("the lab is not there: make lab")
    with tempfile.TemporaryDirectory() as temporary:
        try:
            casts = _record_all(lab, Path(temporary))
        except LabError as error:
            sys.exit(f"lab: {error}")
        for cast in casts:
            _publish(cast)


def _record_all(lab: Lab, work: Path) -> list[Path]:
    dom0 = prepare_dom0(lab, CRASH)
    say("booting Xen and its Dom0 (emulated: this takes a minute or some)")
    with Dom0Machine(lab.root / "bin/qemu-system-x86_64", dom0, work) as machine:
        facts = machine.wait_ready()
        say(f"  the Dom0 is up: {facts}")
        if facts.get("capabilities") != "control_d" or not facts.get("hypervisor", "").startswith(f"xen {XEN}"):
            raise LabError(f"this is no Dom0 of Xen {XEN}")
        return [_record(dom0, machine, facts, scene, work) for scene in SCENES]


def _record(dom0: Dom0, machine: Dom0Machine, facts: dict[str, str], scene: Scene, work: Path) -> Path:
    say(f"recording {scene.name}")
    recipe = Recipe(Path("/usr/bin/crash"), WORKDIR, {}, WORKDIR)
    namelist = f"/{DEBUG_BOOT}/{dom0.kernel.vmlinux.name}"
    argv = (str(recipe.crash), *options(recipe), *scene.options, namelist, MEMORY)
    settings = (f"{name}={value}" for name, value in environment(recipe).items())
    command = f"cd {WORKDIR} && exec {shlex.join(('env', '-i', *settings, *argv))}"
    cast = work / f"{scene.name}.cast"
    recorder = CastRecorder(cast, _facts(dom0, facts, argv, namelist))
    transport = PtyTransport(machine.argv(command), plain_environment(), work)
    session = Session(transport, Spool.create(work / f"{scene.name}.spool"), recorder=recorder)
    session.start()
    try:
        session.wait_ready()
    except XcrashError as error:
        say(f"  does not start: {error.message}")
    for line in () if session.gone else scene.commands:
        session.run(line, timeout=LONGEST)
    session.close()
    if session.was_ready != bool(scene.commands):
        raise LabError(f"{scene.name} starts otherwise than expected:\n{session.startup_text()}")
    return cast


def _facts(dom0: Dom0, facts: dict[str, str], argv: tuple[str, ...], namelist: str) -> Facts:
    return Facts(
        crash=CRASH,
        argv=argv,
        kind="live",
        release=facts["release"],
        build_id=dom0.kernel.build_id,
        dump=MEMORY,
        namelist=namelist,
        namelist_build_id=dom0.kernel.build_id,
        scrubbed=True,
        source=f"the Dom0 of {facts['hypervisor']}, {facts['guest_type']}, under QEMU (tests.real.record_dom0)",
        licence="CC0",
    )


def _publish(cast: Path) -> None:
    """Check the size and move into place; the paths in it are those of the Dom0."""
    text = cast.read_text(encoding="utf-8")
    size = len(text.encode())
    if size > LARGEST:
        sys.exit(f"{cast.name} would have {size:,} bytes; recordings stay under {LARGEST:,}")
    target = TRANSCRIPTS / cast.name
    target.write_text(text, encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {size:,} bytes, {len(read_cast(target).events)} events", flush=True)


if __name__ == "__main__":
    main()
