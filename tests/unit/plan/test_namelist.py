# SPDX-License-Identifier: Apache-2.0
"""Which vmlinux belongs to a memory image, and why the others do not."""

from __future__ import annotations

import msgspec
import pytest

from xcrash.errors import NamelistError
from xcrash.images import DumpIdentity, KernelImage
from xcrash.plan import Candidate, NamelistChoice, choose_namelist

ID, OTHER_ID = "ab" * 20, "cd" * 20
RELEASE = "6.1.0-50-amd64"
DUMP = DumpIdentity(
    path="/var/crash/vmcore", size=1, format="elf-kdump", release=RELEASE, build_id=ID, machine="x86_64"
)
LIVE = msgspec.structs.replace(DUMP, path="/proc/kcore", format="live")


def kernel(path: str = "/k/vmlinux", **facts: object) -> KernelImage:
    full = KernelImage(
        path=path,
        size=1,
        format="elf",
        elf_class=64,
        machine="x86_64",
        elf_type="exec",
        build_id=ID,
        release=RELEASE,
        release_from="banner",
        has_symbols=True,
        has_dwarf=True,
        is_debug_only=False,
        is_linux=True,
        missing_bytes=0,
    )
    return msgspec.structs.replace(full, **facts)


def packed(path: str = "/boot/vmlinux.gz", **facts: object) -> KernelImage:
    return kernel(path, format="gzip", contains="elf", has_symbols=None, has_dwarf=None, is_debug_only=None, **facts)


def stripped(path: str = "/boot/vmlinux", **facts: object) -> KernelImage:
    return kernel(path, has_symbols=False, has_dwarf=False, **facts)


def debug(path: str = "/usr/lib/debug/vmlinux.debug", **facts: object) -> KernelImage:
    return kernel(path, is_debug_only=True, **facts)


def choose(*kernels: KernelImage, wanted: DumpIdentity = DUMP, named: tuple[str, ...] = ()) -> NamelistChoice:
    candidates = [Candidate(path=one.path, why="found", kernel=one, named=one.path in named) for one in kernels]
    return choose_namelist(wanted, candidates, install="apt-get install x-dbg")


def chosen(choice: NamelistChoice) -> tuple[str | None, str | None]:
    names = choice.namelist, choice.debuginfo
    return tuple(one.path if one else None for one in names)  # type: ignore[return-value]


def why_not(choice: NamelistChoice) -> dict[str, str]:
    return {one.candidate: one.reason for one in choice.decisions[0].rejected}


def test_an_equal_build_id_beats_a_better_place() -> None:
    choice = choose(kernel("/first", build_id=None), kernel("/second"))
    assert chosen(choice) == ("/second", None)
    assert "build-id is equal" in choice.decisions[0].reason
    assert "another build of this release: build-id: unknown in the vmlinux" in why_not(choice)["/first"]


def test_an_equal_release_beats_an_unknown_one() -> None:
    choice = choose(kernel("/first", build_id=None, release=None), kernel("/second", build_id=None))
    assert chosen(choice) == ("/second", None)


def test_a_file_that_tells_nothing_of_itself_is_no_candidate_but_the_user_may_name_it() -> None:
    mute = packed(build_id=None, release=None)
    assert why_not(choose(mute)) == {"/boot/vmlinux.gz": "nothing in it tells which kernel it is"}
    assert chosen(choose(mute, named=("/boot/vmlinux.gz",))) == ("/boot/vmlinux.gz", None)


def test_the_first_of_equals_is_taken_and_the_other_named() -> None:
    choice = choose(kernel("/first"), kernel("/second"))
    assert chosen(choice) == ("/first", None)
    assert why_not(choice) == {"/second": "would do as well; /first comes first"}


def test_another_build_id_of_the_same_release_is_a_warning_with_both_sides() -> None:
    choice = choose(kernel(build_id=OTHER_ID))
    assert chosen(choice) == ("/k/vmlinux", None)
    (warning,) = choice.warnings
    assert ID in warning and OTHER_ID in warning


def test_another_release_is_refused_with_both_sides() -> None:
    choice = choose(kernel(build_id=OTHER_ID, release="6.1.0-49-amd64"))
    assert choice.namelist is None and choice.refusal
    assert choice.refusal.code == "namelist-required"
    assert "6.1.0-49-amd64 in the vmlinux, 6.1.0-50-amd64 in the dump" in why_not(choice)["/k/vmlinux"]


def test_a_named_vmlinux_of_another_release_is_refused_by_name() -> None:
    choice = choose(kernel(build_id=OTHER_ID, release="6.1.0-49-amd64"), named=("/k/vmlinux",))
    assert choice.refusal and choice.refusal.code == "namelist-mismatch"
    assert "6.1.0-49-amd64" in choice.refusal.message and RELEASE in choice.refusal.message


def test_a_named_vmlinux_is_taken_although_another_fits_better() -> None:
    choice = choose(kernel("/better"), kernel("/named", build_id=None), named=("/named",))
    assert chosen(choice) == ("/named", None)


