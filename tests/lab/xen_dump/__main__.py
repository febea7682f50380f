# SPDX-License-Identifier: Apache-2.0
"""The program behind `make lab-xen-dump`: python -m tests.lab.xen_dump [build|status]."""

from __future__ import annotations

import argparse
import sys

from tests.lab.command import carry_out
from tests.lab.paths import load_lab
from tests.lab.proc import LabError, megabytes
from tests.lab.xen_dump.build import build_xen_dumps
from tests.lab.xen_dump.dumps import XenDump, find_xen_dumps


def main() -> int:
    """Run a sub-command and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.xen_dump", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("build", "status"), default="build")
    command = parser.parse_args().command
    return carry_out(lambda: _do(command))


def _do(command: str) -> int:
    lab = load_lab()
    if lab is None:
        raise LabError("no lab yet; build it with: make lab")
    found = build_xen_dumps(lab) if command == "build" else find_xen_dumps(lab)
    if found is None:
        print("no dumps of a Xen machine; make them with: make lab-xen-dump")
        return 1
    for dump in found:
        _show(dump)
    return 0


def _show(dump: XenDump) -> None:
    print(f"dump     {dump.name}: {dump.path}, {megabytes(dump.path.stat().st_size)}, {dump.made}")
    print(f"         xen-syms {dump.xen_syms}")
    print(f"         vmlinux  {dump.vmlinux}")
    for guest, core in dump.cores.items():
        print(f"guest    {guest}: {core}, {megabytes(core.stat().st_size)}")


if __name__ == "__main__":
    sys.exit(main())
