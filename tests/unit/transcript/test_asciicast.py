# SPDX-License-Identifier: Apache-2.0
"""asciicast: versions 2 and 3 are read, cut off anywhere, and hostile ones are refused in words."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import ReplayError
from xcrash.transcript.asciicast import Cast, CastWriter, Event, Facts, Header, looks_like_cast, read_cast

V2 = (
    b'{"version": 2, "width": 512, "height": 50, "xcrash": {"prompt": "crash> ", "kind": "vmcore"}}\n'
    b'[0.5, "o", "crash> "]\n[1.0, "m", "ps"]\n[1.0, "i", "ps\\r"]\n[1.5, "o", "\\u00e9\\r\\n"]\n[2.0, "x", "0"]\n'
)
V3 = (
    b'{"version": 3, "term": {"cols": 100, "rows": 30}, "tags": ["a"]}\n# a remark\n'
    b'[0.5, "o", "crash> "]\n[0.5, "i", "ps\\r"]\n[0.25, "o", "x"]\n[0, "x", "0"]\n'
)


V1 = {"version": 1, "width": 100, "height": 30, "duration": 2.0, "title": "t", "env": {}}


def read(directory: Path, data: bytes) -> Cast:
    path = directory / "read.cast"
    path.write_bytes(data)
    return read_cast(path)


def test_version_2_has_times_since_the_start(tmp_path: Path) -> None:
    cast = read(tmp_path, V2)
    assert cast.complete
    assert (cast.header.version, cast.header.width, cast.header.height) == (2, 512, 50)
    assert cast.header.xcrash == Facts(prompt="crash> ", kind="vmcore")
    assert cast.events == (
        Event(0.5, "o", "crash> "),
        Event(1.0, "m", "ps"),
        Event(1.0, "i", "ps\r"),
        Event(1.5, "o", "é\r\n"),
        Event(2.0, "x", "0"),
    )


def test_version_3_has_times_since_the_event_before(tmp_path: Path) -> None:
    cast = read(tmp_path, V3)
    assert (cast.header.width, cast.header.height, cast.header.xcrash) == (100, 30, None)
    assert [event.time for event in cast.events] == [0.5, 1.0, 1.25, 1.25]
    assert cast.complete


@pytest.mark.parametrize("indent", [None, 2])
def test_version_1_is_one_object_with_pauses(tmp_path: Path, indent: int | None) -> None:
    stdout = [[0.5, "crash> "], [1.5, "ps\r\n"], ["x", "y"], ["inf", "z"], 7, [1]]
    cast = read(tmp_path, json.dumps({**V1, "stdout": stdout}, indent=indent).encode())
    assert (cast.header.version, cast.header.width, cast.header.title, cast.complete) == (1, 100, "t", True)
    assert cast.events == (Event(0.5, "o", "crash> "), Event(2.0, "o", "ps\r\n"), Event(2.0, "o", "z"))


@pytest.mark.parametrize("whole", [V2, V3], ids=["v2", "v3"])
def test_a_file_cut_off_at_any_byte_gives_the_events_before(tmp_path: Path, whole: bytes) -> None:
    events = read(tmp_path, whole).events
    for length in range(len(whole)):
        try:
            cast = read(tmp_path, whole[:length])
        except ReplayError as error:
            assert error.code == "cast-invalid"
            assert length < whole.index(b"\n")
            continue
        assert cast.events == events[: len(cast.events)]
        assert len(cast.events) >= whole[:length].count(b"\n[") - 1
        assert cast.complete is (whole[:length].endswith(b"\n") or length == whole.index(b"\n"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"", "cast-invalid"),
        (b"[]", "cast-invalid"),
        (b"null", "cast-invalid"),
        (b"{}", "cast-invalid"),
        (b'{"version": "2"}', "cast-invalid"),
        (b'{"version": null}', "cast-invalid"),
        (b'{"version": NaN}', "cast-invalid"),
        (b'{"version": 2.5}', "cast-invalid"),
        (b'{"version": true}', "cast-invalid"),
        (b'{"version": 1e999}', "cast-invalid"),
        (b'{"version": ' + b"9" * 400 + b"}", "cast-invalid"),
        (b'{"version": ' + b"9" * 5000 + b"}", "cast-invalid"),
        (b'{"version": 2, "a": ' + b"[" * 200_000, "cast-invalid"),
        (b'{"version": 1, "a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "cast-"),
        (b'{"version": 2, "title": "\xff"}', "cast-invalid"),
        (b'{"version": 2, "title": "\\ud800"}', "cast-invalid"),
        (b'{"version": 1}', "cast-version"),
        (b'{"version": 4}', "cast-version"),
        (b'{"version": -2}', "cast-invalid"),
    ],
)
def test_a_header_that_is_none_is_refused(tmp_path: Path, header: bytes, code: str) -> None:
    with pytest.raises(ReplayError) as caught:
        read(tmp_path, header + b"\n")
    # How deep JSON may be nested depends on the Python: too deep is invalid, otherwise it is a header of version 1.
    assert caught.value.code.startswith(code)
    assert caught.value.hint
    assert str(tmp_path) in caught.value.message


@pytest.mark.parametrize(
    "more",
    [
        {"width": "wide"},
        {"height": -1, "timestamp": "now"},
        {"xcrash": 7},
        {"xcrash": {"prompt": 5}},
        {"xcrash": {"argv": "crash"}},
        {"term": "xterm"},
        {"term": {"cols": None, "rows": []}},
        {"title": {"deep": [1, [2]]}},
        {"env": {"SHELL": None}, "theme": 1, "unknown": 1.5},
    ],
)
def test_wrong_types_in_a_header_are_left_out(tmp_path: Path, more: dict[str, Any]) -> None:
    cast = read(tmp_path, json.dumps({"version": 2, **more}).encode() + b'\n[1, "o", "x"]\n')
    assert cast.header.version == 2
    assert cast.events == (Event(1.0, "o", "x"),)


@pytest.mark.parametrize(
    ("line", "events"),
    [
        (b'["soon", "o", "x"]', 0),
        (b'[null, "o", "x"]', 0),
        (b'[[], "o", "x"]', 0),
        (b'[1, "o"]', 0),
        (b'{"a": 1}', 0),
        (b"not json", 0),
        (b"[" * 100_000, 0),
        (b'[NaN, "o", "x"]', 0),
        (b'[1e999, "o", "x"]', 0),
        (b"[" + b"9" * 400 + b', "o", "x"]', 1),
        (b'[1e308, "o", "x"]', 1),
        (b'[-5, "o", "x"]', 1),
        (b'["1.5", "o", "x"]', 1),
        (b"[1, " + b"9" * 5000 + b', "x"]', 1),
        (b'[1, "o", ' + b"9" * 5000 + b"]", 1),
        (b"[" + b"9" * 5000 + b', "o", "x"]', 1),
        (b'["nan", "o", "x"]', 1),
        (b'["inf", "o", "x"]', 1),
        (b'[1, 2, 3, 4]', 1),
        (b'[1, "o", null]', 1),
        (b'[true, "o", "x"]', 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", [2, 3])
def test_strange_events_do_no_harm(tmp_path: Path, version: int, line: bytes, events: int) -> None:
    data = b'{"version": %d}\n[1, "o", "a"]\n%s\n%s\n[2, "o", "b"]\n' % (version, line, line)
    cast = read(tmp_path, data)
    assert len(cast.events) in (2, 2 + 2 * events)
    assert (cast.events[0].data, cast.events[-1].data) == ("a", "b")
    times = [event.time for event in cast.events]
    assert times == sorted(times)
    assert all(math.isfinite(time) for time in times)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(ReplayError) as caught:
            read_cast(path)
        assert caught.value.code == "cast-unreadable"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.cast"
    with path.open("wb") as handle:
        handle.truncate((1 << 30) + 1)
    with pytest.raises(ReplayError) as caught:
        read_cast(path)
    assert caught.value.code == "cast-too-large"


@pytest.mark.parametrize(
    ("head", "cast"), [(b'{"version": 2}', True), (b' \n{"version":3', True), (b"{}", False), (b"crash> ", False)]
)
def test_a_cast_is_told_by_its_first_bytes(head: bytes, cast: bool) -> None:
    assert looks_like_cast(head) is cast


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(header=st.dictionaries(st.sampled_from(["version", "term", "xcrash", "width", "title"]), json_values),
       lines=st.lists(json_values | st.binary(max_size=12), max_size=6))  # fmt: skip
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, header: dict[str, Any], lines: list[Any]
) -> None:
    parts = [json.dumps({"version": 2, **header}).encode()]
    parts += [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    try:
        cast = read(tmp_path_factory.getbasetemp(), b"\n".join(parts))
    except ReplayError:
        return
    assert all(math.isfinite(event.time) for event in cast.events)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    facts = Facts(argv=("crash", "vmlinux"), dump="/var/crash/vmcore", scrubbed=True)
    header = Header(version=2, width=512, height=50, timestamp=5, title="t", xcrash=facts)
    writer = CastWriter(tmp_path / "a.cast", header)
    writer.event("o", "é€\U0001f4a5\r\n\x00\x1b[0m")
    writer.event("i", "ps\r")
    writer.close()
    writer.close()
    cast = read_cast(tmp_path / "a.cast")
    assert cast.complete
    assert cast.header == header
    assert "".join(event.data for event in cast.events if event.code == "o") == "é€\U0001f4a5\r\n\x00\x1b[0m"
    assert [event.time for event in cast.events] == sorted(event.time for event in cast.events)


def test_names_and_commands_that_are_no_utf8_are_written_all_the_same(tmp_path: Path) -> None:
    facts = Facts(dump="/var/\udcff/vmcore", argv=("crash", "\udcfe"))
    writer = CastWriter(tmp_path / "a.cast", Header(version=2, title="\udcff", xcrash=facts))
    writer.event("i", "p \udcff\r")
    writer.close()
    cast = read_cast(tmp_path / "a.cast")
    assert cast.header.xcrash == Facts(dump="/var/\ufffd/vmcore", argv=("crash", "\ufffd"))
    assert [event.data for event in cast.events] == ["p \ufffd\r"]


def test_a_recording_is_never_overwritten_nor_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            CastWriter(tmp_path / name, Header(version=2))
    assert (tmp_path / "there").read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


def test_writing_to_a_full_device_raises_and_closes_nothing_else(tmp_path: Path) -> None:
    writer = CastWriter(tmp_path / "a.cast", Header(version=2))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._fd)
    os.close(full)
    with pytest.raises(OSError, match="No space left"):
        writer.event("o", "x")
    writer.close()
    assert read_cast(tmp_path / "a.cast").events == ()


def test_the_header_is_what_players_expect(tmp_path: Path) -> None:
    CastWriter(tmp_path / "a.cast", Header(version=2, width=512, height=50, timestamp=5, title="t")).close()
    header = msgspec.json.decode((tmp_path / "a.cast").read_bytes())
    assert header == {"version": 2, "width": 512, "height": 50, "timestamp": 5, "title": "t", "xcrash": None}
