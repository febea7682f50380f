# SPDX-License-Identifier: Apache-2.0
"""Signs of life: what counts as work, what as a hang, and how processor time is read."""

from __future__ import annotations

import os
import subprocess
import sys

from xcrash.session.activity import WORKING, Activity
from xcrash.session.processor_time import processor_ticks


class Meter:
    """Processor time under the test's control."""

    def __init__(self, used: int | None = 0) -> None:
        self.used, self.asked = used, 0

    def __call__(self) -> int | None:
        self.asked += 1
        return self.used


def test_silence_without_work_hangs_once() -> None:
    activity = Activity(Meter(), 1.0)
    activity.begin(100.0)
    told = []
    for second in range(101, 200):
        activity.look(float(second))
        if activity.hangs(float(second), 60.0):
            told.append(second)
    assert told == [160]
    assert activity.text == "no output and no CPU for 60 s"


def test_work_in_silence_is_told_and_delays_the_hang() -> None:
    meter = Meter()
    activity = Activity(meter, 1.0)
    activity.begin(0.0)
    for second in range(1, 31):
        meter.used = second
        activity.look(float(second))
    assert activity.text == WORKING
    assert activity.idle(30.0) == 0.0
    assert activity.silence(30.0) == 30.0
    for second in range(31, 90):
        activity.look(float(second))
        assert not activity.hangs(float(second), 60.0)
    assert activity.text == ""
    assert activity.hangs(90.0, 60.0)
    meter.used = 1000
    activity.look(91.0)
    assert activity.text == WORKING
    assert not activity.hangs(150.0, 60.0)
    assert activity.hangs(151.0, 60.0)


def test_nothing_is_measured_while_output_flows() -> None:
    meter = Meter()
    activity = Activity(meter, 1.0)
    activity.begin(0.0)
    for tenth in range(1, 100):
        activity.heard(tenth / 10)
        activity.look(tenth / 10 + 0.05)
    assert meter.asked == 0
    assert activity.idle(10.0) < 0.2


def test_what_nobody_can_measure_is_no_hang() -> None:
    activity = Activity(Meter(None), 1.0)
    activity.begin(0.0)
    for second in range(1, 200):
        activity.look(float(second))
        assert not activity.hangs(float(second), 60.0)
    assert activity.idle(199.0) == 199.0


def test_the_time_of_children_counts_when_they_have_ended() -> None:
    burn = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    outer = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE); print('up', flush=True); input(); "
        "child.communicate(b'x\\n'); print('over', flush=True); input()"
    )
    argv = [sys.executable, "-c", outer, burn]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "up\n"
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "over\n"
        after = processor_ticks(process.pid)
        process.stdin.write("\n")
    assert after is not None
    assert after >= 0.2 * os.sysconf("SC_CLK_TCK")


def test_a_process_that_is_not_there_has_no_time() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        process.wait()
    assert processor_ticks(process.pid) is None


def test_a_measurement_that_fails_now_and_then_makes_no_hang() -> None:
    answers: list[int | None] = [None] * 70 + [10, None, None, 20] + [None] * 100 + [30, 30]
    activity = Activity(iter(answers).__next__, 1.0)
    activity.begin(0.0)
    for second in range(1, len(answers) + 1):
        activity.look(float(second))
        assert not activity.hangs(float(second), 60.0)
    assert activity.idle(float(len(answers))) == 1.0


def test_without_time_between_two_measurements_it_hangs_whatever_failed_in_between() -> None:
    answers = [10, *[None] * 70, 10]
    activity = Activity(iter(answers).__next__, 1.0)
    activity.begin(0.0)
    told = []
    for second in range(1, len(answers) + 1):
        activity.look(float(second))
        told.append(activity.hangs(float(second), 60.0))
    assert told == [False] * 71 + [True]
