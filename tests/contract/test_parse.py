# SPDX-License-Identifier: Apache-2.0
"""``xcrash parse`` on recordings of every origin: the same session gives the same document."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.contract.command_line import xcrash
from tests.unit.parse.samples import CORPUS, DOM0
from xcrash.cli.cmd_parse import session_body
from xcrash.transcript.recording import read_sessions, sessions_of_text

SHOWN = (
    f"crash 8.0.2\n\nWARNING: cpu 0: cannot find NT_PRSTATUS note\n{DOM0}\n"
    "crash> bt 9\nbt: invalid task or pid value: 9\ncrash> q\n"
)
TOLD = SHOWN.replace("\n", "\r\n").replace("bt 9\r", "bz\b\x1b[Kt 9\r")


def asciicast(version: int) -> bytes:
    events: list[Any] = [[1.0, "o", TOLD[:100]], [1.0 if version == 3 else 2.0, "o", TOLD[100:]]]
    if version == 1:
        stdout = [[time, data] for time, _, data in events]
        return json.dumps({"version": 1, "width": 80, "height": 24, "stdout": stdout}, indent=1).encode()
    size = {"term": {"cols": 80, "rows": 24}} if version == 3 else {"width": 80, "height": 24}
    return "".join(json.dumps(line) + "\n" for line in [{"version": version, **size}, *events]).encode()


FORMATS = {
    "asciicast 1": asciicast(1),
    "asciicast 2": asciicast(2),
    "asciicast 3": asciicast(3),
    "typescript": f'Script started on x [TERM="xterm" COLUMNS="80" LINES="24"]\n{TOLD}\nScript done on y\n'.encode(),
    "ttyrec": struct.pack("<III", 1_700_000_000, 5, len(TOLD.encode())) + TOLD.encode(),
    "terminal text": TOLD.encode(),
    "pasted text": SHOWN.encode(),
    "quoted": "".join(f"> {line}\n" for line in SHOWN.splitlines()).encode(),
    "indented": "".join(f"    {line}\n" for line in SHOWN.splitlines()).encode(),
    "gzip": gzip.compress(asciicast(2)),
    "zstd": zstandard.ZstdCompressor().compress(SHOWN.encode()),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_document(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_bytes(FORMATS[name])
    document = xcrash("parse", tmp_path / "a", "--json").document
    assert document["schema"] == "xcrash.session/1"
    assert document["banner"]["fields"] == session_body(sessions_of_text("x", SHOWN))["banner"]["fields"]
    assert [(entry["command"], entry["output"]) for entry in document["commands"]] == [
        ("bt 9", "bt: invalid task or pid value: 9\n"),
        ("q", ""),
    ]
    assert [message["text"] for message in document["messages"] if message["class"] != "progress"] == [
        "WARNING: cpu 0: cannot find NT_PRSTATUS note",
        "bt: invalid task or pid value: 9",
    ]
    assert document["sessions"] is None


def test_several_sessions_stand_beside_the_first_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{SHOWN}$ ls\n$ crash v w\n{DOM0}\ncrash> ps\nPID\n")
    document = xcrash("parse", tmp_path / "a", "--json").document
    assert [[entry["command"] for entry in one["commands"]] for one in document["sessions"]] == [["bt 9", "q"], ["ps"]]
    assert document["sessions"][0] == {
        key: document[key] for key in ("view", "banner", "complete", "messages", "commands")
    }
    assert all(one["banner"] for one in document["sessions"])
    text = xcrash("parse", tmp_path / "a").out
    assert text.index("crash> bt 9") < text.index("crash> ps")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not part of the repository")
def test_public_recordings_have_their_banner_and_their_messages() -> None:
    for meta_file in sorted(CORPUS.glob("*.meta.json")):
        meta = json.loads(meta_file.read_text())
        body = session_body(read_sessions(meta_file.with_name(meta_file.name.replace(".meta.json", ".txt"))))
        sessions = body["sessions"] or [body]
        expected = [meta[key] for key in ("expected", "expected2") if key in meta] or [None]
        assert [one["banner"] and one["banner"]["fields"] for one in sessions] == expected, meta_file.name
        if "startup-failure" in meta["kind"]:
            assert [one for one in body["messages"] if one["class"] != "progress"], meta_file.name
        assert not [one for one in body["messages"] if one["text"].startswith((">", "crash>", "|"))], meta_file.name
