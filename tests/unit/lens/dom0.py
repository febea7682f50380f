# SPDX-License-Identifier: Apache-2.0
"""A PV Dom0 made of a file: memory, page tables with machine frames, p2m, kcore's headers, kallsyms."""

from __future__ import annotations

import random
import struct
from array import array
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 4096
IMAGE = 0xFFFFFFFF80000000
TEXT = IMAGE + 0x1000000
VMALLOC = {4: 0xFFFFC90000000000, 5: 0xFFA0000000000000}
DIRECT = {4: 0xFFFF888000000000, 5: 0xFF11000000000000}
USER = 0x00007F1234560000
FOREIGN, IDENTITY = 1 << 63, 1 << 62
INVALID = (1 << 64) - 1
NX, RW, PRESENT, USER_BIT, PSE = 1 << 63, 2, 1, 4, 1 << 7
FLAGS = 0x063
IMAGE_FRAMES = 16
VARIABLES = TEXT + 8 * PAGE
"""Where the image keeps its variables; the top-level table is its fourth page."""

_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_PHDR = struct.Struct("<IIQQQQQQ")


@dataclass
class Dom0:
    """The machine; ``p2m[frame]`` is its machine frame, ``maps`` every address that was mapped and its frame.

    Frames below ``IMAGE_FRAMES + 1`` are the image's; tables are taken from the end.
    """

    levels: int = 4
    frames: int = 256
    seed: int = 1
    tree: bool = False
    p2m: list[int] = field(default_factory=list)
    maps: dict[int, int | None] = field(default_factory=dict)
    tables: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311
        self.memory = bytearray(self.frames * PAGE)
        if not self.p2m:
            machine = chance.sample(range(0x1000, 0x1000 + 8 * self.frames), self.frames)
            # Stretches, as an allocator gives them out, with single frames between.
            for at in range(0, self.frames - 32, 48):
                start = 0x100000 + at * 64
                machine[at : at + 32] = range(start, start + 32)
            self.p2m = machine
        self.free = self.frames
        self.direct, self.vmalloc = DIRECT[self.levels], VMALLOC[self.levels]
        self.root = self.image_frame(3)
        self.tables[self.root] = self.levels
        for slot in range(256, 272):
            self.put(self.root, slot, (0x9000000 + slot) << 12 | FLAGS)
        for frame in range(self.frames):
            self.map(self.direct + frame * PAGE, frame)
        for number in range(IMAGE_FRAMES):
            self.map(TEXT + number * PAGE, self.image_frame(number))
        for number in range(4):
            self.map(self.vmalloc + 0x800000 + number * 5 * PAGE, 40 + 3 * number)
        self.variables = {
            "init_top_pgt": TEXT + 3 * PAGE,
            "page_offset_base": VARIABLES,
            "phys_base": VARIABLES + 8,
            "xen_start_info": VARIABLES + 16,
            "p2m_top" if self.tree else "xen_p2m_addr": VARIABLES + 24,
            "pgdir_shift": VARIABLES + 40,
        }
        if not self.tree:
            self.variables["xen_p2m_size"] = VARIABLES + 32
        self.p2m_address = self.vmalloc + 0x40000000
        # The image's frames are the first ones of memory: phys_base says how far they are from where they are linked.
        values = (self.direct, -(TEXT - IMAGE) & INVALID, self.direct, self.p2m_address, 1 << 27, self.pgdir_shift)
        self.memory[8 * PAGE : 8 * PAGE + 48] = struct.pack("<6Q", *values)

    @property
    def pgdir_shift(self) -> int:
        return 39 if self.levels == 4 else 48

    def image_frame(self, number: int) -> int:
        """The frame of a page of the image."""
        return number

    def put(self, table: int, slot: int, entry: int) -> None:
        """Write one entry."""
        struct.pack_into("<Q", self.memory, table * PAGE + slot * 8, entry)

    def get(self, table: int, slot: int) -> int:
        """Read one entry."""
        return int(struct.unpack_from("<Q", self.memory, table * PAGE + slot * 8)[0])

    def page(self, frame: int) -> bytes:
        """What is in a frame."""
        return bytes(self.memory[frame * PAGE : (frame + 1) * PAGE])

    def new_table(self, level: int) -> int:
        """Take a frame for a table."""
        self.free -= 1
        self.tables[self.free] = level
        return self.free

    def map(self, address: int, frame: int, flags: int = FLAGS, root: int | None = None) -> None:
        """Map an address as a PV kernel does: with machine frames on every level."""
        self.map_machine(address, self.p2m[frame], flags, root)
        self.maps[address] = frame

    def map_machine(self, address: int, machine_frame: int, flags: int = FLAGS, root: int | None = None) -> None:
        """Map an address to any machine frame, of a device or of somebody else."""
        table = self.root if root is None else root
        for level in range(self.levels, 1, -1):
            slot = address >> 12 + 9 * (level - 1) & 511
            entry = self.get(table, slot)
            if not entry & PRESENT:
                below = self.new_table(level - 1)
                self.put(table, slot, self.p2m[below] << 12 | FLAGS | USER_BIT)
                table = below
            else:
                table = self.p2m.index(entry >> 12 & (1 << 40) - 1)
        self.put(table, address >> 12 & 511, machine_frame << 12 | flags)

    def process(self) -> int:
        """Make a root for a process: the kernel's upper half, with the processor's accessed bits its own."""
        root = self.new_table(self.levels)
        for slot in range(256, 512):
            entry = self.get(self.root, slot)
            self.put(root, slot, entry ^ 0x60 if entry else 0)
        return root

    def seal(self) -> None:
        """Map every table read-only in the direct map, as Xen wants it."""
        for table in self.tables:
            self.map(self.direct + table * PAGE, table, FLAGS & ~RW)

    def segments(self) -> list[tuple[int, bytes]]:
        """What kcore shows: address and contents."""
        listed = array("Q", self.p2m).tobytes()
        if self.tree:
            # Top and middle pages are looked up by kernel addresses.
            middle = self.p2m_address + PAGE
            leaves = [self.p2m_address + (2 + number) * PAGE for number in range(-(-self.frames // 512))]
            pages = struct.pack("<Q", middle).ljust(PAGE, b"\0")
            pages += struct.pack(f"<{len(leaves)}Q", *leaves).ljust(PAGE, b"\0")
            listed = pages + listed.ljust(len(leaves) * PAGE, b"\xff")
        return [
            (self.p2m_address, listed),
            (TEXT, bytes(self.memory[: IMAGE_FRAMES * PAGE])),
            (self.direct, bytes(self.memory)),
        ]

    def write(self, path: Path) -> Path:
        """Write the file that stands for /proc/kcore."""
        segments = self.segments()
        at = 4 * PAGE
        headers, places = [], []
        for address, data in segments:
            headers.append(_PHDR.pack(1, 7, at, address, 0, len(data), len(data), PAGE))
            places.append((at, data))
            at += -(-len(data) // PAGE) * PAGE + PAGE
        ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
        head = _EHDR.pack(ident, 4, 62, 1, 0, 64, 0, 0, 64, 56, len(headers), 0, 0, 0)
        with path.open("wb") as file:
            file.write(head + b"".join(headers))
            for place, data in places:
                file.seek(place)
                file.write(data)
            file.truncate(at)
        return path

    def write_kallsyms(self, path: Path) -> Path:
        """Write what stands for /proc/kallsyms."""
        lines = [f"{TEXT:016x} T _text", *(f"{address:016x} D {name}" for name, address in self.variables.items())]
        module = self.vmalloc + 0x800000
        path.write_text("\n".join([*lines, f"{module:016x} t init_top_pgt\t[other]", ""]))
        return path
