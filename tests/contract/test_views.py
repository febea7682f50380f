# SPDX-License-Identifier: Apache-2.0
"""The views of a Xen dump from the outside: which is planned, which are told, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import Done, xcrash
from tests.trees.elves import linked, only_keep_debug
from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images import xen_builders as x

QUIET = {"XCRASH_DEBUG_DIRS": "", "DEBUGINFOD_URLS": "", "HOME": "/nonexistent"}


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A dump whose hypervisor's build is known, and whose Dom0 kernel is told by its banner in memory."""
    path = tmp_path / "vmcore"
    path.write_bytes(x.dump(banner=b.BANNER.encode() + b"\0"))
    return path


def put(dump: Path, name: str, data: bytes) -> Path:
    path = dump.parent / name
    path.write_bytes(data)
    return path


def plan(*args: str | Path) -> Done:
    return xcrash("plan", *args, "--json", env=QUIET)


def view(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in document["views"] if one["view"] == name)


def test_both_views_are_found_and_the_dom0_comes_first(dump: Path) -> None:
    vmlinux, syms = put(dump, "vmlinux", b.vmlinux().build()), put(dump, "xen-syms-4.17.5", x.build())
    document = plan(dump).document
    assert (document["view"], document["mode"], document["argv"][-2:]) == ("dom0", "dump", [str(vmlinux), str(dump)])
    assert [one["view"] for one in document["views"]] == ["dom0", "xen"]
    xen = view(document, "xen")
    assert (xen["mode"], xen["argv"][-2:], xen["refusal"]) == ("xen-hypervisor", [str(syms), str(dump)], None)
    assert xen["match"]["verdict"] == "same-build"
    assert xen["decisions"][0]["chosen"] == str(syms)


def test_the_hypervisors_view_steps_in_where_the_dom0s_cannot_be_opened(dump: Path) -> None:
    put(dump, "xen-syms-4.17.5", x.build())
    done = plan(dump)
    document = done.document
    assert (done.status, document["view"], document["mode"]) == (0, "xen", "xen-hypervisor")
    assert document["warnings"][0].startswith("this is the hypervisor's view; the Dom0's cannot be opened: no vmlinux")
    assert view(document, "dom0")["refusal"]["code"] == "namelist-required"


def test_a_view_that_was_asked_for_is_not_replaced(dump: Path) -> None:
    put(dump, "xen-syms-4.17.5", x.build())
    done = plan(dump, "--view", "dom0")
    assert (done.status, done.document["view"], done.document["error"]["code"]) == (3, "dom0", "namelist-required")
    assert plan(dump, "--view", "xen").document["mode"] == "xen-hypervisor"


def test_the_build_of_the_dump_is_chosen_among_its_twins(dump: Path) -> None:
    moved = {name: address + 64 for name, address in x.ADDRESSES.items()}
    twin = put(dump, "xen-syms-dbg-4.17.5", x.build(x.OTHER_ID, moved, debug="y", note_at=0x900))
    ours = put(dump, "xen-syms-4.17.5", x.build())
    decision = plan(dump, "--view", "xen").document["decisions"][0]
    assert decision["chosen"] == str(ours)
    assert (
        f"build-id: {b.XEN_BUILD_ID.hex()} in the file, {b.XEN_BUILD_ID.hex()} in the dump's memory"
        in (decision["evidence"])
    )
    assert [one["candidate"] for one in decision["rejected"]] == [str(twin)]
    assert decision["rejected"][0]["reason"].startswith("another build, the debug build: addresses: ")


def test_symbols_without_debug_information_are_refused_before_crash_does_it(dump: Path) -> None:
    syms = put(dump, "xen-syms-4.17.5", x.build(with_dwarf=False))
    for named in ((), ("--xen-syms", syms)):
        done = plan(dump, "--view", "xen", *named)
        error = done.document["error"]
        assert (done.status, error["code"]) == (3, "xen-syms-no-dwarf")
        assert str(syms) in error["message"] and error["hint"]


@pytest.mark.parametrize("missing", [True, False])
def test_named_symbols_that_do_not_serve_do_not_keep_the_dom0_from_its_view(dump: Path, missing: bool) -> None:
    put(dump, "vmlinux", b.vmlinux().build())
    other = x.build(x.OTHER_ID, dict.fromkeys(x.ADDRESSES, 1), note_at=0x900)
    syms = dump.parent / "gone" if missing else put(dump, "symbols", other)
    document = plan(dump, "--xen-syms", syms, "--view", "all").document
    assert document["view"] == "dom0" and document["argv"]
    code = "namelist-missing" if missing else "xen-syms-mismatch"
    assert view(document, "xen")["refusal"]["code"] == code


