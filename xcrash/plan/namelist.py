# SPDX-License-Identifier: Apache-2.0
"""Choose the namelist: the vmlinux, or the pair of vmlinux and separate debuginfo, that belongs to a memory image.

An equal build-id beats an equal release, which beats a place where such a file usually lies. An equal release with
another build-id is a warning, as some vendors ship such pairs; another release is a refusal with both sides shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from xcrash.errors import NamelistError, XcrashError
from xcrash.images import DumpIdentity, KernelImage, Match, check_namelist, compare, require_match
from xcrash.images.kernel import DWARF_SIZED
from xcrash.images.magic import COMPRESSED
from xcrash.plan.values import Decision, Refusal, Rejected

_RANKS = {"same-build": 0, "same-release": 1, "build-id-differs": 2, "unknown": 3}
_FULL, _PACKED_FULL, _PAIR, _PACKED = range(4)
MOST_REJECTED = 40


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be the namelist: looked into (``kernel``), or not (``problem`` says why)."""

    path: str
    why: str
    kernel: KernelImage | None = None
    problem: str | None = None
    named: bool = False


class NamelistChoice(NamedTuple):
    """The namelist and its separate debuginfo, how they match, why; or a refusal. ``hypervisor``: it is Xen's."""

    namelist: KernelImage | None
    debuginfo: KernelImage | None
    match: Match | None
    decisions: tuple[Decision, ...]
    warnings: tuple[str, ...]
    refusal: Refusal | None
    hypervisor: bool = False


class _Pick(NamedTuple):
    rank: int
    quality: int
    order: int
    kernel: KernelImage
    debuginfo: KernelImage | None
    match: Match
    why: str


def choose_namelist(
    wanted: DumpIdentity, candidates: Sequence[Candidate], look_alikes: Sequence[Rejected] = (), install: str = ""
) -> NamelistChoice:
    """Choose for the memory image ``wanted`` (a dump, or the running kernel) among ``candidates``, best place first.

    ``look_alikes`` are files that crash's own search would try and that are no kernels; ``install`` is the command
    that brings the debuginfo. A candidate named by the user is the only one considered.
    """
    looked_into = [one for one in candidates if one.kernel]
    picks = sorted(_picks(wanted, looked_into), key=lambda pick: pick[:3])
    named = [one for one in looked_into if one.named]
    if named:
        paths = {one.path for one in named}
        picks = [pick for pick in picks if _paths(pick) & paths == paths]
    if not picks:
        return _nothing(wanted, candidates, look_alikes, named, install)
    best = picks[0]
    rejected = (*_rejected(wanted, candidates, best), *look_alikes)[:MOST_REJECTED]
    return NamelistChoice(best.kernel, best.debuginfo, best.match, _decisions(best, rejected), _warnings(best), None)


def _paths(pick: _Pick) -> set[str]:
    return {pick.kernel.path} | ({pick.debuginfo.path} if pick.debuginfo else set())


def _picks(wanted: DumpIdentity, candidates: Sequence[Candidate]) -> list[_Pick]:
    """Every combination that crash could start with."""
    debug_only = [one.kernel for one in candidates if one.kernel and one.kernel.is_debug_only]
    picks = []
    for order, one in enumerate(candidates):
        kernel = one.kernel
        if kernel is None or kernel.is_debug_only or not _is_kernel(kernel):
            continue
        match = compare(kernel, wanted)
        if match.refused or (_is_mute(match, wanted) and not one.named):
            continue
        rank = _RANKS[match.verdict]
        if kernel.format == "elf" and kernel.has_dwarf and kernel.has_symbols:
            picks.append(_Pick(rank, _FULL, order, kernel, None, match, one.why))
            continue
        picks += [
            _Pick(rank, _PAIR, order, kernel, debug, match, one.why) for debug in debug_only if _belongs(debug, kernel)
        ]
        if kernel.format in COMPRESSED and (kernel.has_dwarf or _may_have_dwarf(one, kernel)):
            full = kernel.has_dwarf or (kernel.unloaded_bytes or 0) >= DWARF_SIZED
            picks.append(_Pick(rank, _PACKED_FULL if full else _PACKED, order, kernel, None, match, one.why))
    return picks


def _may_have_dwarf(one: Candidate, kernel: KernelImage) -> bool:
    """Whether debug information may be inside a compressed file; its size decides unless the user insists on it."""
    by_size = kernel.unloaded_bytes is None or kernel.unloaded_bytes >= DWARF_SIZED
    return kernel.has_dwarf is None and (by_size or one.named)


def _is_mute(match: Match, wanted: DumpIdentity) -> bool:
    """Whether a file says nothing of itself that could be compared, although it is known what is wanted."""
    return match.verdict == "unknown" and bool(wanted.release or wanted.build_id)


def _is_kernel(kernel: KernelImage) -> bool:
    is_elf = kernel.format == "elf" or (kernel.format in COMPRESSED and kernel.contains == "elf")
    return is_elf and kernel.elf_type in ("exec", "dyn") and kernel.is_linux is not False and not kernel.missing_bytes


