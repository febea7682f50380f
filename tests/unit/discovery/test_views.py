# SPDX-License-Identifier: Apache-2.0
"""Which views a dump gives, and which comes first."""

from __future__ import annotations

import msgspec
import pytest

from xcrash.discovery.choices import Choices
from xcrash.discovery.views import guest_of, p2m_mfn_for, views_of
from xcrash.errors import MemorySourceError, UsageError
from xcrash.images import DumpIdentity
from xcrash.images.identity import XenDump, unidentified

NATIVE = DumpIdentity(path="/d", size=1, format="elf-kdump", release="6.1.0", build_id="ab")
MACHINE = msgspec.structs.replace(NATIVE, xen=XenDump(views=("dom0", "hypervisor"), dom0_p2m_mfn=7))
NO_P2M = msgspec.structs.replace(NATIVE, xen=XenDump(views=("hypervisor",)))
GUEST = msgspec.structs.replace(NATIVE, format="xendump", xen=XenDump(views=("domU",)))
SYMS = Choices(xen_syms="/x/xen-syms")
BOTH = Choices(xen_syms="/x/symbols", vmlinux="/x/vmlinux")


@pytest.mark.parametrize(
    ("dump", "choices", "views"),
    [
        (NATIVE, Choices(), (None,)),
        (NATIVE, SYMS, ("xen",)),
        (NATIVE, BOTH, (None, "xen")),
        (NATIVE, Choices(p2m_mfn=0x99), ("dom0",)),
        (MACHINE, Choices(), ("dom0", "xen")),
        (MACHINE, Choices(view="all"), ("dom0", "xen")),
        (MACHINE, Choices(view="xen"), ("xen", "dom0")),
        (MACHINE, SYMS, ("xen", "dom0")),
        (MACHINE, Choices(vmlinux="/x/xen-syms-4.17"), ("xen", "dom0")),
        (MACHINE, BOTH, ("dom0", "xen")),
        (MACHINE, msgspec.structs.replace(SYMS, view="all"), ("dom0", "xen")),
        (MACHINE, Choices(p2m_mfn=0x99), ("domU", "dom0", "xen")),
        (MACHINE, Choices(p2m_mfn=0x99, view="all"), ("dom0", "xen", "domU")),
        (MACHINE, Choices(view="domU"), ("domU", "dom0", "xen")),
        (MACHINE, Choices(domain=1), ("domU", "dom0", "xen")),
        (MACHINE, Choices(domain=1, p2m_mfn=0x99), ("domU", "dom0", "xen")),
        (MACHINE, Choices(domain=1, view="all"), ("dom0", "xen", "domU")),
        (NO_P2M, Choices(view="domU", p2m_mfn=0x99), ("domU", "xen")),
        (NO_P2M, Choices(), ("xen",)),
        (NO_P2M, Choices(vmlinux="/x/vmlinux"), ("dom0", "xen")),
        (NO_P2M, Choices(p2m_mfn=0x99), ("dom0", "xen")),
        (GUEST, Choices(), ("domU",)),
        (GUEST, Choices(view="domU"), ("domU",)),
    ],
)
def test_views_of_a_dump_with_the_main_one_first(
    dump: DumpIdentity, choices: Choices, views: tuple[str | None, ...]
) -> None:
    assert views_of(dump, choices) == views


@pytest.mark.parametrize(
    ("dump", "choices", "says", "hint"),
    [
        (NATIVE, Choices(view="xen"), "no dump of a Xen machine", "leave --view out"),
        (NATIVE, Choices(view="dom0"), "no dump of a Xen machine", "leave --view out"),
        (NATIVE, Choices(view="domU"), "cannot give the view domU: it is no dump of a Xen machine", "leave --view out"),
        (NATIVE, Choices(domain=1), "cannot give the view domU: it is no dump of a Xen machine", "leave --view out"),
        (NO_P2M, Choices(view="dom0"), "gives the hypervisor's view", "--vmlinux FILE"),
        (GUEST, Choices(view="xen"), "gives the guest's view", "leave --view out"),
    ],
)
def test_a_view_that_is_not_there_is_refused_with_those_that_are(
    dump: DumpIdentity, choices: Choices, says: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        views_of(dump, choices)
    assert caught.value.code == "view-not-there"
    assert says in caught.value.message and hint in caught.value.hint


def test_a_named_p2m_frame_is_the_guests_unless_the_dump_notes_none_of_the_dom0() -> None:
    choices = Choices(p2m_mfn=0x99)
    assert p2m_mfn_for("dom0", MACHINE, choices) is None
    assert p2m_mfn_for("domU", MACHINE, choices) == 0x99
    assert p2m_mfn_for("dom0", MACHINE, msgspec.structs.replace(choices, view="dom0")) == 0x99
    assert p2m_mfn_for("dom0", NO_P2M, choices) == 0x99
    assert p2m_mfn_for("xen", MACHINE, choices) is None
    assert p2m_mfn_for("dom0", NO_P2M, msgspec.structs.replace(choices, domain=1)) is None


def test_a_guest_of_the_machine_is_not_known_without_its_frame() -> None:
    with pytest.raises(MemorySourceError) as caught:
        guest_of(MACHINE, None)
    assert caught.value.code == "guest-frame-unknown" and "--p2m-mfn" in caught.value.hint
    assert guest_of(GUEST, None) == GUEST
    assert (unidentified(MACHINE).release, unidentified(MACHINE).build_id) == (None, None)
