# SPDX-License-Identifier: Apache-2.0
"""Choose the source of live memory: /dev/crash, /proc/kcore, /dev/mem, in this order, each proven or explained."""

from __future__ import annotations

from typing import NamedTuple

from xcrash.errors import MemorySourceError
from xcrash.host.values import HostFacts, MemoryFacts, SourceProbe
from xcrash.plan.values import Decision, MemoryCandidate, MemoryChoice, Refusal, Rejected, Step, Verdict

ORDER = ("/dev/crash", "/proc/kcore", "/dev/mem")
LOAD_MODULE = "load-crash-module"
"""The name by which loading crash.ko is allowed."""

_BETTER = {
    "/dev/crash": "crash's own driver reads any physical page",
    "/proc/kcore": "it reads everything the kernel itself can address",
    "/dev/mem": "nothing better is there",
}


class MemoryPlan(NamedTuple):
    """The choice with its reasons, and what a person has to do or allow for it."""

    choice: MemoryChoice
    decision: Decision
    steps: tuple[Step, ...]
    refusal: Refusal | None


def choose_memory(facts: MemoryFacts, host: HostFacts, named: str | None, insmod: str | None) -> MemoryPlan:
    """Choose among the probed sources; ``named`` is the user's own choice, ``insmod`` the command that loads crash.ko.

    A source named by the user is taken unless it is known not to work. Loading the module is only proposed.
    """
    unprivileged = host.privileges is not None and host.privileges.uid != 0
    verdicts = [_candidate(probe, unprivileged, insmod) for probe in _ordered(facts)]
    possible = [one.source for one in verdicts if one.verdict in ("usable", "expected", "needs-root")]
    chosen = named if named in possible else None if named else next(iter(possible), None)
    final = tuple(_final(one, chosen, named) for one in verdicts)
    decision = Decision(
        what="memory",
        chosen=chosen,
        reason=_reason(chosen, named, verdicts),
        evidence=tuple(f"{one.source}: {one.reason}" for one in verdicts if one.source == chosen),
        rejected=tuple(Rejected(candidate=one.source, reason=one.reason) for one in final if one.source != chosen),
    )
    return MemoryPlan(
        MemoryChoice(chosen=chosen, candidates=final),
        decision,
        _steps(facts, host, insmod, chosen, unprivileged, named),
        None if chosen else _refusal(final, named, host),
    )


def _ordered(facts: MemoryFacts) -> list[SourceProbe]:
    return sorted(facts.probes, key=lambda probe: ORDER.index(probe.source))


def _candidate(probe: SourceProbe, unprivileged: bool, insmod: str | None) -> MemoryCandidate:
    verdict: Verdict = "rejected"
    if probe.outcome == "read":
        verdict = "usable"
    elif probe.outcome == "unproven":
        verdict = "expected"
    elif probe.outcome == "needs-root":
        verdict = "needs-root" if unprivileged else "rejected"
    elif probe.source == "/dev/crash" and insmod:
        verdict = "needs-consent"
    return MemoryCandidate(source=probe.source, verdict=verdict, reason=probe.detail)


def _final(one: MemoryCandidate, chosen: str | None, named: str | None) -> MemoryCandidate:
    if one.source == chosen:
        return MemoryCandidate(source=one.source, verdict="chosen", reason=one.reason)
    if one.verdict in ("usable", "expected", "needs-root") and chosen:
        why = f"{chosen} was named by the user" if named else f"{chosen} is preferred: {_BETTER[chosen]}"
        return MemoryCandidate(source=one.source, verdict=one.verdict, reason=f"{one.reason}; {why}")
    return one


def _reason(chosen: str | None, named: str | None, verdicts: list[MemoryCandidate]) -> str:
    if chosen is None:
        return f"{named} cannot be used" if named else "no source of this machine's memory can be used"
    if named:
        return "named by the user"
    before = verdicts[: [one.source for one in verdicts].index(chosen)]
    passed_over = "; ".join(f"{one.source}: {one.reason}" for one in before)
    return f"{_BETTER[chosen]}" + (f" ({passed_over})" if passed_over else "")


def _steps(
    facts: MemoryFacts, host: HostFacts, insmod: str | None, chosen: str | None, unprivileged: bool, named: str | None
) -> tuple[Step, ...]:
    steps = []
    if unprivileged:
        steps.append(Step(needs="root", command="sudo xcrash", reason=f"{chosen or 'live memory'} is for root only"))
    if insmod and not facts.crash_module.loaded and chosen != "/dev/crash" and named in (None, "/dev/crash"):
        reason = (
            f"{facts.crash_module.path} makes /dev/crash, which reads any physical page; loading it adds a module to "
            f"the running kernel, where it stays until rmmod crash{_locked(host)}"
        )
        steps.append(Step(needs="consent", command=insmod, reason=reason, consent=LOAD_MODULE))
    return tuple(steps)


def _locked(host: HostFacts) -> str:
    lockdown = host.kernel.config.lockdown
    return (
        "" if lockdown in (None, "none") else f"; lockdown is [{lockdown}]: the kernel refuses it unless it is signed"
    )


def _refusal(candidates: tuple[MemoryCandidate, ...], named: str | None, host: HostFacts) -> Refusal:
    about = [one for one in candidates if named in (None, one.source)]
    reasons = "; ".join(f"{one.source}: {one.reason}" for one in about)
    if host.kind in ("sosreport", "supportconfig"):
        hint = "name a dump of that machine, or look at it with xcrash images and xcrash doctor"
    elif any(one.verdict == "needs-consent" for one in about):
        hint = f"allow loading the driver: --allow {LOAD_MODULE}"
    else:
        hint = "start xcrash as root on the machine itself, outside of containers, or name a dump"
    return Refusal.of(MemorySourceError("memory-none", f"no live memory source can be used: {reasons}", hint))
