# SPDX-License-Identifier: Apache-2.0
"""Record both views of the lab's dump of a Dom0 that panicked under Xen, paths of this machine replaced."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.lab.paths import Lab, load_lab
from tests.real.record import LARGEST, LONGEST, ROOT, TRANSCRIPTS
from xcrash.open_views import OpenViews
from xcrash.parse import vcpus
from xcrash.target import Choices, survey_views
from xcrash.transcript.asciicast import Header

NAME = "xen4.17-dom0-panic-views"
SOURCE = "the lab of this repository (make lab-xen-dump, python -m tests.real.record_views)"
HYPERVISOR = ("doms", "vcpus", "pcpus", "sched", "log")
DOM0 = ("ps", "bt", "mod -t", "log", "log -m", "p xen_sched_clock_offset", "p __sched_clock_offset", "kmem -i")


def main() -> None:
    """Ask both views what the terminal UI asks, and keep the recording."""
    lab = load_lab()
    dump = lab.root / "xen-dump" / "dom0-panic" / "dom0-panic.vmcore" if lab else None
    if lab is None or dump is None or not dump.exists():
        sys.exit("the dump is not there: make lab-xen-dump")
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        choices = Choices(target=str(dump), crash=str(lab.crash_version("9.0").path), ask=False)
        views = OpenViews(survey_views(choices), choices)
        try:
            views.bring_up()
            _ask(views)
        finally:
            views.close()
        version = views.main.session.version or ""
        (cast,) = (Path(state) / "xcrash" / "recordings").glob("*.cast")
        _publish(lab, dump.parent, cast, version)


def _ask(views: OpenViews) -> None:
    texts = {line: _answer(views, f"xen: {line}") for line in HYPERVISOR}
    crashed = next(one for one in vcpus.parse(texts["vcpus"]).vcpus if one.crashing)
    for line in (f"vcpu {crashed.vcpu}", f"domain {crashed.domain}"):
        _answer(views, f"xen: {line.replace('0x', '')}")
    tasks, *_ = [_answer(views, f"dom0: {line}") for line in DOM0]
    for pid in re.findall(r"^> +([1-9]\d*) ", tasks, re.MULTILINE):
        _answer(views, f"dom0: bt {pid}")


def _answer(views: OpenViews, line: str) -> str:
    result = views.run(line, LONGEST)
    return views.opened(views.address(line).view).session.text(result.start, result.end)


def _publish(lab: Lab, dumps: Path, cast: Path, version: str) -> None:
    """Paths as on a Debian host, the size checked, moved into place."""
    text = cast.read_text(encoding="utf-8")
    replaced = {
        str(dumps / "vmlinux-"): "/usr/lib/debug/boot/vmlinux-",
        str(dumps / "xen-syms-"): "/usr/lib/debug/boot/xen-syms-",
        str(dumps): "/var/crash",
        **{str(crash.path): "/usr/bin/crash" for crash in lab.crash},
    }
    for ours, theirs in replaced.items():
        text = text.replace(ours, theirs)
    lines = text.splitlines()
    header = msgspec.json.decode(lines[0], type=Header)
    if header.xcrash is None:
        sys.exit("the recording does not say what it is of")
    facts = msgspec.structs.replace(header.xcrash, crash=version, scrubbed=True, source=SOURCE, licence="CC0")
    lines[0] = msgspec.json.encode(msgspec.structs.replace(header, title=NAME, xcrash=facts)).decode()
    if len(text.encode()) > LARGEST:
        sys.exit(f"it would have {len(text):,} bytes; recordings stay under {LARGEST:,}")
    target = TRANSCRIPTS / f"{NAME}.cast"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
