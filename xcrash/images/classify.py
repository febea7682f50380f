# SPDX-License-Identifier: Apache-2.0
"""Classify one file of a /boot or debuginfo directory by its contents."""

from __future__ import annotations

import re
import stat
from pathlib import PurePath

import msgspec

from xcrash.errors import NamelistError, XcrashError
from xcrash.far_file import Place
from xcrash.images.bootimage import contents, search_flat, zboot_payload
from xcrash.images.compressed import SLIGHT, look_inside
from xcrash.images.crash_rules import judge
from xcrash.images.elfroles import elf_role
from xcrash.images.image import Image
from xcrash.images.kernel import KernelImage, Look, look_at
from xcrash.images.lookalike import cpio_role, text_role
from xcrash.images.magic import COMPRESSED, DUMPS, classify, noun
from xcrash.images.pe import PeImage, code_view_id, read_pe
from xcrash.images.source import Role, Source, open_image
from xcrash.images.streams import READABLE, Part
from xcrash.images.text import c_string, printable
from xcrash.images.xen import search_texts, version_by_name

IMAGE = Role(NamelistError, "image", "file")

_FLAT_MACHINES = {"arm64-image": "aarch64", "riscv-image": "riscv64"}
_EFI_TEXTS = (".rodata", ".init", ".init.da", ".init.ro", ".data.re", ".text")
_BOOT_NAMES = ("vmlinuz", "Image", "zImage", "bzImage")
_RELEASE_NAME = re.compile(
    r"(?:System\.map|config|symvers|symtypes|initrd|initrd\.img|initramfs)-(\d[\w.+~-]{0,100}?)(?:\.(?:img|gz|xz|zst))*",
    re.ASCII,
)


def classify_image(file: Place, shown: str | None = None) -> Image:
    """What the file is, and what crash would do with it; any file, or none, gives an Image.

    ``shown`` is its path on the machine it belongs to, where that is not ``file``. A file that cannot be read, or is
    not a regular one, has the role "other" and the reason in ``notes``.
    """
    path = str(file) if shown is None else shown
    image = Image(path=path, file=str(file), role="other")
    try:
        if (kind := _irregular(file)) is not None:
            return msgspec.structs.replace(image, notes=(f"{kind}: not opened",))
        with open_image(file, IMAGE) as opened:
            return _classified(msgspec.structs.replace(image, size=opened.size), opened, opened.size)
    except XcrashError as error:
        reason = error.message.removeprefix(printable(str(file))).removeprefix(": ").strip()
        return msgspec.structs.replace(image, notes=(reason,))


