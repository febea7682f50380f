# SPDX-License-Identifier: Apache-2.0
"""What xcrash knows of a memory image before crash has seen it."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from xcrash.images.banner_scan import Banner
from xcrash.images.vmcoreinfo import build_id_in, integer_in

View = Literal["dom0", "xen", "domU"]
"""Whose memory crash shows from a Xen dump: the Dom0 kernel's, the hypervisor's own, or a guest kernel's."""


VIEW_NEEDS: dict[View, str] = {
    "dom0": "the vmlinux of the Dom0, with debug information",
    "xen": "the xen-syms of the hypervisor, with debug information",
    "domU": "the vmlinux of the guest, with debug information",
}


class XenDump(msgspec.Struct, frozen=True, kw_only=True):
    """What a dump of a Xen machine or guest says of Xen; what it does not say is None.

    ``views`` tells whose memory crash can show from the file: "dom0" and "hypervisor" from a crash of the whole
    machine, "domU" from the dump of a guest. ``version`` is "4.17.5" or, without its last part, "4.17". Addresses are
    physical ones of the machine: ``phys_start`` is where Xen was loaded, ``dom0_p2m_mfn`` the machine frame with the
    list of the Dom0's p2m frames (0 and None mean that a PV Dom0 cannot be shown). ``guest`` is "pv" or "hvm".
    ``vmcoreinfo`` is the text of VMCOREINFO_XEN.
    """

    views: tuple[str, ...] = ()
    version: str | None = None
    changeset: str | None = None
    phys_start: int | None = None
    dom0_p2m_mfn: int | None = None
    guest: str | None = None
    nr_vcpus: int | None = None
    nr_pages: int | None = None
    capabilities: str | None = None
    vmcoreinfo: dict[str, str] = {}

    @property
    def facts(self) -> tuple[str, ...]:
        """What it says, and what each of its views needs, in words."""
        told = [
            None if self.changeset is None else f"changeset {self.changeset}",
            None if self.phys_start is None else f"Xen was loaded at {self.phys_start:#x}",
            f"the Dom0's list of p2m frames is in machine frame {self.dom0_p2m_mfn:#x}" if self.dom0_p2m_mfn else None,
            None if self.guest is None else f"a guest of type {self.guest}",
        ]
        views: list[View] = ["xen" if view == "hypervisor" else cast(View, view) for view in self.views]
        return (*filter(None, told), *(f"view {view}: needs {VIEW_NEEDS[view]}" for view in views))


class DumpIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A dump, told from its headers and notes, and the release at last from its memory; what is not said is None.

    ``format`` is one of the names of ``magic.DUMPS``. Three facts about what a file lacks, each apart: ``partial``,
    pages were left out by design (``dump_level`` is makedumpfile's -d); ``incomplete``, the writer itself noted that it
    could not finish; ``truncated``, the file is shorter than its headers promise, by ``missing_bytes`` at least (0 for
    a whole file, None when the headers do not tell). ``crash_time`` is in seconds since 1970, of the crash or, where
    the format has no other time, of the dump. ``pages`` are stored in the file, ``memory_bytes`` were in the machine.
    ``identified_by`` names the evidence, "release: OSRELEASE in VMCOREINFO"; ``scanned_bytes`` is how much of the file
    was read to look for the release in memory, None when there was no need.
    """

    path: str
    size: int
    format: str
    compression: str | None = None
    machine: str | None = None
    release: str | None = None
    version: str | None = None
    nodename: str | None = None
    build_id: str | None = None
    crash_time: int | None = None
    page_size: int | None = None
    dump_level: int | None = None
    incomplete: bool = False
    flags: tuple[str, ...] = ()
    producer: str | None = None
    vmcoreinfo: dict[str, str] = {}
    missing_bytes: int | None = None
    identified_by: tuple[str, ...] = ()
    cpus: int | None = None
    pages: int | None = None
    memory_bytes: int | None = None
    guest_name: str | None = None
    xen: XenDump | None = None
    scanned_bytes: int | None = None

    @property
    def partial(self) -> bool | None:
        """Whether pages were left out by design; None when the format does not say."""
        return self.dump_level > 0 if self.dump_level is not None else "pages-left-out" in self.flags or None

    @property
    def truncated(self) -> bool | None:
        """Whether the file is shorter than its headers promise; None when they do not tell."""
        return self.missing_bytes > 0 if self.missing_bytes is not None else None


def with_vmcoreinfo(dump: DumpIdentity, info: dict[str, str]) -> DumpIdentity:
    """The dump with what VMCOREINFO adds to its headers; a release that the headers gave stays."""
    release, build_id = info.get("OSRELEASE") or None, build_id_in(info)
    evidence = {
        "release: OSRELEASE in VMCOREINFO": release and not dump.release,
        "build-id: BUILD-ID in VMCOREINFO": build_id,
    }
    return msgspec.structs.replace(
        dump,
        release=dump.release or release,
        build_id=build_id,
        crash_time=integer_in(info, "CRASHTIME") or dump.crash_time,
        page_size=integer_in(info, "PAGESIZE") or dump.page_size,
        vmcoreinfo=info,
        identified_by=dump.identified_by + tuple(name for name, present in evidence.items() if present),
    )


def unidentified(dump: DumpIdentity) -> DumpIdentity:
    """The dump without what was found of its kernel."""
    return msgspec.structs.replace(dump, release=None, version=None, build_id=None, identified_by=())


def with_banner(
    dump: DumpIdentity, banner: Banner | None, scanned: int, build_id: str | None = None, where: str = "memory"
) -> DumpIdentity:
    """The dump with what a search of its memory found, ``where`` in words, and how many bytes of the file that took."""
    dump = msgspec.structs.replace(dump, scanned_bytes=scanned)
    evidence: tuple[str, ...] = ()
    if banner:
        how = f"found in {where}" if banner.certain else f"found in {where}, in a log"
        evidence = (f"release: 'Linux version' {how}",)
    if build_id and not dump.build_id:
        evidence = (*evidence, f"build-id: the kernel's note in {where}")
    return msgspec.structs.replace(
        dump,
        release=banner.release if banner else dump.release,
        version=dump.version or (banner.version if banner else None),
        build_id=dump.build_id or build_id,
        identified_by=(*dump.identified_by, *evidence),
    )
