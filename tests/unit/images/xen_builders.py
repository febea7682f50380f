# SPDX-License-Identifier: Apache-2.0
"""A machine's dump under Xen, and builds of the hypervisor that belong to it or do not."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from tests.trees.elves import dwarf, linked, symbols
from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d

VIRT_START = 0xFFFF82D040000000
PHYS_START = 0x1000
NOTE_AT = 0x400
"""Of the build-id, from the start of the image."""

CHANGESET = "Tue Jan 3 git:abc"
ADDRESSES = {
    "domain_list": VIRT_START + 0x9C400,
    "max_page": VIRT_START + 0xB4390,
    "idle_pg_table": VIRT_START + 0x8F000,
}
"""By the names of the symbol table; VMCOREINFO_XEN calls the last pgd_l4."""

OTHER_ID = bytes(range(0x70, 0x84))


def build(
    build_id: bytes = b.XEN_BUILD_ID,
    addresses: Mapping[str, int] = ADDRESSES,
    version: str | None = "4.17.5",
    debug: str = "n",
    with_dwarf: bool = True,
    note_at: int = NOTE_AT,
    changeset: str = CHANGESET,
) -> bytes:
    """xen-syms, see ``xen_syms``."""
    return linked(xen_syms(build_id, addresses, version, debug, with_dwarf, note_at, changeset), VIRT_START)


def xen_syms(
    build_id: bytes = b.XEN_BUILD_ID,
    addresses: Mapping[str, int] = ADDRESSES,
    version: str | None = "4.17.5",
    debug: str = "n",
    with_dwarf: bool = True,
    note_at: int = NOTE_AT,
    changeset: str = CHANGESET,
) -> b.ElfFile:
    """A build of Xen with a symbol table that tells where things are."""
    note = b.note(b"GNU", 3, build_id)
    texts = b.xen_texts(version, debug) + changeset.encode() + b"\0"
    return b.ElfFile(
        sections=[
            (".text", b.PROGBITS, bytes(64)),
            (".rodata", b.PROGBITS, texts),
            (".note.gnu.build-id", b.NOTE, note),
            *(dwarf("gcc") if with_dwarf else []),
            *symbols({**addresses, "__note_gnu_build_id_start": VIRT_START + note_at}),
        ],
        segments=[(b.PT_LOAD, bytes(64)), (b.PT_NOTE, note)],
    )


def place_p2m(memory: bytearray, mfn: int, frames: dict[int, int], word: int = 8) -> None:
    """Write the p2m of a kernel into the machine's memory: three levels from frame ``mfn`` on, padded as Linux does.

    ``frames`` are the machine frames of its page frames, all of them in the first block.
    """
    per, code = 4096 // word, "Q" if word == 8 else "I"
    none = (1 << 8 * word) - 1
    leaf = [frames.get(pfn, none) for pfn in range(per)]
    pages = (
        [mfn + 1] + [mfn + 3] * (per - 1),  # the list of lists
        [mfn + 2] + [mfn + 4] * (per - 1),  # the only list that names memory
        leaf,
        [mfn + 4] * per,  # lists of missing frames
        [none] * per,
    )
    for number, entries in enumerate(pages):
        at = (mfn + number) * 4096
        memory[at : at + 4096] = struct.pack(f"<{per}{code}", *entries)


def dump(
    build_id: bytes | None = b.XEN_BUILD_ID,
    addresses: Mapping[str, int] = ADDRESSES,
    phys_start: bool = True,
    p2m: int = 0x1234,
    banner: bytes = b"",
    guest: int | None = None,
) -> bytes:
    """The core of a machine: 64 KiB of memory from address 0 on, Xen's image with its build-id in it.

    The page of ``banner`` is a guest's whose p2m begins in the frame ``guest``.
    """
    memory = bytearray(65536)
    memory[0x200:0x203] = b".5\0"
    memory[0x300 : 0x301 + len(CHANGESET)] = CHANGESET.encode() + b"\0"
    memory[0x8000 : 0x8000 + len(banner)] = banner
    if guest is not None:
        place_p2m(memory, guest, {0: 8})
    if build_id is not None:
        note = b.note(b"GNU", 3, build_id)
        memory[PHYS_START + NOTE_AT : PHYS_START + NOTE_AT + len(note)] = note
    told = {("pgd_l4" if name == "idle_pg_table" else name): address for name, address in addresses.items()}
    info = "PAGESIZE=4096\n" + "".join(f"SYMBOL({name})={address:x}\n" for name, address in told.items())
    longs = (PHYS_START, p2m) if phys_start else (p2m,)
    notes = d.crash_info(*longs, extra=0x200, changeset=0x300)
    notes = b.note(b"CORE", 1, bytes(336)) + notes + b.note(b"VMCOREINFO_XEN", 0, info.encode())
    return b.core(notes, bytes(memory)).build()
