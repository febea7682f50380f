# SPDX-License-Identifier: Apache-2.0
"""A real debuginfod on the loopback, and the real debuginfod-find."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.real.processes import running_on, wait_for
from xcrash.errors import NamelistError
from xcrash.images import debuginfod

NEEDED = ("debuginfod", "debuginfod-find", "gcc", "readelf")
MISSING = [name for name in NEEDED if shutil.which(name) is None]

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (Debian: debuginfod, gcc, binutils)"
    ),
]


class Served(NamedTuple):
    """A program with debug information behind a debuginfod, and the environment of a client of it."""

    program: Path
    build_id: str
    url: str
    environ: dict[str, str]


def quiet(_: int, __: int | None) -> None:
    pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    program = tmp_path / "files" / "program"
    program.parent.mkdir()
    source = tmp_path / "program.c"
    source.write_text("static char large[8 << 20] = {1}; int main(void) { return large[0]; }\n")
    subprocess.run(["gcc", "-g", "-Wl,--build-id=sha1", "-o", program, source], check=True)
    notes = subprocess.run(["readelf", "-n", program], check=True, capture_output=True, text=True).stdout
    build_id = notes.partition("Build ID: ")[2].split()[0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            ["debuginfod", "-p", str(port), "-d", tmp_path / "index", "-F", program.parent],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "DEBUGINFOD_URLS": "", "HOME": str(tmp_path)},
        )

    def indexed() -> bool:
        assert server.poll() is None, (tmp_path / "log").read_text()
        try:
            with urllib.request.urlopen(f"{url}/buildid/{build_id}/debuginfo", timeout=10) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False

    try:
        wait_for(indexed, "the program is in debuginfod's index")
        home = tmp_path / "home"
        home.mkdir()
        environ = {"PATH": os.environ["PATH"], "HOME": str(home), "DEBUGINFOD_URLS": url}
        library_path = os.environ.get("LD_LIBRARY_PATH")
        yield Served(program, build_id, url, environ | ({"LD_LIBRARY_PATH": library_path} if library_path else {}))
    finally:
        server.terminate()
        server.wait(60)


def test_the_size_is_told_the_file_fetched_and_found_in_the_cache_afterwards(served: Served) -> None:
    home = Path(served.environ["HOME"])
    size = served.program.stat().st_size
    assert debuginfod.expected_size(served.build_id, [served.url], 30) == size
    assert debuginfod.cached(served.build_id, served.environ, home) is None
    seen: list[tuple[int, int | None]] = []
    path = debuginfod.fetch(served.build_id, served.environ, lambda done, total: seen.append((done, total)), 60)
    assert path.read_bytes() == served.program.read_bytes()
    assert path == debuginfod.cached(served.build_id, served.environ, home)
    assert path.is_relative_to(home)
    assert seen
    assert all(0 <= done <= (total or size) for done, total in seen)


def test_an_unknown_build_id_is_not_found_and_the_clients_note_of_it_is_no_hit(served: Served) -> None:
    unknown = "0" * 40
    with pytest.raises(NamelistError) as caught:
        debuginfod.fetch(unknown, served.environ, quiet, 60)
    assert caught.value.code == "debuginfod-not-found"
    assert debuginfod.cached(unknown, served.environ, Path(served.environ["HOME"])) is None
    assert debuginfod.expected_size(unknown, [served.url], 30) is None


def test_no_server_and_a_server_that_is_down_are_told_apart(served: Served) -> None:
    for urls, says in (("", "DEBUGINFOD_URLS is not set"), ("http://127.0.0.1:1", "Connection refused")):
        with pytest.raises(NamelistError) as caught:
            debuginfod.fetch("1" * 40, {**served.environ, "DEBUGINFOD_URLS": urls}, quiet, 60)
        assert caught.value.code == "debuginfod-failed"
        assert says in caught.value.message


def test_a_server_that_never_answers_ends_at_the_deadline_and_leaves_nothing(served: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NamelistError) as caught:
            debuginfod.fetch(served.build_id, {**served.environ, "DEBUGINFOD_URLS": url}, quiet, 1)
    assert caught.value.code == "debuginfod-timeout"
    assert running_on(f"debuginfod-find\0-v\0debuginfo\0{served.build_id}") == []
    left = [path for path in Path(served.environ["HOME"]).rglob("*") if path.is_file() and path.stat().st_size > 64]
    assert left == []
    assert list(Path(served.environ["HOME"]).rglob("debuginfo.*")) == []


class GivenUpError(Exception):
    """What ends a fetch from within ``progress``."""


def test_a_fetch_given_up_half_way_leaves_no_part_of_the_file(served: Served) -> None:
    ended = threading.Event()

    class Stalling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("X-DEBUGINFOD-SIZE", str(1 << 30))
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            self.wfile.write(bytes(1 << 20))
            ended.wait(120)

        def log_message(self, *args: object) -> None:
            pass

    def give_up(done: int, total: int | None) -> None:
        if done:
            assert total == 1 << 30
            raise GivenUpError

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stalling)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        environ = {**served.environ, "DEBUGINFOD_URLS": f"http://127.0.0.1:{server.server_address[1]}"}
        with pytest.raises(GivenUpError):
            debuginfod.fetch("2" * 40, environ, give_up, 60)
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert running_on("debuginfod-find\0-v\0debuginfo\0" + "2" * 40) == []
    assert list(Path(served.environ["HOME"]).rglob("debuginfo*.*")) == []
