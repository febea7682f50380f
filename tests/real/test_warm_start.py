# SPDX-License-Identifier: Apache-2.0
"""The second start of crash finds what the first one left; the user's own start-up files are read when asked for."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import xcrash
from tests.lab.paths import Lab
from xcrash.gdb_index import shortened

pytestmark = pytest.mark.real

STATS = "gdb show index-cache stats"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))
    return path / "xcrash"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with start-up files for gdb and for crash."""
    path = tmp_path / "home"
    path.mkdir()
    (path / ".gdbinit").write_text("set $of_gdbinit = 4711\n")
    (path / ".crashrc").write_text("alias of_crashrc p 1\n")
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return path


def run(lab: Lab, version: str, *words: str | Path, vmlinux: Path | None = None) -> dict[str, Any]:
    crash = lab.crash_version(version).path
    target = (lab.dump("panic").path, "--vmlinux", vmlinux or lab.vmlinux, "--crash", crash)
    done = xcrash("run", *target, *words, "--json")
    assert done.status == 0, done.err
    return done.document


def answers(document: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in document["commands"]]


def hits(document: dict[str, Any]) -> tuple[int, int]:
    """How often gdb found an index in its cache, and how often not."""
    found = re.search(r"hits \(this session\): (\d+)\s+Cache misses \(this session\): (\d+)", answers(document)[0])
    assert found, answers(document)
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(("version", "gdb"), [("9.0", "16"), ("8.0.6", "10")])
def test_the_second_start_uses_the_index_that_the_first_one_wrote(
    lab: Lab, workdir: Path, cache: Path, version: str, gdb: str
) -> None:
    index = cache / "gdb-index" / gdb / f"{lab.build_id}.gdb-index"
    first = run(lab, version, "-c", STATS)
    assert hits(first) == (0, 1)
    written = index.read_bytes()
    assert (index.stat().st_mode & 0o777, index.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    second = run(lab, version, "-c", STATS, "-c", "struct pid", "-c", "p jiffies", "-c", "bt")
    assert hits(second) == (1, 0)
    assert "--no_crashrc" in second["session"]["argv"]
    assert [one["chosen"] for one in second["session"]["decisions"] if one["what"] == "index cache"] == [
        str(index.parent)
    ]
    assert index.read_bytes() == (shortened(written) if gdb == "10" else written)
    _, struct, jiffies, bt = answers(second)
    assert struct.startswith("struct pid {\n") and "SIZE: " in struct
    assert re.search(r"= \d+$", jiffies.strip())
    assert "sysrq_handle_crash" in bt
    assert list(workdir.iterdir()) == []


def test_an_index_in_a_directory_that_others_can_write_is_not_used(lab: Lab, workdir: Path, cache: Path) -> None:
    shared = cache / "gdb-index"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    done = xcrash(
        "run", lab.dump("panic").path, "--vmlinux", lab.vmlinux, "--crash", lab.default_crash, "-c", STATS, "--json"
    )
    assert done.status == 0
    assert f"no index cache, so that every start is slow: {shared} can be written by others" in done.err
    assert hits(done.document) == (0, 0)
    assert list(shared.rglob("*.gdb-index")) == []


def test_the_users_own_files_are_read_with_user_rc(lab: Lab, workdir: Path, cache: Path, home: Path) -> None:
    document = run(lab, "9.0", "--user-rc", "-c", "p $of_gdbinit", "-c", "alias", "-c", STATS)
    value, aliases, stats = answers(document)
    assert value.endswith("= 4711\n")
    assert re.search(r"^runtime\s+of_crashrc\s+p 1\s*$", aliases, re.MULTILINE)
    assert "--no_crashrc" not in document["session"]["argv"]
    (own,) = [one for one in document["session"]["decisions"] if one["what"] == "user's own start-up files"]
    assert own["chosen"] == f"{home}/.gdbinit {home}/.crashrc"
    # The index cache is in force beside them.
    assert "(this session): 1" in stats
    assert len(list(cache.rglob("*.gdb-index"))) == 1


def test_the_users_own_files_are_not_read_without_it(lab: Lab, workdir: Path, cache: Path, home: Path) -> None:
    value, aliases = answers(run(lab, "9.0", "-c", "p $of_gdbinit", "-c", "alias"))
    assert value.endswith("= void\n")
    assert "of_crashrc" not in aliases


def test_a_vmlinux_that_crash_would_unpack_at_every_start_is_unpacked_once(
    lab: Lab, workdir: Path, cache: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "kernel.gz"
    with lab.vmlinux.open("rb") as plain, gzip.open(packed, "wb", 1) as out:
        shutil.copyfileobj(plain, out, 1 << 20)
    first = run(lab, "9.0", "-c", "sys", vmlinux=packed)
    copy = cache / "kernels" / lab.build_id / "kernel"
    assert str(copy) in first["session"]["argv"] and "-f" not in first["session"]["argv"]
    assert copy.stat().st_size == lab.vmlinux.stat().st_size
    assert first["commands"][0]["parsed"]["release"] == lab.release
    (reason,) = [one["reason"] for one in first["session"]["decisions"] if one["what"] == "unpack"]
    assert reason == f"crash would unpack it at every start: {packed} is unpacked once into the cache"
