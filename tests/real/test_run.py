# SPDX-License-Identifier: Apache-2.0
"""``xcrash run`` on real dumps with the real crash."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from tests.contract.command_line import xcrash
from tests.lab.paths import Lab
from tests.real.processes import running_on, wait_for

pytestmark = pytest.mark.real

VERSIONS = ("8.0.6", "9.0")
DUMPS = ("panic", "panic-flat", "panic-elf", "running")


def options(lab: Lab, version: str = "") -> list[str]:
    crash = lab.crash_version(version).path if version else lab.default_crash
    return ["--vmlinux", str(lab.vmlinux), "--crash", str(crash)]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_banner_and_every_task_of_the_dump(lab: Lab, workdir: Path, version: str) -> None:
    dump = lab.dump("panic").path
    done = xcrash("run", dump, *options(lab, version), "-c", "sys", "-c", "ps", "-c", "bt", "--json")
    document = done.document
    assert done.status == 0
    banner, (sys_, ps, bt) = document["banner"], document["commands"]
    assert banner["release"] == lab.release
    assert banner["panic"] == "Kernel panic - not syncing: sysrq triggered crash"
    assert banner["nodename"] == "dom0lab"
    assert (banner["cpus"], banner["cpus_offline"]) == (2, 1)
    assert len(ps["parsed"]["tasks"]) == banner["tasks"] >= 80
    assert ps["parsed"]["unread"] == []
    assert sys_["parsed"]["fields"]["TASKS"] == banner["fields"]["TASKS"]
    assert "sysrq_handle_crash" in bt["text"]
    assert document["session"]["crash"].startswith(version)
    assert document["target"]["match"]["verdict"] == "same-build"
    assert list(workdir.iterdir()) == []
    assert running_on(str(dump)) == []


@pytest.mark.parametrize("name", DUMPS)
def test_every_format_opens(lab: Lab, workdir: Path, name: str) -> None:
    dump = lab.dump(name)
    document = xcrash("run", dump.path, *options(lab), "-c", "ps", "--json").document
    assert document["target"]["dump"]["build_id"] == lab.build_id == document["target"]["vmlinux"]["build_id"]
    assert document["target"]["dump"]["missing_bytes"] == 0
    assert len(document["commands"][0]["parsed"]["tasks"]) == document["banner"]["tasks"]
    assert (document["banner"]["panic"] is not None) == dump.panic


def test_names_with_blanks_and_shell_words_are_harmless(lab: Lab, workdir: Path, tmp_path: Path) -> None:
    place = tmp_path / "a dir;touch evil"
    place.mkdir()
    dump, vmlinux = place / "dump@1 $(touch evil)", place / "vmlinux `touch evil` #1"
    dump.symlink_to(lab.dump("panic").path)
    vmlinux.symlink_to(lab.vmlinux)
    done = xcrash("run", dump, "--vmlinux", vmlinux, "--crash", lab.default_crash, "-c", "sys", "--json")
    assert done.status == 0, done.err
    assert done.document["commands"][0]["parsed"]["release"] == lab.release
    assert not list(tmp_path.rglob("evil"))


def test_help_pages_full_of_prompts_do_not_desynchronise(lab: Lab, workdir: Path) -> None:
    pages = [word for _ in range(5) for word in ("-c", "help ps", "-c", "help bt", "-c", "help kmem", "-c", "p 1+1")]
    entries = xcrash("run", lab.dump("panic").path, *options(lab), *pages, "--json").document["commands"]
    assert [entry["text"] for entry in entries if entry["command"] == "p 1+1"] == [
        f"${number} = 2\n" for number in range(1, 6)
    ]
    for page in ("help ps", "help bt", "help kmem"):
        texts = {entry["text"] for entry in entries if entry["command"] == page}
        assert len(texts) == 1
        assert texts.pop().count("\ncrash> ") or "    crash> " in str(entries)


def test_a_command_past_its_limit_is_interrupted_and_the_next_one_works(lab: Lab, workdir: Path) -> None:
    # "repeat" has no end of its own: only the limit can end it, however fast the machine is.
    commands = ["-c", "repeat p 1", "-c", "p 40+2"]
    done = xcrash("run", lab.dump("panic").path, *options(lab), "--timeout", "0.05", *commands, "--json")
    first, second = done.document["commands"]
    assert done.status == 6
    assert done.document["error"]["code"] == "command-timeout"
    assert first["exit"] == "timeout"
    assert second["exit"] == "ok"
    assert second["text"].endswith(" = 42\n")


def test_a_vmlinux_of_another_kernel_is_refused_before_crash_starts(lab: Lab, workdir: Path, tmp_path: Path) -> None:
    other = tmp_path / "vmlinux"
    shutil.copyfile(lab.vmlinux, other)
    wrong = lab.release.replace("6.", "5.", 1)
    data = other.read_bytes().replace(lab.release.encode(), wrong.encode())
    other.write_bytes(data.replace(bytes.fromhex(lab.build_id), bytes(20)))
    done = xcrash("run", lab.dump("panic").path, "--vmlinux", other, "--crash", "/bin/false", "-c", "sys", "--json")
    assert done.status == 3
    error = done.document["error"]
    assert error["code"] == "namelist-mismatch"
    for word in (lab.release, wrong, lab.build_id, "00" * 20):
        assert word in error["message"]


def test_a_truncated_dump_says_so_and_leaves_nothing_behind(lab: Lab, workdir: Path, tmp_path: Path) -> None:
    cut = tmp_path / "vmcore"
    whole = lab.dump("panic").path.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    done = xcrash("run", cut, *options(lab), "-c", "sys", "--json")
    assert done.status == 5
    assert done.document["error"]["code"] == "start-silent"
    assert f"{len(whole) - len(whole) // 2:,} bytes" in done.document["error"]["hint"]
    assert running_on(str(cut)) == []
    assert list(workdir.iterdir()) == []


def test_a_compressed_vmlinux_gets_f_only_when_its_header_needs_it(lab: Lab, workdir: Path, tmp_path: Path) -> None:
    packed = tmp_path / "kernel.gz"
    with lab.vmlinux.open("rb") as plain, packed.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw) as out:
        shutil.copyfileobj(plain, out, 1 << 20)
    words = ("run", lab.dump("panic").path, "--vmlinux", packed, "--crash", lab.default_crash, "-c", "sys", "--json")
    # Without a cache to unpack it into, crash has to do it.
    done = xcrash(*words, env={"XDG_CACHE_HOME": "/dev/null"})
    assert done.status == 0, done.err
    assert "-f" in done.document["session"]["argv"]
    reasons = {choice["what"]: choice["reason"] for choice in done.document["session"]["decisions"]}
    assert reasons["-f"] == "the gzip header names no file"
    assert done.document["messages"] == []
    assert done.document["commands"][0]["parsed"]["release"] == lab.release
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_crash_never_outlives_xcrash(lab: Lab, workdir: Path, state_directory: Path, number: signal.Signals) -> None:
    dump = lab.dump("panic").path
    argv = [sys.executable, "-m", "xcrash", "run", str(dump), *options(lab), "-c", "sys"]
    before = set(running_on(str(dump)))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(lambda: len(set(running_on(str(dump))) - before - {process.pid}) > 0, "crash has started")
        process.send_signal(number)
        status = process.wait(120)
    assert status == (130 if number == signal.SIGTERM else -signal.SIGKILL)
    wait_for(lambda: set(running_on(str(dump))) <= before, "crash is gone")
    (recording,) = (state_directory / "xcrash" / "recordings").iterdir()
    assert recording.stat().st_mode & 0o777 == 0o600
    assert recording.read_text().startswith('{"version":2')


def test_the_vmlinux_of_a_dump_is_found_by_build_id_without_any_option(lab: Lab) -> None:
    document = xcrash("plan", lab.dump("panic").path, "--crash", lab.default_crash, "--json").document
    assert Path(document["namelist"]["path"]).resolve() == lab.vmlinux.resolve()
    assert document["match"]["verdict"] == "same-build"
    assert document["target"]["crash"]["version"].startswith("9.0.2")


def test_a_vmlinux_that_crash_cannot_read_is_unpacked_once_into_the_cache(
    lab: Lab, workdir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "vmlinux.zst"
    with lab.vmlinux.open("rb") as source, packed.open("wb") as target:
        zstandard.ZstdCompressor(level=1).copy_stream(source, target)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    args = ("run", lab.dump("panic").path, "--vmlinux", packed, "--crash", lab.default_crash, "-c", "sys", "--json")
    document = xcrash(*args).document
    assert document["banner"]["tasks"] > 50
    unpacked = tmp_path / "cache" / "xcrash" / "kernels" / lab.build_id / "vmlinux"
    assert str(unpacked) in document["session"]["argv"]
    assert unpacked.stat().st_size == lab.vmlinux.stat().st_size
    packed.write_bytes(packed.read_bytes()[:-100])
    again = xcrash("plan", lab.dump("panic").path, "--vmlinux", packed, "--crash", lab.default_crash, "--json")
    assert str(unpacked) in again.document["argv"]
