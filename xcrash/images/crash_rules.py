# SPDX-License-Identifier: Apache-2.0
"""crash's own rules about kernel files: what it takes as a namelist, and when it wants ``-f``.

Source: crash's symbols.c, is_kernel and is_compressed_kernel.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from xcrash.images.kernel import KernelImage
from xcrash.images.magic import COMPRESSED, noun
from xcrash.images.streams import READABLE

UNPACKED_BY_CRASH = ("gzip", "bzip2", "xz")
SMALLEST = 1500
"""Bytes that crash reads before it decides; a shorter file is no kernel to it."""

HARMLESS_MISMATCH = (
    'crash says "machine type mismatch" about it, which is harmless: the multiboot specification starts a 32-bit '
    "entry point, so this is a 32-bit i386 file, and Xen switches to 64-bit mode itself"
)


class Verdict(NamedTuple):
    """crash's verdict over one file, as in ``Image``, with its reasons."""

    accepts: bool
    needs_f: bool
    notes: tuple[str, ...]


def force_flag_reason(kernel: KernelImage) -> str | None:
    """Why crash wants ``-f`` for this file; None when it does not, or when ``-f`` would not help.

    gzip is judged by the name stored inside: read at offset 10, whatever stands there. A missing one is accepted, with
    noise; before crash 6.0.2 it was not. bzip2 and xz are judged by the name of the file.
    """
    if kernel.format == "gzip":
        if kernel.gzip_name is None:
            return "the gzip header names no file"
        if kernel.gzip_extra:
            return "the gzip header has an extra field where crash looks for the file name"
        if not kernel.gzip_name.startswith("vmlinux"):
            return f"the gzip header names {kernel.gzip_name!r}, which does not begin with vmlinux"
    elif kernel.format in ("bzip2", "xz") and not PurePath(kernel.path).name.startswith("vmlinux"):
        return "the file's name does not begin with vmlinux"
    return None


def needs_unpacking(kernel: KernelImage) -> bool:
    """Whether crash cannot read the compression, even with ``-f``, and xcrash can."""
    return kernel.format in READABLE and kernel.format not in UNPACKED_BY_CRASH and kernel.contains in (None, "elf")


def judge(kernel: KernelImage, is_hypervisor: bool = False) -> Verdict:
    """Would crash take the file as a namelist, by its format alone: crash does not look whether it is Linux."""
    reason = force_flag_reason(kernel) if kernel.size >= SMALLEST else None
    refusal = _refusal(kernel, is_hypervisor)
    notes = [refusal] if refusal else _remarks(kernel, is_hypervisor)
    if reason and refusal:
        notes.append(f"searching by itself, crash hints at -f for it: {reason}; -f would not help")
    elif reason:
        quiet = kernel.format == "gzip" and kernel.gzip_name is None
        notes.append(f"crash {'asks for' if quiet else 'refuses it without'} -f: {reason}")
    return Verdict(refusal is None, reason is not None, tuple(notes))


def _refusal(kernel: KernelImage, is_hypervisor: bool) -> str | None:
    if kernel.size < SMALLEST:
        return f"smaller than {SMALLEST} bytes: crash does not take it for a kernel"
    if kernel.format in COMPRESSED:
        if kernel.contains != "elf":
            return "not a namelist: no ELF file inside"
        if kernel.format not in UNPACKED_BY_CRASH:
            return f"crash does not read {kernel.format}, even with -f; xcrash unpacks it first"
    elif kernel.format != "elf":
        return f"not a namelist: crash wants an ELF vmlinux, this is {noun(kernel.format)}"
    if is_hypervisor and kernel.elf_class == 32:
        return HARMLESS_MISMATCH
    if kernel.elf_type == "core":
        return "not a namelist: an ELF core"
    if kernel.elf_type == "rel":
        return "not a namelist: a kernel module or object file"
    if kernel.elf_type not in (("exec", "dyn") if kernel.elf_class == 64 else ("exec",)):
        return f"not a namelist: an ELF file of type {kernel.elf_type or 'unknown'}"
    return None


def _remarks(kernel: KernelImage, is_hypervisor: bool) -> list[str]:
    notes = []
    if kernel.elf_class == 32 and kernel.machine == "i686":
        notes.append('a crash built for x86_64 says "machine type mismatch": this is a 32-bit kernel')
    if kernel.is_debug_only:
        notes.append('text and data are in another file: alone, crash says "no text and data contents" about it')
    elif kernel.has_symbols is False:
        link = f": its symbols are in {kernel.debuglink}" if kernel.debuglink else ""
        notes.append(f"no symbol table{link}")
    if kernel.has_dwarf is False:
        needs = "a build of Xen with debug information" if is_hypervisor else "its .debug file or the debuginfo package"
        notes.append(f"no debugging data: crash does not start with it alone, it needs {needs}")
    return notes
