# SPDX-License-Identifier: Apache-2.0
"""One connection to another machine: ssh as a child, the attendant behind it, and a socket for further channels.

The connection is the master that ``terminal_argv`` shares, so that the user is asked for a key or a token once. It ends
with this process, whatever ends that: the attendant then reads the end of its input, and tidies up.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import re
import secrets
import selectors
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import IO, NamedTuple

from xcrash import locations
from xcrash.errors import MemorySourceError
from xcrash.ssh.address import Address
from xcrash.ssh.complaint import unreachable

SILENCE = 30.0
"""Seconds without a byte after which the other side is given up."""

HELLO_SECONDS = 60.0
"""Jump hosts and security keys that have to be touched take their time."""

LARGEST_ANSWER = 64 << 20
LONGEST_PATH = 4096
_MOST_AT_ONCE = 64
"""Requests that are out at a time: they and their answers fit into the buffers on the way, so that nobody waits."""

_COMPLAINT = 4096
_LONGEST_SOCKET = 80
"""Bytes of a socket's name; the kernel takes 107, and ssh appends 17 while it makes one (mux.c)."""

_PLAIN = re.compile(r"/[\w/.+-]*", re.ASCII)
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "LogLevel=ERROR",
    "ClearAllForwardings=yes",
    "ForwardX11=no",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
)
"""On top of the user's ssh_config, which decides everything else: keys, jump hosts, host keys, proxies."""


class Request(NamedTuple):
    """One thing to ask the attendant; ``words`` follow the path, a line each."""

    op: str
    path: str = ""
    numbers: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


class Reply(NamedTuple):
    """What came back: ``result`` is "ok", "absent", "denied", a kind, or "failed" and the system's reason."""

    data: bytes
    result: str


