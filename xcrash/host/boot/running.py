# SPDX-License-Identifier: Apache-2.0
"""Which entry of a menu was booted, told by what runs now."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from xcrash.host.boot.located import LONGEST_PATH, Located
from xcrash.host.boot.menu import DUMMY_WORDS, Menu, words_of
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import BootEntry, RunningKernel

EXACT, WITHIN, DIFFERENT = 2, 1, 0
"""How an entry's options fit those running: the same words, all of them and more run, or neither."""

LONGEST_COMMAND_LINE = 1 << 13
"""Characters of a running command line that are compared; the kernel keeps 2048 on x86, 4096 on s390."""

_FULL_VERSION = re.compile(r"\d+\.\d+\.\d")
_REAL_MODE = ("no-real-mode", "edd=off")
_SHOWN = 3


class Judged(NamedTuple):
    """A menu's entries with ``current`` set; ``strength`` compares menus: the higher, the surer this one was used."""

    entries: tuple[BootEntry, ...]
    strength: int
    evidence: str


class _Running(NamedTuple):
    release: str | None
    kernel_words: list[str] | None
    xen_words: list[str] | None
    image: str | None


def judge(root: Sysroot, menu: Menu, kernel: RunningKernel, xen_commandline: str | None, *, is_xen: bool) -> Judged:
    """Tell the booted entry of ``menu``: by the running kernel's name, ``BOOT_IMAGE``, and both command lines without
    order and dummy words; among entries that fit alike by what GRUB saved or boots by default.
    """
    cmdline, xen_commandline = _cut(kernel.cmdline), _cut(xen_commandline)
    written = next((word[11:] for word in words_of(cmdline) if word.startswith("BOOT_IMAGE=")), None)
    running = _Running(
        release=kernel.release,
        kernel_words=None if cmdline is None else _options(words_of(cmdline)),
        xen_words=None if xen_commandline is None else _options(words_of(xen_commandline)),
        image=None if written is None or is_xen else Located(root).path(written),
    )
    kinds = [at for at, entry in enumerate(menu.entries) if (entry.hypervisor is not None) == is_xen]
    if not kinds:
        what = "starts a hypervisor, which runs" if is_xen else "starts a kernel without a hypervisor, as runs"
        return Judged(_marked(menu.entries, [], None), 0, f"no entry {what}")
    verdicts = {at: _names_release(root, menu.entries[at], running.release) for at in kinds}
    named = [at for at in kinds if verdicts[at]]
    candidates = named or [at for at in kinds if verdicts[at] is None]
    if not candidates:
        return Judged(_marked(menu.entries, [], None), 0, f"no entry names the running kernel {running.release}")
    by_image = [at for at in candidates if running.image is not None and menu.entries[at].kernel == running.image]
    candidates = by_image or candidates
    return _by_options(menu.entries, candidates, running, is_named=bool(named or by_image), is_xen=is_xen)


def _by_options(
    entries: Sequence[BootEntry], candidates: list[int], running: _Running, *, is_named: bool, is_xen: bool
) -> Judged:
    fits = {at: _fit(entries[at], running, is_xen=is_xen) for at in candidates}
    known = [fit for fit in fits.values() if fit is not None]
    best = max(known) if known else None
    if best is not None:
        candidates = [at for at in candidates if fits[at] == best]
    if best is not None and best[0] == DIFFERENT:
        return _different(entries, candidates, running, is_named=is_named, is_xen=is_xen)
    both = (
        "the hypervisor's options and the Dom0 kernel's" if is_xen and running.xen_words is not None else "the options"
    )
    grounds = (["it names the running kernel"] if is_named else []) + (
        [] if best is None else [f"{both} are those running" if best[0] == EXACT else f"all of {both} run, and more"]
    )
    default = next((at for at, entry in enumerate(entries) if entry.default), None)
    if not grounds:
        return Judged(
            _marked(entries, candidates, None), 0, f"nothing says which entry was booted{_by_default(entries, default)}"
        )
    strength = 2 * (best[0] if best else 0) + is_named
    why = " and ".join(grounds)
    if len(candidates) == 1:
        return Judged(_marked(entries, candidates, candidates[0]), strength, f"told by comparison: {why}")
    fit = f"{_number(len(candidates))} entries fit ({_titles(entries, candidates)}): of each, {why}"
    if default in candidates:
        return Judged(
            _marked(entries, candidates, default), strength, f"{fit}; taken for booted is the one that boots by default"
        )
    return Judged(_marked(entries, candidates, None), strength, f"{fit}{_by_default(entries, default)}")


