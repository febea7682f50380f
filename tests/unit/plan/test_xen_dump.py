# SPDX-License-Identifier: Apache-2.0
"""Which symbols of the hypervisor are chosen for a dump, and how a refusal reads."""

from __future__ import annotations

import pytest

from xcrash.images import DumpIdentity, KernelImage, Match, Verdict
from xcrash.images.identity import XenDump
from xcrash.plan import NamelistChoice
from xcrash.plan.xen_dump import XenCandidate, choose_hypervisor

DUMP = DumpIdentity(path="/d", size=1, format="elf-kdump", xen=XenDump(views=("dom0", "hypervisor"), version="4.17.5"))
ALL_EQUAL = (
    "build-id: ab in the file, unknown in the dump's memory",
    "addresses: all 5 that VMCOREINFO_XEN tells are equal",
)
VERSION = ("version: 4.17.5 in the file, 4.17.5 in the dump",)


def one(
    path: str,
    verdict: Verdict = "same-build",
    evidence: tuple[str, ...] = ("evidence",),
    dwarf: bool = True,
    debug: bool = False,
    named: bool = False,
    kind: str = "elf",
    missing: int = 0,
) -> XenCandidate:
    kernel = KernelImage(path=path, size=1, format=kind, has_dwarf=dwarf, missing_bytes=missing)
    match = Match(verdict=verdict, evidence=evidence)
    return XenCandidate(
        path=path, why="it lies there", kernel=kernel, is_xen=True, is_debug=debug, match=match, named=named
    )


def rejected(choice: NamelistChoice) -> dict[str, str]:
    return {one.candidate: one.reason for one in choice.decisions[0].rejected}


def test_the_build_of_the_dump_beats_every_better_place() -> None:
    choice = choose_hypervisor(DUMP, [one("/beside", "same-release", ALL_EQUAL), one("/same"), one("/b", "unknown")])
    assert choice.namelist and choice.namelist.path == "/same"
    assert (choice.hypervisor, choice.warnings, choice.refusal) == (True, (), None)
    decision = choice.decisions[0]
    assert (decision.what, decision.evidence) == ("namelist", ("evidence",))
    assert decision.reason == "the hypervisor's symbols: its build-id is the one in the dump's memory; it lies there"
    assert rejected(choice) == {
        "/beside": "the release build; its addresses are those that the dump tells; /same comes first",
        "/b": "the release build; nothing tells whether it belongs to this dump",
    }


def test_the_twin_of_another_build_is_rejected_with_what_speaks_against_it() -> None:
    against = ("build-id: cd in the file, unknown in the dump's memory", "addresses: dom_io is at 0x1 in the file")
    twin = one("/boot/xen-syms-dbg", "different-kernel", against, debug=True)
    choice = choose_hypervisor(DUMP, [twin, one("/boot/xen-syms")])
    assert choice.namelist and choice.namelist.path == "/boot/xen-syms"
    assert rejected(choice)["/boot/xen-syms-dbg"] == (
        "another build, the debug build: addresses: dom_io is at 0x1 in the file"
    )


def test_the_release_build_is_preferred_where_the_version_alone_tells_and_that_is_a_warning() -> None:
    twin, release = one("/x-dbg", "same-release", VERSION, debug=True), one("/x", "same-release", VERSION)
    choice = choose_hypervisor(DUMP, [twin, release])
    assert choice.namelist and choice.namelist.path == "/x"
    assert choice.warnings == (
        "/x was not proven to be of the dump's build: its version is the dump's; 1 more would fit as well",
    )


def test_addresses_alone_prove_no_build() -> None:
    choice = choose_hypervisor(DUMP, [one("/x", "same-release", ALL_EQUAL)])
    assert choice.warnings == (
        "/x was not proven to be of the dump's build: its addresses are those that the dump tells",
    )


def test_equal_addresses_of_another_build_serve_with_a_warning() -> None:
    choice = choose_hypervisor(DUMP, [one("/rebuilt", "build-id-differs")])
    assert choice.namelist and choice.warnings == (
        "/rebuilt is another build of the hypervisor than the dump's, with the same addresses",
    )


def test_a_fitting_file_without_debug_information_is_refused_with_the_remedy() -> None:
    choice = choose_hypervisor(DUMP, [one("/boot/xen-syms", dwarf=False)], "do this")
    assert choice.namelist is None and choice.refusal is not None
    assert (choice.refusal.code, choice.refusal.lacks, choice.refusal.hint) == (
        "xen-syms-no-dwarf",
        "namelist",
        "do this",
    )
    assert "has no debug information" in choice.refusal.message


def test_one_with_debug_information_is_taken_before_one_without() -> None:
    choice = choose_hypervisor(DUMP, [one("/without", dwarf=False), one("/with")])
    assert choice.namelist and choice.namelist.path == "/with"
    assert rejected(choice)["/without"] == "has no debug information (.debug_info): crash would refuse it"


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (XenCandidate(path="/x", why="", problem="cannot be read"), "cannot be read"),
        (one("/x", missing=1234), "is cut short: at least 1,234 bytes are missing"),
        (one("/x", "different-kernel", ("version: 4.4 in the file",)), "another build, the release build: version"),
    ],
)
def test_nothing_fits(candidate: XenCandidate, reason: str) -> None:
    choice = choose_hypervisor(DUMP, [candidate], "remedy")
    assert choice.refusal and choice.refusal.code == "xen-syms-required"
    assert "(Xen 4.17.5); 1 candidate does not fit" in choice.refusal.message
    assert choice.refusal.hint == "name one: --xen-syms FILE; remedy"
    assert rejected(choice)["/x"].startswith(reason)


def test_a_named_file_is_taken_when_nothing_speaks_against_it() -> None:
    choice = choose_hypervisor(DUMP, [one("/n", "unknown", named=True)])
    assert choice.namelist and choice.namelist.path == "/n"
    assert choice.warnings == (
        "/n was not proven to be of the dump's build: nothing tells whether they belong to this dump",
    )


def test_a_named_file_of_another_build_is_refused() -> None:
    against = ("addresses: dom_io is at 0x1 in the file, at 0x2 in the dump",)
    choice = choose_hypervisor(DUMP, [one("/n", "different-kernel", against, named=True)], "remedy")
    assert choice.refusal and choice.refusal.code == "xen-syms-mismatch"
    assert choice.refusal.message == (
        "/n does not belong to /d (Xen 4.17.5): another build, the release build: addresses: dom_io is at 0x1 in the "
        "file, at 0x2 in the dump"
    )


def test_a_packed_file_has_to_be_unpacked_first() -> None:
    choice = choose_hypervisor(DUMP, [one("/boot/xen-syms.gz", kind="gzip")])
    assert choice.refusal and choice.refusal.code == "xen-syms-packed"