class Connection:
    """A connection that is up; its methods may be called from any thread, one after the other."""

    def __init__(self, address: Address) -> None:
        """Connect; MemorySourceError with ssh's own words when that fails."""
        self.address = address
        self._lock = threading.Lock()
        self._buffer = bytearray()
        self._complaint = bytearray()
        self._late: list[bytes] = []
        self._closing = False
        self._directory = _private_directory()
        try:
            self._child = self._start()
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    # the child

    @property
    def socket(self) -> Path:
        """Where further channels of this connection are asked for (ControlPath)."""
        return self._directory / "mux"

    @property
    def alive(self) -> bool:
        """Is ssh still there?"""
        return self._child.poll() is None

    def _start(self) -> subprocess.Popen[bytes]:
        program = shutil.which("ssh")
        if program is None:
            raise MemorySourceError(
                "ssh-missing", "ssh is not installed on this machine", "install the package openssh-client(s)"
            )
        argv = [program, *_options(), "-M", "-S", str(self.socket), "-o", "ControlPersist=no", "-T"]
        try:
            return subprocess.Popen(
                [*argv, *self.address.words, "exec /bin/sh"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise MemorySourceError("ssh-not-started", f"cannot start {program}: {error}", "start again") from error

    def _greet(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            assert pipe is not None  # noqa: S101 - made with all three
            os.set_blocking(pipe.fileno(), False)
        token = secrets.token_hex(16)
        program = resources.files("xcrash.ssh").joinpath("attendant.sh").read_bytes()
        self._send(program + f"serve {token}\n".encode(), HELLO_SECONDS)
        # Whatever the login prints in front of it: it is given no more time than this.
        reply = self._receive(token.encode(), HELLO_SECONDS, renew=False)
        if reply.result != "hello":
            raise self._lost()

    def terminal_argv(self, command: str) -> tuple[str, ...]:
        """The command line of an ssh that runs ``command`` of the far shell on a terminal, over this connection."""
        shared = ("-S", str(self.socket)) if self.socket.exists() else ("-S", "none")
        return ("ssh", *_options(), *shared, "-e", "none", "-tt", *self.address.words, command)

    def close(self) -> None:
        """End the connection, and with it everything of it at the far end; may be called again."""
        self._closing = True  # whoever waits for an answer gives up
        with self._lock:
            for pipe in (self._child.stdin, self._child.stdout):
                _close(pipe)
            # The end of its input ends the attendant, which tidies up before ssh hears of it.
            for patience, end in ((5.0, self._child.terminate), (2.0, self._child.kill)):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(patience)
                    break
                end()
            self._child.wait()
            _close(self._child.stderr)
            shutil.rmtree(self._directory, ignore_errors=True)

    # asking

    def ask(self, request: Request, patience: float = SILENCE) -> Reply:
        """The answer to one request; MemorySourceError "ssh-lost" when the connection is gone or silent."""
        return self.ask_all((request,), patience)[0]

    def ask_all(self, requests: Iterable[Request], patience: float = SILENCE) -> list[Reply]:
        """The answers to many requests, in their order: they travel together."""
        replies: list[Reply] = []
        waiting = list(requests)
        with self._lock:
            for at in range(0, len(waiting), _MOST_AT_ONCE):
                some = waiting[at : at + _MOST_AT_ONCE]
                tokens = [secrets.token_hex(16) for _ in some]
                self._send(b"".join(map(_encoded, some, tokens)), patience)
                replies += [self._receive(token.encode(), patience) for token in tokens]
        return replies

    def ask_briefly(self, request: Request, patience: float) -> Reply | None:
        """``ask`` for something that can be done without: None when the answer takes longer, or anything fails."""
        if not self._lock.acquire(timeout=patience):
            return None
        try:
            token = secrets.token_hex(16).encode()
            self._send(_encoded(request, token.decode()), patience)
            try:
                return self._receive(token, patience, give_up=False)
            except TimeoutError:
                self._late.append(token)
        except MemorySourceError:
            pass
        finally:
            self._lock.release()
        return None

    def _send(self, data: bytes, patience: float) -> None:
        pipe = self._child.stdin
        view = memoryview(data)
        until = time.monotonic() + patience
        while view:
            try:
                if pipe is None or pipe.closed:
                    raise self._lost()
                view = view[os.write(pipe.fileno(), view[:65536]) :]
            except BlockingIOError:
                if time.monotonic() > until:
                    raise self._lost("it takes no requests any more") from None
                self._wait(0.1)
            except OSError:
                self._drain()
                raise self._lost() from None

    def _receive(self, token: bytes, patience: float, *, give_up: bool = True, renew: bool = True) -> Reply:
        """Everything up to the line with ``token``; answers that somebody no longer waited for are dropped."""
        while self._late:
            late = self._late[0]
            self._reply(late, patience, give_up, renew)
            self._late.pop(0)
        return self._reply(token, patience, give_up, renew)

    def _reply(self, token: bytes, patience: float, give_up: bool, renew: bool) -> Reply:
        mark = b"\n" + token + b" "
        searched, until = 0, time.monotonic() + patience
        while True:
            at = self._buffer.find(mark, max(0, searched - len(mark)))
            end = self._buffer.find(b"\n", at + len(mark)) if at >= 0 else -1
            if end >= 0:
                result = bytes(self._buffer[at + len(mark) : end]).decode("utf-8", "replace")
                data = bytes(self._buffer[:at])
                del self._buffer[: end + 1]
                return Reply(data, result)
            searched = len(self._buffer) if at < 0 else at
            if searched > LARGEST_ANSWER:
                raise self._lost("it answers without an end")
            if self._wait(0.5) and renew:
                until = time.monotonic() + patience
            elif time.monotonic() > until:
                if not give_up:
                    raise TimeoutError
                raise self._lost(f"no answer within {patience:g} s")

    def _wait(self, seconds: float) -> bool:
        """Take what has come, or wait for it; MemorySourceError at the end of the connection."""
        out, err = self._child.stdout, self._child.stderr
        if out is None or out.closed or self._closing:
            raise self._lost()
        with selectors.DefaultSelector() as pipes:
            pipes.register(out, selectors.EVENT_READ)
            if err is not None and not err.closed:
                pipes.register(err, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in pipes.select(seconds)}
        if err in ready and not self._take_complaint() and err is not None:
            err.close()
        if out not in ready:
            return False
        with contextlib.suppress(BlockingIOError):
            data = os.read(out.fileno(), 1 << 18)
            if not data:
                self._drain()
                raise self._lost()
            self._buffer += data
        return True

    def _take_complaint(self) -> bool:
        err = self._child.stderr
        if err is None or err.closed:
            return False
        try:
            data = os.read(err.fileno(), _COMPLAINT)
        except BlockingIOError:
            return True
        self._complaint = (self._complaint + data)[-_COMPLAINT:]
        return bool(data)

    def _drain(self) -> None:
        """What ssh says last comes shortly before its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(2.0)
        while self._take_complaint():
            if self._child.poll() is None:
                break

    def _lost(self, why: str = "") -> MemorySourceError:
        """The error for a connection that is of no use any more; it is ended."""
        said = self._complaint.decode("utf-8", "replace")
        status = self._child.poll()
        if status is None:
            self._child.terminate()
        return unreachable(self.address, said, status, why)


_open: dict[Address, Connection] = {}
_opening = threading.Lock()


def connect(address: Address) -> Connection:
    """The connection of this process to a host, made when there is none; ``Connection.close`` ends it."""
    with _opening:
        known = _open.get(address)
        if known is not None and known.alive:
            return known
        if known is not None:
            known.close()
        _open[address] = made = Connection(address)
        return made


def close_all() -> None:
    """End every connection of this process; one that is still being made ends with the process."""
    if _opening.acquire(timeout=1.0):
        try:
            while _open:
                _open.popitem()[1].close()
        finally:
            _opening.release()


atexit.register(close_all)


def error_of(result: str) -> OSError:
    """The error that a result of the attendant stands for."""
    if result == "absent":
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if result == "denied":
        return PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    text = result.removeprefix("failed ")
    number = _NUMBERS.get(text, errno.EIO)
    return OSError(number, text)


_NUMBERS = {os.strerror(number): number for number in (errno.EACCES, errno.EPERM, errno.EIO, errno.EISDIR, errno.ENXIO)}
_NUMBERS |= {os.strerror(number): number for number in (errno.ENOMEM, errno.EFAULT, errno.EINVAL, errno.ENODEV)}


def _options() -> Sequence[str]:
    return tuple(word for option in _OPTIONS for word in ("-o", option))


def _encoded(request: Request, token: str) -> bytes:
    """A request as the attendant reads it; ValueError for text that would not stay on its line."""
    numbers = [*request.numbers, 0, 0, 0][:3]
    lines = (request.path, *request.words)
    if any("\n" in line or "\0" in line or len(line) > LONGEST_PATH for line in lines):
        raise ValueError("a name with a line feed, or one that is too long")
    text = "\n".join((f"{request.op} {token} {numbers[0]} {numbers[1]} {numbers[2]}", *lines, ""))
    return os.fsencode(text)


def _private_directory() -> Path:
    """A directory for the socket: 0700, of a name short and plain enough for ssh."""
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp
        if _PLAIN.fullmatch(base) and len(base) + 32 <= _LONGEST_SOCKET:
            locations.remove_abandoned(Path(base))
            with contextlib.suppress(OSError):
                return Path(tempfile.mkdtemp(prefix=f"xcrash-{os.getpid()}-ssh-", dir=base))
    raise MemorySourceError(
        "ssh-no-directory", "there is no place for the connection's socket", "set TMPDIR to a short, writable directory"
    )


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):
            pipe.close()
