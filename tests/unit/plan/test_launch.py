# SPDX-License-Identifier: Apache-2.0
"""The command line and the environment crash is started with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from xcrash.images import DumpIdentity, KernelImage
from xcrash.plan import LaunchPlan, Link, NamelistChoice, Recipe, Unpacking, plan_dump

OPTIONS = ("/usr/bin/crash", "--no_scroll", "--no_crashrc", "-e", "emacs")
USER = {
    "TERM": "xterm-256color",
    "INPUTRC": "/home/u/.inputrc",
    "HOME": "/home/u",
    "CRASHPAGER": "/usr/bin/more",
    "DEBUGINFOD_URLS": "https://debuginfod.example.org",
    "EDITOR": "vi",
    "LINES": "24",
    "COLUMNS": "80",
    "LESS": "-R",
    "LC_ALL": "de_DE.UTF-8",
    "TMPDIR": "/home/u/tmp",
    "LD_PRELOAD": "/home/u/lib.so",
    "TZ": "Europe/Berlin",
    "PATH": "/opt/bin:/usr/bin",
    "USER": "u",
    "CRASH_EXTENSIONS": "",
}


def plan(
    dump: str = "/var/crash/vmcore",
    kernel: KernelImage | str = "/usr/lib/debug/vmlinux",
    environ: Mapping[str, str] = USER,
    extra: tuple[str, ...] = (),
) -> LaunchPlan:
    if isinstance(kernel, str):
        kernel = KernelImage(path=kernel, size=1, format="elf")
    identity = DumpIdentity(path=dump, size=1, format="kdump")
    recipe = Recipe(Path("/usr/bin/crash"), Path("/run/w"), environ, Path("/cache"), extra)
    return plan_dump(identity, NamelistChoice(kernel, None, None, (), (), None), recipe)


def compressed(path: str, kind: str, stored: str | None = None) -> KernelImage:
    return KernelImage(path=path, size=1, format=kind, gzip_name=stored)


def test_the_plain_case() -> None:
    made = plan()
    assert made.mode == "dump"
    assert made.argv == (*OPTIONS, "/usr/lib/debug/vmlinux", "/var/crash/vmcore")
    assert (made.cwd, made.links) == ("/run/w", ())
    assert [decision.what for decision in made.decisions] == ["options", "-f"]
    assert all(decision.reason for decision in made.decisions)


def test_arguments_of_the_user_stand_in_front_of_the_files() -> None:
    made = plan(extra=("--zero_excluded", "-d1"))
    assert made.argv == (*OPTIONS, "--zero_excluded", "-d1", "/usr/lib/debug/vmlinux", "/var/crash/vmcore")


def test_the_environment_is_complete_and_nothing_of_the_user_changes_the_stream() -> None:
    assert plan().env == {
        "TERM": "dumb",
        "INPUTRC": "/dev/null",
        "LESSSECURE": "1",
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "HOME": "/run/w",
        "TMPDIR": "/run/w",
        "PATH": "/opt/bin:/usr/bin",
        "TZ": "Europe/Berlin",
        "USER": "u",
    }


def test_without_a_path_crash_gets_the_usual_one() -> None:
    env = plan(environ={}).env
    assert env["PATH"].split(":")[-2:] == ["/sbin", "/bin"]
    assert "TZ" not in env


@pytest.mark.parametrize(
    ("kernel", "forced"),
    [
        (compressed("/b/vmlinux.gz", "gzip"), True),
        (compressed("/b/kernel.gz", "gzip", "vmlinux"), False),
        (compressed("/b/kernel.gz", "gzip", "vmlinux-6.1"), False),
        (compressed("/b/vmlinux.gz", "gzip", "image"), True),
        (compressed("/b/vmlinux-6.1.xz", "xz"), False),
        (compressed("/b/kernel.xz", "xz"), True),
        (compressed("/vmlinux/kernel.bz2", "bzip2"), True),
        (compressed("/b/vmlinux.bz2", "bzip2"), False),
        (compressed("/b/kernel", "elf"), False),
    ],
)
def test_force_is_given_exactly_when_crash_would_refuse_the_name(kernel: KernelImage, forced: bool) -> None:
    made = plan(kernel=kernel)
    assert made.argv == (*OPTIONS, *(["-f"] if forced else []), kernel.path, "/var/crash/vmcore")
    assert [decision.chosen for decision in made.decisions if decision.what == "-f"] == ["-f" if forced else None]


def test_a_compression_that_crash_cannot_read_is_unpacked_into_the_cache_by_build_id() -> None:
    kernel = KernelImage(path="/boot/vmlinux-6.4.zst", size=1, format="zstd", contains="elf", build_id="ab" * 20)
    made = plan(kernel=kernel)
    target = f"/cache/kernels/{'ab' * 20}/vmlinux-6.4"
    assert made.unpacking == (Unpacking("/boot/vmlinux-6.4.zst", target),)
    assert made.argv == (*OPTIONS, target, "/var/crash/vmcore")
    assert [decision.chosen for decision in made.decisions if decision.what == "unpack"] == [target]


def test_another_kernel_without_build_id_has_another_place_in_the_cache() -> None:
    first = KernelImage(path="/a/vmlinux.zst", size=1, format="zstd", contains="elf")
    second = KernelImage(path="/b/vmlinux.zst", size=1, format="zstd", contains="elf")
    assert plan(kernel=first).unpacking[0].target != plan(kernel=second).unpacking[0].target


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/var/crash/127.0.0.1-2019-09-19-08:31:27/vmcore", "vmcore"),
        ("/mnt/with blank/vmcore", "vmcore"),
        ("/mnt/dump@1", "dump_1"),
        ("/mnt/a;rm -rf b", "a_rm_-rf_b"),
        ("/mnt/$(reboot)", "__reboot_"),
        ("/mnt/größe", "gr__e"),
        ("/mnt/ .hidden ", "_.hidden_"),
        ("/mnt/x'y\"z`", "x_y_z_"),
        ("/mnt/a\nb", "a_b"),
        ("/mnt/vmcore*", "vmcore_"),
    ],
)
def test_a_path_that_crash_or_a_shell_would_misread_becomes_a_link(path: str, name: str) -> None:
    made = plan(dump=path)
    assert made.links == (Link(f"/run/w/dump-{name}", path),)
    assert made.argv[-1] == f"/run/w/dump-{name}"
    assert path in made.decisions[-1].reason


def test_both_files_may_need_a_link() -> None:
    made = plan(dump="/a b/vmlinux", kernel="/c d/vmlinux")
    assert made.argv[-2:] == ("/run/w/vmlinux", "/run/w/dump-vmlinux")
    assert [link.target for link in made.links] == ["/c d/vmlinux", "/a b/vmlinux"]
