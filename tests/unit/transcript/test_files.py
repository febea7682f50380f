# SPDX-License-Identifier: Apache-2.0
"""The bytes of recordings: packed, cut off, damaged, of every encoding."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from xcrash.errors import ReplayError
from xcrash.transcript import files
from xcrash.transcript.files import looks_like_recording, read_bytes
from xcrash.transcript.recording import read_recording, sessions_in

TEXT = b"crash> ps\nPID\ncrash> q\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "xz": lambda data: lzma.compress(data, preset=0),
    "bz2": bz2.compress,
}


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_recording_is_read_whatever_its_name(tmp_path: Path, packer: str) -> None:
    (tmp_path / "a").write_bytes(PACKERS[packer](TEXT))
    assert read_bytes(tmp_path / "a") == TEXT
    assert read_recording(tmp_path / "a").answer_to("ps") == "PID\n"
    assert looks_like_recording(PACKERS[packer](TEXT))
    assert not looks_like_recording(PACKERS[packer](b"no session\n" * 100))


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_recording_that_was_cut_off_gives_what_can_be_unpacked(tmp_path: Path, packer: str) -> None:
    noise = random.Random(1).randbytes(1_000_000).hex().encode()  # noqa: S311 - something that does not pack
    packed = PACKERS[packer](TEXT + noise)
    (tmp_path / "a").write_bytes(packed[: len(packed) * 2 // 3])
    assert read_bytes(tmp_path / "a").startswith(TEXT)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x1f\x8b\x08" + b"\xff" * 50)
    with pytest.raises(ReplayError) as caught:
        read_bytes(tmp_path / "a")
    assert caught.value.code == "recording-damaged"


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    (tmp_path / "a").write_bytes(gzip.compress(bytes(8 << 20)))
    with pytest.raises(ReplayError) as caught:
        read_bytes(tmp_path / "a")
    assert caught.value.code == "recording-too-large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_system_has_its_text(encoding: str) -> None:
    (recording,) = sessions_in(TEXT.decode().replace("\n", "\r\n").encode(encoding), "x")
    assert recording.answer_to("ps") == "PID\n"


def test_old_line_ends_are_lines() -> None:
    assert sessions_in(TEXT.replace(b"\n", b"\r"), "x")[0].answer_to("ps") == "PID\n"
