# SPDX-License-Identifier: Apache-2.0
"""Which views of a Xen dump can be opened, and which of them comes first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xcrash.discovery.choices import Choices
from xcrash.errors import UsageError
from xcrash.images import DumpIdentity
from xcrash.images.identity import View
from xcrash.plan import NamelistChoice

IN_WORDS: dict[View, str] = {"dom0": "the Dom0's view", "xen": "the hypervisor's view", "domU": "the guest's view"}


def views_of(dump: DumpIdentity, choices: Choices) -> tuple[View | None, ...]:
    """The views that ``dump`` can give, the main one first; None is the only view of a dump without Xen.

    What the user named adds to what the dump says of itself: symbols of Xen for a dump without Xen's notes, a vmlinux
    or a p2m frame for one that notes no p2m of the Dom0. Where it does, a p2m frame is that of a guest in the dump of
    the whole machine. UsageError "view-not-there" for a view that was asked for and is not among them.
    """
    found = _possible(dump, choices)
    if choices.view in ("auto", "all"):
        first = _first(found, choices)
    elif choices.view in found:
        first = choices.view
    else:
        raise _not_there(dump, choices, found)
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
    is_dom0s = view == "dom0" and (choices.view == "dom0" or not _notes_dom0(dump))
    return choices.p2m_mfn if view == "domU" or is_dom0s else None


def guest_of(dump: DumpIdentity) -> DumpIdentity:
    """The dump as that of a guest in it: which kernel a guest of the whole machine had is not said."""
    if dump.xen and "domU" in dump.xen.views:
        return dump
    return msgspec.structs.replace(dump, release=None, version=None, build_id=None, identified_by=())


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
    told = dump.xen.views if dump.xen else ()
    if "domU" in told:
        return ("domU",)
    found: list[View | None] = []
    if _notes_dom0(dump) or choices.p2m_mfn is not None or (dump.xen and vmlinux_named(choices)):
        found.append("dom0")
    elif dump.xen is None and (vmlinux_named(choices) or not xen_syms_named(choices)):
        found.append(None)
    if dump.xen or xen_syms_named(choices):
        found.append("xen")
    if _notes_dom0(dump) and choices.p2m_mfn is not None:
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


def _not_there(dump: DumpIdentity, choices: Choices, found: tuple[View | None, ...]) -> UsageError:
    others = " and ".join(IN_WORDS[view] for view in found if view)
    if choices.view == "domU" and "dom0" in found:
        hint = "name the guest's p2m frame, --p2m-mfn MFN: the hypervisor's view has it, doms prints P2M_MFN"
    elif choices.view == "dom0" and "xen" in found:
        hint = "its notes name no p2m of a Dom0: name the Dom0's vmlinux, --vmlinux FILE, or its p2m, --p2m-mfn MFN"
    else:
        hint = "leave --view out"
    what = f"it gives {others}" if others else "it is no dump of a Xen machine, and gives one view only"
    return UsageError("view-not-there", f"{dump.path} cannot give the view {choices.view}: {what}", hint)
