# SPDX-License-Identifier: Apache-2.0
"""The recordings of a Dom0 hold what their scenes say; a command in a guest looks as if it ran here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab import serial_line
from tests.real.record_dom0 import CRASH, SCENES, XEN, Scene
from xcrash.session.messages import classify
from xcrash.transcript.asciicast import read_cast
from xcrash.transcript.recording import read_recording

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts"
DEADLINE = 60.0


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_recording_is_of_its_scene_and_of_a_dom0(scene: Scene) -> None:
    path = TRANSCRIPTS / f"{scene.name}.cast"
    facts = read_cast(path).header.xcrash
    assert facts is not None and facts.source is not None
    assert (facts.crash, facts.kind, facts.dump) == (CRASH, "live", "/proc/kcore")
    assert facts.source.startswith(f"the Dom0 of xen {XEN}") and ", PV," in facts.source
    asked = [exchange.command for exchange in read_recording(path).exchanges]
    assert asked == ([*scene.commands, "q"] if scene.commands else [])


def test_crash_does_not_start_on_a_paravirtual_dom0() -> None:
    recording = read_recording(TRANSCRIPTS / f"{SCENES[0].name}.cast")
    last = recording.startup_text.strip().splitlines()[-1]
    message = classify(last)
    assert "seek error: physical address: ffffffffffffffff" in last and '"pud page"' in last
    assert message is not None and message.kind == "command-error"
    assert recording.exit_status == 1 and not recording.exchanges


def test_the_minimal_session_reads_the_log_of_a_kernel_that_runs_on_xen() -> None:
    recording = read_recording(TRANSCRIPTS / f"{SCENES[1].name}.cast")
    log = recording.exchanges[0].output
    assert "Xen: [mem 0x" in log and "Booting kernel on Xen" in log
    assert recording.exit_status == 0


@contextmanager
def relay(place: Path, command: str) -> Iterator[tuple[subprocess.Popen[bytes], int, socket.socket]]:
    """The relay on a terminal of its own, that terminal, and the guest's end of the serial line."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / "line"))
        server.listen()
        server.settimeout(DEADLINE)
        terminal, slave = os.openpty()
        argv = [sys.executable, "-I", "-S", serial_line.__file__, str(place / "line"), command]
        child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        try:
            guest, _ = server.accept()
            guest.settimeout(DEADLINE)
            with guest:
                yield child, terminal, guest
        finally:
            child.kill()
            child.wait()
            os.close(terminal)


def received(guest: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += guest.recv(size - len(data))
    return data


def test_a_command_in_a_guest_has_its_output_its_input_and_its_status(tmp_path: Path) -> None:
    with relay(tmp_path, "exec crash") as (child, terminal, guest):
        assert received(guest, 11) == b"exec crash\n"
        os.write(terminal, b"log\r\x03")
        assert received(guest, 5) == b"log\r\x03"
        guest.sendall(b"crash> \x1e")
        assert os.read(terminal, 100) == b"crash> "
        guest.sendall(b"7\x1e")
        assert child.wait(DEADLINE) == 7


def test_a_guest_that_is_gone_ends_the_command(tmp_path: Path) -> None:
    with relay(tmp_path, "exec crash") as (child, terminal, guest):
        guest.sendall(b"one\r\n")
        assert os.read(terminal, 100) == b"one\r\n"
        guest.shutdown(socket.SHUT_RDWR)
        assert child.wait(DEADLINE) == 1
