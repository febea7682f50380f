# SPDX-License-Identifier: Apache-2.0
"""Output without measure, and disks and descriptors that run out: small memory, clear words, nothing left behind."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.casts import PS, STARTUP, Script
from tests.pty.leftovers import descriptors, tidy
from tests.pty.running import Running
from xcrash.errors import StartError
from xcrash.session import OutputGrew, SessionGone, Spool, State
from xcrash.transcript.fakecrash import generated

PIECE = 1 << 20
SPARE_MEMORY = 64 << 20
ROOT = Path(__file__).parents[2]


def resident() -> int:
    """Bytes of memory this process uses."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def watched(running: Running) -> list[int]:
    """The memory in use, measured whenever output arrives; its first value is that of now."""
    sizes, heard = [resident()], running._listen

    def listen(event: object) -> None:
        if isinstance(event, OutputGrew):
            sizes.append(resident())
        heard(event)  # type: ignore[arg-type]

    running.session._listener = listen
    return sizes


def is_generated(running: Running, start: int, size: int, end: bytes) -> bool:
    """Does the spool hold what the fake crash generates, from ``start`` on? It is compared in pieces."""
    at, waiting = start, b""
    for block in generated(size, end):
        waiting = waiting or running.spool.read(at, min(at + PIECE, start + size))
        if not waiting.startswith(block):
            return False
        at, waiting = at + len(block), waiting[len(block) :]
    return at == start + size


def test_a_line_of_a_hundred_megabytes_is_kept_whole_in_little_memory(tmp_path: Path) -> None:
    size = 100 << 20
    with tidy(tmp_path) as fake:
        running = fake(Script().command("log", "\r\n").command("p 1", "$1 = 1\r\n"), LONG_LINE=size).ready()
        sizes = watched(running)
        result = running.session.run("log")
        assert (result.exit, result.bytes) == ("ok", size + 2)
        assert len(sizes) > 10
        assert max(sizes) - sizes[0] < SPARE_MEMORY
        assert is_generated(running, result.start, size, b"")
        assert running.spool.lines_in(result.start, result.end) == 1
        assert len(running.spool.line_in(result.start, result.end, 0)) == 1 << 16
        assert running.answer("p 1") == b"$1 = 1\r\n"
        running.session.close()
        recording = fake.paths[running]
        assert recording.stat().st_size > size
        recording.unlink()  # reading it takes what this test is about


