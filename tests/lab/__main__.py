# SPDX-License-Identifier: Apache-2.0
"""The program behind `make lab`: python3 -m tests.lab [build|env|status]."""

from __future__ import annotations

import argparse
import shlex
import sys

from tests.lab.build import Builder
from tests.lab.command import carry_out
from tests.lab.debuginfo import debug_directory, link_debuginfo
from tests.lab.paths import Lab, lab_root, load_lab
from tests.lab.proc import LabError, megabytes, say
from tests.lab.xen_dump.dumps import find_xen_dumps


def main() -> int:
    """Run a sub-command and return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("build", "env", "status"), default="build")
    command = parser.parse_args().command
    return carry_out({"build": _build, "env": _env, "status": _status}[command])


def _build() -> int:
    builder = Builder(lab_root())
    lab = builder.whole_lab()
    if lab is None:
        say(f"building the lab in {lab_root()}")
        lab = builder.build()
    link_debuginfo(lab)
    _show(lab)
    return 0


def _env() -> int:
    lab = load_lab()
    if lab is None:
        raise LabError("no lab yet; build it with: make lab")
    values = {"DUMP": lab.dump("panic").path, "VMLINUX": lab.vmlinux, "CRASH": lab.default_crash}
    values["XCRASH_DEBUG_DIRS"] = debug_directory(lab)
    for dump in find_xen_dumps(lab) or ():
        name = "XEN_DUMP" if dump.cores else "XEN_CRASH_DUMP"
        values |= {name: dump.path, "XEN_SYMS": dump.xen_syms, "DOM0_VMLINUX": dump.vmlinux}
        values |= {f"{guest.upper()}_CORE": core for guest, core in dump.cores.items()}
    print("\n".join(f"export {name}={shlex.quote(str(path))}" for name, path in values.items()))
    return 0


def _status() -> int:
    lab = Builder(lab_root()).whole_lab()
    if lab is None:
        print(f"no whole lab in {lab_root()}; build it with: make lab")
        return 1
    _show(lab)
    return 0


def _show(lab: Lab) -> None:
    print(f"lab      {lab.root}")
    for program in lab.crash:
        mark = " (default)" if lab.default_crash.resolve() == program.path.resolve() else ""
        print(f"crash    {program.version} {program.path}{mark}")
    for kernel in lab.kernels:
        print(f"kernel   {kernel.name}: {kernel.release}, build-id {kernel.build_id}")
        print(f"vmlinux  {kernel.vmlinux}, {megabytes(kernel.vmlinux.stat().st_size)}")
    for dump in (*lab.dumps, *lab.more_dumps):
        print(f"dump     {dump.name}: {dump.path}, {dump.format}, {megabytes(dump.size)}")


if __name__ == "__main__":
    sys.exit(main())
