# SPDX-License-Identifier: Apache-2.0
"""Public recordings of crash sessions, where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.parse.samples import CORPUS
from xcrash.parse import ps, sys

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not part of the repository")

SAMPLES = sorted(CORPUS.glob("*.meta.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_banner_fields(path: Path) -> None:
    meta = json.loads(path.read_text("utf-8"))
    text = path.with_name(path.name.replace(".meta.json", ".txt")).read_text("utf-8")
    expected = [meta[key] for key in ("expected", "expected2") if key in meta]
    assert [banner.fields for banner in sys.parse_all(text)] == expected
    banner = sys.parse(text)
    assert (banner.fields if banner else None) == meta.get("expected")


@pytest.mark.parametrize(("number", "tasks"), [(273, 19), (275, 5), (302, 2), (268, 0), (305, 0)])
def test_ps_rows(number: int, tasks: int) -> None:
    (path,) = CORPUS.glob(f"{number}-*.txt")
    assert len(ps.parse(path.read_text("utf-8")).tasks) == tasks
