# SPDX-License-Identifier: Apache-2.0
"""Timers."""

from __future__ import annotations

from tests.unit.parse.kernel_samples import HRTIMER, HRTIMER_OLD, TIMER, TIMER_OLD
from xcrash.parse import timer
from xcrash.parse.hrtimer import parse_hrtimers


def test_wheels_of_every_cpu() -> None:
    found = timer.parse(TIMER)
    assert found.jiffies == 4294894131
    assert [(b.cpu, b.base, b.address, b.offline) for b in found.bases] == [
        (0, "BASE_STD", "0xffff8c185f2226c0", False),
        (0, "BASE_DEF", "0xffff8c185f223940", False),
        (1, None, None, True),
    ]
    (late,) = found.bases[1].timers
    assert late.function
    assert (late.expires, late.tte, late.timer_list) == (4294038152, -855979, "0xffff8c1841226bd0")
    assert (late.function.address, late.function.symbol) == ("0xffffffff8a784ca0", "addrconf_rs_timer")


def test_timers_of_old_kernels() -> None:
    found = timer.parse(TIMER_OLD)
    (base,) = found.bases
    assert (found.jiffies, base.cpu, base.address) == (68379, None, None)
    assert [(t.expires, t.tte, t.timer_list) for t in base.timers] == [
        (68379, None, "timer_table[2]"),
        (68391, None, "0xc0241934"),
    ]


def test_empty_and_damaged_wheels() -> None:
    text = "TVEC_BASES[0]: c1200000\n  (none)\n  (invalid/stale entry at ffff8c185f2226c0)\n"
    found = timer.parse(text)
    assert [(b.timers, b.stale) for b in found.bases] == [((), ("0xffff8c185f2226c0",))]
    assert found.unread == ()


def test_jiffies_without_a_number() -> None:
    assert timer.parse("JIFFIES\n").jiffies is None
    found = timer.parse("JIFFIES\nnothing\n")
    assert (found.jiffies, [line.text for line in found.unread]) == (None, ["nothing"])


def test_a_word_for_a_number_leaves_the_row_unread() -> None:
    bad = "  soon  48  ffffffff8c365720  ffffffff89da1570  <clocksource_watchdog>"
    assert [line.text for line in timer.parse(f"{TIMER}{bad}\n").unread] == [bad]


def test_high_resolution_timers() -> None:
    assert timer.parser(["-r"]) is parse_hrtimers
    (cpu,) = parse_hrtimers(HRTIMER).cpus
    busy, idle = cpu.clocks
    assert (cpu.cpu, cpu.hrtimer_cpu_base) == (2, "0xffff9801aba9cf00")
    assert (busy.clock, busy.get_time, busy.current_ns) == (0, "ktime_get", 1623742000000)
    assert (idle.current_ns, idle.timers) == (None, ())
    (row,) = busy.timers
    assert (row.softexpires_ns, row.expires_ns, row.tte_ns) == (1626000939806, 1626010929804, 2268929804)


def test_ranges_of_older_versions() -> None:
    (row,) = parse_hrtimers(HRTIMER_OLD).cpus[0].clocks[0].timers
    assert (row.softexpires_ns, row.expires_ns, row.tte_ns) == (322895000000, 322895050000, None)
    text = HRTIMER_OLD.replace("322895000000-322895050000", "322895050000")
    (row,) = parse_hrtimers(text).cpus[0].clocks[0].timers
    assert (row.softexpires_ns, row.expires_ns) == (None, 322895050000)
