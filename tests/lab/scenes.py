# SPDX-License-Identifier: Apache-2.0
"""The dumps: one boot, a dump while it runs and dumps after its panic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.lab.kernel import Kernel
from tests.lab.machine import Machine
from tests.lab.proc import LabError, megabytes, run, say
from tests.lab.qmp import Qmp
from tests.lab.stamps import fresh_directory, remove_tree

# Emulation on a loaded machine takes minutes; these are for when it never ends.
_BOOT = 900.0
_PANIC = 300.0
_DUMP = 600.0


@dataclass(frozen=True)
class Shot:
    """A dump to make: its name, its file, QEMU's name of the format and ours."""

    name: str
    file: str
    qemu_format: str
    format: str
    panic: bool


RUNNING = Shot("running", "running.kdump", "kdump-raw-zlib", "kdump", False)
PANIC = Shot("panic", "panic.kdump", "kdump-raw-zlib", "kdump", True)
PANIC_FLAT = Shot("panic-flat", "panic.flat", "kdump-zlib", "flattened", True)
PANIC_ELF = Shot("panic-elf", "panic.elf", "elf", "elf", True)
SHOTS = (PANIC, PANIC_FLAT, PANIC_ELF, RUNNING)

_MAGIC = {"kdump": b"KDUMP   ", "flattened": b"makedumpfile\0\0\0\0", "elf": b"\x7fELF"}


def make_dumps(qemu: Path, kernel: Kernel, guest: Path, target: Path) -> None:
    """Boot the guest and make all dumps; a boot that fails is tried once more."""
    logs = target.with_name("boot")
    for attempt in (1, 2):
        try:
            with fresh_directory(target) as work, Machine(qemu, kernel, guest, logs) as machine:
                _play(machine, work)
                machine.serial.replace(work / "serial.log")
        except LabError as error:
            if attempt == 2:
                raise
            say(f"  the boot failed, trying once more: {error}")
        else:
            remove_tree(logs)
            return


def _play(machine: Machine, work: Path) -> None:
    machine.wait_for("LAB: ready", _BOOT)
    say("  the guest is up")
    control = machine.control()
    _shoot(control, RUNNING, work)
    machine.tell("panic")
    machine.wait_for("---[ end Kernel panic", _PANIC)
    say("  the guest has panicked")
    for shot in (PANIC, PANIC_FLAT, PANIC_ELF):
        _shoot(control, shot, work)
    machine.quit(control)


def _shoot(control: Qmp, shot: Shot, work: Path) -> None:
    path = work / shot.file
    arguments = {"paging": False, "protocol": f"file:{path}"}
    for attempt in (1, 2):
        try:
            control.execute("dump-guest-memory", seconds=_DUMP, **arguments, format=shot.qemu_format)
            break
        except LabError:
            if attempt == 2:
                raise
    with path.open("rb") as file:
        magic = file.read(16)
    if not magic.startswith(_MAGIC[shot.format]):
        raise LabError(f"{path.name} is no {shot.format} dump: {magic!r}")
    if shot.format == "elf":
        _make_sparse(path)
    path.chmod(0o644)  # QEMU makes it unreadable for others, but there are no secrets in it
    say(f"  {shot.file}: {megabytes(path.stat().st_size)}")


def _make_sparse(path: Path) -> None:
    # Most of a small guest's memory is zero: keep the form, not the blocks.
    copy = path.with_name(path.name + ".sparse")
    run(["cp", "--sparse=always", str(path), str(copy)], seconds=_DUMP)
    copy.replace(path)
