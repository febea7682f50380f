# SPDX-License-Identifier: Apache-2.0
"""Which kernel a PV guest ran, told by its memory within the dump of a whole Xen machine."""

from __future__ import annotations

from pathlib import Path

from xcrash.errors import MemorySourceError
from xcrash.images.banner_scan import FILE_BYTES, scan_for_banner
from xcrash.images.dump import metered_memory
from xcrash.images.identity import DumpIdentity, unidentified, with_banner
from xcrash.images.kernel_note import kernel_build_id
from xcrash.images.p2m_memory import P2mMemory
from xcrash.images.text import printable


def identify_guest(dump: DumpIdentity, mfn: int) -> DumpIdentity:
    """``dump`` as that of the guest whose list of p2m frames is in machine frame ``mfn``.

    Release and build-id are None where its memory does not tell them, or the format has no memory with a known place.
    MemorySourceError "guest-left-out" when the list is not in the dump.
    """
    guest = unidentified(dump)
    with metered_memory(Path(dump.path), FILE_BYTES) as (machine, meter):
        if machine is None or not machine.placed:
            return guest
        memory = P2mMemory(machine, mfn)
        if not memory.runs:
            raise MemorySourceError(
                "guest-left-out",
                f"{printable(dump.path)} does not have the memory of this guest: machine frame {mfn:#x}, where its "
                "list of p2m frames is, holds no frames",
                "makedumpfile -X leaves guests out; the hypervisor's view, doms, prints the right P2M_MFN",
            )
        banner = scan_for_banner(memory, meter)
        build_id = kernel_build_id(memory) if banner else None
        return with_banner(guest, banner, meter.used, build_id, "the guest's memory")
