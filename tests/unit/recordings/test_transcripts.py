# SPDX-License-Identifier: Apache-2.0
"""The recordings in transcripts/: each is listed, small, scrubbed, and reads as its golden result says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from xcrash.parse import parser_for, ps, sys
from xcrash.transcript.asciicast import read_cast
from xcrash.transcript.recording import Recording, read_recording

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts"
DEMO = TRANSCRIPTS.parent / "xcrash" / "transcript" / "demo.cast"
CASTS = [*sorted(TRANSCRIPTS.glob("*.cast")), DEMO]


def result(recording: Recording) -> dict[str, Any]:
    """What the parsers make of a recording: banner fields, and of each ps its tasks, one readable line each."""
    banner = sys.parse(recording.startup_text)
    commands = []
    for exchange in recording.exchanges:
        parser = parser_for(exchange.command)
        value = parser(exchange.output.removesuffix(recording.prompt)) if parser else None
        entry: dict[str, Any] = {"command": exchange.command, "kind": None}
        if isinstance(value, ps.Ps):
            entry = {**entry, "kind": "ps", "tasks": [_task(task) for task in value.tasks], "unread": len(value.unread)}
        elif value is not None:
            entry = {**entry, "kind": value.__struct_config__.tag}
        commands.append(entry)
    return {"banner": banner.fields if banner else None, "exit_status": recording.exit_status, "commands": commands}


def _task(task: ps.Task) -> str:
    values = (task.active, task.pid, task.ppid, task.cpu, task.st, task.vsz, task.rss, task.comm)
    return " ".join(map(str, values)).strip()


@pytest.mark.parametrize("path", CASTS, ids=lambda path: path.stem)
def test_a_recording_reads_as_its_golden_result(path: Path, update_golden: bool) -> None:
    golden = TRANSCRIPTS / f"{path.stem}.expect.json"
    found = result(read_recording(path))
    if update_golden:
        golden.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    assert found == msgspec.json.decode(golden.read_bytes())


@pytest.mark.parametrize("path", CASTS, ids=lambda path: path.stem)
def test_a_recording_is_small_scrubbed_and_complete(path: Path) -> None:
    cast = read_cast(path)
    assert path.stat().st_size < 1_000_000
    assert cast.complete and cast.header.version == 2
    assert cast.header.xcrash is not None and cast.header.xcrash.scrubbed and cast.header.xcrash.crash
    text = path.read_text(encoding="utf-8")
    assert "xcrash-lab" not in text and "/root/" not in text and "/tmp/" not in text  # noqa: S108 - searched for
    assert "echo xcrash-" not in text


def test_the_index_lists_every_recording_and_nothing_else() -> None:
    index = (TRANSCRIPTS / "INDEX.toml").read_text(encoding="utf-8")
    listed = {line.strip("[]\"'").rpartition("/")[2] for line in index.splitlines() if line.startswith("[")}
    assert listed == {path.name for path in CASTS}
