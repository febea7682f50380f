# SPDX-License-Identifier: Apache-2.0
"""Typescripts and ttyrecs: those that script(1) writes here and now, and others byte by byte."""

from __future__ import annotations

import shutil
import signal
import struct
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests.unit.transcript.typed import SESSION, program
from xcrash.transcript.files import kind_of, looks_like_recording
from xcrash.transcript.recording import Recording, read_recording, read_sessions
from xcrash.transcript.ttyrec import read_ttyrec
from xcrash.transcript.typescript import Step, Timing, parse_timing, read_typescript

HAS_SCRIPT = shutil.which("script") is not None
needs_script = pytest.mark.skipif(not HAS_SCRIPT, reason="script(1) is not installed")


def has_advanced_format() -> bool:
    """Only util-linux has it, from 2.35 on."""
    done = subprocess.run(["script", "--help"], capture_output=True, text=True, check=False)
    return "--logging-format" in done.stdout


def _interruptible() -> None:
    """A shell gives its background jobs a ^C that does nothing, and they leave it to their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def typed_session(directory: Path, logging: str, columns: int) -> Path:
    """A session with line editing, history, ^C and a pager, typed by hand on a terminal that script records."""
    log = directory / "session.log"
    options = ["-q", "-f", "-O", str(log), "-T", f"{log}.timing", "--logging-format", logging]
    command = program(directory)
    child = pexpect.spawn(
        "script",
        [*options, "-c", command],
        dimensions=(24, columns),
        timeout=60,
        encoding="utf-8",
        preexec_fn=_interruptible,
    )
    for keys, expected in SESSION:
        child.expect_exact(expected)
        child.send(keys)
    child.expect(pexpect.EOF)
    child.close()
    return log


def outline(recording: Recording) -> list[tuple[str, str]]:
    return [(one.command, one.output.removesuffix(recording.prompt)) for one in recording.exchanges]


@needs_script
@pytest.mark.skipif(HAS_SCRIPT and not has_advanced_format(), reason="this script(1) knows one format only")
@pytest.mark.parametrize(("logging", "columns"), [("classic", 80), ("advanced", 80), ("advanced", 40)])
def test_a_session_typed_by_hand_is_read_as_it_was_meant(tmp_path: Path, logging: str, columns: int) -> None:
    recording = read_recording(typed_session(tmp_path, logging, columns))
    assert outline(recording) == [
        ("sys", "CPUS: 2\n"),
        ("struct task_struct.pid,comm,tasks", "struct task_struct.pid,comm,tasks\n"),
        ("sys", "CPUS: 2\n"),
        ("list", "".join(f"entry {number}\n" for number in range(1, 61))),
        ("q", ""),
    ]
    assert recording.complete
    assert recording.startup_text == "crash 8.0.2\n\ncrash> "
    assert sum(piece.delay for one in recording.exchanges for piece in one.pieces) > 0


BODY = "crash 8.0.2\r\ncrash> ps\r\nPID é\r\ncrash> q\r\n"
HEADER = 'Script started on 2026-11-24 02:34:40+00:00 [COMMAND="crash" TERM="xterm" COLUMNS="132" LINES="50"]\n'
TRAILER = '\nScript done on 2026-11-24 02:34:41+00:00 [COMMAND_EXIT_CODE="0"]\n'


def test_header_and_trailer_are_no_part_of_it() -> None:
    cast = read_typescript((HEADER + BODY + TRAILER).encode())
    assert [event.data for event in cast.events] == [BODY]
    assert (cast.header.width, cast.header.height, cast.complete) == (132, 50, True)
    assert not read_typescript((HEADER + BODY).encode()).complete


def test_pieces_come_with_their_pauses_and_characters_stay_whole() -> None:
    data = BODY.encode()
    cut = data.index("é".encode()) + 1
    timing = Timing((Step(0.5, "o", cut), Step(1.0, "i", 3), Step(0.25, "o", len(data) - cut)), {})
    events = read_typescript(HEADER.encode() + data, timing).events
    assert [(event.time, event.code) for event in events] == [(0.5, "o"), (1.75, "o")]
    assert "".join(event.data for event in events) == BODY
    assert events[1].data.startswith("é")


@pytest.mark.parametrize(
    ("text", "timing"),
    [
        ("0.5 7\n0.25 3\n", Timing((Step(0.5, "o", 7), Step(0.25, "o", 3)), {})),
        ("H 0.0 COLUMNS 80\nO 0.5 7\nI 0.1 1\n", Timing((Step(0.5, "o", 7), Step(0.1, "i", 1)), {"COLUMNS": "80"})),
        ("O 0.5 7\nS 0.5 SIGWINCH ROWS=50 COLS=100\nO 0", Timing((Step(0.5, "o", 7), Step(0.5, "r", 0, "100x50")), {})),
        ("H 0.0 INPUT_LOG a\nI 1 2\n", Timing((Step(1.0, "i", 2),), {"INPUT_LOG": "a"})),
        ("", None),
        ("hello\nworld\n", None),
        ("1e999 5\n2 2\n", None),
    ],
)  # fmt: skip
def test_both_formats_of_timing_are_read(text: str, timing: Timing | None) -> None:
    assert parse_timing(text) == timing


def test_input_and_output_in_one_file_are_told_apart() -> None:
    timing = parse_timing("H 0 INPUT_LOG d\nH 0 OUTPUT_LOG d\nO 1 7\nI 1 3\nO 1 5\n")
    cast = read_typescript(b"crash> ps\rps\r\nx", timing)
    assert [(event.code, event.data) for event in cast.events] == [("o", "crash> "), ("i", "ps\r"), ("o", "ps\r\nx")]


@pytest.mark.parametrize("name", ["a.log.timing", "a.tm", "timing"])
def test_a_timing_beside_the_typescript_is_found_if_it_fits(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.log"
    path.write_bytes((HEADER + BODY + TRAILER).encode())
    size = len(BODY.encode())
    (tmp_path / name).write_text(f"2.0 {size - 4}\n3.0 4\n")
    assert read_recording(path).exchanges[0].pieces[0].delay == 0.0
    assert read_recording(path).startup[0].delay == 0.0
    (tmp_path / name).write_text(f"2.0 24\n3.0 {size - 24}\n")
    assert read_recording(path).exchanges[0].pieces[0].delay == 3.0
    (tmp_path / name).write_text("2.0 20\n3.0 1\n")
    assert read_recording(path).exchanges[0].pieces[0].delay == 0.0
    assert read_recording(path, tmp_path / name).exchanges[0].command == "ps"


def test_the_name_of_the_timing_leads_to_its_typescript(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes((HEADER + BODY + TRAILER).encode())
    size = len(BODY.encode())
    (tmp_path / "log").write_text(f"H 0.0 SHELL /bin/sh\nH 0.0 OUTPUT_LOG /elsewhere/out\nO 1.0 {size}\n")
    assert outline(read_recording(tmp_path / "log"))[0] == ("ps", "PID é\n")


def test_several_sessions_appended_to_a_typescript_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "typescript"
    path.write_bytes((HEADER + BODY + TRAILER).encode() * 2)
    assert [[one.command for one in found.exchanges] for found in read_sessions(path)] == [["ps", "q"], ["ps", "q"]]


def ttyrec(*records: tuple[float, bytes]) -> bytes:
    return b"".join(struct.pack("<III", int(time), int(time % 1 * 1e6), len(data)) + data for time, data in records)


TTYREC = ttyrec(
    (1_700_000_000.5, b"crash 8.0.2\r\ncrash> "),
    (1_700_000_002.5, b"ps\r\nPID \xc3"),
    (1_700_000_003.0, b"\xa9\r\ncrash> "),
)


def test_a_ttyrec_is_read_record_by_record(tmp_path: Path) -> None:
    cast = read_ttyrec(TTYREC)
    assert [(event.time, event.data) for event in cast.events] == [
        (0.0, "crash 8.0.2\r\ncrash> "),
        (2.0, "ps\r\nPID "),
        (2.5, "é\r\ncrash> "),
    ]
    path = tmp_path / "a.tty"
    path.write_bytes(TTYREC)
    assert outline(read_recording(path)) == [("ps", "PID é\n")]


def test_a_ttyrec_that_was_cut_off_gives_the_records_before() -> None:
    whole = read_ttyrec(TTYREC).events
    for length in range(len(TTYREC)):
        cast = read_ttyrec(TTYREC[:length])
        assert cast.events == whole[: len(cast.events)]
        assert cast.complete is (length in (0, 32, 53))


@pytest.mark.parametrize(
    ("data", "kind", "session"),
    [
        (TTYREC, "ttyrec", True),
        (ttyrec((5.0, b"nothing")), "ttyrec", False),
        (HEADER.encode(), "typescript", True),
        (b'{"version": 2}\n', "asciicast", True),
        (b"crash> ps\n", "text", True),
        (b"a letter\n", "text", False),
        (b"\x7fELF" + bytes(100), "text", False),
        (bytes(4096), "text", False),
        (b"KDUMP   " + bytes(4096), "text", False),
        (b"", "text", False),
    ],
)
def test_kinds_are_told_by_what_is_in_a_file(data: bytes, kind: str, session: bool) -> None:
    assert kind_of(data) == kind
    assert looks_like_recording(data) is session
