# SPDX-License-Identifier: Apache-2.0
"""What the tests over a real pty share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.running import Starter


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Starter]:
    """Starts sessions on a fake crash; each is ended after the test and must be gone then."""
    starter = Starter(tmp_path)
    yield starter
    starter.end()


@pytest.fixture(params=[1, 7, 4095], ids=lambda size: f"chunk{size}")
def chunk(request: pytest.FixtureRequest) -> int:
    """How many bytes crash writes at a time; every boundary must do."""
    return int(request.param)
