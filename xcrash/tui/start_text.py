# SPDX-License-Identifier: Apache-2.0
"""The words of the start screen: what is being opened, how far crash is, and why it failed."""

from __future__ import annotations

from textual.content import Content

from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.tui.literal import literal


def start_text(opened: OpenSession, phases: list[tuple[str, float]], elapsed: float, messages: list[str]) -> Content:
    """Who the dump is, from its headers, and the phases crash went through."""
    lines = [literal("Opening", "bold $accent"), *_who(opened), Content("")]
    for number, (phase, seconds) in enumerate(phases):
        last = number == len(phases) - 1
        end = elapsed if last else phases[number + 1][1]
        doing = f" … {opened.session.activity}" if last else ""
        lines.append(literal(f"  {end - seconds:6.1f} s  {phase}{doing}", "bold" if last else "dim"))
    lines.extend(literal(f"  ! {text}", "$text-warning") for text in messages[-6:])
    return Content("\n").join(lines)


def _who(opened: OpenSession) -> list[Content]:
    target = opened.target
    rows = [("target", target.path)]
    if target.dump:
        dump = target.dump
        rows.append(("release", dump.release or "the dump does not say"))
        rows.append(("build-id", dump.build_id or "the dump does not say"))
        rows.append(("format", f"{dump.format}, {dump.size:,} bytes"))
    if target.kernel:
        rows.append(("vmlinux", target.kernel.path))
    if opened.plan:
        rows.append(("argv", " ".join(opened.plan.argv)))
    rows.extend(("warning", text) for text in target.warnings)
    return [literal(f"{label:>9}  ", "dim") + literal(value) for label, value in rows]


def failure_text(error: XcrashError, opened: OpenSession) -> Content:
    """What happened, what the files had to do with it, what to try, and where the recording is."""
    lines = [literal("crash could not open this session", "bold $text-error"), Content("")]
    lines.append(literal("  what  ", "dim") + literal(error.message))
    lines.extend(literal("   why  ", "dim") + literal(text) for text in opened.target.warnings)
    if hint := opened.advice if opened.offers else error.hint:
        lines.append(literal("   try  ", "dim") + literal(hint))
    for number, offer in enumerate(opened.offers, 1):
        lines.append(literal(f"        [{number}] ", "$accent") + literal(f"{offer.text}: {offer.rung.cost}"))
    if opened.recording:
        lines.append(literal("  kept  ", "dim") + literal(f"a recording of this attempt: {opened.recording}"))
    lines.append(Content(""))
    keys = "A number starts crash again so. " if opened.offers else ""
    lines.append(literal(f"  {keys}What crash printed is below. Ctrl-Q leaves.", "dim"))
    return Content("\n").join(lines)
