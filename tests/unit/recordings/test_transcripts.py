# SPDX-License-Identifier: Apache-2.0
"""The recordings in transcripts/: each is listed, small, scrubbed, and reads as its golden result says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from xcrash.parse import read, sys
from xcrash.parse.lazy import encoded
from xcrash.transcript.asciicast import read_cast
from xcrash.transcript.recording import Recording, read_recording

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts"
DEMO = TRANSCRIPTS.parent / "xcrash" / "transcript" / "demo.cast"
CASTS = [*sorted(TRANSCRIPTS.glob("*.cast")), DEMO]


def result(recording: Recording) -> dict[str, Any]:
    """What the parsers make of a recording; of long lists how many there are, the first ones and the last one."""
    banner = sys.parse(recording.startup_text)
    others = {one.view: result(one) for one in recording.others}
    return {
        "banner": banner.fields if banner else None,
        "exit_status": recording.exit_status,
        "commands": [_read(one.command, one.output.removesuffix(recording.prompt)) for one in recording.exchanges],
        **({"others": others} if others else {}),
    }


def _read(command: str, output: str) -> dict[str, Any]:
    return {"command": command, "parsed": _shortened(msgspec.to_builtins(read(command, output), enc_hook=encoded))}


def _shortened(value: Any) -> Any:
    """Without what is unknown or empty, and without spans, which the text itself proves elsewhere."""
    if isinstance(value, dict):
        kept = {key: _shortened(found) for key, found in value.items() if key not in ("span", "line", "fields")}
        return {key: found for key, found in kept.items() if found not in (None, [], {}, "")}
    if isinstance(value, (list, tuple)) and len(value) > 4:
        return [*map(_shortened, value[:2]), f"... {len(value)} in all ...", _shortened(value[-1])]
    return [_shortened(found) for found in value] if isinstance(value, (list, tuple)) else value


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


@pytest.mark.parametrize("path", CASTS, ids=lambda path: path.stem)
def test_every_answer_is_read_without_leftovers(path: Path) -> None:
    recording = read_recording(path)
    left = {}
    for one in recording.exchanges:
        value = read(one.command, one.output.removesuffix(recording.prompt))
        if one.command != "q" and (value is None or bool(getattr(value, "unread", ()))):
            left[one.command] = value
    assert left == {}
