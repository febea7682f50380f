# SPDX-License-Identifier: Apache-2.0
"""Name a file's format by its first bytes."""

from __future__ import annotations

from typing import NamedTuple

HEAD_BYTES = 4096
"""What crash itself wants to read before it decides on most formats."""


class Format(NamedTuple):
    """A format's name, what to call such a file after "is", and the bytes it starts with at ``offset``."""

    name: str
    noun: str
    magics: tuple[bytes, ...] = ()
    offset: int = 0


# Sources: crash's netdump.c, diskdump.c, lkcd_common.c, s390_dump.c, xendump.c, kvmdump.c, sadump.c, vmware_vmss.c.
_DUMPS = (
    Format("kdump-flattened", "a flattened kdump", (b"makedumpfile\0\0\0\0",)),
    Format("elf-kdump-flattened", "a flattened ELF kdump"),
    Format("kdump-compressed", "a compressed kdump", (b"KDUMP   ",)),
    Format("diskdump", "a diskdump", (b"DISKDUMP",)),
    Format("elf-kdump", "an ELF kdump"),
    Format("netdump", "a netdump"),
    Format("lkcd", "an LKCD dump", (b"\xed\x23\x8fas\x01\x19\xa8", b"\xcd\x23\x8fas\x01\x19\xa8")),
    Format("lkcd", "an LKCD dump", (b"\xa8\x19\x01sa\x8f\x23\xed", b"\xa8\x19\x01sa\x8f\x23\xcd")),
    Format("s390", "an s390 dump", (b"\xfd\x23\x8fas\x01\x19\xa8", b"\xa8\x19\x01sa\x8f\x23\xfd")),
    Format("mclx", "an MCLX dump", (b"\xdd\xcc\x8b\x9a" * 2, b"\xdd\xcc\x8b\x9a\0\0\0\0" * 2)),
    Format(
        "xendump", "a Xen core", (b"\xed\xeb\x0f\xf0", b"\xee\xeb\x0f\xf0", b"\xf0\x0f\xeb\xed", b"\xf0\x0f\xeb\xee")
    ),
    Format("xendump", "a Xen save file", (b"LinuxGuestRecord",)),
    Format("kvm-save", "a saved KVM guest", (b"QEVM", b"LibvirtQemudSave")),
    Format("sadump", "an sadump", (b"sadump\0\0",)),
    Format("vmware-vmss", "a VMware suspend or snapshot file", (b"\xd0\xbe" * 2, b"\xd2\xbe" * 2, b"\xd3\xbe" * 2)),
    Format("vmware-vmss", "a VMware suspend or snapshot file", (b"\xd1\xba" * 2, b"\xd2\xba" * 2)),
    Format("vmware-guest", "a VMware debug.guest file"),
)
_OTHERS = (
    Format("elf", "an ELF file", (b"\x7fELF",)),
    Format("gzip", "a gzip file", (b"\x1f\x8b\x08",)),
    Format("xz", "an xz file", (b"\xfd7zXZ\0",)),
    Format("bzip2", "a bzip2 file", (b"BZh",)),
    Format("zstd", "a zstd file", (b"\x28\xb5\x2f\xfd",)),
    Format("lz4", "an lz4 file", (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18")),
    Format("lzop", "an lzop file", (b"\x89LZO\0\r\n\x1a\n",)),
    Format("lzma", "an lzma file", (b"\x5d\0\0",)),
    Format("bzImage", "a bzImage (vmlinuz), the boot image without symbols", (b"HdrS",), 0x202),
    Format("arm64-image", "an arm64 Image, the boot image without symbols", (b"ARM\x64",), 0x38),
    Format("riscv-image", "a RISC-V Image, the boot image without symbols", (b"RISCV\0\0\0", b"RSC\x05"), 0x38),
    Format("efi-zboot", "a compressed EFI boot image (vmlinuz.efi)", (b"MZ\0\0zimg",)),
    Format("efi", "an EFI program", (b"MZ",)),
    Format("rpm", "an RPM package", (b"\xed\xab\xee\xdb",)),
    Format("deb", "a Debian package", (b"!<arch>\ndebian-binary",)),
    Format("archive", "an ar archive", (b"!<arch>\n",)),
    Format("tar", "a tar archive", (b"ustar",), 0x101),
    Format("zip", "a zip archive", (b"PK\x03\x04",)),
    Format("cpio", "a cpio archive", (b"070701",)),
    Format("qcow2", "a qcow2 disk image", (b"QFI\xfb",)),
    Format("vmdk", "a VMware disk image", (b"KDMV",)),
    Format("text", "a text file"),
    Format("empty", "empty"),
    Format("zeros", "zeros where a header should be"),
    Format("unknown", "of no format known to xcrash"),
)

DUMPS = frozenset(known.name for known in _DUMPS)
COMPRESSED = frozenset(("gzip", "xz", "bzip2", "zstd", "lz4", "lzop", "lzma"))

_NOUNS = {known.name: known.noun for known in _DUMPS + _OTHERS}
_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"


def classify(head: bytes) -> str:
    """The format's name for the first HEAD_BYTES of a file; "elf" for every ELF file, "unknown" for no match."""
    if not head:
        return "empty"
    for known in _DUMPS + _OTHERS:
        if head.startswith(known.magics, known.offset):
            return known.name
    if not head.strip(b"\0"):
        return "zeros"
    return "text" if head.translate(None, _CONTROL) == head else "unknown"


def noun(name: str) -> str:
    """What to call a file of this format after "is": "an xz file", "empty"."""
    return _NOUNS[name]
