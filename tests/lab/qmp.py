# SPDX-License-Identifier: Apache-2.0
"""QMP, the way to tell a running QEMU what to do."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.lab.proc import LabError


def connect(path: Path, seconds: float) -> socket.socket:
    """Return a connection to a unix socket that may still have to appear."""
    deadline = time.monotonic() + seconds
    while True:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(str(path))
        except OSError as error:
            line.close()
            if time.monotonic() > deadline:
                raise LabError(f"QEMU does not answer on {path.name}: {error}") from error
            time.sleep(0.1)
        else:
            return line


class Qmp:
    """A QMP connection."""

    def __init__(self, path: Path, seconds: float = 60) -> None:
        """Connect and shake hands."""
        self._line = connect(path, seconds)
        self._buffer = b""
        try:
            self._next(time.monotonic() + seconds)  # the greeting
            self.execute("qmp_capabilities", seconds=seconds)
        except BaseException:
            self._line.close()
            raise

    def __enter__(self) -> Qmp:
        """Give the connection."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Close the connection."""
        self._line.close()

    def execute(self, command: str, *, seconds: float = 60, **arguments: Any) -> Any:
        """Run a command and return its answer; events that come meanwhile are dropped."""
        request: dict[str, Any] = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        deadline = time.monotonic() + seconds
        try:
            self._line.sendall(json.dumps(request).encode() + b"\n")
            while True:
                answer = self._next(deadline)
                if "error" in answer:
                    raise LabError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
                if "return" in answer:
                    return answer["return"]
        except OSError as error:
            raise LabError(f"QEMU: {command}: {error or 'no answer in time'}") from error

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            self._line.settimeout(max(deadline - time.monotonic(), 0.01))
            data = self._line.recv(65536)
            if not data:
                raise LabError("QEMU closed its control connection")
            self._buffer += data
        text, self._buffer = self._buffer.split(b"\n", 1)
        message: dict[str, Any] = json.loads(text)
        return message
