# SPDX-License-Identifier: Apache-2.0
"""The lab, and a place of its own for what a session leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.paths import Lab, load_lab


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab; these tests fail without it rather than pass by being skipped."""
    found = load_lab()
    assert found is not None, "the lab is not there: make lab"
    return found


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where crash's private directories are made; a test can see whether they were removed."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    return path
