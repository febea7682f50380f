# SPDX-License-Identifier: Apache-2.0
"""QMP, the way to tell a running QEMU what to do."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from tests.lab.proc import LabError


class Qmp:
    """The host's end of a QMP connection."""

    def __init__(self, line: socket.socket, seconds: float = 60) -> None:
        """Shake hands on a connected socket."""
        self._line = line
        self._buffer = b""
        self._next(time.monotonic() + seconds)  # the greeting
        self.execute("qmp_capabilities", seconds=seconds)

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
            raise LabError(f"QEMU: {command}: {error}") from error

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            self._line.settimeout(max(deadline - time.monotonic(), 0.01))
            try:
                data = self._line.recv(65536)
            except OSError as error:
                raise LabError(f"no answer from QEMU: {error}") from error
            if not data:
                raise LabError("QEMU closed its control connection")
            self._buffer += data
        text, self._buffer = self._buffer.split(b"\n", 1)
        message: dict[str, Any] = json.loads(text)
        return message
