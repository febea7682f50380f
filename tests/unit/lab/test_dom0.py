# SPDX-License-Identifier: Apache-2.0
"""The recordings of a Dom0 hold what their scenes say; a command in a guest looks as if it ran here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.record_dom0 import SCENES, XEN, Scene
from xcrash.session.messages import classify
from xcrash.transcript.asciicast import read_cast
from xcrash.transcript.recording import read_recording

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts"
DEADLINE = 60.0


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_recording_is_of_its_scene_and_of_a_dom0(scene: Scene) -> None:
    path = TRANSCRIPTS / f"{scene.name}.cast"
    facts = read_cast(path).header.xcrash
    assert facts is not None and facts.source is not None
    assert (facts.crash, facts.kind, facts.dump) == (scene.crash, "live", "/proc/kcore")
    assert facts.source.startswith(f"the Dom0 of xen {XEN[scene.suite]}") and ", PV," in facts.source
    asked = [exchange.command for exchange in read_recording(path).exchanges]
    assert asked == ([*scene.commands, "q"] if scene.commands else [])


@pytest.mark.parametrize("name", [scene.name for scene in SCENES if not scene.commands])
def test_crash_does_not_start_on_a_paravirtual_dom0(name: str) -> None:
    recording = read_recording(TRANSCRIPTS / f"{name}.cast")
    last = recording.startup_text.strip().splitlines()[-1]
    message = classify(last)
    assert "seek error: physical address: ffffffffffffffff" in last and '"pud page"' in last
    assert message is not None and message.kind == "command-error"
    assert recording.exit_status == 1 and not recording.exchanges


def test_the_minimal_session_reads_the_log_of_a_kernel_that_runs_on_xen() -> None:
    recording = read_recording(TRANSCRIPTS / "xen4.20-dom0-live-minimal.cast")
    log = recording.exchanges[0].output
    assert "Xen: [mem 0x" in log and "Booting kernel on Xen" in log
    assert recording.exit_status == 0


@pytest.mark.parametrize("name", [scene.name for scene in SCENES if scene.lens])
def test_behind_the_lens_crash_takes_the_kernel_for_a_native_one_and_the_session_is_live(name: str) -> None:
    asked = read_recording(TRANSCRIPTS / f"{name}.cast").exchanges
    answers = {exchange.command: exchange.output for exchange in asked}
    assert "DUMPFILE: /proc/kcore" in answers["sys"] and "Booting kernel on Xen" in answers["log"]
    assert answers["rd xen_start_info"].split()[1] == "0" * 16
    ticks = [int(one.output.split("=")[-1].split()[0]) for one in asked if one.command == "p jiffies"]
    assert len(ticks) == 2 and ticks[0] < ticks[1]
