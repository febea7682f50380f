# SPDX-License-Identifier: Apache-2.0
"""The steps of building the lab, in order; a step that is whole is not done again."""

from __future__ import annotations

import platform
import re
import shutil
from pathlib import Path

from tests.lab.fetch import CRASHES, PARTS, TOOLS, Fetcher, fetched_kernel
from tests.lab.guest import ETC, make_guest
from tests.lab.kernel import Kernel
from tests.lab.machine import machine_argv
from tests.lab.paths import CrashProgram, Dump, Lab, load_lab
from tests.lab.proc import LabError, require, say
from tests.lab.scenes import SHOTS, make_dumps
from tests.lab.stamps import Stamps, only_run, recipe, write_whole
from tests.lab.verify import Reading, read_dump

_SPACE = 3_000_000_000  # the most that is on disk at a time, with room to spare


class Builder:
    """Builds one lab directory."""

    def __init__(self, root: Path) -> None:
        """Build below `root`."""
        self._root = root
        self._stamps = Stamps(root)
        self._dumps = root / "dumps"

    def whole_lab(self) -> Lab | None:
        """Return the lab if every step is done."""
        if self._stamps.get("lab", self._lab_recipe()) is None:
            return None
        return load_lab(self._root)

    def build(self) -> Lab:
        """Do what is missing and return the whole lab."""
        self._check_machine()
        with only_run(self._root):
            Fetcher(self._root, self._stamps).fetch()
            kernel = fetched_kernel(self._root, self._stamps)
            if kernel is None:
                raise LabError("the kernel is gone again; run once more")
            self._guest(kernel)
            self._scenes(kernel)
            return self._verify(kernel)

    def _check_machine(self) -> None:
        if platform.system() != "Linux" or platform.machine() != "x86_64":
            raise LabError("the lab runs programs for x86-64 Linux; this machine is another one")
        require("apt-get", "apt-cache", "dpkg-deb", "tar", "cp")
        if not re.fullmatch(r"[\w./+~-]+", str(self._root)):
            raise LabError(f"{self._root}: crash needs a path without blanks and odd characters; set XCRASH_LAB")
        self._root.mkdir(parents=True, exist_ok=True)
        if self.whole_lab() is None and shutil.disk_usage(self._root).free < _SPACE:
            raise LabError(f"less than {_SPACE / 1e9:.0f} GB free at {self._root}")

    def _parts_recipe(self) -> str:
        return recipe(*(part.recipe() for part in PARTS))

    def _guest_recipe(self) -> str:
        return recipe(self._parts_recipe(), *sorted(ETC.iterdir()))

    def _scenes_recipe(self) -> str:
        any_path = Path("any")
        argv = machine_argv(any_path, Kernel(any_path, "", ""), any_path, any_path, 0, 0)
        return recipe(self._guest_recipe(), *argv, *(repr(shot) for shot in SHOTS))

    def _lab_recipe(self) -> str:
        return recipe(self._scenes_recipe())

    def _guest(self, kernel: Kernel) -> None:
        made_from, home = self._guest_recipe(), self._root / "guest"
        if self._stamps.get("guest", made_from) is None:
            say("making the guest's initramfs and disk")
            make_guest(self._root / "trees/tools", kernel, home)
            self._stamps.put("guest", made_from, {}, [home / "initrd", home / "disk.img"])

    def _scenes(self, kernel: Kernel) -> None:
        made_from = self._scenes_recipe()
        if self._stamps.get("scenes", made_from) is None:
            say("booting the guest (emulated: this takes minutes on a slow or busy machine)")
            qemu = self._root / "bin/qemu-system-x86_64"
            make_dumps(qemu, kernel, self._root / "guest", self._dumps)
            self._stamps.put("scenes", made_from, {}, [self._dumps / shot.file for shot in SHOTS])
            say("done: dumps")

    def _verify(self, kernel: Kernel) -> Lab:
        programs = self._programs()
        lab = Lab(
            root=self._root,
            crash=programs,
            default_crash=self._root / "bin/crash",
            vmlinux=kernel.vmlinux,
            release=kernel.release,
            build_id=kernel.build_id,
            dumps=self._described_dumps(kernel),
        )
        default = _choose(lab)
        link = self._root / "bin/crash.new"
        link.unlink(missing_ok=True)
        link.symlink_to(default.path.name)
        link.replace(lab.default_crash)
        write_whole(self._root / "lab.json", lab.to_json())
        self._stamps.put("lab", self._lab_recipe(), {"default": default.version}, [lab.default_crash])
        say(f"done: the default crash is {default.version}")
        return lab

    def _programs(self) -> tuple[CrashProgram, ...]:
        found = [self._stamps.get(part.step, part.recipe()) for part in CRASHES]
        programs = [CrashProgram(facts["version"], Path(facts["path"])) for facts in found if facts]
        return tuple(sorted(programs, key=lambda program: [int(word) for word in program.version.split(".")]))

    def _described_dumps(self, kernel: Kernel) -> tuple[Dump, ...]:
        qemu = (self._stamps.get(TOOLS.step, TOOLS.recipe()) or {}).get("version", "QEMU")
        dumps = []
        for shot in SHOTS:
            path = self._dumps / shot.file
            made = f"{qemu}, dump-guest-memory {shot.qemu_format}, {'after sysrq c' if shot.panic else 'guest running'}"
            size = path.stat().st_size
            dumps.append(Dump(shot.name, path, shot.format, size, made, shot.panic, kernel.release))
        return tuple(dumps)


def _choose(lab: Lab) -> CrashProgram:
    """Return the newest crash that reads the panic dump rightly, provided it reads the other dumps as well."""
    panic = lab.dump("panic")
    right = [program for program in lab.crash if _reads_rightly(program, lab, panic)]
    if not right:
        raise LabError("no crash reads the lab's panic dump rightly; see the lines above")
    others = [_reads_rightly(right[-1], lab, dump) for dump in lab.dumps if dump != panic]
    if not all(others):
        raise LabError(f"crash {right[-1].version} does not read all dumps rightly; see the lines above")
    return right[-1]


def _reads_rightly(program: CrashProgram, lab: Lab, dump: Dump) -> bool:
    reading = read_dump(program, lab.vmlinux, dump)
    say(f"crash {program.version} on {dump.name}: {_described(reading)}")
    return not reading.problems


def _described(reading: Reading) -> str:
    verdict = "; ".join(reading.problems) or "right"
    return (
        f"{reading.tasks} tasks, {reading.rows} rows in ps, panic {reading.panic!r}, {reading.seconds:.1f} s: {verdict}"
    )
