# SPDX-License-Identifier: Apache-2.0
"""Numbers, stacks and the Xen picture in words."""

from __future__ import annotations

import pytest

from xcrash.host.values import Domain, HostFacts, XenFacts
from xcrash.overview import words, xen
from xcrash.parse import bt
from xcrash.parse.log import records


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (77, "1 min 17 s"), (60, "1 min"), (3600, "1 h"), (3725, "1 h 2 min"), (86400 * 1000, "1,000 d")],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (14 << 20, "14.0 MB"), ((1 << 30) - 1, "1.0 GB")],
)
def test_sizes(count: int, said: str) -> None:
    assert words.size(count) == said


def test_bars_show_the_largest_full_and_nothing_as_nothing() -> None:
    assert words.bars((2.0, 1.0, 0.0)) == "█▅▁"
    assert words.bars((0.0, 0.0)) == words.bars(()) == words.bars((float("inf"),)) == ""


def test_a_chain_begins_behind_the_entry_into_the_dump() -> None:
    text = "".join(
        f" #{at} [ffffc9004001390{at}] {name} at ffffffff81d1657a\n"
        for at, name in enumerate(("machine_kexec", "__crash_kexec", "panic", "sysrq_handle_crash"))
    )
    assert words.chain(bt.parse(text).traces[0].frames) == "panic < sysrq_handle_crash"


def test_the_picture_of_a_host_hangs_the_domains_under_the_hypervisor() -> None:
    domains = (
        Domain(id=3, name="web[1]", memory_bytes=1 << 30, vcpus=2, state="-b----", type="pv"),
        Domain(id=0, name="Domain-0", memory_bytes=2 << 30, vcpus=2, state="r-----", type="pv"),
        Domain(id=None, name="off"),
    )
    host = HostFacts(root="/", kind="live", xen=XenFacts(role="dom0", version="4.20.4", domains=domains))
    row = xen.of_host(host).rows[0]
    assert row.value == "Xen 4.20.4"
    lines = row.detail.splitlines()
    assert lines[0].split() == ["├─", "Dom0", "PV", "2", "vcpus", "2.0", "GB", "running"]
    assert lines[1].split()[:4] == ["├─", "DomU", "3", "web[1]"] and lines[1].endswith("blocked")
    assert lines[2].split() == ["└─", "DomU", "—", "off"]


def test_a_toolstack_that_did_not_answer_is_unknown_not_empty() -> None:
    host = HostFacts(root="/", kind="live", xen=XenFacts(role="dom0"))
    assert "no toolstack answered" in xen.of_host(host).rows[0].detail


def test_a_kernel_says_on_which_xen_it_runs() -> None:
    log = "[    0.000000] Xen version: 4.20.4 (preserve-AD)\n[    0.000000] Booting kernel on Xen\n"
    rows = xen.of_log(records.parse(log).records, "log").rows
    assert [(row.label, row.value) for row in rows] == [("hypervisor", "Xen 4.20.4"), ("this kernel", "runs on Xen")]
    assert xen.of_log(records.parse("[    0.1] Linux\n").records, "log").rows == ()
