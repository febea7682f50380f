# SPDX-License-Identifier: Apache-2.0
"""Pair the hypervisor's images with their symbols, and say which one to use when."""

from __future__ import annotations

from collections.abc import Sequence

from xcrash.host.values import XenFacts
from xcrash.images.image import Image
from xcrash.plan.values import Decision, Rejected

BOOT = ("xen-boot", "xen-boot-debug", "xen-efi")
SYMBOLS = ("xen-syms", "xen-syms-debug")

WHY_32_BIT = (
    "a bootable xen is a 32-bit ELF file because multiboot enters in 32-bit mode; Xen switches to 64 bits itself. Its "
    "xen-syms is 64-bit: crash's 'machine type mismatch' on the former is right and harmless"
)
_USE = {
    "xen-boot": "bootable, no symbols: the release build, the one to boot",
    "xen-boot-debug": "bootable, no symbols: the debug build with assertions, slower, to chase a bug in Xen",
    "xen-efi": "started by the firmware itself",
    "xen-syms": "for gdb and crash, with a dump: the symbols of the release build; cannot be booted",
    "xen-syms-debug": "for gdb and crash, with a dump: the symbols of the debug build; cannot be booted",
}


def choose_xen_syms(images: Sequence[Image], xen: XenFacts | None) -> Decision | None:
    """Which symbols belong to the hypervisor of this host: by build-id, else by version.

    None when there is no hypervisor image at all. Without a running Xen the pairs are told, and nothing is chosen.
    """
    ours = [image for image in images if image.role in (*BOOT, *SYMBOLS)]
    if not ours:
        return None
    chosen = _symbols_of(ours, xen)
    pairs = tuple(_pairs(ours))
    explained = (WHY_32_BIT,) if any(image.elf_class == 32 for image in ours) else ()
    return Decision(
        what="hypervisor symbols",
        chosen=chosen.path if chosen else None,
        reason=_reason(chosen, xen),
        evidence=(*pairs, *explained),
        rejected=tuple(
            Rejected(candidate=image.path, reason=_not_chosen(image, chosen)) for image in ours if image is not chosen
        ),
    )


def _symbols_of(images: Sequence[Image], xen: XenFacts | None) -> Image | None:
    symbols = [image for image in images if image.role in SYMBOLS]
    if xen is None:
        return None
    if xen.build_id:
        return next((image for image in symbols if image.build_id == xen.build_id), None)
    fitting = [image for image in symbols if xen.version and image.version and image.version.startswith(xen.version)]
    release = [image for image in fitting if image.role == "xen-syms"]
    return next(iter(release or fitting), None)


def _reason(chosen: Image | None, xen: XenFacts | None) -> str:
    if xen is None:
        return "no running hypervisor is known here: nothing to choose"
    if chosen is None:
        return f"none of them belongs to the running Xen {xen.version or ''} (build-id {xen.build_id or 'unknown'})"
    by = "build-id is equal to the running hypervisor's" if xen.build_id else "version is the running hypervisor's"
    missing = "" if chosen.has_dwarf else "; it has no debug information, so crash would refuse it"
    return f"its {by}; crash opens the hypervisor from a dump only, never live{missing}"


def _pairs(images: Sequence[Image]) -> list[str]:
    """Each bootable image with the symbols of the same build."""
    found = []
    for image in images:
        if image.role not in BOOT:
            continue
        partner = next(
            (one for one in images if one.role in SYMBOLS and one.build_id and one.build_id == image.build_id), None
        )
        symbols = f"{partner.path}, build-id {partner.build_id}" if partner else "no symbols of this build here"
        found.append(f"{image.path}: {symbols}")
    return found


def _not_chosen(image: Image, chosen: Image | None) -> str:
    use = _USE[image.role]
    if chosen and image.role in SYMBOLS and image.build_id != chosen.build_id:
        return f"another build (build-id {image.build_id or 'unknown'}); {use}"
    return use
