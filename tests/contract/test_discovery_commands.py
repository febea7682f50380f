# SPDX-License-Identifier: Apache-2.0
"""plan, images and doctor from the outside: documents, texts, exit codes."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest

from tests.contract.command_line import DEMO, xcrash
from tests.trees import arch, sles12_sp1_xen, sosreport_rhel8
from tests.unit.images import builders

QUIET = {"XCRASH_DEBUG_DIRS": "", "DEBUGINFOD_URLS": "", "HOME": "/nonexistent"}


@pytest.fixture
def crashed(tmp_path: Path) -> tuple[Path, Path]:
    """A dump and the vmlinux it is of, in one directory."""
    dump, vmlinux = tmp_path / "vmcore", tmp_path / "vmlinux-of-somebody"
    dump.write_bytes(builders.core().build())
    vmlinux.write_bytes(builders.vmlinux().build())
    return dump, vmlinux


def test_the_founding_case(tmp_path: Path) -> None:
    tree = sles12_sp1_xen(tmp_path / "root")
    done = xcrash("plan", "--root", tree.root, "--json", env=QUIET)
    assert (done.status, done.err) == (0, "")
    document = done.document
    assert document["schema"] == "xcrash.plan/1"
    assert document["argv"][-3:] == [tree.namelist, tree.debuginfo, "/proc/kcore"]
    memory = {one["source"]: one for one in document["memory"]["candidates"]}
    assert "STRICT_DEVMEM" in memory["/dev/mem"]["reason"]
    (consent,) = [step for step in document["steps"] if step["needs"] == "consent"]
    assert consent["command"] == f"insmod {tree.crash_module}"
    assert {image["role"] for image in document["images"]} == {
        "xen-boot",
        "xen-syms",
        "xen-boot-debug",
        "xen-syms-debug",
    }
    (hypervisor,) = [one for one in document["decisions"] if one["what"] == "hypervisor symbols"]
    assert any("32-bit ELF file because multiboot" in text for text in hypervisor["evidence"])


def test_the_founding_case_in_words(tmp_path: Path) -> None:
    tree = sles12_sp1_xen(tmp_path / "root", crash_module_loaded=True)
    done = xcrash("plan", "--root", tree.root, env=QUIET)
    assert done.status == 0
    assert "\x1b" not in done.out
    words = ("Dom0, the privileged domain", "not needed: the gzip header names vmlinux-3.12.49-6-xen", "dom0_max_vcpus")
    assert all(text in done.out for text in words)
    assert "/dev/crash" in done.out.split("Command line")[1].splitlines()[1]


def test_colours_only_when_asked_for_or_on_a_terminal(tmp_path: Path) -> None:
    tree = arch(tmp_path / "root")
    painted = xcrash("plan", "--root", tree.root, "--color", "always", env=QUIET)
    assert "\x1b[" in painted.out
    assert "\x1b" not in xcrash("plan", "--root", tree.root, "--color", "never", env=QUIET).out


def test_a_host_without_debuginfo_gets_a_plan_with_the_reason_and_status_3(tmp_path: Path) -> None:
    tree = arch(tmp_path / "root")
    done = xcrash("plan", "--root", tree.root, "--json", env=QUIET)
    assert done.status == 3
    document = done.document
    assert document["schema"] == "xcrash.plan/1"
    assert (document["namelist"], document["argv"], document["mode"]) == (None, [], "live")
    assert document["error"]["code"] == "namelist-required"
    assert tree.release and tree.release in document["error"]["message"]


def test_a_report_cannot_be_a_memory_source_and_that_is_status_4(tmp_path: Path) -> None:
    tree = sosreport_rhel8(tmp_path / "report")
    done = xcrash("plan", "--root", tree.root, "--json", env=QUIET)
    assert done.status == 4
    assert done.document["error"]["code"] == "memory-none"


def test_a_dump_is_planned_with_the_vmlinux_beside_it(crashed: tuple[Path, Path]) -> None:
    dump, vmlinux = crashed
    document = xcrash("plan", dump, "--json", env=QUIET).document
    assert document["argv"][-2:] == [str(vmlinux), str(dump)]
    assert (document["mode"], document["match"]["verdict"]) == ("dump", "same-build")
    assert document["memory"]["chosen"] == str(dump)
    assert [rung["argv"][-2:] for rung in document["ladder"]] == [[str(vmlinux), str(dump)]] * len(document["ladder"])
    assert document["host"]["kind"] == "live"


def test_a_dump_never_falls_back_to_the_live_host(tmp_path: Path) -> None:
    done = xcrash("plan", tmp_path / "no-such-vmcore", "--json", env=QUIET)
    assert done.status == 4 and done.document["error"]["code"] == "dump-missing"


@pytest.mark.parametrize("how", ["option", "environment"])
def test_debuginfo_is_found_in_a_debug_directory_by_build_id(
    crashed: tuple[Path, Path], tmp_path: Path, how: str
) -> None:
    dump, vmlinux = crashed
    identity = builders.BUILD_ID.hex()
    place = tmp_path / "debug" / ".build-id" / identity[:2] / f"{identity[2:]}.debug"
    place.parent.mkdir(parents=True)
    vmlinux.rename(place)
    args = ["--debug-dir", str(tmp_path / "debug")] if how == "option" else []
    env = {**QUIET, "XCRASH_DEBUG_DIRS": str(tmp_path / "debug")} if how == "environment" else QUIET
    document = xcrash("plan", dump, *args, "--json", env=env).document
    assert document["namelist"]["path"] == str(place)


def test_debuginfo_is_found_in_the_cache_of_debuginfod(crashed: tuple[Path, Path], tmp_path: Path) -> None:
    dump, vmlinux = crashed
    place = tmp_path / "cache" / builders.BUILD_ID.hex() / "debuginfo"
    place.parent.mkdir(parents=True)
    vmlinux.rename(place)
    env = {**QUIET, "HOME": str(tmp_path), "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache")}
    document = xcrash("plan", dump, "--json", env=env).document
    assert document["namelist"]["path"] == str(place)


def test_the_hypervisors_view_is_planned_from_its_symbols(tmp_path: Path) -> None:
    dump, syms = tmp_path / "vmcore", tmp_path / "xen-syms-4.17"
    dump.write_bytes(builders.core().build())
    syms.write_bytes(builders.vmlinux().build())
    document = xcrash("plan", dump, "--xen-syms", syms, "--json", env=QUIET).document
    assert (document["mode"], document["argv"][-2:]) == ("xen-hypervisor", [str(syms), str(dump)])
    renamed = syms.rename(tmp_path / "symbols")
    argv = xcrash("plan", dump, "--xen-syms", renamed, "--json", env=QUIET).document["argv"]
    assert "--hyper" in argv


def test_a_recording_starts_nothing() -> None:
    document = xcrash("plan", DEMO, "--json", env=QUIET).document
    assert (document["mode"], document["argv"]) == ("replay", [])


def test_images_of_named_files_and_of_a_directory(tmp_path: Path) -> None:
    kernel = builders.with_section(builders.vmlinux(), ".data", builders.PROGBITS, os.urandom(4096)).build()
    (tmp_path / "vmlinux").write_bytes(kernel)
    with gzip.GzipFile(tmp_path / "odd.gz", "wb") as packed:
        packed.write(kernel)
    (tmp_path / "notes.txt").write_text("hello\n")
    os.mkfifo(tmp_path / "pipe")
    by_directory = xcrash("images", tmp_path, "--json").document["images"]
    assert [Path(image["path"]).name for image in by_directory] == ["notes.txt", "odd.gz", "pipe", "vmlinux"]
    text, odd, pipe, vmlinux = by_directory
    assert (vmlinux["role"], vmlinux["crash_accepts"], vmlinux["crash_needs_f"]) == ("kernel-debuginfo", True, False)
    assert (odd["compression"], odd["gzip_name"], odd["crash_needs_f"]) == ("gzip", "odd", True)
    assert (text["role"], pipe["role"]) == ("other", "other") and pipe["notes"]
    by_name = xcrash("images", tmp_path / "vmlinux", tmp_path / "odd.gz", "--json").document["images"]
    assert by_name == [vmlinux, odd]


def test_images_of_a_root_are_those_the_catalogue_knows(tmp_path: Path) -> None:
    tree = sles12_sp1_xen(tmp_path / "root")
    document = xcrash("images", "--root", tree.root, "--json").document
    found = {image["path"]: image["role"] for image in document["images"]}
    assert found == {path: role for path, role in tree.images.items() if role != "other" or path in found}
    assert all(Path(image["file"]).exists() for image in document["images"])


def test_an_image_that_is_not_there_is_listed_with_the_reason() -> None:
    done = xcrash("images", "/no/such/file", "--json")
    assert done.status == 0
    (image,) = done.document["images"]
    assert image["role"] == "other" and "no such" in " ".join(image["notes"])


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    done = xcrash("doctor", "--root", arch(tmp_path / "root").root, "--json", env=QUIET)
    assert done.status == 0
    checks = {(check["group"], check["name"]): check for check in done.document["checks"]}
    assert checks["debuginfo", "vmlinux"]["status"] == "bad" and checks["debuginfo", "vmlinux"]["remedy"]
    assert checks["result", "this kernel"]["status"] == "bad"
    assert checks["live memory", "/proc/kcore"]["status"] == "ok"


def test_doctor_tells_a_crash_that_is_too_old_with_its_symptoms(tmp_path: Path) -> None:
    old = tmp_path / "crash"
    old.write_text("#!/bin/sh\necho\necho 'crash 7.2.0'\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    done = xcrash("doctor", "--root", arch(tmp_path / "root").root, "--crash", old, "--json", env=QUIET)
    (check,) = [one for one in done.document["checks"] if one["name"] == "this kernel" and one["group"] == "crash"]
    assert check["status"] == "bad"
    assert "crash 7.2.0 is older" in check["found"] and "PID hash" in check["detail"]


@pytest.mark.parametrize(
    ("root", "status", "code"),
    [("/no/such/root", 2, "root-missing"), (str(DEMO), 2, "root-not-a-directory")],
)
def test_a_root_that_is_none_is_refused(root: str, status: int, code: str) -> None:
    for command in ("plan", "images", "doctor"):
        done = xcrash(command, "--root", root, "--json", env=QUIET)
        assert (done.status, done.document["error"]["code"]) == (status, code)


def test_suse_without_debuginfo_is_told_what_to_install(tmp_path: Path) -> None:
    tree = sles12_sp1_xen(tmp_path / "root", with_debuginfo=False)
    done = xcrash("plan", "--root", tree.root, "--json", env=QUIET)
    assert (done.status, done.document["error"]["code"]) == (3, "namelist-required")
    installs = [step["command"] for step in done.document["steps"] if step["needs"] == "install"]
    assert any("zypper" in command and "debug" in command for command in installs)


def test_a_fifo_is_refused_at_once_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = xcrash("plan", tmp_path / "pipe", "--json", env=QUIET)
    assert (done.status, done.document["error"]["code"]) == (4, "dump-not-a-file")


def test_a_hypervisor_without_a_multiboot_header_is_told_by_its_name(tmp_path: Path) -> None:
    image = builders.ElfFile(bits=32, machine=builders.I386, sections=[(".text", builders.PROGBITS, bytes(4096))])
    for name in ("xen-4.5.1.gz", "xen-dbg-4.5.1.gz"):
        (tmp_path / name).write_bytes(gzip.compress(image.build()))
    roles = {Path(one["path"]).name: one["role"] for one in xcrash("images", tmp_path, "--json").document["images"]}
    assert roles == {"xen-4.5.1.gz": "xen-boot", "xen-dbg-4.5.1.gz": "xen-boot-debug"}


def test_doctor_survives_a_home_that_cannot_be_entered(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    (closed / "inside").mkdir(parents=True)
    (closed / "inside").chmod(0)
    env = {**QUIET, "XDG_CACHE_HOME": str(closed / "inside" / "cache"), "XDG_STATE_HOME": str(closed / "inside" / "s")}
    done = xcrash("doctor", "--json", env=env)
    (closed / "inside").chmod(0o700)
    assert done.status == 0


def test_other_names_of_an_image_are_told(tmp_path: Path) -> None:
    tree = sles12_sp1_xen(tmp_path / "root")
    images = {one["path"]: one for one in xcrash("images", "--root", tree.root, "--json").document["images"]}
    assert images["/boot/xen-4.5.1_10-1.gz"]["also"] == ["/boot/xen-4.5.gz", "/boot/xen.gz"]