def _different(
    entries: Sequence[BootEntry], candidates: list[int], running: _Running, *, is_named: bool, is_xen: bool
) -> Judged:
    """No entry has the running options: changed at the boot menu, or the file was written since."""
    reason = "the options were changed at the boot menu, or the file was written since"
    if len(candidates) == 1 and is_named:
        missing, extra = _difference(entries[candidates[0]], running, is_xen=is_xen)
        shown = [f"not running: {_some(missing)}"] * bool(missing) + [f"running but not in it: {_some(extra)}"] * bool(
            extra
        )
        return Judged(
            _marked(entries, candidates, candidates[0]),
            1,
            f"the only entry that names the running kernel, though {reason} ({'; '.join(shown)})",
        )
    what = "name the running kernel" if is_named else "could be it"
    return Judged(
        _marked(entries, candidates, None),
        int(is_named),
        f"{_number(len(candidates))} entries {what} ({_titles(entries, candidates)}), "
        f"none has the running options: {reason}",
    )


def _marked(entries: Sequence[BootEntry], possible: Sequence[int], current: int | None) -> tuple[BootEntry, ...]:
    """``current`` True for the booted one, None for others that are possible too, False for the rest."""
    may_be = set(possible)
    return tuple(
        msgspec.structs.replace(entry, current=True if at == current else None if at in may_be or not may_be else False)
        for at, entry in enumerate(entries)
    )


def _cut(cmdline: str | None) -> str | None:
    return None if cmdline is None else cmdline[:LONGEST_COMMAND_LINE]


def _names_release(root: Sysroot, entry: BootEntry, release: str | None) -> bool | None:
    """Whether the entry's kernel is the running release, by its name or, for a link, by what it points to."""
    if not release or not entry.kernel or len(entry.kernel) > LONGEST_PATH:
        return None
    local = root.local(entry.kernel)
    for path in (entry.kernel, *([str(local)] if local else [])):
        name = posixpath.basename(path)
        if name.partition("-")[2] == release or f"/{release}/" in path or f"-{release}.efi" in path:
            return True
        if _FULL_VERSION.search(name):
            return False
    return None


def _options(words: Sequence[str]) -> list[str]:
    """The words that are options: no argv[0] or its stand-in, nothing that the boot loader adds."""
    added = ("BOOT_IMAGE=", "initrd=")
    return [
        word
        for at, word in enumerate(words)
        if word not in DUMMY_WORDS and not word.startswith(added) and not (at == 0 and word.startswith("/"))
    ]


def _fit(entry: BootEntry, running: _Running, *, is_xen: bool) -> tuple[int, int] | None:
    """How well the options fit, and how many words agree; None when neither command line is known."""
    pairs = [(entry.kernel_args, running.kernel_words)]
    if is_xen:
        pairs.append((entry.hypervisor_args, running.xen_words))
    grades: list[tuple[int, int]] = []
    for written, words in pairs:
        if words is not None:
            missing, extra, equal = _compared(written, words)
            grades.append((DIFFERENT if missing else WITHIN if extra else EXACT, equal))
    return (min(grade for grade, _ in grades), sum(equal for _, equal in grades)) if grades else None


def _compared(written: str | None, running: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Words of the entry that do not run, words that run but are not in it, and how many agree.

    A variable may stand for any words: ``${xen_rm_opts}`` for the two that 20_linux_xen gives it, others for anything.
    """
    words = _options(words_of(written))
    variables = [word for word in words if "$" in word]
    wanted, there = Counter(word for word in words if "$" not in word), Counter(running)
    missing, extra = wanted - there, there - wanted
    if any("xen_rm_opts" in word for word in variables):
        for word in _REAL_MODE:
            extra.pop(word, None)
    if any("xen_rm_opts" not in word for word in variables):
        extra.clear()
    return list(missing), list(extra), sum((wanted & there).values())


def _difference(entry: BootEntry, running: _Running, *, is_xen: bool) -> tuple[list[str], list[str]]:
    missing, extra, _ = (
        _compared(entry.kernel_args, running.kernel_words) if running.kernel_words is not None else ([], [], 0)
    )
    if is_xen and running.xen_words is not None:
        more = _compared(entry.hypervisor_args, running.xen_words)
        return [*more[0], *missing], [*more[1], *extra]
    return missing, extra


def _some(words: Sequence[str]) -> str:
    return " ".join(words[:8]) + (" ..." if len(words) > 8 else "")


def _number(count: int) -> str:
    return {1: "one", 2: "two", 3: "three"}.get(count, str(count))


def _titles(entries: Sequence[BootEntry], which: Sequence[int]) -> str:
    shown = [f'"{entries[at].title}"' for at in which[:_SHOWN]]
    return ", ".join(shown) + (", ..." if len(which) > _SHOWN else "")


def _by_default(entries: Sequence[BootEntry], default: int | None) -> str:
    return "" if default is None else f'; "{entries[default].title}" boots by default'
