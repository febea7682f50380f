# SPDX-License-Identifier: Apache-2.0
"""Running the installed command line as a user would, without a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "xcrash" / "transcript" / "demo.cast"


class Done(NamedTuple):
    """What a run left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def xcrash(*args: str | Path, stdin: str = "", env: dict[str, str] | None = None, user: int | None = None) -> Done:
    """Run ``xcrash`` with ``args``; its state goes where the tests' environment says."""
    done = subprocess.run(
        [sys.executable, "-m", "xcrash", *map(str, args)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        user=user,
        env={**os.environ, **(env or {})},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)
