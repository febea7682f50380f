# SPDX-License-Identifier: Apache-2.0
"""Record crash on the running kernel of a real Dom0 anew: Xen boots in QEMU, crash runs in its first domain."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.lab.dom0.machine import Running, running_dom0
from tests.lab.dom0.parts import SUITES
from tests.lab.paths import Lab, load_lab
from tests.lab.proc import LabError, plain_environment, say
from tests.real.record import LARGEST, LONGEST, ROOT, TRANSCRIPTS
from xcrash.errors import XcrashError
from xcrash.plan.arguments import Recipe, environment, options
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript.asciicast import Facts, read_cast
from xcrash.transcript.record import CastRecorder

MEMORY = "/proc/kcore"
XEN = {"trixie": "4.20", "bookworm": "4.17"}
HYPERVISOR = "/sys/hypervisor"
WORKDIR = Path("/run/crash")

MINIMAL = (
    *("log", "log | tail -40", "sym panic", "dis panic 10", "dis -r panic", "rd linux_banner 8", "set"),
    *("help", "eval 0x1000 + 7", "eval -b 0x8000000000000027", "sys", "ps", "bt", "mod", "sym xen_p2m_addr"),
    *("rd xen_p2m_addr", "rd -x init_top_pgt 512", "rd (init_top_pgt+8)", "rd -p 0x1000 2", "log -T"),
    *("rd nosuch", "dis nosuch", "sym nosuch"),
)
LIVE = (
    *("sys", "ps", "bt 1", "bt", "log", "mod", "kmem -i", "p jiffies", "p jiffies", "ps -S", "ps -m 1", "ps -G 1"),
    *("runq", "timer", "irq -u", "mount", "net", "dev", "swap", "files 1", "vm 1", "sig 1", "task -R pid,comm,prio"),
    *("mod -t", "sym -m xenfs", "vtop linux_banner", "vtop xen_evtchn_fops", "rd linux_banner 8", "rd xen_start_info"),
    *("dis -r panic", "struct list_head", "kmem -z", "kmem -v | head -40", "mach", "set", "foreach bt | head -60"),
    *("rd -x init_top_pgt 512 | tail -4", "sys -t", "rd nosuch", "bt 999999"),
)


class Scene(NamedTuple):
    """One session: how crash is started beyond the usual, what it is asked; no commands: it does not start."""

    name: str
    suite: str
    crash: str
    options: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    lens: bool = False


SCENES = (
    Scene("xen4.20-dom0-live-seek-error", "trixie", "9.0.2"),
    Scene("xen4.20-dom0-live-minimal", "trixie", "9.0.2", ("--minimal",), MINIMAL),
    Scene("xen4.20-dom0-live-lens", "trixie", "9.0.2", (), LIVE, lens=True),
    Scene("xen4.17-dom0-live-seek-error", "bookworm", "8.0.6"),
    Scene("xen4.17-dom0-live-lens", "bookworm", "8.0.6", (), LIVE, lens=True),
)


def main() -> None:
    """Record every scene, or those that are named, in one boot of each Dom0; says what it writes."""
    scenes = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(prog="python -m tests.real.record_dom0", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"one of: {', '.join(scenes)}")
    named = parser.parse_args().scenes or list(scenes)
    unknown = [name for name in named if name not in scenes]
    if unknown:
        parser.error(f"no such scene: {', '.join(unknown)}")
    lab = load_lab()
    if lab is None:
        sys.exit("the lab is not there: make lab")
    with tempfile.TemporaryDirectory() as temporary:
        try:
            for suite in SUITES:
                wanted = [scenes[name] for name in named if scenes[name].suite == suite]
                for cast in _record_all(lab, suite, wanted, Path(temporary)) if wanted else ():
                    _publish(cast)
        except LabError as error:
            sys.exit(f"lab: {error}")


def _record_all(lab: Lab, suite: str, scenes: list[Scene], work: Path) -> list[Path]:
    with running_dom0(lab, suite, ROOT) as dom0:
        version = "".join(dom0.run(f"cd {HYPERVISOR}/version && cat major && echo . && cat minor extra").split())
        guest_type = dom0.run(f"cat {HYPERVISOR}/guest_type").strip()
        if not version.startswith(XEN[suite]):
            raise LabError(f"this is a Dom0 of Xen {version}, not {XEN[suite]}")
        dom0.run(f"mkdir -p {WORKDIR}")
        source = f"the Dom0 of xen {version}, {guest_type}, under QEMU (tests.real.record_dom0)"
        return [_record(dom0, scene, source, work) for scene in scenes]


def _record(dom0: Running, scene: Scene, source: str, work: Path) -> Path:
    say(f"recording {scene.name}")
    recipe = Recipe(Path(f"/usr/local/bin/crash-{scene.crash}"), WORKDIR, {}, WORKDIR)
    argv = (str(recipe.crash), *options(recipe), *scene.options, dom0.vmlinux, MEMORY)
    settings = (f"{name}={value}" for name, value in environment(recipe).items())
    wrapper = _wrapper(dom0) if scene.lens else ()
    command = f"cd {WORKDIR} && exec {shlex.join(('env', '-i', *settings, *wrapper, *argv))}"
    cast = work / f"{scene.name}.cast"
    recorder = CastRecorder(cast, _facts(dom0, scene, argv, source))
    transport = PtyTransport(dom0.argv(command, terminal=True), plain_environment(), work)
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


def _wrapper(dom0: Running) -> list[str]:
    """The words that xcrash there puts in front of crash, with this session's directory in place of its own."""
    plan = json.loads(dom0.run("xcrash plan --json"))
    wrapper: list[str] = plan["wrapper"]
    wrapper[wrapper.index("--directory") + 1] = str(WORKDIR / "lens")
    return wrapper


def _facts(dom0: Running, scene: Scene, argv: tuple[str, ...], source: str) -> Facts:
    return Facts(
        crash=scene.crash,
        argv=argv,
        kind="live",
        release=dom0.release,
        build_id=dom0.build_id,
        dump=MEMORY,
        namelist=dom0.vmlinux,
        namelist_build_id=dom0.build_id,
        scrubbed=True,
        source=source,
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
