# SPDX-License-Identifier: Apache-2.0
"""The lab's own kernel modules: assembled without the kernel's headers, after the pattern of a module that it ships."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.lab.elfnotes import sections
from tests.lab.kernel import Kernel
from tests.lab.proc import LabError, run
from tests.lab.trees import loader_argv

SOURCES = Path(__file__).with_name("guest_modules")
_ASSEMBLER = "usr/bin/x86_64-linux-gnu-as"
_THIS_MODULE = ".gnu.linkonce.this_module"
_VERSION_SIZE = 64  # struct modversion_info of include/linux/module.h: an unsigned long, then the name


@dataclass(frozen=True)
class Pattern:
    """What a kernel checks before it loads a module, and where its struct module has its name and init."""

    vermagic: str
    layout_crc: int
    size: int
    name_at: int
    init_at: int


def read_pattern(kernel: Kernel) -> Pattern:
    """Return what the kernel wants of a module, from one of its own."""
    path = next(path for path in kernel.modules() if path.name.endswith("-dummy.ko"))
    found = sections(path)
    try:
        magic = re.search(rb"(?:^|\0)vermagic=([^\0]+)\0", found[".modinfo"])
        versions = found["__versions"]
        entries = [versions[at : at + _VERSION_SIZE] for at in range(0, len(versions), _VERSION_SIZE)]
        crc = next(
            struct.unpack_from("<Q", entry)[0] for entry in entries if entry[8:].rstrip(b"\0") == b"module_layout"
        )
        struct_module = found[_THIS_MODULE]
        # The section's two relocations are the module's init and, behind it, its exit.
        fields = sorted(at for at, _, _ in struct.iter_unpack("<QQq", found[f".rela{_THIS_MODULE}"]))
        name_at = struct_module.index(b"dummy\0")
        return Pattern((magic or [b"", b""])[1].decode(), crc, len(struct_module), name_at, fields[0])
    except (KeyError, ValueError, IndexError, StopIteration) as error:
        raise LabError(f"{path} does not look like a kernel module: {error!r}") from error


def assemble(tree: Path, kernel: Kernel, name: str, target: Path) -> None:
    """Assemble one of the lab's modules for a kernel, with the binutils that come with crash."""
    text = (SOURCES / f"{name}.s").read_text(encoding="utf-8") + _frame(name, read_pattern(kernel))
    run([*loader_argv(tree, _ASSEMBLER), "--64", "-o", str(target), "-"], stdin=text)


def _frame(name: str, pattern: Pattern) -> str:
    """What modpost adds to a module (scripts/mod/modpost.c): modinfo, the checksum of the layout, struct module."""
    return f"""
        .section .modinfo, "a"
        .asciz  "name={name}"
        .asciz  "license=GPL"
        .asciz  "retpoline=Y"
        .asciz  "vermagic={pattern.vermagic}"
        .section __versions, "a"
        .quad   {pattern.layout_crc:#x}
        .asciz  "module_layout"
        .org    {_VERSION_SIZE}
        .section {_THIS_MODULE}, "aw"
        .balign 64
        .globl  __this_module
        .type   __this_module, @object
__this_module:
        .org    {pattern.name_at}
        .asciz  "{name}"
        .org    {pattern.init_at}
        .quad   init_module
        .org    {pattern.size}
        .size   __this_module, {pattern.size}
        .section .note.GNU-stack, "", @progbits
"""
