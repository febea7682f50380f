# SPDX-License-Identifier: Apache-2.0
"""debuginfod: the cache, the servers, the size before a fetch, and debuginfod-find as a child process."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processes import has_ended
from xcrash.errors import NamelistError
from xcrash.host.sysroot import LocalRoot
from xcrash.images import debuginfod

HEX = "23d6a2555a6e5449f36482380e1a2f4ce6897ed6"


def store(cache: Path, data: bytes = b"\x7fELF") -> Path:
    path = cache / HEX / "debuginfo"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("place", "environ"),
    [
        ("own", {"DEBUGINFOD_CACHE_PATH": "{tmp}/own"}),
        ("xdg/debuginfod_client", {"XDG_CACHE_HOME": "{tmp}/xdg"}),
        ("home/.cache/debuginfod_client", {}),
        ("home/.debuginfod_client_cache", {}),
        ("home/.cache/debuginfod_client", {"DEBUGINFOD_CACHE_PATH": "", "XDG_CACHE_HOME": "cache"}),
        ("sudo/.cache/debuginfod_client", {"DEBUGINFOD_CACHE_PATH": "{tmp}/own"}),
        ("sudo/.debuginfod_client_cache", {}),
    ],
)
def test_a_fetched_file_is_found_in_every_place_a_client_caches_in(
    tmp_path: Path, place: str, environ: dict[str, str]
) -> None:
    path = store(tmp_path / place)
    filled = {name: value.format(tmp=tmp_path) for name, value in environ.items()}
    assert debuginfod.cached(HEX.upper(), filled, tmp_path / "home", tmp_path / "sudo") == path
    assert debuginfod.cached("11" + HEX[2:], filled, tmp_path / "home", tmp_path / "sudo") is None


def test_the_empty_file_of_a_failed_query_is_no_hit_and_another_place_is_tried(tmp_path: Path) -> None:
    store(tmp_path / ".debuginfod_client_cache", b"")
    assert debuginfod.cached(HEX, {}, tmp_path) is None
    path = store(tmp_path / ".cache" / "debuginfod_client")
    assert debuginfod.cached(HEX, {}, tmp_path) == path


def test_a_relative_setting_never_looks_into_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "here")
    monkeypatch.chdir(tmp_path)
    environ = {"DEBUGINFOD_CACHE_PATH": "here", "XDG_CACHE_HOME": "."}
    assert debuginfod.cached(HEX, environ, tmp_path / "home") is None
    assert debuginfod.cache_places(environ, Path()) == []


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_any_text_for_a_build_id_gives_none(text: str) -> None:
    assert debuginfod.cached(text, {}, Path("/nonexistent")) is None
    if not all(character in "0123456789abcdefABCDEF" for character in text):
        assert debuginfod.expected_size(text, ["http://127.0.0.1:1"], 0.2) is None


def test_the_servers_come_from_the_environment_without_tags_and_twice_named_ones(tmp_path: Path) -> None:
    words = "ima:enforcing https://a.example/ ima:ignore http://b.example https://a.example/ ftp://c.example nonsense"
    assert debuginfod.urls({"DEBUGINFOD_URLS": words}, LocalRoot(tmp_path)) == [
        "https://a.example/",
        "http://b.example",
    ]
    assert debuginfod.setting({"DEBUGINFOD_URLS": words}, LocalRoot(tmp_path)) == words


def test_without_the_variable_the_roots_urls_files_are_read_and_a_blank_variable_switches_off(tmp_path: Path) -> None:
    directory = tmp_path / "etc" / "debuginfod"
    directory.mkdir(parents=True)
    (directory / "b.urls").write_text("https://b.example\n\nhttps://c.example\n")
    (directory / "a.urls").write_bytes(b"ima:enforcing https://a.example/\xff\x1b[2J\n")
    (directory / "a.certpath").write_text("https://no.example\n")
    root = LocalRoot(tmp_path)
    found = ["https://a.example/\ufffd\ufffd[2J", "https://b.example", "https://c.example"]
    assert debuginfod.urls({}, root) == found
    assert debuginfod.urls({"DEBUGINFOD_URLS": " "}, root) == []
    assert debuginfod.setting({}, root).startswith("ima:enforcing https://a.example/")
    assert debuginfod.urls({}, LocalRoot(tmp_path / "etc")) == []


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Start a server on 127.0.0.1 that answers every request by the given function; gives its URL."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def do_HEAD(self) -> None:
                answer(self)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def headers(request: BaseHTTPRequestHandler, status: int, **fields: str) -> None:
    request.send_response(status)
    for name, value in fields.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()


def test_the_expected_size_is_asked_for_without_a_transfer(serve: Callable[[Answer], str]) -> None:
    asked = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append((request.command, request.path))
        headers(request, 200, X_DEBUGINFOD_SIZE="815872", Content_Length="1000")

    assert debuginfod.expected_size(HEX.upper(), [serve(answer) + "/"], 30) == 815872
    assert asked == [("HEAD", f"/buildid/{HEX}/debuginfo")]


def test_a_server_that_knows_no_head_is_asked_by_a_get_that_is_broken_off(serve: Callable[[Answer], str]) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        headers(request, 400 if request.command == "HEAD" else 200, Content_Length="700000000")

    assert debuginfod.expected_size(HEX, [serve(answer)], 30) == 700_000_000


def test_the_next_server_is_asked_when_one_has_nothing_or_talks_nonsense(serve: Callable[[Answer], str]) -> None:
    nothing = serve(lambda request: headers(request, 404))
    nonsense = serve(lambda request: headers(request, 200, X_DEBUGINFOD_SIZE="many"))
    broken = serve(lambda request: request.connection.close())
    good = serve(lambda request: headers(request, 200, X_DEBUGINFOD_SIZE="5"))
    assert debuginfod.expected_size(HEX, [nothing, nonsense, broken, "http://127.0.0.1:1", good], 30) == 5
    assert debuginfod.expected_size(HEX, [nothing, nonsense], 30) is None


def test_only_http_is_asked_and_a_redirection_to_a_file_is_not_followed(
    tmp_path: Path, serve: Callable[[Answer], str]
) -> None:
    path = store(tmp_path / "buildid")
    away = serve(lambda request: headers(request, 302, Location=f"file://{path}"))
    assert debuginfod.expected_size(HEX, [f"file://{tmp_path}", away, "https://", "http://[", ""], 30) is None


def test_a_server_that_says_nothing_costs_no_more_than_the_timeout(serve: Callable[[Answer], str]) -> None:
    released = threading.Event()
    silent = serve(lambda request: headers(request, 404) if released.wait(60) else None)
    assert debuginfod.expected_size(HEX, [silent], 0.1) is None
    released.set()


Program = Callable[[str], dict[str, str]]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A debuginfod-find of our own; gives the environment to run it in."""

    def write(script: str) -> dict[str, str]:
        path = tmp_path / "bin" / "debuginfod-find"
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return {"PATH": f"{path.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}

    return write


def quiet(_: int, __: int | None) -> None:
    pass


def refusal(environ: dict[str, str], deadline: float = 60, build_id: str = HEX) -> NamelistError:
    with pytest.raises(NamelistError) as caught:
        debuginfod.fetch(build_id, environ, quiet, deadline)
    assert caught.value.hint
    return caught.value


def test_progress_of_both_wordings_is_reported_and_the_path_handed_on(tmp_path: Path, program: Program) -> None:
    path = store(tmp_path / "cache")
    seen: list[tuple[int, int | None]] = []
    environ = program(
        "printf 'Progress 1 / 0\\nProgress 4096 / 81587\\nHeaders:\\nX-DEBUGINFOD-SIZE: 81587\\n' >&2\n"
        "printf '\\rDownloading -\\rDownloading from http://h/ 5000\\rDownloading from http://h/ 6000/81587' >&2\n"
        f"printf '\\nProgress 7000 / -1\\nProgress %s / 1\\n' {'9' * 400} >&2\necho {path}\n"
    )
    found = debuginfod.fetch(HEX.upper(), environ, lambda done, total: seen.append((done, total)), 60)
    assert found == path
    assert seen == [(0, None), (4096, 81587), (5000, None), (6000, 81587), (7000, None)]


def test_the_program_gets_the_build_id_the_servers_and_time_limits(tmp_path: Path, program: Program) -> None:
    path = store(tmp_path / "cache")
    said = 'echo "$@" $DEBUGINFOD_URLS $DEBUGINFOD_MAXTIME $DEBUGINFOD_TIMEOUT $DEBUGINFOD_PROGRESS > "$HOME/said"\n'
    environ = program(said + f"echo {path}\n") | {"DEBUGINFOD_URLS": "http://h", "DEBUGINFOD_MAXTIME": "7"}
    debuginfod.fetch(HEX, environ, quiet, 60.5)
    assert (tmp_path / "said").read_text() == f"-v debuginfo {HEX} http://h 60 60 1\n"
    debuginfod.fetch(HEX, environ | {"DEBUGINFOD_TIMEOUT": "30"}, quiet, 60)
    assert (tmp_path / "said").read_text().endswith(" 60 30 1\n")


def test_a_missing_program_is_named_with_its_packages(tmp_path: Path) -> None:
    error = refusal({"PATH": str(tmp_path)})
    assert error.code == "debuginfod-missing"
    assert "elfutils-debuginfod-client (Fedora, RHEL)" in error.hint


@pytest.mark.parametrize(
    ("script", "code", "says"),
    [
        ("echo 'Server query failed: No such file or directory' >&2; exit 1", "debuginfod-not-found", HEX),
        ("echo 'Server query failed: Function not implemented' >&2; exit 1", "debuginfod-failed", "DEBUGINFOD_URLS"),
        ("echo 'Server query failed: Connection refused' >&2; exit 1", "debuginfod-failed", "Connection refused"),
        ("echo 'Server query failed: Timer expired' >&2; exit 1", "debuginfod-timeout", "within 60 s"),
        ("echo relative/path", "debuginfod-failed", "saying nothing"),
        ("echo /nonexistent/debuginfo", "debuginfod-failed", "exit status 0"),
        ("printf '\\033[2J\\377' >&2; kill -9 $$", "debuginfod-failed", "exit status -9), saying \ufffd[2J\ufffd"),
        ("head -c 300000 /dev/zero; head -c 300000 /dev/urandom >&2; exit 3", "debuginfod-failed", "exit status 3"),
    ],
)
def test_what_went_wrong_is_said(program: Program, script: str, code: str, says: str) -> None:
    error = refusal(program(script))
    assert error.code == code
    assert says in error.message


def test_a_program_that_cannot_be_run_is_no_traceback(tmp_path: Path, program: Program) -> None:
    environ = program("")
    (tmp_path / "bin" / "debuginfod-find").write_bytes(b"#!/nonexistent/interpreter\n")
    error = refusal(environ)
    assert error.code == "debuginfod-failed"
    assert error.message.endswith("debuginfod-find cannot be run: No such file or directory")


def test_what_is_no_build_id_starts_nothing(tmp_path: Path, program: Program) -> None:
    environ = program('touch "$HOME/started"')
    assert refusal(environ, build_id="--help\x1b").message == "--help\ufffd is not a build-id"
    assert not (tmp_path / "started").exists()


def wait_for_end(pid: int) -> None:
    """Wait for a process that is not our child: once killed it ends in its own time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    waiting.poll(60_000)
    os.close(handle)


def test_after_the_deadline_the_whole_group_is_killed_and_its_part_of_a_file_removed(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debuginfod, "GRACE", 0.3)
    cache = tmp_path / "cache" / HEX
    cache.mkdir(parents=True)
    (cache / "debuginfo.others").write_bytes(b"someone else's")
    environ = program(
        f'echo x > {cache}/debuginfo.Ab12zZ\nsleep 600 & echo $! $$ > "$HOME/pids"\necho Progress 1 / 9 >&2\nwait\n'
    ) | {"DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache")}
    assert refusal(environ, 0.2).code == "debuginfod-timeout"
    sleeper, shell = map(int, (tmp_path / "pids").read_text().split())
    assert has_ended(shell)
    wait_for_end(sleeper)
    assert has_ended(sleeper)
    assert [path.name for path in cache.iterdir()] == ["debuginfo.others"]


class StopError(Exception):
    """What a caller raises from ``progress``."""


def test_an_exception_out_of_progress_ends_the_fetch(tmp_path: Path, program: Program) -> None:
    environ = program('echo $$ > "$HOME/pid"\necho Progress 1 / 9 >&2\nexec sleep 600\n')

    def stop(_: int, __: int | None) -> None:
        raise StopError

    with pytest.raises(StopError):
        debuginfod.fetch(HEX, environ, stop, 60)
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_program_that_ignores_polite_signals_is_killed_too(tmp_path: Path, program: Program) -> None:
    environ = program(f"trap '' {signal.SIGTERM} {signal.SIGINT} {signal.SIGHUP}\necho Progress 1 / 9 >&2\nsleep 600\n")

    def broken(_: int, __: int | None) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        debuginfod.fetch(HEX, environ, broken, 60)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_line_of_the_program_is_read_without_an_exception(line: bytes) -> None:
    debuginfod._report(line, quiet)
    debuginfod._report(b"Progress " + line, quiet)
