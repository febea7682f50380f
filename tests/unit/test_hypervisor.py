# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's view of a crash: what ran where, where it crashed, how it is drawn."""

from __future__ import annotations

from xcrash import hypervisor as facts
from xcrash.findings import Seen, find
from xcrash.hypervisor import Hypervisor
from xcrash.overview import hypervisor as drawn
from xcrash.parse import doms, pcpus, vcpus
from xcrash.sections import Evidence, Row, Section

from . import hypervisor_samples as samples
from .hypervisor_samples import hypervisor

PLAIN = samples.VCPUS.replace("*", " ")
MARKED = samples.PCPUS.replace("      1 ffff83004fddfef8", " *    1 ffff83004fddfef8")
UNNAMED = samples.LOG.replace(" on cpu0", "")


def by_label(section: Section) -> dict[str, Row]:
    return {row.label: row for row in section.rows}


def test_each_physical_cpu_has_the_vcpu_it_ran() -> None:
    found = facts.on_pcpus(hypervisor())
    assert [(one.pcpu, one.vcpu and facts.vcpu_name(one.vcpu), one.crashed) for one in found] == [
        (0, "Dom0 vcpu 1", True),
        (1, "idle", False),
    ]
    assert [facts.dom0_cpu(one.vcpu) for one in found] == [1, None]


def test_without_pcpus_the_marks_of_vcpus_tell_it() -> None:
    seen = Hypervisor(vcpus=vcpus.parse(samples.VCPUS))
    assert [(one.pcpu, one.command, one.line) for one in facts.on_pcpus(seen)] == [(0, "vcpus", 5), (1, "vcpus", 3)]


def test_a_cpu_whose_vcpu_is_in_no_table_is_said_to_be_unknown() -> None:
    seen = Hypervisor(pcpus=pcpus.parse(samples.PCPUS))
    rows = drawn.picture(seen).rows
    assert rows[1].value == "— (no vcpu of that address in vcpus)"
    assert rows[1].dom0_cpu is None


def test_the_crashing_cpu_is_named_by_the_console_or_marked_by_crash() -> None:
    place = facts.crash_place(hypervisor(vcpus_text=PLAIN))
    assert place is not None and place.pcpu == 0
    assert place.console is not None and place.console.text.endswith("on cpu0")
    assert facts.crash_place(hypervisor(log=UNNAMED)) == (0, None), "the vcpu is marked"
    assert facts.crash_place(hypervisor(vcpus_text=PLAIN, pcpus_text=MARKED, log=UNNAMED)) == (1, None)
    assert facts.crash_place(hypervisor(vcpus_text=PLAIN, log=UNNAMED)) is None
    forged = UNNAMED + "(d1) Panic on CPU 7:\n"
    assert facts.crash_place(hypervisor(vcpus_text=PLAIN, log=forged)) is None, "a guest said it"


def test_the_console_is_believed_where_crash_marks_another_cpu() -> None:
    elsewhere = samples.LOG.replace("on cpu0", "on cpu1")
    assert [one.crashed for one in facts.on_pcpus(hypervisor(log=elsewhere))] == [False, True]


def test_the_version_is_told_by_the_console_even_by_its_last_words() -> None:
    told = facts.version_of(hypervisor())
    assert told is not None and told[0] == "4.17.5"
    late = "(XEN) ----[ Xen-4.17.5  x86_64  debug=n  Not tainted ]----\n"
    assert facts.version_of(hypervisor(log=late)) is not None
    assert facts.version_of(hypervisor(log="(XEN) d1: Xen version is a secret\n")) is None
    assert facts.version_of(Hypervisor(version="4.4")) == ("4.4", None)


def test_the_picture_has_cpus_domains_and_what_is_xens_own() -> None:
    rows = by_label(drawn.picture(hypervisor()))
    assert list(rows) == ["hypervisor", "PCPU 0", "PCPU 1", "Dom0", "DomU 1", "Xen's own"]
    assert rows["hypervisor"].value == "Xen 4.17.5"
    assert (rows["PCPU 0"].value, rows["PCPU 0"].tone) == ("Dom0 vcpu 1   crashed here", "bad")
    assert rows["PCPU 0"].evidence == Evidence("pcpus", 1)
    assert rows["PCPU 0"].dom0_cpu == 1
    assert (rows["PCPU 1"].value, rows["PCPU 1"].dom0_cpu) == ("idle", None)
    assert rows["Dom0"].value == "running  2 vcpus  640.0 MB   crashed"
    assert rows["Dom0"].detail == "vcpu 0 offline · vcpu 1 running on PCPU 0"
    assert (rows["DomU 1"].value, rows["DomU 1"].detail) == ("running  1 vcpu   128.0 MB", "vcpu 0 blocked")
    assert rows["Xen's own"].value == "dom_io 32753, dom_xen 32754, idle 32767"


