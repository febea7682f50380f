# SPDX-License-Identifier: Apache-2.0
"""How a program of the lab ends: its status, an error in words, an interruption that can be gone on from."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

from tests.lab.proc import LabError


def carry_out(do: Callable[[], int]) -> int:
    """Run a command and return the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        return do()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; run again to go on from here", file=sys.stderr)
        return 130


def _leave(number: int, _: FrameType | None) -> None:
    # As an exception, so that what was started is ended.
    sys.exit(128 + number)
