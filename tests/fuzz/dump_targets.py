# SPDX-License-Identifier: Apache-2.0
"""The readers of dumps: each format by its own reader, then whole files by what they look like."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

from tests.fuzz.given import Target, file, is_printable
from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images.test_dump_hostile import READERS, SEEDS, Bytes, look
from xcrash.errors import MemorySourceError
from xcrash.images.dump import identify_dump
from xcrash.images.flattened import FlattenedFile
from xcrash.images.kdump import kdump_memory, read_kdump

_FLATTENED = [
    b.flattened(b.Kdump().build(), 4096),
    b.flattened(b.core().build()[:3000], 500),
    b.flattened(b"x", end=False),
]
_WORDS: Final = [
    b"VMCOREINFO\0",
    b"CORE\0",
    b"Xen\0",
    b"\xff" * 8,
    bytes(8),
    b"\x7f\xff\xff\xff",
    b".xen_p2m\0",
    b"Linux",
]
NAMES: Final = ("dump", "debug.guest", "dump.vmss")


def whole(data: bytes) -> None:
    """A file, with the search of its memory; VMware's are told by their names, which the first byte chooses."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    with suppress(MemorySourceError):
        is_printable(identify_dump(file(data[1:], name)))


def flattened(data: bytes) -> None:
    """Records of another file, and the dump in them."""
    inner = FlattenedFile(Bytes(data), 1000)
    for offset, size in ((0, 4096), (1 << 40, 10), (4096, 70_000), (13, 1)):
        assert len(inner.read_at(offset, size)) <= size
    assert (inner.missing_bytes() or 0) >= 0
    with suppress(MemorySourceError):
        is_printable(read_kdump(inner, "kdump-compressed"))
    memory = kdump_memory(inner)
    assert memory is None or len(memory.read(4096, 100)) in (0, 100)


TARGETS: Final = {
    **{
        f"dump-{reader}": Target(partial(look, reader), [seed for name, seed in SEEDS if name == reader], _WORDS)
        for reader in READERS
    },
    "dump-flattened": Target(flattened, _FLATTENED, [b"makedumpfile\0\0\0\0", b"KDUMP   ", b"\xff" * 16]),
    "identify-dump": Target(
        whole,
        [bytes([{"guest": 1, "vmss": 2}.get(name, 0)]) + seed for name, seed in SEEDS]
        + [b"\0" + _FLATTENED[0], b"\0" + d.indexed(b.Kdump().build())[:9000]],
        _WORDS,
    ),
}