def test_what_was_not_read_is_not_drawn() -> None:
    assert drawn.picture(Hypervisor()).rows == ()
    only = drawn.picture(Hypervisor(domains=doms.parse(samples.DOMS)))
    assert [row.label for row in only.rows] == ["hypervisor", "Dom0", "DomU 1", "Xen's own"]
    assert only.rows[1].detail == ""


def test_of_many_cpus_and_domains_the_busy_ones_are_shown() -> None:
    heading, *_ = samples.PCPUS.splitlines()
    many = "\n".join(f"{number:7d} {number:016x} {number + 4096:016x} {number:016x}" for number in range(200))
    idle = "\n".join(
        f"{number:7d} {number:5d} {number + 4096:016x} RU I 32767 ffff83013a7f9000" for number in range(199)
    )
    busy = "\n>     0   199 00000000000010c7 RU U     5 ffff83013a0e6000\n"
    seen = Hypervisor(
        pcpus=pcpus.parse(f"{heading}\n{many}\n"),
        vcpus=vcpus.parse(f"{samples.VCPUS.splitlines()[0]}\n{idle}{busy}"),
        domains=doms.parse(
            samples.DOMS.splitlines()[0]
            + "\n"
            + "".join(f"{at:7d} {at + 1:016x} RU U    10000    10000    1  {at:016x}    ea000\n" for at in range(1, 40))
        ),
    )
    rows = drawn.picture(seen).rows
    assert (rows[1].label, rows[1].value) == ("PCPU 199", "DomU 5 vcpu 0")
    assert "and 176 more PCPUs, 176 of them idle" in [row.value for row in rows]
    assert rows[-1].value == "and 15 more domains"


def test_another_view_shows_where_the_picture_is_from() -> None:
    rows = drawn.seen_from(drawn.picture(hypervisor()), "xen").rows
    assert {row.evidence.view for row in rows if row.evidence} == {"xen"}


def test_what_crashed_is_told_first() -> None:
    rows = {row.label: row for row in drawn.crash(hypervisor())}
    assert rows["DOM0 ENDED"].value == "Hardware Dom0 crashed: Executing kexec image on cpu0"
    assert (rows["WHERE"].value, rows["WHERE"].dom0_cpu) == (
        "PCPU 0, which ran Dom0 vcpu 1  (its console says so)",
        1,
    )
    assert rows["STATE"].value == "CRASH"
    told = {row.label: row for row in drawn.crash(hypervisor(vcpus_text=PLAIN))}
    assert told["WHERE"].value == "PCPU 0, which ran Dom0 vcpu 1  (its console says so)"
    by_key = hypervisor(log="(XEN) [   52.804150] 'C' pressed -> triggering crashdump\n")
    assert drawn.crash(by_key)[0].label == "CRASH KEY"
    assert by_label(drawn.picture(by_key))["Dom0"].value.endswith("640.0 MB   ran where it crashed"), "Xen crashed"
    unknown = {row.label: row for row in drawn.crash(hypervisor(vcpus_text=PLAIN, log=UNNAMED))}
    assert unknown["WHERE"].value.startswith("—")


def test_findings_of_the_console_are_told_in_both_views() -> None:
    sick = hypervisor(log=samples.SICK_LOG)
    own = find(Seen(hypervisor=sick))
    assert [(one.severity, one.title) for one in own.found] == [
        ("critical", "Dom0 ended on the hypervisor's console"),
        ("warning", "out of memory on the hypervisor's console"),
    ]
    assert own.found[0].evidence == Evidence("log", 26)
    assert own.waiting == ("sys",)
    beside = find(Seen(hypervisor=sick, hypervisor_view="xen"))
    assert beside.found[0].evidence == Evidence("log", 26, "xen")
    assert "ps" in beside.waiting
    assert find(Seen(hypervisor=Hypervisor())).waiting == ("sys", "log of Xen")
