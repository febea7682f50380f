# SPDX-License-Identifier: Apache-2.0
"""Would crash get anywhere with this file as its kernel?"""

from __future__ import annotations

from pathlib import Path

from xcrash.errors import XcrashError
from xcrash.images.kernel import IMAGE_TYPES, KernelImage
from xcrash.images.magic import COMPRESSED, DUMPS, noun
from xcrash.images.source import NAMELIST
from xcrash.images.streams import READABLE
from xcrash.images.text import printable


def check_namelist(image: KernelImage) -> None:
    """Raise NamelistError, with the reason and the next step, for a file that cannot be crash's namelist.

    A compressed file with a kernel inside passes: symbols and DWARF can be told only once it is unpacked. crash itself
    cannot read every compression: see ``unpack.needs_unpacking``.
    """
    if image.format in READABLE and image.contains == "elf":
        _check_kind(image)
        return
    if image.format != "elf":
        raise _not_elf(image)
    if image.elf_class is None:
        raise _refuse(image, "truncated", "is an ELF file whose header cannot be read", _COPY_AGAIN)
    if image.missing_bytes:
        raise _refuse(
            image, "truncated", f"is cut short: at least {image.missing_bytes} bytes are missing", _COPY_AGAIN
        )
    _check_kind(image)
    _check_contents(image)


_COPY_AGAIN = "copy or unpack the file again, and look for a full disk"
_IS_A_DUMP = "give it as the dump, and a vmlinux as the kernel"


def _refuse(image: KernelImage, code: str, what: str, hint: str = "") -> XcrashError:
    return NAMELIST.refuse(code, f"{printable(image.path)} {what}", hint or _debuginfo_hint(image))


def _debuginfo_hint(image: KernelImage) -> str:
    release = image.release or "RELEASE"
    return (
        "give the vmlinux of the kernel's debuginfo package: kernel-debuginfo (Fedora, RHEL), "
        f"kernel-default-debuginfo (SUSE), linux-image-{release}-dbg (Debian), linux-image-{release}-dbgsym (Ubuntu)"
    )


def _not_elf(image: KernelImage) -> XcrashError:
    what = f"is {noun(image.format)}, not a vmlinux"
    if image.format == "empty":
        return _refuse(image, "empty", what, _COPY_AGAIN)
    if image.format in DUMPS:
        return _refuse(image, "is-a-dump", what, _IS_A_DUMP)
    if image.contains is not None:
        inside = "nothing readable" if image.contains == "empty" else f"what is inside is {noun(image.contains)}"
        return _refuse(image, "not-elf", f"{what}: {inside}")
    if image.format in COMPRESSED:
        return _refuse(image, "not-elf", what, "unpack it first: crash does not read this compression")
    if image.format in ("rpm", "deb"):
        return _refuse(image, "not-elf", what, "install or unpack the package and give the vmlinux in it")
    return _refuse(image, "not-elf", what)


def _check_kind(image: KernelImage) -> None:
    if image.elf_type == "core":
        raise _refuse(image, "is-a-dump", "is an ELF core, not a vmlinux", _IS_A_DUMP)
    if image.elf_type == "rel":
        raise _refuse(image, "is-an-object", "is a kernel module or object file, not a vmlinux")
    if image.elf_type not in IMAGE_TYPES:
        raise _refuse(image, "not-elf", f"is an ELF file of type {image.elf_type}, not a vmlinux")


def _check_contents(image: KernelImage) -> None:
    if image.is_debug_only:
        hint = "crash wants both in one file: " + _debuginfo_hint(image)
        raise _refuse(image, "debug-only", "holds debug information only, without the kernel's text and data", hint)
    # crash tells a hypervisor's symbols by this name alone.
    if image.is_linux is False and not Path(image.path).name.startswith("xen-syms"):
        raise _refuse(image, "not-linux", "is a program, not a Linux kernel")
    if image.has_symbols is False:
        link = f"; its debug information is in {image.debuglink}" if image.debuglink else ""
        raise _refuse(image, "no-symbols", f"is stripped: it has no symbol table{link}")
    if image.has_dwarf is False:
        raise _refuse(image, "no-dwarf", "has no debug information (.debug_info)")