def _belongs(debug: KernelImage, kernel: KernelImage) -> bool:
    """Is this the separate debuginfo of that kernel?"""
    if debug.build_id and kernel.build_id:
        return debug.build_id == kernel.build_id
    return bool(debug.release and debug.release == kernel.release)


def _decisions(best: _Pick, rejected: tuple[Rejected, ...]) -> tuple[Decision, ...]:
    reason = f"{_IN_WORDS[best.match.verdict]}; {best.why}"
    namelist = Decision(
        what="namelist", chosen=best.kernel.path, reason=reason, evidence=best.match.evidence, rejected=rejected
    )
    if best.debuginfo is None:
        return (namelist,)
    equal = best.debuginfo.build_id is not None and best.debuginfo.build_id == best.kernel.build_id
    return (
        namelist,
        Decision(
            what="debuginfo",
            chosen=best.debuginfo.path,
            reason="the namelist has no debug information of its own; "
            + ("this file has the same build-id" if equal else "this file has the same release"),
            evidence=(f"build-id: {best.debuginfo.build_id or 'unknown'} in the debuginfo",),
        ),
    )


_IN_WORDS = {
    "same-build": "its build-id is equal",
    "same-release": "its release is equal, no build-id can be compared",
    "build-id-differs": "its release is equal, its build-id is not",
    "unknown": "nothing tells which kernel the memory is of; crash itself will compare",
}


def _warnings(best: _Pick) -> tuple[str, ...]:
    warnings = []
    if best.match.verdict == "build-id-differs":
        warnings.append("the vmlinux has another build-id: " + "; ".join(best.match.evidence))
    if best.match.verdict == "unknown":
        warnings.append(
            "nothing in the dump tells which kernel it is of; crash itself will compare it with the vmlinux"
        )
    if best.quality == _PACKED and best.kernel.has_dwarf is None:
        warnings.append(
            f"{best.kernel.path} is compressed: whether it has debug information shows when crash has unpacked it"
        )
    return tuple(warnings)


def _rejected(wanted: DumpIdentity, candidates: Sequence[Candidate], best: _Pick) -> list[Rejected]:
    used = _paths(best)
    return [
        Rejected(candidate=one.path, reason=_why_not(one, wanted, best)) for one in candidates if one.path not in used
    ]


def _why_not(one: Candidate, wanted: DumpIdentity, best: _Pick | None) -> str:
    kernel = one.kernel
    if kernel is None:
        return one.problem or "not looked into"
    if not kernel.is_debug_only:
        match = compare(kernel, wanted)
        if _is_mute(match, wanted) and _is_kernel(kernel):
            return "nothing in it tells which kernel it is"
        if match.refused or (best and _RANKS[match.verdict] > best.rank):
            same = kernel.release is not None and kernel.release == wanted.release
            return f"another {'build of this release' if same else 'kernel'}: {'; '.join(match.evidence[:2])}"
        if kernel.format in COMPRESSED and not kernel.has_dwarf and not _may_have_dwarf(one, kernel):
            return "has no debug information, as far as its size tells: it needs its .debug file"
    try:
        check_namelist(kernel)
    except XcrashError as error:
        return error.message.removeprefix(kernel.path).strip()
    return f"would do as well; {best.kernel.path} comes first" if best else "not usable"


def _nothing(
    wanted: DumpIdentity,
    candidates: Sequence[Candidate],
    look_alikes: Sequence[Rejected],
    named: list[Candidate],
    install: str,
) -> NamelistChoice:
    rejected = tuple(Rejected(candidate=one.path, reason=_why_not(one, wanted, None)) for one in candidates)
    error = _named_error(wanted, named, candidates) or _missing(wanted, rejected, install)
    decision = Decision(
        what="namelist",
        chosen=None,
        reason=error.message.splitlines()[0],
        rejected=(*rejected, *look_alikes)[:MOST_REJECTED],
    )
    return NamelistChoice(None, None, None, (decision,), (), Refusal.of(error))


def _named_error(wanted: DumpIdentity, named: list[Candidate], candidates: Sequence[Candidate]) -> XcrashError | None:
    """What is wrong with the file the user named."""
    for one in named:
        if one.kernel is None:
            continue
        try:
            if not one.kernel.is_debug_only or len(candidates) == 1:
                check_namelist(one.kernel)
            require_match(one.kernel, wanted)
        except XcrashError as error:
            return error
    if not named:
        return None
    return NamelistError(
        "namelist-pair",
        f"the named files make no namelist: {', '.join(one.path for one in named)}",
        "a stripped vmlinux needs the debuginfo with the same build-id, a .debug file needs its vmlinux",
    )


def _missing(wanted: DumpIdentity, rejected: tuple[Rejected, ...], install: str) -> XcrashError:
    who = f"kernel {wanted.release or 'unknown'}, build-id {wanted.build_id or 'unknown'}"
    count = len(rejected)
    seen = f"; {count} candidate{'s do' if count > 1 else ' does'} not fit" if rejected else ""
    what = "the running kernel" if wanted.format == "live" else wanted.path
    return NamelistError(
        "namelist-required",
        f"no vmlinux with debug information was found for {what} ({who}){seen}",
        (f"{install}, or " if install else "install that kernel's debuginfo package, or ")
        + "name its vmlinux: --vmlinux FILE",
    )