@pytest.mark.parametrize("option", ["--xen-syms", "--vmlinux"])
def test_what_was_named_for_the_hypervisor_is_not_the_dom0s(dump: Path, option: str) -> None:
    vmlinux = put(dump, "vmlinux", b.vmlinux().build())
    syms = put(dump, "xen-syms-4.17.5", x.build())
    document = plan(dump, option, syms, "--debuginfo", syms).document
    assert (document["view"], document["namelist"]["path"]) == ("xen", str(syms))
    assert view(document, "dom0")["namelist"]["path"] == str(vmlinux)


def test_hyper_and_the_load_address_are_passed_on(dump: Path) -> None:
    syms = put(dump, "symbols", x.build())
    argv = plan(dump, "--xen-syms", syms, "--xen_phys_start", "4F800000").document["argv"]
    assert "--hyper" in argv
    assert argv[1:3] == ["--xen_phys_start", "0x4f800000"]


def test_a_guest_in_the_machines_dump_is_shown_by_its_p2m_frame(dump: Path) -> None:
    vmlinux = put(dump, "vmlinux", b.vmlinux().build())
    dump.write_bytes(x.dump(banner=b"\0" + b.BANNER.encode() + b"\0", guest=9))
    document = plan(dump, "--p2m-mfn", "0x9").document
    assert document["view"] == "domU"
    assert document["argv"][1:3] == ["--p2m_mfn", "0x9"]
    assert all(rung["argv"][1:3] == ["--p2m_mfn", "0x9"] for rung in document["ladder"])
    assert view(document, "dom0")["argv"][1] != "--p2m_mfn"
    assert document["namelist"]["path"] == str(vmlinux)
    assert document["target"]["dump"]["identified_by"] == ["release: 'Linux version' found in the guest's memory"]
    vmlinux.unlink()
    done = plan(dump, "--view", "domU", "--p2m_mfn", "9")
    assert (done.status, done.document["error"]["code"]) == (3, "namelist-required")


def test_a_vmlinux_that_was_named_for_one_kernel_does_not_keep_the_other_from_its_own(dump: Path) -> None:
    dump.write_bytes(x.dump(banner=b"\0" + b.BANNER.encode() + b"\0", guest=9))
    own = put(dump, "vmlinux", b.vmlinux().build())
    other = put(dump, "other", b.vmlinux().build().replace(b"Linux version 6.1.0-50", b"Linux version 5.5.5-10"))
    document = plan(dump, "--p2m-mfn", "9", "--vmlinux", other, "--view", "all").document
    assert view(document, "domU")["namelist"]["path"] == str(own)
    alone = plan(dump, "--p2m-mfn", "9", "--vmlinux", other, "--view", "domU")
    assert (alone.status, alone.document["error"]["code"]) == (3, "namelist-mismatch")


def test_a_guest_whose_memory_is_not_there_is_told_before_crash_is_started(dump: Path) -> None:
    put(dump, "vmlinux", b.vmlinux().build())
    done = plan(dump, "--view", "domU", "--p2m_mfn", "4bba6")
    assert (done.status, done.document["error"]["code"]) == (4, "guest-left-out")
    assert "machine frame 0x4bba6" in done.document["error"]["message"]
    for words in (("--view", "domU"), ("--domain", "1")):
        done = plan(dump, *words)
        assert (done.status, done.document["error"]["code"]) == (4, "guest-frame-unknown")
        assert view(done.document, "dom0")["refusal"] is None
    assert plan(dump, "--view", "xen", "--domain", "0").status == 2


@pytest.mark.parametrize(
    ("option", "value"), [("--xen-phys-start", "4F8x"), ("--p2m-mfn", "-1"), ("--p2m_mfn", "1" * 17)]
)
def test_what_is_no_number_is_refused(dump: Path, option: str, value: str) -> None:
    done = plan(dump, option, value)
    assert done.status == 2 and "hexadecimal" in done.err