def _irregular(file: Place) -> str | None:
    """What a file is that must not even be opened: a FIFO waits, a device can act."""
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError):
        return None
    kinds = ((stat.S_ISFIFO, "a FIFO"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    return next((name for test, name in (*kinds, (stat.S_ISBLK, "a block device")) if test(mode)), None)


def _classified(image: Image, opened: Source, size: int) -> Image:
    look = look_at(opened, size, thorough=False)
    look = look._replace(kernel=msgspec.structs.replace(look.kernel, path=image.path))
    image = _with_facts(image, look)
    name = image.format or "unknown"
    if name == "elf":
        image = elf_role(image, look)
    elif name == "bzImage":
        image = _bzimage(image, look.kernel)
    elif name in _FLAT_MACHINES or name == "efi-zboot":
        image = _flat(image, opened, name)
    elif name == "efi":
        image = _efi(image, opened)
    elif name in ("text", "cpio"):
        image = _companion(image, look.head, name)
    elif name in DUMPS:
        packed = ("crash reads no dump through a decompressor: unpack it first",) if image.compression else ()
        image = _noted(image, noun(name), *packed, role="dump")
    elif name in COMPRESSED:
        image = _opaque(image, name)
    else:
        image = _noted(image, noun(name))
    kernel = msgspec.structs.replace(look.kernel, has_symbols=image.has_symbols, has_dwarf=image.has_dwarf)
    verdict = judge(kernel, is_hypervisor=image.role.startswith("xen-"))
    says = verdict.notes if image.role.startswith(("kernel-", "xen-")) or verdict.needs_f else ()
    if image.role == "other" and verdict.accepts:
        says = ("crash would take it for a kernel: it looks at the format alone",)
    return _noted(image, *says, crash_accepts=verdict.accepts, crash_needs_f=verdict.needs_f)


def _noted(image: Image, *notes: str, **changes: object) -> Image:
    return msgspec.structs.replace(image, notes=(*image.notes, *(n for n in notes if n)), **changes)


def _with_facts(image: Image, look: Look) -> Image:
    kernel = look.kernel
    is_packed = kernel.format in COMPRESSED
    cut = (f"cut short: at least {kernel.missing_bytes} bytes are missing",) if kernel.missing_bytes else ()
    return _noted(
        image,
        *cut,
        format=kernel.contains if is_packed and kernel.contains not in (None, "empty") else kernel.format,
        compression=kernel.format if is_packed else None,
        elf_class=kernel.elf_class,
        machine=kernel.machine,
        build_id=kernel.build_id,
        release=kernel.release,
        version=kernel.version_text,
        has_symbols=False if _is_bare(look) else kernel.has_symbols,
        has_dwarf=False if _is_bare(look) else kernel.has_dwarf,
        gzip_name=kernel.gzip_name,
        debuglink=kernel.debuglink,
    )


def _is_bare(look: Look) -> bool:
    """Whether a compressed ELF file leaves no room for symbols behind its segments, by its header."""
    return look.inside is not None and look.inside.unloaded is not None and look.inside.unloaded < SLIGHT


def _bzimage(image: Image, kernel: KernelImage) -> Image:
    if kernel.payload is None:
        note = "the kernel inside was not found: build-id unknown"
    elif kernel.build_id is None:
        note = f"the kernel inside is compressed with {kernel.payload} and could not be read: build-id unknown"
    else:
        note = f"build-id of the kernel inside, which is compressed with {kernel.payload}"
    return _noted(image, note, role="kernel-boot", bootable=True)


def _flat(image: Image, opened: Source, name: str) -> Image:
    """An Image that the loader jumps into: of Linux, or of Xen on ARM."""
    source, compression = opened, image.compression
    if name == "efi-zboot" and not compression:
        found = zboot_payload(opened)
        if found is None:
            return _noted(image, "the kernel inside could not be read", role="kernel-boot", bootable=True)
        source, compression = found
        name = classify(look_inside(source, compression, thorough=False).head)
        image = _noted(image, f"the kernel inside is compressed with {compression}")
    image = msgspec.structs.replace(image, machine=_FLAT_MACHINES.get(name), bootable=True)
    flat = search_flat(contents(source, compression))
    if flat.banner.release is None:
        xen = search_texts(contents(source, compression))
        if xen.is_xen:
            role = "xen-boot-debug" if xen.is_debug else "xen-boot"
            version = xen.version or version_by_name(image.path)
            return _noted(image, "Xen", role=role, build_id=flat.build_id, version=version)
    return _noted(
        image,
        "build-id found by a search, there is no header that leads to it" if flat.build_id else "build-id not found",
        role="kernel-boot",
        build_id=flat.build_id,
        release=printable(flat.banner.release) if flat.banner.release else None,
        version=printable(flat.banner.text) if flat.banner.text else None,
    )


def _efi(image: Image, opened: Source) -> Image:
    pe = None if image.compression else read_pe(opened.read_at)
    if pe is None:
        return _noted(image, noun("efi"))
    image = msgspec.structs.replace(image, machine=pe.machine)
    if pe.section(".linux"):
        return _unified(image, opened, pe)
    found = search_texts(
        chunk
        for section in map(pe.section, _EFI_TEXTS)
        if section
        for chunk in contents(Part(opened, section.offset, section.size), None)
    )
    if not found.is_xen:
        return _noted(image, noun("efi"), bootable=True)
    name = version_by_name(image.path)
    note = "" if found.version or not name else "version by name"
    together = "a unified image: configuration and Dom0's kernel are inside" if pe.section(".config") else ""
    debug = "a debug build (debug=y)" if found.is_debug else ""
    return _noted(
        image,
        note,
        together,
        debug,
        "its build-id is another one than that of xen.gz and xen-syms, which are linked apart from it",
        role="xen-efi",
        bootable=True,
        build_id=code_view_id(opened.read_at, pe),
        version=found.version or name,
    )


def _unified(image: Image, opened: Source, pe: PeImage) -> Image:
    """A unified kernel image (UAPI Group, "Unified Kernel Image"): sections hold the kernel and its companions."""
    linux, uname, os_release = pe.section(".linux"), pe.section(".uname"), pe.section(".osrel")
    release = c_string(opened.read_at(uname.offset, min(uname.size, 256))) if uname else None
    system = opened.read_at(os_release.offset, min(os_release.size, 4096)) if os_release else b""
    pretty = next((line[12:] for line in system.split(b"\n") if line.startswith(b"PRETTY_NAME=")), b"")
    of = f" of {printable(pretty).strip(chr(34))}" if pretty else ""
    inner = None
    if linux:
        part = Part(opened, linux.offset, linux.size)
        inner = look_at(part, linux.size, thorough=False).kernel
    return _noted(
        image,
        f"a unified kernel image{of}",
        role="kernel-boot",
        bootable=True,
        build_id=inner.build_id if inner else None,
        release=release or (inner.release if inner else None),
        version=inner.version_text if inner else None,
    )


def _companion(image: Image, head: bytes, name: str) -> Image:
    found = cpio_role(head) if name == "cpio" else text_role(head)
    release, notes = found.release, found.notes
    named = _RELEASE_NAME.fullmatch(PurePath(image.path).name) if found.role != "other" else None
    # A configuration's title has the version of the source, which need not begin the release (Debian).
    if named and not found.is_release_sure:
        release, notes = printable(named[1]), (*notes, "release by name")
    return _noted(image, *notes, role=found.role, release=release, version=found.version)


def _opaque(image: Image, name: str) -> Image:
    """A compressed file that cannot be opened, or holds nothing readable: only its name is left to go by."""
    why = "damaged, or nothing in it" if name in READABLE else "xcrash cannot look into it"
    if image.compression != name:
        why = f"inside {noun(image.compression or name)}"
    stem = PurePath(image.path).name
    if stem.startswith("vmlinux"):
        return _noted(image, f"{noun(name)}, {why}: a kernel by name", role="kernel-elf")
    if stem.startswith(_BOOT_NAMES):
        return _noted(image, f"{noun(name)}, {why}: a boot image by name", role="kernel-boot", bootable=True)
    if stem.startswith(("initrd", "initramfs")):
        return _noted(image, f"{noun(name)}, {why}: an initrd by name", role="initrd")
    return _noted(image, f"{noun(name)}, {why}")
