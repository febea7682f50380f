# SPDX-License-Identifier: Apache-2.0
"""The guest: an initramfs with busybox and a small disk."""

from __future__ import annotations

from pathlib import Path

from tests.lab.cpio import Cpio
from tests.lab.kernel import Kernel
from tests.lab.module import SOURCES, assemble
from tests.lab.proc import plain_environment, run
from tests.lab.stamps import fresh_directory, remove_tree
from tests.lab.trees import loader_argv

ETC = Path(__file__).with_name("guest_etc")
_DISK_SIZE = 64 * 1024 * 1024
_DIRECTORIES = ("proc", "sys", "run", "tmp", "data", "root", "home/alice", "var/log", "var/spool/cron/crontabs", "mnt")


def make_guest(tools: Path, binutils: Path, kernel: Kernel, target: Path) -> None:
    """Write the initramfs and the disk image; the lab's modules are assembled with a tree's binutils."""
    with fresh_directory(target) as work:
        modules = work / "modules"
        modules.mkdir()
        for source in sorted(SOURCES.iterdir()):
            assemble(binutils, kernel, source.stem, modules / f"{source.stem}.ko")
        with (work / "initrd").open("wb") as file, Cpio(file) as archive:
            _fill(archive, tools, kernel)
            for path in sorted(modules.iterdir()):
                archive.file(f"lib/lab/{path.name}", path.read_bytes())
        remove_tree(modules)
        _make_disk(tools, work)


def _fill(archive: Cpio, tools: Path, kernel: Kernel) -> None:
    busybox = tools / "usr/bin/busybox"
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    for applet in run([str(busybox), "--list"]).split():
        if applet != "busybox":
            archive.link(f"bin/{applet}", "busybox")
    archive.link("sbin", "bin")
    archive.directory("usr")
    archive.link("usr/bin", "../bin")
    for name in _DIRECTORIES:
        archive.directory(name)
    archive.character("dev/console", 5, 1)
    for path in sorted(ETC.iterdir()):
        archive.file(f"etc/{path.name}", path.read_bytes(), 0o755 if path.read_bytes().startswith(b"#!") else 0o644)
    for path in kernel.modules():
        archive.file(f"lib/modules/{path.name}", path.read_bytes())


def _make_disk(tools: Path, work: Path) -> None:
    image = work / "disk.img"
    with image.open("wb") as file:
        file.truncate(_DISK_SIZE)
    seed = work / "seed"
    (seed / "www").mkdir(parents=True)
    (seed / "www/index.html").write_text("<h1>dom0lab</h1>\n", encoding="utf-8")
    for number in range(20):
        (seed / f"record-{number:02}").write_text(f"record {number}\n" * 1000, encoding="utf-8")
    argv = loader_argv(tools, "usr/sbin/mke2fs")
    environment = plain_environment(MKE2FS_CONFIG=str(tools / "etc/mke2fs.conf"))
    run([*argv, "-q", "-F", "-t", "ext4", "-L", "labdata", "-d", str(seed), str(image)], env=environment)
    remove_tree(seed)
