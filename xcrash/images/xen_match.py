# SPDX-License-Identifier: Apache-2.0
"""Does this xen-syms belong to this dump?"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping

from xcrash.errors import XcrashError
from xcrash.far_file import Place
from xcrash.images.elfimage import ElfImage, read_elf
from xcrash.images.identity import XenDump
from xcrash.images.image import Image
from xcrash.images.match import Match, Verdict
from xcrash.images.memory import Memory
from xcrash.images.places import NUMBERS
from xcrash.images.source import NAMELIST, Source, open_image
from xcrash.images.xen import has_text
from xcrash.images.xen_build_id import NOTE_SYMBOL, NOTHING_THERE, build_id_at

MOST_SYMBOLS = 256
"""Of VMCOREINFO_XEN that are looked up; it has about ten."""

ALIASES = {"pgd_l4": "idle_pg_table", "pgd_l3": "idle_pg_table"}
"""What VMCOREINFO_XEN calls by another name (xen/arch/x86/x86_64/machine_kexec.c)."""

_ROWS = {64: "IBBHQQ", 32: "IIIBBH"}
_VALUE_AT = {64: 4, 32: 1}
_SYMBOL = re.compile(r"SYMBOL\(([A-Za-z_]\w{1,63})\)", re.ASCII)
_ADDRESS = re.compile(r"[0-9a-fA-F]{1,16}")


def compare_xen(image: Image, file: Place, dump: XenDump, memory: Memory | None) -> Match:
    """Weigh the build-id in the dump's memory first, then the addresses of VMCOREINFO_XEN, then the version.

    The build-id is read where the symbols of ``file`` have it: something else there means another build.

    "same-release": nothing contradicts, by addresses or version; "build-id-differs": another build with the same
    addresses, as from the same source and configuration; "different-kernel": of another build. Reads ``file``.
    """
    try:
        with open_image(file, NAMELIST) as opened:
            elf = read_elf(opened)
            wanted = symbols_of(dump)
            found = read_symbols(opened, elf, (*wanted, NOTE_SYMBOL)) if elf else {}
            same_changeset = has_text(opened, elf, dump.changeset) if elf and dump.changeset else None
    except XcrashError as error:
        return Match(verdict="unknown", evidence=(error.message,))
    compared = {name: found[name] for name in wanted if name in found}
    wrong = [name for name, addresses in compared.items() if wanted[name] not in addresses]
    inside = _build_id(found, dump, memory) if image.machine == "x86_64" else None
    ids = image.build_id == inside if image.build_id and inside is not None else None
    versions = _versions(image, dump)
    there = inside or ("unknown" if inside is None else "none at its place")
    evidence = [f"build-id: {image.build_id or 'unknown'} in the file, {there} in the dump's memory"]
    if compared:
        evidence.append(_addresses(wanted, found, wrong, len(compared)))
    if image.version or dump.version:
        evidence.append(f"version: {image.version or 'unknown'} in the file, {dump.version or 'unknown'} in the dump")
    if same_changeset is not None:
        evidence.append(f"changeset: {dump.changeset} in the dump, {'also' if same_changeset else 'not'} in the file")
    told = [versions, same_changeset]
    verdict: Verdict
    if ids:
        verdict = "same-build"
    elif wrong or inside == NOTHING_THERE:
        # The few symbols of VMCOREINFO_XEN lie at round addresses: builds that differ can have them in common.
        verdict = "different-kernel"
    elif compared:
        verdict = "same-release" if ids is None else "build-id-differs"
    elif ids is False or False in told:
        verdict = "different-kernel"
    else:
        verdict = "same-release" if True in told else "unknown"
    return Match(verdict=verdict, evidence=tuple(evidence))


def symbols_of(dump: XenDump) -> dict[str, int]:
    """The addresses that VMCOREINFO_XEN tells, by the names that the hypervisor's symbol table has for them."""
    found: dict[str, int] = {}
    for key, value in dump.vmcoreinfo.items():
        named = _SYMBOL.fullmatch(key)
        if named and _ADDRESS.fullmatch(value) and len(found) < MOST_SYMBOLS:
            found[ALIASES.get(named[1], named[1])] = int(value, 16)
    return found


def read_symbols(source: Source, elf: ElfImage, names: Iterable[str]) -> dict[str, set[int]]:
    """The addresses of these symbols; several where files of the program have one of that name each."""
    table = elf.symbols
    if table is None or elf.sections is None or table.link >= len(elf.sections):
        return {}
    texts = elf.sections[table.link]
    strings = source.read_at(texts.offset, texts.size)
    by_offset: dict[int, str] = {}
    for name in names:
        # A name may be the end of another: linkers store it once.
        word = name.encode() + b"\0"
        at = strings.find(word)
        while at >= 0:
            by_offset[at] = name
            at = strings.find(word, at + 1)
    row = struct.Struct(("<" if elf.header.endian == "little" else ">") + _ROWS[elf.header.elf_class])
    data = source.read_at(table.offset, table.size)
    found: dict[str, set[int]] = {}
    for fields in row.iter_unpack(data[: len(data) // row.size * row.size]):
        if fields[0] in by_offset:
            found.setdefault(by_offset[fields[0]], set()).add(fields[_VALUE_AT[elf.header.elf_class]])
    return found


def _addresses(wanted: Mapping[str, int], found: Mapping[str, set[int]], wrong: list[str], count: int) -> str:
    if not wrong:
        return f"addresses: all {count} that VMCOREINFO_XEN tells are equal"
    name = wrong[0]
    there = " or ".join(f"{address:#x}" for address in sorted(found[name])[:2])
    differ = f"{len(wrong)} of {count} differ"
    return f"addresses: {name} is at {there} in the file, at {wanted[name]:#x} in the dump; {differ}"


def _build_id(found: Mapping[str, set[int]], dump: XenDump, memory: Memory | None) -> str | None:
    """The build-id that the dump's memory has where the file's symbols say, see ``build_id_at``."""
    places = found.get(NOTE_SYMBOL, set())
    if memory is None or not memory.placed or dump.phys_start is None or len(places) != 1:
        return None
    return build_id_at(memory, dump.phys_start, next(iter(places)))


def _versions(image: Image, dump: XenDump) -> bool | None:
    """Whether the version that the file itself tells agrees, as far as both go; None where its name alone tells."""
    one, other = NUMBERS.match(image.version or ""), NUMBERS.match(dump.version or "")
    if one is None or other is None:
        return None
    agree = all(left == right for left, right in zip(one[0].split("."), other[0].split("."), strict=False))
    return agree if agree or "version by name" not in image.notes else None
