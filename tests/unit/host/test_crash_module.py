# SPDX-License-Identifier: Apache-2.0
"""Where crash.ko lies, whether it is loaded, and the command that would load it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import SUSE_R, report, tree
from xcrash.host.crash_module import crash_minor, find_crash_module, insmod_command
from xcrash.host.values import CrashModule

BASE = f"/lib/modules/{SUSE_R}"
DEP = f"{BASE}/modules.dep"


def test_the_module_of_a_suse_package_is_found_and_is_not_loaded(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"{BASE}/updates/crash.ko": b"\x7fELF", "/proc/modules": "loop 1 0 - Live 0x0\n"})
    module = find_crash_module(root, SUSE_R)
    assert module == CrashModule(path=f"{BASE}/updates/crash.ko")
    assert insmod_command(module) == f"insmod {BASE}/updates/crash.ko"


def test_a_plain_module_is_loaded_by_its_very_name_even_if_modules_dep_lists_it(tmp_path: Path) -> None:
    name = "kernel/drivers/char/crash.ko"
    module = find_crash_module(tree(tmp_path, {DEP: f"{name}:\n", f"{BASE}/{name}": b"\x7fELF"}), SUSE_R)
    assert insmod_command(module) == f"insmod {BASE}/{name}"


@pytest.mark.parametrize("suffix", [".xz", ".zst", ".gz"])
def test_a_compressed_module_that_modules_dep_lists_is_loaded_by_modprobe(tmp_path: Path, suffix: str) -> None:
    name = f"kernel/drivers/char/crash.ko{suffix}"
    files: dict[str, str | bytes] = {
        DEP: f"kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko\n{name}:\n",
        f"{BASE}/{name}": b"\x7fELF",
    }
    module = find_crash_module(tree(tmp_path, files), SUSE_R)
    assert module == CrashModule(path=f"{BASE}/{name}", in_modules_dep=True)
    assert insmod_command(module) == "modprobe crash"


def test_modules_dep_with_full_names(tmp_path: Path) -> None:
    name = f"{BASE}/kernel/drivers/char/crash.ko"
    assert find_crash_module(tree(tmp_path, {DEP: f"{name}:\n", name: b""}), SUSE_R).path == name


@pytest.mark.parametrize(
    "line",
    [
        "kernel/drivers/char/crash_foo.ko:",
        "kernel/crypto/mycrash.ko:",
        "kernel/fs/ext4.ko: kernel/drivers/char/crash.ko",
        "kernel/drivers/char/crash.ko.old:",
        "../../../opt/crash.ko:",
        "/opt/crash.ko:",
    ],
)
def test_other_names_in_modules_dep_are_not_the_driver(tmp_path: Path, line: str) -> None:
    files: dict[str, str | bytes] = {
        DEP: line + "\n",
        "/opt/crash.ko": b"",
        f"{BASE}/kernel/drivers/char/crash_foo.ko": b"",
    }
    assert find_crash_module(tree(tmp_path, files), SUSE_R) == CrashModule()


def test_a_module_that_modules_dep_lists_but_is_gone(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {DEP: "kernel/drivers/char/crash.ko:\n", f"{BASE}/extra/crash.ko.xz": b""}
    assert find_crash_module(tree(tmp_path, files), SUSE_R) == CrashModule(path=f"{BASE}/extra/crash.ko.xz")


def test_a_report_has_modules_dep_without_the_modules(tmp_path: Path) -> None:
    root = report(tmp_path, {}, {DEP: "updates/crash.ko:\n"})
    assert find_crash_module(root, SUSE_R) == CrashModule(path=f"{BASE}/updates/crash.ko", in_modules_dep=True)


def test_a_module_of_another_kernel_is_not_used(tmp_path: Path) -> None:
    root = tree(tmp_path, {f"{BASE}/updates/crash.ko": b""})
    assert find_crash_module(root, "3.12.49-6-default").path is None
    assert find_crash_module(root, None).path is None
    assert find_crash_module(root, f"x/../{SUSE_R}").path is None


def test_a_loaded_module_needs_no_command(tmp_path: Path) -> None:
    modules = "crash_foo 1 0 - Live 0x0\ncrash 16384 0 - Live 0xffffffffc0000000 (O)\n"
    module = find_crash_module(tree(tmp_path, {f"{BASE}/updates/crash.ko": b"", "/proc/modules": modules}), SUSE_R)
    assert module.loaded
    assert insmod_command(module) is None


def test_a_module_with_a_similar_name_is_not_the_driver(tmp_path: Path) -> None:
    root = tree(tmp_path, {"/proc/modules": "crash_foo 1 0 - Live 0x0\nfoo 1 1 crash, Live 0x0\n"})
    assert not find_crash_module(root, SUSE_R).loaded


def test_the_minor_number_of_the_driver(tmp_path: Path) -> None:
    assert crash_minor(tree(tmp_path, {"/proc/misc": "229 fuse\n 57 crash\n 58 crash_foo\n"})) == 57


def test_no_driver_has_no_minor_number(tmp_path: Path) -> None:
    assert crash_minor(tree(tmp_path, {"/proc/misc": "229 fuse\n 58 crash_foo\n"})) is None


def test_a_path_in_the_command_is_quoted() -> None:
    module = CrashModule(path="/lib/modules/1.0-$(reboot) x/updates/crash.ko")
    assert insmod_command(module) == "insmod '/lib/modules/1.0-$(reboot) x/updates/crash.ko'"
    assert insmod_command(CrashModule()) is None


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=150))
def test_any_bytes_raise_nothing_and_lead_out_of_nowhere(content: bytes) -> None:
    files: dict[str, str | bytes] = {DEP: content + b"/crash.ko:\n", "/proc/modules": content, "/proc/misc": content}
    with tempfile.TemporaryDirectory() as directory:
        found = find_crash_module(report(Path(directory), {}, files), SUSE_R)
        assert found.path is None or found.path.startswith(f"{BASE}/")
