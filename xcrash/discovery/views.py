# SPDX-License-Identifier: Apache-2.0
"""Which views of a Xen dump can be opened, and which of them comes first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xcrash.discovery.choices import Choices, ViewWish
from xcrash.errors import MemorySourceError, UsageError
from xcrash.images import DumpIdentity
from xcrash.images.guest_kernel import identify_guest
from xcrash.images.identity import View
from xcrash.plan import NamelistChoice

IN_WORDS: dict[View, str] = {"dom0": "the Dom0's view", "xen": "the hypervisor's view", "domU": "the guest's view"}


def views_of(dump: DumpIdentity, choices: Choices) -> tuple[View | None, ...]:
    """The views that ``dump`` can give, the main one first; None is the only view of a dump without Xen.

    What the user named adds to what the dump says of itself: symbols of Xen for a dump without Xen's notes, a vmlinux
    or a p2m frame for one that notes no p2m of the Dom0. Where it does, or a guest is asked for, a p2m frame is that of
    a guest in the dump of the whole machine. UsageError "view-not-there" for a view that was asked for and is not among
    them.
    """
    found = _possible(dump, choices)
    wish = choices.wish
    if wish in ("auto", "all"):
        first = _first(found, choices)
    elif wish in found:
        first = wish
    else:
        raise _not_there(dump, wish, found)
    return (first, *(view for view in found if view != first))


def xen_syms_named(choices: Choices) -> str | None:
    """The hypervisor's symbols that the user named, with --xen-syms or, by their name, with --vmlinux."""
    vmlinux = choices.vmlinux
    return choices.xen_syms or (vmlinux if vmlinux and Path(vmlinux).name.startswith("xen-syms") else None)


def vmlinux_named(choices: Choices) -> str | None:
    """The kernel that the user named, unless it is the hypervisor."""
    vmlinux = choices.vmlinux
    return vmlinux if vmlinux and not Path(vmlinux).name.startswith("xen-syms") else None


def for_linux(choices: Choices) -> Choices:
    """The choices without what was named for the hypervisor."""
    debuginfo = choices.debuginfo if vmlinux_named(choices) or not xen_syms_named(choices) else None
    return msgspec.structs.replace(choices, vmlinux=vmlinux_named(choices), debuginfo=debuginfo)


def p2m_mfn_for(view: View | None, dump: DumpIdentity, choices: Choices) -> int | None:
    """The p2m frame that crash has to be told for this view: a guest's, or the Dom0's.

    The Dom0's where its dump notes none, or its view was asked for by name.
    """
    is_dom0s = view == "dom0" and not choices.wants_guest and (choices.view == "dom0" or not _notes_dom0(dump))
    return choices.p2m_mfn if view == "domU" or is_dom0s else None


def is_guests_own(dump: DumpIdentity) -> bool:
    """Whether it is the dump of one guest."""
    return dump.xen is not None and "domU" in dump.xen.views


def guest_of(dump: DumpIdentity, p2m_mfn: int | None) -> DumpIdentity:
    """The dump as that of a guest in it: of the whole machine, that with this list of p2m frames.

    MemorySourceError where that is not known, or not in the dump.
    """
    if is_guests_own(dump):
        return dump
    if p2m_mfn is None:
        raise MemorySourceError(
            "guest-frame-unknown",
            "which of the machine's frames are a guest's is not known",
            "open it, and the hypervisor's view is asked for it; or name the P2M_MFN that doms prints: --p2m-mfn MFN",
        )
    return identify_guest(dump, p2m_mfn)


def is_another_views(view: View | None, names: NamelistChoice, choices: Choices) -> bool:
    """Whether the vmlinux that the user named is not of this kernel, where those of the Dom0 and a guest are opened."""
    both = choices.view in ("auto", "all") and (choices.wants_guest or choices.p2m_mfn is not None)
    code = names.refusal.code if names.refusal else None
    return both and view in ("dom0", "domU") and vmlinux_named(choices) is not None and code == "namelist-mismatch"


def is_doubtful(dump: DumpIdentity, names: NamelistChoice, choices: Choices) -> bool:
    """Whether a vmlinux that the user named was refused on weak grounds: a banner in memory may be a guest's."""
    scanned = not dump.build_id and any("'Linux version' found in memory" in text for text in dump.identified_by)
    code = names.refusal.code if names.refusal else None
    return scanned and vmlinux_named(choices) is not None and code == "namelist-mismatch"


def load_warnings(dump: DumpIdentity, choices: Choices) -> tuple[str, ...]:
    """That crash is not told where Xen was loaded: it takes 0 then (netdump.c)."""
    if dump.xen is None or dump.xen.phys_start is not None or choices.xen_phys_start is not None:
        return ()
    return ("the dump does not say where Xen was loaded, and crash takes 0; if it was not: --xen-phys-start ADDR",)


def _possible(dump: DumpIdentity, choices: Choices) -> tuple[View | None, ...]:
    if is_guests_own(dump):
        return ("domU",)
    found: list[View | None] = []
    dom0s_mfn = None if choices.wants_guest else choices.p2m_mfn
    if _notes_dom0(dump) or dom0s_mfn is not None or (dump.xen and vmlinux_named(choices)):
        found.append("dom0")
    elif dump.xen is None and (vmlinux_named(choices) or not xen_syms_named(choices)):
        found.append(None)
    if dump.xen or xen_syms_named(choices):
        found.append("xen")
    if dump.xen and (choices.wants_guest or (_notes_dom0(dump) and choices.p2m_mfn is not None)):
        found.append("domU")
    return tuple(found)


def _notes_dom0(dump: DumpIdentity) -> bool:
    return dump.xen is not None and "dom0" in dump.xen.views


def _first(found: tuple[View | None, ...], choices: Choices) -> View | None:
    if choices.view == "auto":
        if "xen" in found and xen_syms_named(choices) and not vmlinux_named(choices):
            return "xen"
        if "domU" in found:
            return "domU"
    return found[0]


def _not_there(dump: DumpIdentity, wish: ViewWish, found: tuple[View | None, ...]) -> UsageError:
    others = " and ".join(IN_WORDS[view] for view in found if view)
    if wish == "dom0" and "xen" in found:
        hint = "its notes name no p2m of a Dom0: name the Dom0's vmlinux, --vmlinux FILE, or its p2m, --p2m-mfn MFN"
    else:
        hint = "leave --view out"
    what = f"it gives {others}" if others else "it is no dump of a Xen machine, and gives one view only"
    return UsageError("view-not-there", f"{dump.path} cannot give the view {wish}: {what}", hint)
