# SPDX-License-Identifier: Apache-2.0
"""The running kernel's release, with the evidence for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import SUSE_R, R, report, tree
from tests.unit.images.builders import AARCH64, BUILD_ID, DYN, PPC64, S390, X86_64, ElfFile, kernel_notes, note
from xcrash.host.running_kernel import kernel_notes as read_notes
from xcrash.host.running_kernel import read_running_kernel, read_uname
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import RunningKernel

PROC_VERSION = f"Linux version {R} (debian-kernel@lists.debian.org) (gcc-12) #1 SMP Debian 6.1.192-1 (2026-01-01)\n"
UNAME = f"Linux dl980-5 {SUSE_R} #1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3) x86_64 x86_64 x86_64 GNU/Linux\n"


def test_the_kernels_own_word_comes_first(tmp_path: Path) -> None:
    files = {"/proc/sys/kernel/osrelease": R + "\n", "/proc/version": "Linux version 1.2.3 (x)\n"}
    kernel = read_running_kernel(tree(tmp_path, files))
    assert (kernel.release, kernel.release_from) == (R, "/proc/sys/kernel/osrelease")


def test_proc_version_gives_the_release_and_the_whole_text(tmp_path: Path) -> None:
    kernel = read_running_kernel(tree(tmp_path, {"/proc/version": PROC_VERSION}))
    assert (kernel.release, kernel.release_from, kernel.version) == (R, "/proc/version", PROC_VERSION.strip())


def test_the_uname_of_a_report(tmp_path: Path) -> None:
    kernel = read_running_kernel(report(tmp_path, {}, {"/uname": UNAME}))
    assert (kernel.release, kernel.release_from, kernel.machine) == (SUSE_R, "uname -a", "x86_64")


@pytest.mark.parametrize(
    ("end", "machine"),
    [
        ("x86_64 GNU/Linux", "x86_64"),
        ("i686 i686 i386 GNU/Linux", "i686"),
        ("aarch64 unknown unknown GNU/Linux", "aarch64"),
        ("s390x", "s390x"),
        ("surprise GNU/Linux", None),
        ("", None),
    ],
)
def test_the_machine_in_uname(tmp_path: Path, end: str, machine: str | None) -> None:
    uname = read_uname(report(tmp_path, {}, {"/uname": f"Linux host 5.3.18-59-default #1 SMP Fri (7a1b) {end}\n"}))
    assert uname is not None
    assert (uname.nodename, uname.release, uname.machine) == ("host", "5.3.18-59-default", machine)


@pytest.mark.parametrize("order", ["<", ">"])
def test_notes_of_the_running_kernel(tmp_path: Path, order: str) -> None:
    kernel = read_running_kernel(tree(tmp_path, {"/sys/kernel/notes": kernel_notes(order)}))
    assert kernel.build_id == BUILD_ID.hex()
    assert (kernel.release, kernel.release_from) == (R, "build salt in /sys/kernel/notes")


def test_a_build_salt_that_is_no_release_is_not_taken_for_one(tmp_path: Path) -> None:
    root = tree(tmp_path, {"/sys/kernel/notes": note(b"Linux", 0x100, b"salt of my own\0") + note(b"GNU", 3, BUILD_ID)})
    assert read_running_kernel(root).release is None


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("/boot/vmlinuz-6.1.0-50-amd64", "6.1.0-50-amd64"),
        ("(hd0,gpt2)/vmlinuz-5.14.0-427.el9.x86_64", "5.14.0-427.el9.x86_64"),
        ("/boot/vmlinux-3.12.49-6-xen.gz", SUSE_R),
        ("/boot/vmlinuz-linux", None),
    ],
)
def test_boot_image_names_the_kernel(tmp_path: Path, image: str, release: str | None) -> None:
    kernel = read_running_kernel(tree(tmp_path, {"/proc/cmdline": f"BOOT_IMAGE={image} root=/dev/sda1 ro quiet\n"}))
    assert kernel.release == release
    assert kernel.release_from == ("BOOT_IMAGE in /proc/cmdline" if release else None)
    assert kernel.cmdline == f"BOOT_IMAGE={image} root=/dev/sda1 ro quiet"


def test_the_only_modules_of_a_mounted_disk_name_its_kernel(tmp_path: Path) -> None:
    kernel = read_running_kernel(tree(tmp_path, {f"/lib/modules/{SUSE_R}/modules.dep": "", "/lib/modules/README": ""}))
    assert (kernel.release, kernel.release_from) == (SUSE_R, "the only directory in /lib/modules")


def test_two_kernels_on_a_mounted_disk_are_not_guessed_between(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"/lib/modules/{SUSE_R}/modules.dep": "", f"/lib/modules/{R}/modules.dep": ""})
    assert read_running_kernel(root) == RunningKernel()


@pytest.mark.parametrize(
    ("machine", "order", "name"),
    [
        (X86_64, "<", "x86_64"),
        (AARCH64, "<", "aarch64"),
        (S390, ">", "s390x"),
        (PPC64, "<", "ppc64le"),
        (9999, "<", None),
    ],
)
def test_the_machine_of_a_tree_is_that_of_its_shell(tmp_path: Path, machine: int, order: str, name: str | None) -> None:
    shell = ElfFile(type=DYN, machine=machine, order=order).build()
    root = tree(tmp_path, {"/usr/bin/dash": shell})
    (tmp_path / "bin").symlink_to("/usr/bin")
    (tmp_path / "usr/bin/sh").symlink_to("/bin/dash")
    assert read_running_kernel(root).machine == name


@pytest.mark.parametrize(
    ("release", "machine"),
    [(R, "x86_64"), ("3.10.0-1160.el7.x86_64", "x86_64"), ("6.1.0-50-arm64", "aarch64"), (SUSE_R, None)],
)
def test_a_release_may_name_the_machine(tmp_path: Path, release: str, machine: str | None) -> None:
    assert read_running_kernel(tree(tmp_path, {"/proc/sys/kernel/osrelease": release})).machine == machine


def test_the_configuration_belongs_to_the_release_that_was_found(tmp_path: Path) -> None:
    files = {"/proc/version": PROC_VERSION, f"/boot/config-{R}": "CONFIG_STRICT_DEVMEM=y\n"}
    config = read_running_kernel(tree(tmp_path, files)).config
    assert (config.strict_devmem, config.source) == (True, f"/boot/config-{R}")


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.builds(note, st.just(b"GNU"), st.integers(0, 9), st.binary(max_size=80))))
def test_any_bytes_as_notes_raise_nothing(data: bytes) -> None:
    assert len(read_notes(data)) <= len(data) // 12


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_in_the_kernels_files_raise_nothing(content: bytes) -> None:
    files = ("/proc/version", "/proc/cmdline", "/sys/kernel/notes", "/proc/sys/kernel/osrelease", "/uname", "/bin/sh")
    with tempfile.TemporaryDirectory() as directory:
        kernel = read_running_kernel(report(Path(directory), {}, dict.fromkeys(files, content)))
        assert isinstance(kernel, RunningKernel)


def test_the_live_machine_has_a_release_and_a_machine() -> None:
    kernel = read_running_kernel(LocalRoot("/"))
    assert kernel.release and kernel.machine
    assert kernel.release_from == "/proc/sys/kernel/osrelease"
