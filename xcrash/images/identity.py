# SPDX-License-Identifier: Apache-2.0
"""What xcrash knows of a memory image before crash has seen it."""

from __future__ import annotations

import msgspec

from xcrash.images.vmcoreinfo import build_id_in, integer_in


class DumpIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A dump, told from its headers and notes alone; what they do not say is None.

    ``format`` is one of the names of ``magic.DUMPS``. ``missing_bytes`` is 0 for a whole file, otherwise by how many
    bytes, at least, the file is shorter than its headers promise. ``incomplete`` is what the writer itself noted (no
    space left while dumping). ``identified_by`` names the evidence, "release: OSRELEASE in VMCOREINFO".
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
        crash_time=integer_in(info, "CRASHTIME"),
        page_size=integer_in(info, "PAGESIZE") or dump.page_size,
        vmcoreinfo=info,
        identified_by=dump.identified_by + tuple(name for name, present in evidence.items() if present),
    )
