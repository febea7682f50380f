# SPDX-License-Identifier: Apache-2.0
"""Choose the symbols of the hypervisor in a dump, for crash's view of Xen itself."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xcrash.errors import NamelistError
from xcrash.images import DumpIdentity, KernelImage, Match
from xcrash.plan.namelist import MOST_REJECTED, NamelistChoice
from xcrash.plan.values import Decision, Refusal, Rejected

_RANKS = {"same-build": 0, "build-id-differs": 1, "same-release": 2, "unknown": 3}


class XenCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be the hypervisor's symbols: held against the dump, or not (``problem`` says why)."""

    path: str
    why: str
    kernel: KernelImage | None = None
    is_xen: bool = False
    is_debug: bool = False
    match: Match | None = None
    problem: str | None = None
    named: bool = False


def choose_hypervisor(dump: DumpIdentity, candidates: Sequence[XenCandidate], remedy: str = "") -> NamelistChoice:
    """Choose among ``candidates``, best place first; ``remedy`` says how to get a xen-syms with debug information.

    One that the user named is the only one considered, and is taken when nothing tells whether it belongs to the dump.
    """
    named = [one for one in candidates if one.named]
    fitting = sorted((one for one in named or candidates if _fits(one)), key=lambda one: _rank(one, candidates))
    best = fitting[0] if fitting else None
    debug = _debuginfo_of(best, candidates) if best else None
    rejected = tuple(
        Rejected(candidate=one.path, reason=_why_not(one, best)) for one in candidates if one not in (best, debug)
    )[:MOST_REJECTED]
    if best is None or best.kernel is None or best.match is None:
        return _refused(_nothing(dump, named, rejected, remedy), (), rejected)
    if best.kernel.format != "elf" or not (best.kernel.has_dwarf or debug):
        return _refused(_unusable(best, remedy), best.match.evidence, rejected)
    decision = Decision(
        what="namelist",
        chosen=best.path,
        reason=f"the hypervisor's symbols: {_in_words(best)}; {best.why}",
        evidence=best.match.evidence,
        rejected=rejected,
    )
    decisions = (decision, *((_with_debuginfo(debug),) if debug else ()))
    warnings = _warnings(best, fitting)
    separate = debug.kernel if debug else None
    return NamelistChoice(best.kernel, separate, best.match, decisions, warnings, None, hypervisor=True)


def _fits(one: XenCandidate) -> bool:
    if one.kernel is None or one.match is None or one.kernel.missing_bytes or one.kernel.is_debug_only:
        return False
    return not one.match.refused and (one.named or (one.is_xen and one.match.verdict != "unknown"))


def _debuginfo_of(one: XenCandidate, candidates: Sequence[XenCandidate]) -> XenCandidate | None:
    """The separate debug information of a file that has none of its own: crash takes both names."""
    if one.kernel is None or one.kernel.has_dwarf or one.kernel.build_id is None:
        return None
    return next((other for other in candidates if _is_debug_of(other.kernel, one.kernel)), None)


def _is_debug_of(debug: KernelImage | None, kernel: KernelImage) -> bool:
    if debug is None or not debug.is_debug_only or not debug.has_dwarf or debug.missing_bytes:
        return False
    return debug.format == "elf" and debug.build_id == kernel.build_id


def _rank(one: XenCandidate, candidates: Sequence[XenCandidate]) -> tuple[int, bool, bool]:
    """The best evidence first, then what crash can use, then the build that is booted as a rule."""
    usable = one.kernel is not None and (bool(one.kernel.has_dwarf) or _debuginfo_of(one, candidates) is not None)
    return (_evidence_rank(one), not usable, one.is_debug)


def _evidence_rank(one: XenCandidate) -> int:
    return _RANKS.get(one.match.verdict, 9) if one.match else 9


def _with_debuginfo(debug: XenCandidate) -> Decision:
    build_id = debug.kernel.build_id if debug.kernel else None
    return Decision(
        what="debuginfo",
        chosen=debug.path,
        reason="the symbols have no debug information of their own; this file has the same build-id",
        evidence=(f"build-id: {build_id or 'unknown'} in the debuginfo",),
    )


