# SPDX-License-Identifier: Apache-2.0
"""What is said of each memory source, live and on copies."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from tests.unit.host.written import SUSE_R, report, tree
from xcrash.host.live_memory import Look
from xcrash.host.memory_sources import SOURCES, Source, looked_at, probe_memory
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import KernelConfig, MemoryFacts, Privileges, RunningKernel, SourceProbe

STRICT = "CONFIG_STRICT_DEVMEM=y limits /dev/mem to the first megabyte"
ROOT = Privileges(uid=0, capabilities=("CAP_SYS_RAWIO",))
USER = Privileges(uid=1000)
MODULE = f"/lib/modules/{SUSE_R}/updates/crash.ko"


def suse(**config: bool | str | None) -> RunningKernel:
    return RunningKernel(release=SUSE_R, config=KernelConfig(**config))  # type: ignore[arg-type]


def probe(facts: MemoryFacts, source: str) -> tuple[str, str]:
    found = next(one for one in facts.probes if one.source == source)
    return found.outcome, found.detail


def refused(
    error: int, source: Source = "/proc/kcore", who: Privileges = ROOT, **config: bool | str
) -> tuple[str, str]:
    def look(path: Path) -> Look:
        raise OSError(error, os.strerror(error), str(path))

    found = looked_at(source, Path(source), look, KernelConfig(**config), who)  # type: ignore[arg-type]
    return found.outcome, found.detail


def test_a_suse_dom0_has_no_use_for_dev_mem_and_a_driver_that_is_not_loaded(tmp_path: Path) -> None:
    facts = probe_memory(tree(tmp_path, {MODULE: b"\x7fELF"}), suse(strict_devmem=True, proc_kcore=True))
    assert probe(facts, "/dev/mem") == ("refused", STRICT)
    assert probe(facts, "/dev/crash") == ("absent", f"not present: crash's driver {MODULE} is not loaded")
    assert probe(facts, "/proc/kcore") == ("unproven", "a copy of a machine: not opened; CONFIG_PROC_KCORE=y")
    assert (facts.crash_module.path, facts.crash_module.loaded) == (MODULE, False)


def test_the_device_file_of_a_tree_counts_whatever_it_is(tmp_path: Path) -> None:
    facts = probe_memory(tree(tmp_path, {"/dev/crash": b""}), suse())
    assert probe(facts, "/dev/crash") == ("unproven", "a copy of a machine: the device file exists")


def test_a_driver_in_the_modules_of_a_tree_counts(tmp_path: Path) -> None:
    facts = probe_memory(tree(tmp_path, {"/proc/modules": "crash 16384 0 - Live 0x0\n"}), suse())
    assert probe(facts, "/dev/crash") == ("unproven", "a copy of a machine: /proc/modules lists crash's driver")
    assert facts.crash_module.loaded


def test_a_tree_without_a_configuration_promises_what_is_usual(tmp_path: Path) -> None:
    facts = probe_memory(tree(tmp_path), RunningKernel())
    unknown = "a copy of a machine: not opened; what the configuration says of it is not known"
    assert probe(facts, "/proc/kcore") == probe(facts, "/dev/mem") == ("unproven", unknown)
    assert probe(facts, "/dev/crash") == ("absent", "not present")


def test_a_kernel_without_the_sources(tmp_path: Path) -> None:
    facts = probe_memory(tree(tmp_path), suse(proc_kcore=False, devmem=False))
    assert probe(facts, "/proc/kcore") == ("absent", "the kernel is built without it (CONFIG_PROC_KCORE is not set)")
    assert probe(facts, "/dev/mem") == ("absent", "the kernel is built without it (CONFIG_DEVMEM is not set)")


@pytest.mark.parametrize(
    ("word", "kcore", "mem"),
    [
        ("none", "unproven", "unproven"),
        ("integrity", "unproven", "refused"),
        ("confidentiality", "refused", "refused"),
    ],
)
def test_lockdown_of_a_tree(tmp_path: Path, word: str, kcore: str, mem: str) -> None:
    facts = probe_memory(tree(tmp_path), suse(lockdown=word, strict_devmem=False, proc_kcore=True))
    assert (probe(facts, "/proc/kcore")[0], probe(facts, "/dev/mem")[0]) == (kcore, mem)
    if mem == "refused":
        assert probe(facts, "/dev/mem")[1] == f"lockdown is [{word}]: /dev/mem cannot be opened"


def test_a_report_holds_no_memory(tmp_path: Path) -> None:
    files = {"/dev/crash": b"", "/proc/kcore": b"\x7fELF"}
    facts = probe_memory(report(tmp_path, {}, files), suse(proc_kcore=True))
    assert {(one.outcome, one.detail) for one in facts.probes} == {("absent", "a report is a copy: it holds no memory")}
    assert [one.source for one in facts.probes] == list(SOURCES)


def test_permission_is_all_a_user_lacks() -> None:
    assert refused(errno.EACCES, who=USER) == ("needs-root", "needs root")


def test_root_would_not_help_where_the_kernel_refuses() -> None:
    assert refused(errno.EACCES, "/dev/mem", who=USER, strict_devmem=True) == ("refused", STRICT)
    outcome, detail = refused(errno.EACCES, who=USER, lockdown="confidentiality")
    assert (outcome, detail) == ("refused", "lockdown is [confidentiality]: the kernel's memory cannot be read")


def test_root_of_a_container_lacks_a_capability() -> None:
    inside = Privileges(uid=0, container="docker")
    expected = "Operation not permitted: CAP_SYS_RAWIO is missing in this container (docker)"
    assert refused(errno.EPERM, who=inside) == ("refused", expected)


def test_a_refusal_that_nothing_explains_is_the_systems_own() -> None:
    assert refused(errno.EPERM) == ("refused", "Operation not permitted")
    assert refused(errno.EIO) == ("refused", "it cannot be read: Input/output error")
    assert refused(errno.ENOENT) == ("absent", "not present")


@pytest.mark.parametrize(
    ("strict", "detail"),
    [(True, STRICT), (None, "nothing there; this is what CONFIG_STRICT_DEVMEM does"), (False, "nothing there")],
)
def test_dev_mem_that_ends_at_the_first_megabyte(strict: bool | None, detail: str) -> None:
    look = Look("refused", "nothing there", first_megabyte=True)
    found = looked_at("/dev/mem", Path("/dev/mem"), lambda _: look, KernelConfig(strict_devmem=strict), ROOT)
    assert found == SourceProbe(source="/dev/mem", outcome="refused", detail=detail)


def test_a_container_masks() -> None:
    inside = Privileges(uid=0, container="podman")
    look = Look("masked", "it is empty: masked")
    found = looked_at("/proc/kcore", Path("/proc/kcore"), lambda _: look, KernelConfig(), inside)
    assert (found.outcome, found.detail) == ("masked", "it is empty: masked by the container (podman)")


def live_with(directory: Path, files: dict[str, str | bytes]) -> LocalRoot:
    """A directory that is looked at as the live machine is: its files are opened."""
    tree(directory, files)
    return LocalRoot(directory, "live")


def test_a_device_of_another_driver_behind_the_name_is_never_opened(tmp_path: Path) -> None:
    root = live_with(tmp_path, {"/proc/misc": " 57 crash\n"})
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/crash").symlink_to("null")
    try:
        os.mknod(tmp_path / "dev/null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("device files can be made by root only")
    expected = "its number is 1, 3, that of crash's driver 10, 57: a stale device file"
    assert probe(probe_memory(root, suse()), "/dev/crash") == ("refused", expected)


def test_a_plain_file_is_not_crashs_device(tmp_path: Path) -> None:
    root = live_with(tmp_path, {"/dev/crash": bytes(4096), "/proc/misc": " 57 crash\n"})
    assert probe(probe_memory(root, suse()), "/dev/crash") == ("refused", "it is not a device")


def test_a_loaded_driver_without_its_device_file(tmp_path: Path) -> None:
    root = live_with(tmp_path, {"/proc/misc": " 57 crash\n", "/proc/modules": "crash 16384 0 - Live 0x0\n"})
    expected = "crash's driver is loaded, but there is no device file (its number is 10, 57)"
    assert probe(probe_memory(root, suse()), "/dev/crash") == ("absent", expected)


def test_the_sources_of_a_live_machine_are_opened_and_read(tmp_path: Path) -> None:
    root = live_with(tmp_path, {"/proc/kcore": b"", "/dev/mem": bytes(0x102000)})
    facts = probe_memory(root, suse())
    assert probe(facts, "/proc/kcore")[0] == "masked"
    assert probe(facts, "/dev/mem") == ("read", "one page of memory was read, at 0x101000")


def test_every_source_of_the_live_machine_gets_a_reason() -> None:
    facts = probe_memory(LocalRoot("/"), RunningKernel())
    assert [one.source for one in facts.probes] == list(SOURCES)
    assert all(one.detail for one in facts.probes)
    assert all(one.outcome != "unproven" for one in facts.probes)
