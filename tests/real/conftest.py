# SPDX-License-Identifier: Apache-2.0
"""The lab, and a place of its own for what a session leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.dom0.machine import Running, running_dom0
from tests.lab.dom0.parts import SUITES
from tests.lab.paths import Lab, load_lab

ROOT = Path(__file__).parents[2]
DOM0S = tuple(os.environ.get("XCRASH_TEST_DOM0", "").split()) or SUITES


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab; these tests fail without it rather than pass by being skipped."""
    found = load_lab()
    assert found is not None, "the lab is not there: make lab"
    return found


@pytest.fixture(scope="session", params=DOM0S)
def dom0(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A Dom0 with this working tree's xcrash; it is stopped afterwards unless it ran before."""
    with running_dom0(lab, request.param, ROOT) as running:
        yield running


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where crash's private directories are made; a test can see whether they were removed."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    return path
