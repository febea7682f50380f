# SPDX-License-Identifier: Apache-2.0
"""Name a file's format by its first bytes."""

from __future__ import annotations

HEAD_BYTES = 4096
"""What crash itself reads before it decides on most formats."""


# Sources: crash's netdump.c, diskdump.c, lkcd_common.c, s390_dump.c, xendump.c, kvmdump.c, sadump.c, vmware_vmss.c.
DUMP_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"makedumpfile\0\0\0\0", "kdump-flattened"),
    (b"KDUMP   ", "kdump-compressed"),
    (b"DISKDUMP", "diskdump"),
    (b"\xed\x23\x8f\x61\x73\x01\x19\xa8", "lkcd"),
    (b"\xcd\x23\x8f\x61\x73\x01\x19\xa8", "lkcd"),
    (b"\xa8\x19\x01\x73\x61\x8f\x23\xed", "lkcd"),
    (b"\xfd\x23\x8f\x61\x73\x01\x19\xa8", "s390"),
    (b"\xa8\x19\x01\x73\x61\x8f\x23\xfd", "s390"),
    (b"\xdd\xcc\x8b\x9a" * 2, "mclx"),
    (b"\xed\xeb\x0f\xf0", "xendump"),
    (b"\xee\xeb\x0f\xf0", "xendump"),
    (b"\xf0\x0f\xeb\xed", "xendump"),
    (b"\xf0\x0f\xeb\xee", "xendump"),
    (b"LinuxGuestRecord", "xendump"),
    (b"QEVM", "kvm-save"),
    (b"LibvirtQemudSave", "kvm-save"),
    (b"sadump\0\0", "sadump"),
    (b"\xd0\xbe\xd0\xbe", "vmware-vmss"),
    (b"\xd2\xbe\xd2\xbe", "vmware-vmss"),
    (b"\xd3\xbe\xd3\xbe", "vmware-vmss"),
    (b"\xd1\xba\xd1\xba", "vmware-vmss"),
    (b"\xd2\xba\xd2\xba", "vmware-vmss"),
)

DUMP_NOUNS = {
    "kdump-flattened": "a flattened kdump",
    "elf-kdump-flattened": "a flattened ELF kdump",
    "kdump-compressed": "a compressed kdump",
    "diskdump": "a diskdump",
    "elf-kdump": "an ELF kdump",
    "netdump": "a netdump",
    "lkcd": "an LKCD dump",
    "s390": "an s390 dump",
    "mclx": "an MCLX dump",
    "xendump": "a Xen dump or save file",
    "kvm-save": "a saved KVM guest",
    "sadump": "an sadump",
    "vmware-vmss": "a VMware suspend or snapshot file",
    "vmware-guest": "a VMware debug.guest file",
}
DUMPS = frozenset(DUMP_NOUNS)

OTHER_MAGICS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x7fELF", "elf"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"BZh", "bzip2"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"\x02\x21\x4c\x18", "lz4"),
    (0, b"\x89LZO\0\r\n\x1a\n", "lzop"),
    (0, b"\x5d\0\0", "lzma"),
    (0x202, b"HdrS", "bzImage"),
    (0x38, b"ARM\x64", "arm64-image"),
    (0x38, b"RISCV\0\0\0", "riscv-image"),
    (0, b"MZ\0\0zimg", "efi-zboot"),
    (0, b"MZ", "efi"),
    (0, b"\xed\xab\xee\xdb", "rpm"),
    (0, b"!<arch>\ndebian-binary", "deb"),
    (0, b"!<arch>\n", "archive"),
    (0x101, b"ustar", "tar"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"QFI\xfb", "qcow2"),
    (0, b"KDMV", "vmdk"),
    (0, b"070701", "cpio"),
)

OTHER_NOUNS = {
    "elf": "an ELF file",
    "gzip": "a gzip file",
    "xz": "an xz file",
    "bzip2": "a bzip2 file",
    "zstd": "a zstd file",
    "lz4": "an lz4 file",
    "lzop": "an lzop file",
    "lzma": "an lzma file",
    "bzImage": "a bzImage (vmlinuz), the boot image without symbols",
    "arm64-image": "an arm64 Image, the boot image without symbols",
    "riscv-image": "a RISC-V Image, the boot image without symbols",
    "efi-zboot": "a compressed EFI boot image (vmlinuz.efi)",
    "efi": "an EFI program",
    "rpm": "an RPM package",
    "deb": "a Debian package",
    "archive": "an ar archive",
    "tar": "a tar archive",
    "zip": "a zip archive",
    "qcow2": "a qcow2 disk image",
    "vmdk": "a VMware disk image",
    "cpio": "a cpio archive",
    "text": "a text file",
    "empty": "empty",
    "zeros": "zeros where a header should be",
    "unknown": "in no format known to xcrash",
}


def classify(head: bytes) -> str:
    """The format's name for the first HEAD_BYTES of a file; "elf" for every ELF file, "unknown" for no match."""
    if not head:
        return "empty"
    for magic, name in DUMP_MAGICS:
        if head.startswith(magic):
            return name
    for offset, magic, name in OTHER_MAGICS:
        if head.startswith(magic, offset):
            return name
    if not head.strip(b"\0"):
        return "zeros"
    return "text" if _is_text(head) else "unknown"


def noun(name: str) -> str:
    """What to call a file of this format: "an xz file"."""
    return DUMP_NOUNS.get(name) or OTHER_NOUNS.get(name) or name


def is_compressed_file(name: str) -> bool:
    """Whether a general decompressor (gunzip, unxz...) turns such a file into another one."""
    return name in ("gzip", "xz", "bzip2", "zstd", "lz4", "lzop", "lzma")


_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"


def _is_text(head: bytes) -> bool:
    if head.translate(None, _CONTROL) != head:
        return False
    try:
        # A multi-byte character may be cut at the end of the head.
        head.decode() if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1 or None].decode()
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in head)
        return high < len(head) // 4
    return True