def test_a_compressed_kernel_and_its_debuginfo_are_a_pair() -> None:
    choice = choose(packed(), debug())
    assert chosen(choice) == ("/boot/vmlinux.gz", "/usr/lib/debug/vmlinux.debug")
    assert choice.decisions[1].what == "debuginfo"
    assert "same build-id" in choice.decisions[1].reason
    assert choice.warnings == ()


def test_a_stripped_kernel_needs_the_debuginfo_of_its_own_build() -> None:
    assert chosen(choose(stripped(), debug())) == ("/boot/vmlinux", "/usr/lib/debug/vmlinux.debug")
    other = choose(stripped(), debug(build_id=OTHER_ID))
    assert other.namelist is None
    assert "no symbol table" in why_not(other)["/boot/vmlinux"]


def test_debuginfo_alone_is_no_namelist() -> None:
    choice = choose(debug())
    assert choice.namelist is None and choice.refusal
    assert "debug information only" in why_not(choice)["/usr/lib/debug/vmlinux.debug"]
    assert choice.refusal.hint.startswith("apt-get install x-dbg, or name its vmlinux")


def test_a_compressed_kernel_alone_is_taken_with_a_doubt() -> None:
    choice = choose(packed())
    assert chosen(choice) == ("/boot/vmlinux.gz", None)
    assert "whether it has debug information" in choice.warnings[0]


def test_a_compressed_kernel_without_room_for_debug_information_is_no_namelist_unless_named() -> None:
    small = packed(unloaded_bytes=1 << 20)
    choice = choose(small)
    assert choice.refusal and choice.refusal.code == "namelist-required"
    assert "needs its .debug file" in why_not(choice)["/boot/vmlinux.gz"]
    assert chosen(choose(small, debug()))[1] == "/usr/lib/debug/vmlinux.debug"
    assert chosen(choose(small, named=("/boot/vmlinux.gz",))) == ("/boot/vmlinux.gz", None)


def test_a_full_vmlinux_is_preferred_to_a_pair_of_the_same_build() -> None:
    assert chosen(choose(packed(), debug(), kernel("/full"))) == ("/full", None)


def test_a_compressed_kernel_that_by_its_size_has_debug_information_is_not_paired() -> None:
    full = packed(unloaded_bytes=300 << 20)
    assert chosen(choose(full, debug())) == ("/boot/vmlinux.gz", None)
    assert choose(full, debug()).warnings == ()


def test_a_named_debuginfo_is_used_with_the_kernel_it_belongs_to() -> None:
    choice = choose(packed(), debug("/a.debug"), debug("/b.debug"), named=("/b.debug",))
    assert chosen(choice) == ("/boot/vmlinux.gz", "/b.debug")


def test_named_files_that_do_not_belong_together_are_refused() -> None:
    choice = choose(stripped(), debug("/d", build_id=OTHER_ID), named=("/boot/vmlinux", "/d"))
    assert choice.namelist is None and choice.refusal
    assert choice.refusal.lacks == "namelist"


def test_the_right_build_under_a_wrong_name_and_release_text_is_taken() -> None:
    assert chosen(choose(kernel("/odd-name", release=None))) == ("/odd-name", None)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"missing_bytes": 7}, "cut short"),
        ({"has_dwarf": False}, "no debug information"),
        ({"elf_type": "rel"}, "module or object"),
        ({"is_linux": False}, "not a Linux kernel"),
        ({"format": "text", "elf_class": None}, "a text file"),
    ],
)
def test_a_file_that_crash_cannot_use_is_rejected_with_its_reason(facts: dict[str, object], reason: str) -> None:
    choice = choose(kernel("/bad", **facts), kernel("/good"))
    assert chosen(choice) == ("/good", None)
    assert reason in why_not(choice)["/bad"]


def test_a_file_that_cannot_be_read_is_listed_with_its_reason() -> None:
    candidates = [Candidate(path="/unreadable", why="found", problem="no permission to read this vmlinux")]
    choice = choose_namelist(DUMP, candidates)
    assert why_not(choice) == {"/unreadable": "no permission to read this vmlinux"}


def test_nothing_found_names_the_kernel_that_is_wanted() -> None:
    choice = choose_namelist(LIVE, [])
    assert choice.refusal
    error = choice.refusal.as_error()
    assert isinstance(error, NamelistError)
    assert f"no vmlinux with debug information was found for the running kernel (kernel {RELEASE}" in error.message


def test_an_image_of_an_unknown_kernel_is_left_to_crash_with_a_warning() -> None:
    unknown = DumpIdentity(path="/d", size=1, format="elf-kdump")
    choice = choose(kernel(), wanted=unknown)
    assert chosen(choice) == ("/k/vmlinux", None)
    assert choice.warnings == (
        "nothing in the dump tells which kernel it is of; crash itself will compare it with the vmlinux",
    )