def test_views_that_are_not_there(dump: Path, tmp_path: Path) -> None:
    native, guest = tmp_path / "native", tmp_path / "core"
    native.write_bytes(b.core().build())
    guest.write_bytes(d.xen_core())
    for path, name in ((native, "xen"), (native, "dom0"), (guest, "dom0"), (native, "domU")):
        done = plan(path, "--view", name)
        assert (done.status, done.document["error"]["code"]) == (2, "view-not-there")
    assert plan("--view", "xen").document["error"]["code"] == "view-not-there"
    assert plan(guest, "--view", "all").document["view"] == "domU"
    document = plan(native, "--view", "all").document
    assert (document["view"], document["views"]) == (None, [])


def test_a_banner_in_memory_may_be_a_guests_and_refuses_no_named_vmlinux(dump: Path) -> None:
    vmlinux = put(dump, "own", b.vmlinux().build())
    dump.write_bytes(x.dump(banner=b.BANNER.replace("6.1.0-50", "5.5.5-1").encode() + b"\0"))
    document = plan(dump, "--vmlinux", vmlinux).document
    assert document["namelist"]["path"] == str(vmlinux)
    assert any("crash itself will compare" in warning for warning in document["warnings"])


def test_symbols_and_their_separate_debug_information_are_paired(dump: Path) -> None:
    stripped = put(dump, "xen-syms-4.17.5", x.build(with_dwarf=False))
    whole = x.xen_syms()
    whole.sections = only_keep_debug(whole.sections)
    debug = put(dump, "xen-syms-4.17.5.debug", linked(whole, x.VIRT_START))
    document = plan(dump, "--view", "xen").document
    assert document["argv"][-3:] == [str(stripped), str(debug), str(dump)]
    assert [one["what"] for one in document["decisions"][:2]] == ["namelist", "debuginfo"]
    elsewhere = debug.rename(dump.parent / "other.debug")
    assert plan(dump, "--view", "xen").document["error"]["code"] == "xen-syms-no-dwarf"
    argv = plan(dump, "--xen-syms", stripped, "--debuginfo", elsewhere).document["argv"]
    assert argv[-3:] == [str(stripped), str(elsewhere), str(dump)]


def test_an_old_dump_that_does_not_say_where_xen_was_loaded(dump: Path) -> None:
    put(dump, "xen-syms-4.17.5", x.build())
    dump.write_bytes(x.dump(phys_start=False))
    document = plan(dump, "--view", "xen").document
    assert any("does not say where Xen was loaded" in warning for warning in document["warnings"])
    assert document["match"]["verdict"] == "same-release"
    told = plan(dump, "--view", "xen", "--xen-phys-start", f"{x.PHYS_START:x}").document
    assert (told["warnings"], told["match"]["verdict"]) == ([], "same-build")


@pytest.mark.parametrize(
    "data", [d.xc_core(), d.xc_core(0xF00FEBEE), d.xen_save(), d.xen_core(0xF00FEBEE, section=".xen_pfn")]
)
def test_the_dump_of_a_guest_has_one_view(tmp_path: Path, data: bytes) -> None:
    core, vmlinux = tmp_path / "core", tmp_path / "vmlinux"
    core.write_bytes(data)
    vmlinux.write_bytes(b.vmlinux().build())
    document = plan(core, "--vmlinux", vmlinux).document
    assert (document["view"], document["mode"], document["argv"][-2:]) == ("domU", "dump", [str(vmlinux), str(core)])
    assert [one["view"] for one in document["views"]] == ["domU"]


def test_the_text_tells_every_view_and_with_all_the_plan_of_each(dump: Path) -> None:
    syms = put(dump, "xen-syms-4.17.5", x.build())
    put(dump, "vmlinux", b.vmlinux().build())
    text = xcrash("plan", dump, env=QUIET).out
    assert "\nViews\n  dom0  " in text and f"\n  xen   {syms}\n" in text
    assert "the view xen" not in text
    everything = xcrash("plan", dump, "--view", "all", env=QUIET).out
    assert "\nWhy: the view xen\n" in everything and "its build-id is the one in the dump's memory" in everything


def test_images_tells_what_a_xen_dump_is_of_and_what_its_views_need(dump: Path) -> None:
    image = xcrash("images", dump, "--json", env=QUIET).document["images"][0]
    assert image["role"] == "dump"
    assert {
        "Xen 4.17.5",
        f"changeset {x.CHANGESET}",
        "Xen was loaded at 0x1000",
        "the Dom0's list of p2m frames is in machine frame 0x1234",
        "view dom0: needs the vmlinux of the Dom0, with debug information",
        "view xen: needs the xen-syms of the hypervisor, with debug information",
    } <= set(image["notes"])