def _in_words(one: XenCandidate) -> str:
    verdict = one.match.verdict if one.match else "unknown"
    if verdict == "same-build":
        return "its build-id is the one in the dump's memory"
    if verdict == "build-id-differs":
        return "another build, but its addresses are those that the dump tells"
    if verdict == "unknown":
        return "nothing tells whether they belong to this dump"
    by_address = any(text.startswith("addresses: all") for text in one.match.evidence) if one.match else False
    return "its addresses are those that the dump tells" if by_address else "its version is the dump's"


def _warnings(best: XenCandidate, fitting: Sequence[XenCandidate]) -> tuple[str, ...]:
    verdict = best.match.verdict if best.match else "unknown"
    if verdict == "build-id-differs":
        return (f"{best.path} is another build of the hypervisor than the dump's, with the same addresses",)
    if verdict == "same-build":
        return ()
    others = len([one for one in fitting if one is not best and _evidence_rank(one) == _evidence_rank(best)])
    more = f"; {others} more would fit as well" if others else ""
    return (f"{best.path} was not proven to be of the dump's build: {_in_words(best)}{more}",)


def _why_not(one: XenCandidate, best: XenCandidate | None) -> str:
    if one.kernel is None or one.match is None:
        return one.problem or "was not looked into"
    if one.kernel.is_debug_only:
        return f"is debug information alone, of the file with build-id {one.kernel.build_id or 'unknown'}"
    if not one.is_xen and not one.named:
        return "is no hypervisor's symbols"
    if one.kernel.missing_bytes:
        return f"is cut short: at least {one.kernel.missing_bytes:,} bytes are missing"
    twin = "the debug build" if one.is_debug else "the release build"
    if one.match.refused:
        return f"another build, {twin}: {_against(one.match)}"
    if one.match.verdict == "unknown":
        return f"{twin}; nothing tells whether it belongs to this dump"
    if one.kernel.format != "elf":
        return f"is compressed ({one.kernel.format}): crash needs it unpacked"
    if not one.kernel.has_dwarf:
        return "has no debug information (.debug_info): crash would refuse it"
    first = "" if best is None else f"; {best.path} was named" if best.named else f"; {best.path} comes first"
    return f"{twin}; {_in_words(one)}{first}"


def _against(match: Match) -> str:
    """The piece of evidence that speaks against a file."""
    telling = [text for text in match.evidence if "unknown" not in text]
    differing = [text for text in telling if text.startswith("addresses:") and " differ" in text]
    return (differing or telling or list(match.evidence) or ["not of this dump"])[0]


def _nothing(
    dump: DumpIdentity, named: Sequence[XenCandidate], rejected: Sequence[Rejected], remedy: str
) -> NamelistError:
    version = dump.xen.version if dump.xen else None
    who = f"Xen {version or 'of unknown version'}"
    if named:
        why = _why_not(named[0], None)
        return NamelistError(
            "xen-syms-mismatch", f"{named[0].path} does not belong to {dump.path} ({who}): {why}", remedy
        )
    count = len(rejected)
    seen = f"; {count} candidate{'s do' if count > 1 else ' does'} not fit" if count else ""
    return NamelistError(
        "xen-syms-required",
        f"no xen-syms with debug information was found for {dump.path} ({who}){seen}",
        f"name one: --xen-syms FILE; {remedy}" if remedy else "name one: --xen-syms FILE",
    )


def _unusable(best: XenCandidate, remedy: str) -> NamelistError:
    if best.kernel and best.kernel.format != "elf":
        message = f"{best.path} is not an unpacked ELF file ({best.kernel.format}): crash would not take it"
        return NamelistError("xen-syms-packed", message, "unpack it, and name the result: --xen-syms FILE")
    message = f"{best.path} has no debug information (.debug_info): crash would refuse it; {_in_words(best)}"
    return NamelistError("xen-syms-no-dwarf", message, remedy)


def _refused(error: NamelistError, evidence: tuple[str, ...], rejected: tuple[Rejected, ...]) -> NamelistChoice:
    decision = Decision(
        what="namelist", chosen=None, reason=error.message.splitlines()[0], evidence=evidence, rejected=rejected
    )
    return NamelistChoice(None, None, None, (decision,), (), Refusal.of(error), hypervisor=True)
