# SPDX-License-Identifier: Apache-2.0
"""Identify a dump: its format, the kernel it is of, and whether the file is whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from xcrash.errors import MemorySourceError, XcrashError
from xcrash.images.banner_scan import FILE_BYTES, scan_for_banner
from xcrash.images.elf import HEADER_BYTES
from xcrash.images.elfcore import elf_memory, read_elf_core
from xcrash.images.flattened import FlattenedFile
from xcrash.images.identity import DumpIdentity, XenDump, with_banner
from xcrash.images.kdump import kdump_memory, read_kdump
from xcrash.images.kernel_note import kernel_build_id
from xcrash.images.kvm_save import kvm_save_memory, read_kvm_save
from xcrash.images.lkcd import read_lkcd
from xcrash.images.magic import COMPRESSED, DUMPS, HEAD_BYTES, classify, noun
from xcrash.images.mclx import read_mclx
from xcrash.images.memory import Memory, Metered
from xcrash.images.p2m_memory import P2mMemory
from xcrash.images.s390 import read_s390, s390_memory
from xcrash.images.sadump import read_sadump, sadump_memory
from xcrash.images.source import DUMP, Source, open_image
from xcrash.images.text import printable
from xcrash.images.vmware import companion_name, read_guest, read_vmss, vmware_memory
from xcrash.images.xendump import read_xendump, xendump_memory

MOST_RECORDS_OF_SCAN = 1 << 16
"""Of a flattened dump; 1 GiB in the pieces of QEMU."""

_READERS: dict[str, Callable[[Source], DumpIdentity]] = {
    "elf": read_elf_core,
    "kdump-compressed": lambda source: read_kdump(source, "kdump-compressed"),
    "diskdump": lambda source: read_kdump(source, "diskdump"),
    "lkcd": read_lkcd,
    "s390": read_s390,
    "mclx": read_mclx,
    "xendump": read_xendump,
    "kvm-save": read_kvm_save,
    "sadump": read_sadump,
}
_PAIRED: dict[str, Callable[[Source, Source | None], DumpIdentity]] = {
    "vmware-vmss": read_vmss,
    "vmware-guest": read_guest,
}
_MEMORIES: dict[str, Callable[[Source], Memory | None]] = {
    "elf": elf_memory,
    "kdump-compressed": kdump_memory,
    "s390": s390_memory,
    "xendump": xendump_memory,
    "kvm-save": kvm_save_memory,
    "sadump": sadump_memory,
}


def identify_dump(path: Path, scan: bool = True) -> DumpIdentity:
    """Identify the dump; MemorySourceError for a file that is missing, unreadable or no dump.

    A dump that does not name its kernel is identified all the same, with release None. Before that, with ``scan``, its
    memory is searched for the kernel's banner: up to banner_scan.FILE_BYTES of the file.
    """
    with ExitStack() as opened:
        image = opened.enter_context(open_image(path, DUMP))
        name = classify(image.read_at(0, HEAD_BYTES))
        if name == "unknown" and path.suffix == ".guest":
            name = "vmware-guest"
        if name != "elf" and name not in DUMPS:
            raise _not_a_dump(image, name)
        companion = _companion(image, opened) if name in _PAIRED else None
        identity = _from_flattened(image) if name == "kdump-flattened" else _from_headers(image, name, companion)
        if image.size < HEAD_BYTES:
            raise _refuse(
                image,
                "truncated",
                f"starts like {noun(name)} but has {image.size} bytes only",
                "copy the dump again, and look for a full disk where it was written",
            )
        return _with_scan(identity, image, name, companion) if scan and identity.release is None else identity


@contextmanager
def metered_memory(path: Path, limit: int) -> Iterator[tuple[Memory | None, Metered]]:
    """``dump_memory`` that reads no more than ``limit`` bytes of the file, and what counts them."""
    with open_image(path, DUMP) as image:
        meter = Metered(image, limit)
        name = classify(image.read_at(0, HEAD_BYTES))
        source: Source = FlattenedFile(meter) if name == "kdump-flattened" else meter
        name = _inner_name(source) if isinstance(source, FlattenedFile) else name
        yield (_MEMORIES[name](source) if name in _MEMORIES else None), meter


@contextmanager
def dump_memory(path: Path) -> Iterator[Memory | None]:
    """The memory in a dump, for reading by address; None for a format whose memory has no known place.

    Raises as ``identify_dump`` for a file that is missing or unreadable.
    """
    with metered_memory(path, sys.maxsize) as (memory, _):
        yield memory


def _companion(image: Source, opened: ExitStack) -> Source | None:
    """The file beside the dump that holds its memory; None when there is none that can be read."""
    name = companion_name(image.path)
    try:
        return opened.enter_context(open_image(Path(name), DUMP)) if name else None
    except MemorySourceError:
        return None


def _from_headers(source: Source, name: str, companion: Source | None = None) -> DumpIdentity:
    return _PAIRED[name](source, companion) if name in _PAIRED else _READERS[name](source)


def _from_flattened(image: Source) -> DumpIdentity:
    inner = FlattenedFile(image)
    name = _inner_name(inner)
    identity = _from_headers(inner, name) if name in ("elf", "kdump-compressed") else None
    format_name = "elf-kdump-flattened" if name == "elf" else "kdump-flattened"
    return msgspec.structs.replace(
        identity or DumpIdentity(path=image.path, size=0, format=format_name, flags=("unreadable-header",)),
        size=image.size,
        format=format_name,
        missing_bytes=inner.missing_bytes(),
    )


def _inner_name(inner: FlattenedFile) -> str:
    # Writers leave a hole behind the header: asking for more would mean to look for it in every record.
    return classify(inner.read_at(0, HEADER_BYTES))


def _with_scan(dump: DumpIdentity, image: Source, name: str, companion: Source | None) -> DumpIdentity:
    """Search the memory, reading no more than the limit."""
    meter = Metered(image, FILE_BYTES)
    source: Source = meter
    memory: Memory | None = None
    if name == "kdump-flattened":
        source = FlattenedFile(meter, MOST_RECORDS_OF_SCAN)
        name = _inner_name(source)
    if name in _PAIRED:
        held = Metered(companion, FILE_BYTES) if companion else None
        memory = vmware_memory(meter, held, name)
        meter = held or meter
    elif name in _MEMORIES:
        memory = _MEMORIES[name](source)
    if memory is None:
        return dump
    if dump.xen and (own := _memory_of_kernel(dump, dump.xen, memory)):
        where = "memory" if own is memory else "the Dom0's memory"
        banner = scan_for_banner(own, meter)
        build_id = kernel_build_id(own) if banner else None
        if banner:
            return with_banner(dump, banner, meter.used, build_id, where)
    return with_banner(dump, scan_for_banner(memory, meter), meter.used)


def _memory_of_kernel(dump: DumpIdentity, xen: XenDump, memory: Memory) -> Memory | None:
    """The memory of the one kernel that a Xen dump is of, by its own frames; None where these are not known."""
    if xen.dom0_p2m_mfn and memory.placed:
        return P2mMemory(memory, xen.dom0_p2m_mfn, word=4 if dump.machine == "i686" else 8)
    return memory if "domU" in xen.views and memory.placed else None


_HINTS = {
    "empty": "the dump was not written: look at the log of kdump and for a full disk",
    "zeros": "the writer did not finish, or a copy failed: look at the log of kdump",
    "text": "vmcore-dmesg.txt and the like lie beside the dump; name the vmcore itself",
    "unknown": "raw RAM has no header: crash wants it as FILE@ADDRESS",
}
_CODES = {"empty": "empty", "unknown": "unknown-format"}


def _not_a_dump(image: Source, name: str) -> XcrashError:
    unpack = "unpack it first: crash reads no dump through a decompressor" if name in COMPRESSED else None
    hint = unpack or _HINTS.get(name, "name the dump itself")
    return _refuse(image, _CODES.get(name, "not-a-dump"), f"is {noun(name)}, not a dump", hint)


def _refuse(image: Source, code: str, what: str, hint: str) -> XcrashError:
    return DUMP.refuse(code, f"{printable(image.path)} {what}", hint)
