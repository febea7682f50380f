# SPDX-License-Identifier: Apache-2.0
"""The scenes: each one boot, perhaps a dump while the guest runs, and dumps after it panicked for a known reason."""

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
_PANIC = 600.0
_DUMP = 600.0


@dataclass(frozen=True)
class Ending:
    """A way to panic: the guest's word for it, what PANIC says (crash versions differ), what bt of its task has."""

    word: str
    panic: tuple[str, ...]
    frames: tuple[str, ...]

    def seen_in(self, text: str) -> bool:
        """Whether a console or a PANIC line tells of this panic."""
        return any(reason in text for reason in self.panic)


SYSRQ = Ending("panic", ("sysrq triggered crash",), ('COMMAND: "sh"', "sysrq_handle_crash"))
ENDINGS = (
    Ending("null-deref", ("Fatal exception", "Oops: 0000 [#1]"), ('COMMAND: "insmod"', "lab_read")),
    Ending("hung-task", ("hung_task: blocked tasks",), ('COMMAND: "khungtaskd"',)),
    Ending("oom", ("system-wide panic_on_oom is enabled",), ("out_of_memory",)),
    Ending("soft-lockup", ("softlockup: hung tasks",), ('COMMAND: "insmod"', "watchdog_timer_fn", "lab_spin")),
)


@dataclass(frozen=True)
class Shot:
    """A dump to make: its name, its file, QEMU's name of the format and ours."""

    name: str
    file: str
    qemu_format: str
    format: str
    panic: bool


@dataclass(frozen=True)
class Scene:
    """One boot of a kernel; the directory of its dumps is named like the step."""

    step: str
    kernel: str
    ending: Ending
    shots: tuple[Shot, ...]


def _kdump(name: str, *, panic: bool = True) -> Shot:
    return Shot(name, f"{name}.kdump", "kdump-raw-zlib", "kdump", panic)


_FLAT = Shot("panic-flat", "panic.flat", "kdump-zlib", "flattened", True)
_ELF = Shot("panic-elf", "panic.elf", "elf", "elf", True)

DEFAULT = Scene("dumps", "6.12", SYSRQ, (_kdump("panic"), _FLAT, _ELF, _kdump("running", panic=False)))
SCENES = (
    DEFAULT,
    Scene("dumps-6.1", "6.1", SYSRQ, (_kdump("panic-6.1"), _kdump("running-6.1", panic=False))),
    *(
        Scene(f"dumps-{kernel}-{ending.word}", kernel, ending, (_kdump(f"{ending.word}-{kernel}"),))
        for kernel in ("6.12", "6.1")
        for ending in ENDINGS
    ),
)

_MAGIC = {"kdump": b"KDUMP   ", "flattened": b"makedumpfile\0\0\0\0", "elf": b"\x7fELF"}


def make_dumps(qemu: Path, kernel: Kernel, guest: Path, scene: Scene, target: Path) -> None:
    """Boot the guest and make a scene's dumps; a boot that fails is tried once more."""
    logs = target.with_name("boot")
    for attempt in (1, 2):
        try:
            with fresh_directory(target) as work, Machine(qemu, kernel, guest, logs) as machine:
                _play(machine, scene, work)
                machine.serial.replace(work / "serial.log")
        except LabError as error:
            if attempt == 2:
                raise
            say(f"  the boot failed, trying once more: {error}")
        else:
            remove_tree(logs)
            return


def _play(machine: Machine, scene: Scene, work: Path) -> None:
    machine.wait_for("LAB: ready", _BOOT)
    say("  the guest is up")
    control = machine.control()
    for shot in scene.shots:
        if not shot.panic:
            _shoot(control, shot, work)
    machine.tell(scene.ending.word)
    machine.wait_for("---[ end Kernel panic", _PANIC)
    if not scene.ending.seen_in(machine.console()):
        raise LabError(f"the guest's panic is another than {scene.ending.word}")
    say("  the guest has panicked")
    for shot in scene.shots:
        if shot.panic:
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
