# SPDX-License-Identifier: Apache-2.0
"""What every boot loader's configuration is read into: a menu, and the words of its command lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from xcrash.host.values import BootEntry, Loader

MOST_ENTRIES = 2000
LONGEST_SHARED = 1 << 14
"""Characters of a value that holds for many entries: each of them gets a copy."""

DUMMY_WORDS = frozenset({"placeholder", "dummy"})
"""Words that stand where a boot loader leaves out argv[0] (20_linux_xen writes "placeholder"): no options."""

_WORD = re.compile(r'(?:[^\s"]|"[^"]*(?:"|\Z))+')


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration: where it is, what it offers, and ``blscfg``: it pulls in the boot loader specification's."""

    loader: Loader
    path: str
    entries: tuple[BootEntry, ...] = ()
    blscfg: bool = False


def words_of(text: str | None) -> list[str]:
    """The words of a command line; blanks inside double quotes belong to the word, as for the kernel (next_arg)."""
    return [word.replace('"', "") for word in _WORD.findall(text or "")]


def joined(words: Sequence[str]) -> str | None:
    """Words as one command line; one that holds blanks is quoted, as GRUB does (loader/i386/linux.c). None for none."""
    return " ".join(f'"{word}"' if any(c.isspace() for c in word) else word for word in words) or None


def without_dummy(words: Sequence[str]) -> list[str]:
    """Options without what stands for argv[0]: a dummy word, or an image's path given once more."""
    if words and (words[0] in DUMMY_WORDS or words[0].startswith("/")):
        return list(words[1:])
    return list(words)


def base_name(path: str) -> str:
    """The last part of a path written with ``/`` or, on an EFI system partition, with a backslash."""
    return path.replace("\\", "/").rpartition("/")[2]


def is_xen_name(path: str) -> bool:
    """Whether a file is named like a hypervisor: "xen.gz", "xen-4.17-amd64.gz", "xen.efi"."""
    return base_name(path).lower().startswith("xen")


def hypervisor_entry(
    entry: BootEntry, images: Sequence[tuple[Sequence[str], int]], *, needs_module: bool = True
) -> BootEntry:
    """``entry`` with a multiboot chain: each image is its words (path first) and its line; Xen, Dom0 kernel, initrd.

    A chain that begins with tboot has Xen as its first module. An image alone is a hypervisor only by its name.
    """
    chain = [(list(words), line) for words, line in images if words]
    if len(chain) > 1 and base_name(chain[0][0][0]).startswith("tboot"):
        chain = chain[1:]
    if not chain or (needs_module and len(chain) == 1 and not is_xen_name(chain[0][0][0])):
        return entry
    (hypervisor, at), modules = chain[0], chain[1:]
    kernel, kernel_at = modules[0] if modules else ([], None)
    return msgspec.structs.replace(
        entry,
        hypervisor=hypervisor[0],
        hypervisor_args=joined(without_dummy(hypervisor[1:])),
        hypervisor_line=at,
        kernel=kernel[0] if kernel else None,
        kernel_args=joined(without_dummy(kernel[1:])),
        kernel_line=kernel_at,
        initrd=" ".join(modules[1][0]) if len(modules) > 1 else None,
    )
