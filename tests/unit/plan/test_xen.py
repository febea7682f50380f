# SPDX-License-Identifier: Apache-2.0
"""The four Xen files of the founding case: which belong together, and which one to use when."""

from __future__ import annotations

import msgspec

from xcrash.host.values import XenFacts
from xcrash.images.image import Image
from xcrash.plan.xen import WHY_32_BIT, choose_xen_syms

RELEASE_ID, DEBUG_ID = "15" * 20, "99" * 20
FOUR = (
    Image(path="/boot/xen-4.5.1.gz", file="", role="xen-boot", build_id=RELEASE_ID, elf_class=32, version="4.5.1"),
    Image(path="/boot/xen-syms-4.5.1", file="", role="xen-syms", build_id=RELEASE_ID, has_dwarf=True, version="4.5.1"),
    Image(path="/boot/xen-dbg-4.5.1.gz", file="", role="xen-boot-debug", build_id=DEBUG_ID, elf_class=32),
    Image(
        path="/boot/xen-syms-dbg-4.5.1",
        file="",
        role="xen-syms-debug",
        build_id=DEBUG_ID,
        has_dwarf=True,
        version="4.5.1",
    ),
)


def test_the_symbols_of_the_running_build_are_chosen_by_build_id() -> None:
    for build_id, path in ((RELEASE_ID, "/boot/xen-syms-4.5.1"), (DEBUG_ID, "/boot/xen-syms-dbg-4.5.1")):
        decision = choose_xen_syms(FOUR, XenFacts(role="dom0", build_id=build_id))
        assert decision and decision.chosen == path
        assert len(decision.rejected) == 3


def test_without_a_build_id_the_version_decides_for_the_release_build() -> None:
    decision = choose_xen_syms(FOUR, XenFacts(role="dom0", version="4.5.1"))
    assert decision and decision.chosen == "/boot/xen-syms-4.5.1"


def test_pairs_and_the_32_bit_question_are_explained() -> None:
    decision = choose_xen_syms(FOUR, XenFacts(role="dom0", build_id=RELEASE_ID))
    assert decision
    assert f"/boot/xen-4.5.1.gz: /boot/xen-syms-4.5.1, build-id {RELEASE_ID}" in decision.evidence
    assert f"/boot/xen-dbg-4.5.1.gz: /boot/xen-syms-dbg-4.5.1, build-id {DEBUG_ID}" in decision.evidence
    assert WHY_32_BIT in decision.evidence
    reasons = {one.candidate: one.reason for one in decision.rejected}
    assert "assertions, slower" in reasons["/boot/xen-dbg-4.5.1.gz"]
    assert "another build" in reasons["/boot/xen-syms-dbg-4.5.1"]


def test_symbols_without_debug_information_are_told_before_crash_refuses_them() -> None:
    bare = tuple(msgspec.structs.replace(image, has_dwarf=False) for image in FOUR)
    decision = choose_xen_syms(bare, XenFacts(role="dom0", build_id=RELEASE_ID))
    assert decision and "crash would refuse it" in decision.reason


def test_nothing_is_chosen_where_no_hypervisor_runs() -> None:
    decision = choose_xen_syms(FOUR, None)
    assert decision and decision.chosen is None
    assert choose_xen_syms((), XenFacts(role="dom0")) is None
