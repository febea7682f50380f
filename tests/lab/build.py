# SPDX-License-Identifier: Apache-2.0
"""The steps of building the lab, in order; a step that is whole is not done again."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.lab.fetch import CRASHES, KERNELS, PARTS, TOOLS, Fetcher, fetched_kernels
from tests.lab.guest import ETC, make_guest
from tests.lab.kernel import Kernel
from tests.lab.machine import machine_argv
from tests.lab.module import SOURCES
from tests.lab.paths import CrashProgram, DebugKernel, Dump, Lab, load_lab
from tests.lab.proc import LabError, require, say
from tests.lab.scenes import DEFAULT, SCENES, Scene, make_dumps
from tests.lab.stamps import Stamps, only_run, recipe, write_whole
from tests.lab.verify import choose_crash, reads_rightly

_SPACE = 4_000_000_000  # the most that is on disk at a time, with room to spare


class Builder:
    """Builds one lab directory."""

    def __init__(self, root: Path) -> None:
        """Build below `root`."""
        self._root = root
        self._stamps = Stamps(root)

    def whole_lab(self) -> Lab | None:
        """Return the lab if every step is done."""
        fetched = all(self._stamps.get(part.step, part.recipe()) is not None for part in PARTS)
        checked = all(self._checked(scene) for scene in SCENES)
        return load_lab(self._root) if fetched and checked else None

    def build(self) -> Lab:
        """Do what is missing and return the whole lab."""
        self._check_machine()
        with only_run(self._root):
            Fetcher(self._root, self._stamps).fetch()
            kernels = fetched_kernels(self._root, self._stamps)
            if len(kernels) != len(KERNELS):
                raise LabError("a kernel is gone again; run once more")
            for name, kernel in kernels.items():
                self._guest(name, kernel)
            for scene in SCENES:
                self._scene(scene, kernels[scene.kernel])
            return self._verify(kernels)

    def _check_machine(self) -> None:
        if platform.system() != "Linux" or platform.machine() != "x86_64":
            raise LabError("the lab runs programs for x86-64 Linux; this machine is another one")
        require("apt-get", "apt-cache", "dpkg-deb", "tar", "cp")
        if not re.fullmatch(r"[\w./+~-]+", str(self._root)):
            raise LabError(f"{self._root}: crash needs a path without blanks and odd characters; set XCRASH_LAB")
        self._root.mkdir(parents=True, exist_ok=True)
        if self.whole_lab() is None and shutil.disk_usage(self._root).free < _SPACE:
            raise LabError(f"less than {_SPACE / 1e9:.0f} GB free at {self._root}")

    def _guest_recipe(self, name: str) -> str:
        sources = (*sorted(ETC.iterdir()), *sorted(SOURCES.iterdir()))
        return recipe(TOOLS.recipe(), KERNELS[name].recipe(), *sources)

    def _scene_recipe(self, scene: Scene) -> str:
        any_path = Path("any")
        argv = machine_argv(any_path, Kernel(any_path, "", ""), any_path, any_path, 0, 0)
        return recipe(self._guest_recipe(scene.kernel), *argv, repr(scene))

    def _guest(self, name: str, kernel: Kernel) -> None:
        step = f"guest-{name}"
        made_from, home = self._guest_recipe(name), self._root / step
        if self._stamps.get(step, made_from) is None:
            say(f"making the initramfs and the disk of the guest with Linux {name}")
            make_guest(self._root / "trees/tools", self._newest_tree(), kernel, home)
            self._stamps.put(step, made_from, {}, [home / "initrd", home / "disk.img"])

    def _newest_tree(self) -> Path:
        return self._root / "trees" / self._programs()[-1].path.name

    def _scene(self, scene: Scene, kernel: Kernel) -> None:
        made_from, home = self._scene_recipe(scene), self._root / scene.step
        if self._stamps.get(scene.step, made_from) is None:
            say(f"booting Linux {scene.kernel} for {scene.ending.word} (emulated: this takes a minute or some)")
            qemu = self._root / "bin/qemu-system-x86_64"
            make_dumps(qemu, kernel, self._root / f"guest-{scene.kernel}", scene, home)
            self._stamps.put(scene.step, made_from, {}, [home / shot.file for shot in scene.shots])
            say(f"done: {scene.step}")

    def _checked(self, scene: Scene) -> bool:
        return self._stamps.get(f"{scene.step}-checked", self._scene_recipe(scene)) is not None

    def _verify(self, kernels: dict[str, Kernel]) -> Lab:
        """Describe what is there, choose the default crash, and have it read every dump."""
        described = {
            name: DebugKernel(name, kernel.vmlinux, kernel.release, kernel.build_id) for name, kernel in kernels.items()
        }
        dumps = {scene.step: self._described_dumps(scene, described[scene.kernel]) for scene in SCENES}
        programs = self._programs()
        default = choose_crash(programs, dumps[DEFAULT.step][0], DEFAULT.ending)
        for scene in SCENES:
            self._check(scene, default, dumps[scene.step])
        link = self._root / "bin/crash.new"
        link.unlink(missing_ok=True)
        link.symlink_to(default.path.name)
        link.replace(self._root / "bin/crash")
        kernel = described[DEFAULT.kernel]
        lab = Lab(
            root=self._root,
            crash=programs,
            default_crash=self._root / "bin/crash",
            vmlinux=kernel.vmlinux,
            release=kernel.release,
            build_id=kernel.build_id,
            dumps=dumps.pop(DEFAULT.step),
            kernels=tuple(described.values()),
            more_dumps=tuple(dump for several in dumps.values() for dump in several),
        )
        write_whole(self._root / "lab.json", lab.to_json())
        say(f"done: the default crash is {default.version}")
        return lab

    def _check(self, scene: Scene, program: CrashProgram, dumps: Sequence[Dump]) -> None:
        if self._checked(scene):
            return
        if not all(reads_rightly(program, dump, scene.ending) for dump in dumps):
            self._stamps.drop(scene.step)  # for the dumps may be what is wrong
            raise LabError(f"crash {program.version} does not read {scene.step} rightly; see the lines above")
        self._stamps.put(f"{scene.step}-checked", self._scene_recipe(scene), {}, [dump.path for dump in dumps])

    def _programs(self) -> tuple[CrashProgram, ...]:
        found = [self._stamps.get(part.step, part.recipe()) for part in CRASHES]
        programs = [CrashProgram(facts["version"], Path(facts["path"])) for facts in found if facts]
        return tuple(sorted(programs, key=lambda program: program.numbers))

    def _described_dumps(self, scene: Scene, kernel: DebugKernel) -> tuple[Dump, ...]:
        qemu = (self._stamps.get(TOOLS.step, TOOLS.recipe()) or {}).get("version", "QEMU")
        dumps = []
        for shot in scene.shots:
            path = self._root / scene.step / shot.file
            when = f"after {scene.ending.word}" if shot.panic else "guest running"
            dumps.append(
                Dump(
                    name=shot.name,
                    path=path,
                    format=shot.format,
                    size=path.stat().st_size,
                    made=f"{qemu}, dump-guest-memory {shot.qemu_format}, {when}",
                    panic=shot.panic,
                    release=kernel.release,
                    kernel=kernel.name,
                    vmlinux=kernel.vmlinux,
                    build_id=kernel.build_id,
                )
            )
        return tuple(dumps)
