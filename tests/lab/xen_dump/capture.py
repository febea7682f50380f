# SPDX-License-Identifier: Apache-2.0
"""What saves the memory of a machine that crashed: kexec in the Dom0, a second kernel that waits, a disk to save on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.lab.apt import Suite
from tests.lab.cpio import Cpio
from tests.lab.dom0.image import Dom0
from tests.lab.dom0.parts import fetch_mke2fs
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.proc import plain_environment, run, say
from tests.lab.stamps import Stamps, fresh_directory, recipe, remove_tree
from tests.lab.trees import loader_argv, unpack_tree
from tests.lab.xen_dump.hypervisor import SUITE

INIT = Path(__file__).parent / "guest/capture-init"
OPTIONS = "console=ttyS0,115200 nr_cpus=1 irqpoll reset_devices panic=1"
_PACKAGES = ("kexec-tools", "makedumpfile")
_PROGRAMS = ("sbin/kexec", "usr/bin/makedumpfile")
_DISK_SIZE = 3 << 30  # a sparse file
_STEP = "xen-dump-capture"


@dataclass(frozen=True)
class Capture:
    """``tools`` holds the programs with their loader and libraries, to be unpacked as /kdump."""

    tools: Path
    initrd: Path
    mke2fs: tuple[str, ...]

    def make_disk(self, path: Path) -> None:
        """Make an empty disk to save on."""
        with path.open("wb") as file:
            file.truncate(_DISK_SIZE)
        settings = str(Path(self.mke2fs[-1]).parents[2] / "etc/mke2fs.conf")
        argv = [*self.mke2fs, "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", str(path)]
        run(argv, env=plain_environment(MKE2FS_CONFIG=settings))

    def take(self, disk: Path, name: str, target: Path) -> None:
        """Copy a file out of a disk that is not mounted."""
        debugfs = [*self.mke2fs[:-1], str(Path(self.mke2fs[-1]).with_name("debugfs"))]
        run([*debugfs, "-R", f"dump /{name} {target}", str(disk)], seconds=600)


def make_capture(root: Path, dom0: Dom0, stamps: Stamps) -> Capture:
    """Fetch the programs and make the initramfs of the second kernel, unless that was done."""
    home = root / "xen-dump/capture"
    made_from = recipe(dom0.parts.made_from, *_PACKAGES, INIT, Path(__file__))
    if stamps.get(_STEP, made_from) is None:
        suite = Suite(root / "xen-dump", SUITE, find_mirror(), find_keyring())
        suite.update()
        say(f"fetching {', '.join(_PACKAGES)}")
        debs = suite.fetch_closure(*_PACKAGES)
        with fresh_directory(home) as work:
            unpack_tree(debs, work / "tree")
            tools = work / "tools"
            _collect(work / "tree", tools)
            with (work / "initrd").open("wb") as file, Cpio(file) as archive:
                _fill(archive, dom0, tools)
            remove_tree(work / "tree")
        remove_tree(root / "xen-dump/apt")
        stamps.put(_STEP, made_from, {}, [home / "tools", home / "initrd"])
    return Capture(home / "tools", home / "initrd", tuple(fetch_mke2fs(root, stamps)))


def _collect(tree: Path, tools: Path) -> None:
    """The programs, their loader and their libraries in one directory, and a script that starts one of them."""
    tools.mkdir()
    for program in _PROGRAMS:
        loader, option, libraries, path = loader_argv(tree, program)
        needed = run([loader, option, libraries, "--list", path])
        for file in (path, loader, *re.findall(rf"=> ({re.escape(str(tree))}/\S+)", needed)):
            run(["cp", "-L", file, str(tools)])
    script = tools / "run"
    script.write_text(
        '#!/bin/sh\nprogram=$1\nshift\nexec /kdump/ld-linux-x86-64.so.2 --library-path /kdump /kdump/"$program" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)


def _fill(archive: Cpio, dom0: Dom0, tools: Path) -> None:
    parts = dom0.parts
    busybox = (parts.tree / "usr/bin/busybox").read_bytes()
    archive.file("bin/busybox", busybox, 0o755)
    archive.file("bin/sh", busybox, 0o755)
    archive.file("init", INIT.read_bytes(), 0o755)
    for name in ("proc", "sys", "dev", "save"):
        archive.directory(name)
    archive.character("dev/console", 5, 1)
    for path in parts.kernel.modules():
        archive.file(f"modules/{path.name}", path.read_bytes())
        if path.name.endswith("-ext4.ko"):
            break
    for path in sorted(tools.iterdir()):
        if path.name != "kexec":
            archive.file(f"kdump/{path.name}", path.read_bytes(), 0o755)
