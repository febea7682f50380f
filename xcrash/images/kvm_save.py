# SPDX-License-Identifier: Apache-2.0
"""Identify a saved KVM guest: QEMU's migration stream, alone or behind the header of virsh save or managedsave.

Layouts: QEMU's migration/savevm.h and docs/devel/migration; libvirt's src/qemu/qemu_saveimage.h (virQEMUSaveHeader);
the index crash appends: kvmdump.h (mapinfo_trailer).
"""

from __future__ import annotations

import html
import re

from xcrash.images.fields import read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.memory import Extent, StoredMemory
from xcrash.images.source import Source
from xcrash.images.text import printable

LIBVIRT = b"LibvirtQemudSave"
STREAM = b"QEVM"
STREAM_VERSION = 3
LARGEST_XML = 1 << 20
COMPRESSIONS = {1: "gzip", 2: "bzip2", 3: "xz", 4: "lzop", 5: "zstd"}
INDEX_MAGIC = 0xFEEDBABEDEADBEEF

_LIBVIRT_BYTES = 92
_LIBVIRT = {"version": (16, "I"), "data": (20, "I"), "was_running": (24, "I"), "compressed": (28, "I")}
_SECTION_START, _CONFIGURATION = 0x01, 0x07
_TOTAL_SIZE = 0x04
_NAME = re.compile(r"<name>([^<]{1,256})</name>")
_ARCH = re.compile(r"<type\b[^>]{0,256}?\barch=['\"](\w{1,32})['\"]")
_MEMORY = re.compile(r"<memory(?:\s[^>]{0,128}?unit=['\"](\w{1,5})['\"])?[^>]{0,128}>(\d{1,15})</memory>")
_VCPUS = re.compile(r"<vcpu\b[^>]{0,256}>(\d{1,6})</vcpu>")
_UNITS = {"b": 1, "bytes": 1, "KB": 1000, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


def read_kvm_save(source: Source) -> DumpIdentity:
    """Identify the dump; the stream gives the memory's size, libvirt's description the rest."""
    head = source.read_at(0, 4096)
    if not head.startswith(LIBVIRT):
        return _identity(source, 0, "", None, {})
    # Native order, as in libvirt, which swaps when the version makes no sense.
    order = "<" if int.from_bytes(head[16:20], "little") < 1 << 16 else ">"
    header = read_fields(head, order, _LIBVIRT)
    xml = source.read_at(_LIBVIRT_BYTES, min(header["data"], LARGEST_XML)).split(b"\0", 1)[0].decode(errors="replace")
    flags = {"was-running": header["was_running"] == 1}
    compression = COMPRESSIONS.get(header["compressed"])
    return _identity(source, _LIBVIRT_BYTES + header["data"], xml, compression, flags)


def kvm_save_memory(source: Source) -> StoredMemory:
    """The stream as it is: pages between their headers, zero pages left out."""
    return StoredMemory(source, [Extent(0, 0, source.size or 0)], placed=False)


def _identity(source: Source, at: int, xml: str, compression: str | None, flags: dict[str, bool]) -> DumpIdentity:
    stream = source.read_at(at, 8)
    is_stream = stream == STREAM + STREAM_VERSION.to_bytes(4, "big")
    flags = flags | {"unreadable-stream": not is_stream and not compression, "indexed": _has_index(source)}
    name, arch, vcpus = _NAME.search(xml), _ARCH.search(xml), _VCPUS.search(xml)
    return DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format="kvm-save",
        compression=compression,
        machine=printable(arch[1]) if arch else None,
        page_size=4096 if is_stream else None,
        flags=tuple(flag for flag, present in flags.items() if present),
        producer="libvirt" if xml else "QEMU",
        cpus=int(vcpus[1]) if vcpus else None,
        memory_bytes=_memory_of(xml) or (_memory_in_stream(source, at + 8) if is_stream else None),
        guest_name=printable(html.unescape(name[1])) if name else None,
    )


def _memory_of(xml: str) -> int | None:
    memory = _MEMORY.search(xml)
    return int(memory[2]) * _UNITS.get(memory[1] or "KiB", 0) or None if memory else None


def _memory_in_stream(source: Source, at: int) -> int | None:
    """All memory of the guest, firmware and video included: the first record of the section "ram"."""
    data = source.read_at(at, 4096)
    if data[:1] == bytes([_CONFIGURATION]):
        data = data[5 + int.from_bytes(data[1:5], "big") :]
    # Type, section id, length and text of the name, instance id, version id, size and flags.
    if data[:1] != bytes([_SECTION_START]) or data[5:9] != b"\x03ram":
        return None
    total = int.from_bytes(data[17:25], "big")
    return total & ~0xFFF or None if total & _TOTAL_SIZE else None


def _has_index(source: Source) -> bool:
    tail = source.read_at(max(0, (source.size or 0) - 8), 8)
    return int.from_bytes(tail, "little") == INDEX_MAGIC
