# SPDX-License-Identifier: Apache-2.0
"""The far end's program in every POSIX shell that is here, without ssh: hostile names, bounds, what it leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from xcrash.ssh.connection import Request, _encoded

SHELLS = [
    words for words in (["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"]) if shutil.which(words[0])
]
NAMES = [
    "plain",
    "two words",
    " ends with a blank ",
    "back\\slash",
    "*",
    "$(id)",
    "-n",
    "é\udcff",
    "it's",
    ".hidden",
    "..x",
]


class Attendant:
    """One attendant on two pipes."""

    def __init__(self, shell: list[str]) -> None:
        self._child = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._count = 0
        program = resources.files("xcrash.ssh").joinpath("attendant.sh").read_bytes()
        self._write(program + b"serve greeting\n")
        assert self._until(b"greeting") == (b"", "hello")

    def _write(self, data: bytes) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(data)

    def _until(self, token: bytes) -> tuple[bytes, str]:
        assert self._child.stdout is not None
        data = b""
        while (at := data.find(b"\n" + token + b" ")) < 0 or not data.endswith(b"\n"):
            more = os.read(self._child.stdout.fileno(), 65536)
            assert more, data
            data += more
        return data[:at], data[at + len(token) + 2 :].decode("utf-8", "surrogateescape").rstrip("\n")

    def __call__(self, op: str, path: str = "", *numbers: int, words: tuple[str, ...] = ()) -> tuple[bytes, str]:
        self._count += 1
        token = f"token-{self._count}"
        self._write(_encoded(Request(op, path, numbers, words), token))
        return self._until(token.encode())

    def end(self) -> int:
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.stdout.close()
        return self._child.wait(30)


@pytest.fixture(params=SHELLS, ids=lambda words: words[0])
def attendant(request: pytest.FixtureRequest) -> Iterator[Attendant]:
    made = Attendant(request.param)
    yield made
    made.end()


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind_are_read_listed_and_looked_at(attendant: Attendant, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"\0line\n\xff")
    assert attendant("read", str(file), 100) == (b"\0line\n\xff", "ok")
    assert attendant("kind", str(file)) == (b"", "file")
    data, result = attendant("look", str(file))
    assert result == "file" and data.split(b"\n", 1)[1].rstrip(b"\n") == os.fsencode(file)
    assert int(data.split()[1]) == 7
    assert attendant("list", str(tmp_path), 10) == (b"f" + os.fsencode(name) + b"\0", "directory")
    assert attendant("blocks", str(file), 0, 1, 4096) == (b"\0line\n\xff", "ok")


def test_a_name_with_a_line_feed_is_listed_and_cannot_be_asked_for(attendant: Attendant, tmp_path: Path) -> None:
    (tmp_path / "a\nb").write_text("x")
    assert attendant("list", str(tmp_path), 10) == (b"fa\nb\0", "directory")
    with pytest.raises(ValueError, match="line feed"):
        attendant("read", str(tmp_path / "a\nb"), 10)


def test_what_is_no_file_is_not_opened(attendant: Attendant, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("x")
    assert attendant("read", str(tmp_path / "fifo"), 10) == (b"", "other")
    assert attendant("read", str(tmp_path), 10) == (b"", "directory")
    assert attendant("read", "/dev/zero", 10) == (b"", "character")
    assert attendant("read", str(tmp_path / "none"), 10) == (b"", "absent")
    assert attendant("kind", str(tmp_path / "loop")) == (b"", "absent")
    assert attendant("kind", str(tmp_path / "file" / "below")) == (b"", "absent")
    assert attendant("list", str(tmp_path / "file"), 10) == (b"", "file")
    assert attendant("look", str(tmp_path / "none")) == (b"", "absent")


def test_answers_are_bounded(attendant: Attendant, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    for number in range(5):
        (tmp_path / f"{number}").touch()
    assert attendant("read", str(tmp_path / "large"), 1000) == (b"x" * 1000, "ok")
    assert attendant("list", str(tmp_path), 2)[0].count(b"\0") == 2
    assert attendant("run", "", 5, 1000, 3, words=("head", "-c100000", "/dev/zero"))[0] == b"\0" * 1000


@pytest.mark.parametrize(
    ("words", "output", "said"),
    [
        (("printf", "%s|", "a b", "$(id)", "*"), b"a b|$(id)|*|", "ran |status 0"),
        (("sh", "-c", "echo out; echo err >&2; exit 3"), b"out\n", "ran err||status 3"),
        (("sh", "-c", "cat; kill -9 $$"), b"", "ran |status 137"),
        (("no-such-program",), b"", "absent"),
    ],
)
def test_commands_get_their_words_and_nothing_to_read(
    attendant: Attendant, words: tuple[str, ...], output: bytes, said: str
) -> None:
    assert attendant("run", "", 5, 10_000, len(words), words=words) == (output, said)


def test_a_command_that_hangs_is_ended(attendant: Attendant) -> None:
    data, result = attendant("run", "", 1, 1000, 2, words=("sleep", "1000"))
    assert data == b"" and "late" in result and "status 137" in result
    assert attendant("kind", "/") == (b"", "directory")


def test_the_directory_is_private_and_goes_with_everything_in_it(attendant: Attendant, tmp_path: Path) -> None:
    place, other = tmp_path / "xcrash-1", tmp_path / "other"
    other.mkdir()
    assert attendant("directory", str(place)) == (b"", "ok")
    assert place.stat().st_mode & 0o777 == 0o700
    assert attendant("directory", str(place)) == (b"", "failed File exists")
    assert attendant("link", str(place / "a b"), words=("/x y",)) == (b"", "ok")
    assert (place / "a b").readlink() == Path("/x y")
    assert attendant("tidy", str(other)) == (b"", "ok") and other.exists()
    deaf = "trap '' HUP TERM INT USR2; echo up; while :; do sleep 1; done"
    child = subprocess.Popen(["sh", "-c", deaf], cwd=place, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"up\n"
    assert attendant.end() == 0
    assert child.wait(30) == -9 and not place.exists()
    child.stdout.close()


def test_unknown_requests_are_refused(attendant: Attendant) -> None:
    assert attendant("nonsense", "/") == (b"", "failed unknown request")
