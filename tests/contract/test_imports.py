# SPDX-License-Identifier: Apache-2.0
"""What an import really loads: a static graph does not see deferred imports, a fresh interpreter does."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEADLESS = [
    "xcrash",
    "xcrash.cli.main",
    "xcrash.completion",
    "xcrash.findings",
    "xcrash.history",
    "xcrash.host",
    "xcrash.images",
    "xcrash.kernel_log",
    "xcrash.links",
    "xcrash.openable",
    "xcrash.own_files",
    "xcrash.output.pattern",
    "xcrash.output.search",
    "xcrash.overview",
    "xcrash.parse",
    "xcrash.plan",
    "xcrash.purpose",
    "xcrash.session",
    "xcrash.target",
    "xcrash.transcript.recording",
    "xcrash.transcript.replay",
]
HEAVY = ("textual", "rich", "pexpect", "ptyprocess", "elftools", "pyte", "xcrash.tui", "xcrash.transcript.fakecrash")


def loaded_by(code: str) -> set[str]:
    probe = f"{code}\nimport sys\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", HEADLESS)
def test_a_headless_import_is_headless(name: str) -> None:
    assert loaded_by(f"import {name}") == set()


def test_the_probe_sees_what_is_loaded() -> None:
    assert {"textual", "rich", "xcrash.tui"} <= loaded_by("import xcrash.tui.app")


def test_a_headless_run_of_the_demo_loads_no_screen_and_no_pty() -> None:
    code = (
        "import sys, io, os\n"
        "sys.argv = ['xcrash', 'demo', '--json']\n"
        "out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())\n"
        "from xcrash.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "sys.stdout = out"
    )
    assert loaded_by(code) == set()
