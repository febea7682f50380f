# SPDX-License-Identifier: Apache-2.0
"""The words of the start screen: what is being opened, how far crash is, and why it failed."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from xcrash.errors import XcrashError
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.overview.words import size
from xcrash.tui.literal import literal

_MESSAGES = 4
_LAST_LINES = 3
_PATIENCE = 3.0
"""Seconds in a phase after which it is worth saying why it is slow."""
_SLOW = (
    ("uncompressing", "the kernel file is packed: crash unpacks it before it can read it"),
    ("reading files", "crash looks at the headers of every file it was given"),
    ("reading debug", "gdb reads the debug information of the whole kernel"),
    ("gathering module symbol", "every module of the kernel is read; --no_modules leaves that out"),
    ("gathering kmem slab", "every slab cache is counted; --no_kmem_cache leaves that out"),
    ("gathering task table", "every task of the machine is read"),
    ("determining panic task", "the stacks are searched for the panic; --no_panic leaves that out"),
    ("symbols", "gdb reads the debug information of the whole kernel"),
)


def index_state(opened: OpenSession) -> str:
    """Is gdb's index of the debug information there: "warm", "cold", or empty when nobody can say."""
    plan = opened.plan
    if plan is None:
        return ""
    directory = next((one.chosen for one in plan.decisions if one.what == "index cache"), None)
    image = plan.debuginfo or plan.namelist
    build_id = image.build_id if image else None
    if not directory or not build_id or "/" in build_id:
        return ""
    return "warm" if (Path(directory) / f"{build_id}.gdb-index").is_file() else "cold"


def start_text(
    opened: OpenSession, phases: list[tuple[str, float]], elapsed: float, messages: list[str], index: str = ""
) -> Content:
    """Who the dump is, from its headers, and the phases crash went through; ``index`` is what ``index_state`` said."""
    lines = [literal(f"Opening  {elapsed:.0f} s", "bold $accent"), *_who(opened), Content("")]
    for number, (phase, seconds) in enumerate(phases):
        last = number == len(phases) - 1
        end = elapsed if last else phases[number + 1][1]
        doing = f" … {opened.session.activity}" if last else ""
        lines.append(literal(f"  {end - seconds:6.1f} s  {phase}{doing}", "bold" if last else "dim"))
        if last and end - seconds >= _PATIENCE and (why := _why_slow(phase, index)):
            lines.append(literal(f"             {why}", "dim"))
    if index == "cold":
        text = "first start with this kernel: its index is being written, later starts take seconds"
        lines.append(literal(f"  cold  {text}", "dim"))
    elif index == "warm":
        lines.append(literal("  warm  gdb's index of this kernel is there from an earlier start", "dim"))
    lines.extend(literal(f"  ! {one_line(text)}", "$text-warning") for text in messages[-_MESSAGES:])
    return Content("\n").join(lines)


def _why_slow(phase: str, index: str) -> str:
    why = next((words for begin, words in _SLOW if begin in phase), "")
    return why if index != "warm" or "debug information" not in why else ""


def _who(opened: OpenSession) -> list[Content]:
    target = opened.target
    rows = [("target", f"{target.path} of {target.far.address}" if target.far else target.path)]
    if target.dump:
        dump = target.dump
        rows.append(("release", dump.release or "the dump does not say"))
        rows.append(("build-id", _build_ids(opened)))
        rows.append(("format", f"{dump.format}, {size(dump.size)} ({dump.size:,} bytes)"))
    if target.kernel:
        rows.append(("vmlinux", target.kernel.path))
    if opened.plan:
        rows.append(("argv", " ".join(opened.plan.argv)))
        if opened.plan.wrapper:
            rows.append(("lens", "shows this Dom0's memory to crash with the kernel's own frames in its page tables"))
    rows.extend(("warning", text) for text in target.warnings)
    return [literal(f"{label:>9}  ", "dim") + literal(value) for label, value in rows]


def _build_ids(opened: OpenSession) -> str:
    dump, kernel = opened.target.dump, opened.target.kernel
    if dump is None or not dump.build_id:
        return "the dump does not say"
    if kernel is None or not kernel.build_id:
        return f"{dump.build_id}  (the vmlinux does not say)"
    return f"{dump.build_id}  {'equal' if dump.build_id == kernel.build_id else 'differs'}"


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
        kept = "the recording" if opened.target.recording else "a recording of this attempt"
        lines.append(literal("  kept  ", "dim") + literal(f"{kept}: {opened.recording}"))
    lines.extend(literal("  last  ", "dim") + literal(line) for line in last_lines(opened))
    lines.append(Content(""))
    keys = "A number starts crash again so. " if opened.offers else ""
    lines.append(literal(f"  {keys}What crash printed is below. Ctrl-Q leaves.", "dim"))
    return Content("\n").join(lines)


def last_lines(opened: OpenSession) -> list[str]:
    """What crash printed last before it ended."""
    said = opened.session.startup_text(1 << 14)
    lines = [one_line(line.rpartition("\r")[2]).rstrip() for line in said.split("\n")]
    return [line for line in lines if line.strip()][-_LAST_LINES:]
