# SPDX-License-Identifier: Apache-2.0
"""What of a kernel's configuration decides whether its live memory can be read."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import KernelConfig

LARGEST_CONFIG = 4 << 20
"""Bytes, unpacked; a distribution's is below 400 KB."""

IN_KERNEL = "/proc/config.gz"
LOCKDOWN = "/sys/kernel/security/lockdown"
_FILES = (
    "/boot/config-{}",
    "/lib/modules/{}/config",
    "/usr/lib/modules/{}/config",
    "/lib/modules/{}/build/.config",
)
_OPTION = re.compile(r"^(?:CONFIG_(\w+)=(.)|# CONFIG_(\w+) is not set$)", re.MULTILINE)
_WORD = re.compile(r"\[(\w{1,40})\]")


def read_kernel_config(root: Sysroot, release: str | None) -> KernelConfig:
    """The configuration of the running kernel (``release``); what no file says stays None.

    /proc/config.gz is the running kernel's own; the others are taken by their name.
    """
    lockdown = _lockdown(root)
    for path, text in _candidates(root, release):
        options = _options(text)
        if options:
            return KernelConfig(
                strict_devmem=options.get("STRICT_DEVMEM"),
                io_strict_devmem=options.get("IO_STRICT_DEVMEM"),
                proc_kcore=options.get("PROC_KCORE"),
                devmem=options.get("DEVMEM"),
                lockdown=lockdown,
                source=path,
            )
    return KernelConfig(lockdown=lockdown)


def _candidates(root: Sysroot, release: str | None) -> Iterator[tuple[str, str]]:
    yield IN_KERNEL, unpacked(root.read(IN_KERNEL, LARGEST_CONFIG) or b"")
    if release and "/" not in release:
        for pattern in _FILES:
            path = pattern.format(release)
            yield path, root.text(path, LARGEST_CONFIG) or ""


def unpacked(data: bytes) -> str:
    """The text in a gzip file, up to LARGEST_CONFIG bytes and to the first damage."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, LARGEST_CONFIG).decode("utf-8", "replace")
    except zlib.error:
        return ""


def _options(text: str) -> dict[str, bool]:
    """Options that are set to something other than ``n``, and those that are said not to be set.

    One that is not mentioned is unknown: it may be older or newer than the kernel (CONFIG_DEVMEM came with 4.0).
    """
    return {match[1] or match[3]: match[2] is not None and match[2] != "n" for match in _OPTION.finditer(text)}


def _lockdown(root: Sysroot) -> str | None:
    """The word in brackets: ``none [integrity] confidentiality`` (kernel security/lockdown/lockdown.c)."""
    match = _WORD.search(root.text(LOCKDOWN, 4096) or "")
    return match[1] if match else None
