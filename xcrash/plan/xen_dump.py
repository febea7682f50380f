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
    fitting = sorted((one for one in named or candidates if _fits(one)), key=_rank)
    best = fitting[0] if fitting else None
    rejected = tuple(Rejected(candidate=one.path, reason=_why_not(one, best)) for one in candidates if one is not best)[
        :MOST_REJECTED
    ]
    if best is None or best.kernel is None or best.match is None:
        return _refused(_nothing(dump, named, rejected, remedy), (), rejected)
    if not best.kernel.has_dwarf or best.kernel.format != "elf":
        return _refused(_unusable(best, remedy), best.match.evidence, rejected)
    decision = Decision(
        what="namelist",
        chosen=best.path,
        reason=f"the hypervisor's symbols: {_in_words(best)}; {best.why}",
        evidence=best.match.evidence,
        rejected=rejected,
    )
    return NamelistChoice(best.kernel, None, best.match, (decision,), _warnings(best, fitting), None, hypervisor=True)


def _fits(one: XenCandidate) -> bool:
    if one.kernel is None or one.match is None or one.match.refused or one.kernel.missing_bytes:
        return False
    return one.named or (one.is_xen and one.match.verdict != "unknown")


def _rank(one: XenCandidate) -> tuple[int, bool, bool]:
    """The best evidence first, then what crash can use, then the build that is booted as a rule."""
    verdict = one.match.verdict if one.match else "unknown"
    return (_RANKS.get(verdict, 9), not (one.kernel and one.kernel.has_dwarf), one.is_debug)


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
    if verdict == "same-build" or "addresses" in _in_words(best):
        return ()
    others = len([one for one in fitting if one is not best and _rank(one)[0] == _rank(best)[0]])
    more = f"; {others} more would fit as well" if others else ""
    return (f"{best.path} was not proven to be of the dump's build: {_in_words(best)}{more}",)


def _why_not(one: XenCandidate, best: XenCandidate | None) -> str:
    if one.kernel is None or one.match is None:
        return one.problem or "was not looked into"
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
    return f"{twin}; {_in_words(one)}" + (f"; {best.path} comes first" if best else "")


def _against(match: Match) -> str:
    """The piece of evidence that speaks against a file."""
    telling = [text for text in match.evidence if "unknown" not in text]
    differing = [text for text in telling if text.startswith("addresses:")]
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