def test_a_gigabyte_is_cut_off_at_the_quota_and_the_session_goes_on(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        spool = Spool.create(tmp_path / "spool", quota=len(STARTUP) + 100)
        running = fake(Script().command("search", "").command("p 1", "$1 = 1\r\n"), spool=spool, FLOOD=1 << 30).ready()
        sizes = watched(running)
        result = running.session.run("search")
        assert result.exit == "error"
        assert "is interrupted: output quota reached" in running.notices()[-1]
        assert 16 << 20 < result.bytes < 64 << 20
        assert max(sizes) - sizes[0] < SPARE_MEMORY
        # What is behind the quota may have a gap: Ctrl-C makes the terminal drop what it holds.
        assert is_generated(running, result.start, 16 << 20, b"\r\n")
        assert spool.lost == 0
        assert running.session.state is State.READY
        assert running.answer("p 1") == b"$1 = 1\r\n"


FULL = """
import json, sys
from pathlib import Path
from tests.pty.casts import Script
from tests.pty.running import Running
from xcrash.session import Spool
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder
from xcrash.transcript.recording import read_recording

work, full = map(Path, sys.argv[1:])
troubles = []
script = Script().command("search", "").command("p 1", "$1 = 1\\r\\n").command("p 2", "$2 = 2\\r\\n")
recorder = CastRecorder(full / "kept.cast", Facts(), troubles.append)
spool = Spool.create(full)
running = Running(script.write(work / "played.cast"), {"FLOOD": 1 << 26}, recorder=recorder, spool=spool).ready()
result = running.session.run("search")
held = spool.held
small = running.answer("p 1")
recorded = read_recording(recorder.path)
recorder.path.unlink()
after = running.answer("p 2")
told = {
    "exit": result.exit, "bytes": result.bytes, "head": running.spool.read(result.start, result.start + 16).decode(),
    "notices": running.notices(), "troubles": troubles, "small": small.decode(), "after": after.decode(),
    "startup": recorded.startup_text, "held": held, "held after": spool.held, "lost": spool.lost,
    "trouble after": spool.trouble, "files": [str(path) for path in full.iterdir()],
}
running.end()
print(json.dumps({**told, "gone": [running.session.gone.exit_status, running.session.gone.error]}))
"""


def on_a_full_disk(work: Path) -> subprocess.CompletedProcess[str]:
    """Run FULL with a file system of 4 MB of its own; an exit status of 77 if none can be mounted here."""
    full = work / "full"
    full.mkdir()
    mount = 'mount -t tmpfs -o size=4m none "$1" 2>/dev/null || exit 77; cd "$2" && shift 2 && exec "$@"'
    command = ["unshare", "-m", "--", "sh", "-c", mount, "sh", str(full), str(ROOT)]
    if os.geteuid():
        command[1:2] = ["-U", "-r", "-m"]
    return subprocess.run(
        [*command, sys.executable, "-c", FULL, str(work), str(full)], capture_output=True, text=True, check=False
    )


def test_a_disk_that_is_full_for_spool_and_recording_ends_the_command_and_nothing_else(tmp_path: Path) -> None:
    try:
        done = on_a_full_disk(tmp_path)
    except FileNotFoundError:
        pytest.skip("no unshare(1) here")
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no file system can be mounted here")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    words = os.strerror(errno.ENOSPC)
    assert told["exit"] == "error"
    assert told["head"] == "000000000000000 "
    assert told["bytes"] > 1 << 20
    assert told["notices"][0].startswith(f"{words}, for crash's output")
    assert told["notices"][1] == f"'search' is interrupted: {words}, for crash's output"
    assert len(told["troubles"]) == 1
    assert words in told["troubles"][0]
    assert told["startup"] == f"{STARTUP}crash> "
    assert (told["small"], told["after"]) == ("$1 = 1\r\n", "$2 = 2\r\n")
    assert told["held"] > 0
    assert (told["held after"], told["lost"], told["trouble after"], told["files"]) == (0, 0, None, [])
    assert told["gone"] == [0, None]


@contextmanager
def left(count: int) -> Iterator[None]:
    """Only so many descriptors can still be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, descriptors())) + 50, hard))
    held: list[int] = []
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(count):
            os.close(held.pop())
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_start_with_too_few_descriptors_is_told_and_leaves_none_open(tmp_path: Path) -> None:
    codes = []
    with tidy(tmp_path) as fake:
        for count in range(10):
            running = fake(Script())
            before = descriptors()
            with left(count):
                running.session.start()
                try:
                    running.session.wait_ready()
                except StartError as error:
                    assert "Too many open files" in error.message
                    assert "ulimit -n" in error.hint
                    codes.append(error.code)
                else:
                    codes.append("started")
                running.session.close()
            assert descriptors().keys() <= before.keys()
    assert set(codes) == {"crash-not-started", "started"}
    assert codes == sorted(codes)


def test_descriptors_that_run_out_while_crash_runs_disturb_nothing(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("ps", PS).command("p 1", "$1 = 1\r\n")).ready()
        with left(0):
            assert running.answer("ps") == PS.encode()
            assert running.answer("p 1") == b"$1 = 1\r\n"
            os.kill(running.pid, signal.SIGKILL)
            gone = running.event(SessionGone)
        assert (gone.exit_status, gone.signal) == (None, signal.SIGKILL)
        assert gone.error is not None
        assert gone.error.code == "crash-died"
