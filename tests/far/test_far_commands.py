# SPDX-License-Identifier: Apache-2.0
"""The commands on another machine: the documents they print are those that it would print of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.far.daemon import Daemon
from tests.pty.running import until
from tests.unit.images import builders
from xcrash.cli.document_types import DoctorDocument, ErrorDocument, ImagesDocument, PlanDocument


def xcrash(*arguments: str) -> tuple[int, Any, str]:
    """Exit status, document and messages of a run."""
    done = subprocess.run(
        [sys.executable, "-m", "xcrash", *arguments, "--json"], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """Options that name a crash and a vmlinux over there, which is here."""
    crash, vmlinux = tmp_path / "crash", tmp_path / "vmlinux"
    crash.write_text("#!/bin/sh\necho crash 8.0.2\n")
    crash.chmod(0o755)
    vmlinux.write_bytes(builders.vmlinux().build())
    return ("--crash", str(crash), "--vmlinux", str(vmlinux))


def test_a_plan_is_the_one_of_the_machine_itself(daemon: Daemon, files: tuple[str, ...]) -> None:
    status, far, said = xcrash("plan", daemon.address, *files)
    status_here, here, said_here = xcrash("plan", *files)
    msgspec.convert(far, PlanDocument)
    assert status == status_here and said == said_here
    assert far["target"].pop("address") == daemon.address and here["target"].pop("address") is None
    assert far["host"].pop("root") == daemon.address and here["host"].pop("root") == "/"
    # Nothing is kept on another machine.
    same = [name for name in far if name not in ("decisions", "steps", "env", "files")]
    assert {name: far[name] for name in same} == {name: here[name] for name in same}
    assert [one["what"] for one in far["decisions"] if one["what"] == "connection"] == ["connection"]


def test_images_and_the_doctor_look_at_the_machine_that_is_named(daemon: Daemon, files: tuple[str, ...]) -> None:
    status, far, _ = xcrash("images", daemon.address)
    assert (status, far) == xcrash("images")[:2]
    msgspec.convert(far, ImagesDocument)
    status, far, _ = xcrash("images", daemon.address, files[3])
    assert (status, far) == xcrash("images", files[3])[:2]
    status, far, _ = xcrash("doctor", daemon.address)
    msgspec.convert(far, DoctorDocument)
    here = {check["name"]: check for check in xcrash("doctor")[1]["checks"]}
    common = [check for check in far["checks"] if check["group"] in ("crash", "live memory", "access")]
    assert status == 0 and common and all(check == here[check["name"]] for check in common)
    assert any(check["name"] == "xcrash" for check in far["checks"])


@pytest.mark.parametrize("command", [("plan",), ("run", "-c", "sys"), ("doctor",), ("images",), ()], ids=" ".join)
def test_a_host_that_cannot_be_reached_is_exit_4(daemon: Daemon, command: tuple[str, ...]) -> None:
    status, document, said = xcrash(*command, "ssh://127.0.0.1:1")
    error = msgspec.convert(document, ErrorDocument).error
    assert (status, error.code) == (4, "ssh-unreachable")
    assert "ssh://127.0.0.1:1" in error.message and "Connection refused" in error.message and error.message in said


def test_consent_names_the_host(daemon: Daemon) -> None:
    status, document, _ = xcrash("run", daemon.address, "-c", "!touch /x")
    error = msgspec.convert(document, ErrorDocument).error
    assert (status, error.code) == (2, "consent-needed")
    assert "on 127.0.0.1: it runs in a shell of 127.0.0.1" in error.message


def test_nothing_is_left_of_a_run_neither_here_nor_there(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tempfile.mkdtemp(prefix="x", dir="/tmp")
    try:
        monkeypatch.setenv("TMPDIR", place)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        xcrash("plan", daemon.address)
        assert os.listdir(place) == []  # noqa: PTH208 - names are enough
    finally:
        os.rmdir(place)  # noqa: PTH106
    until(lambda: not daemon.sessions(), "the end of every connection")
