# SPDX-License-Identifier: Apache-2.0
"""Dumps among files: told by their contents, with the kernel they are of and whether its vmlinux is here."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from xcrash.discovery.choices import Choices
from xcrash.errors import XcrashError
from xcrash.images import DumpIdentity
from xcrash.images.dump import identify_dump
from xcrash.images.magic import COMPRESSED, DUMPS, HEAD_BYTES, classify
from xcrash.images.text import printable
from xcrash.openable.values import Openable
from xcrash.openable.walk import File
from xcrash.openable.wording import size_words
from xcrash.plan import LaunchPlan
from xcrash.sections import Tone
from xcrash.target import Target, dry_plan, survey_of_dump

_TELLING = ("vmcore-dmesg", "dmesg", "README.txt", "kexec-dmesg", "scc_analyzevmcore", "nts_analyzevmcore", "vmlinux")
_NAMES = ("vmcore", "dump.")
_VERDICTS: dict[str, tuple[str, Tone]] = {
    "same-build": ("vmlinux found by build-id", "good"),
    "same-release": ("vmlinux found by release", "good"),
    "build-id-differs": ("vmlinux found, its build-id differs", "doubt"),
    "unknown": ("vmlinux found, unproven", "doubt"),
}


def is_candidate(file: File) -> bool:
    """Does it begin like a dump, or is it called one? Reads the first bytes only."""
    name = file.path.rpartition("/")[2]
    named = name.startswith(_NAMES) and not name.startswith("vmcore-dmesg")
    if named:
        return True
    if file.size < HEAD_BYTES:
        return False
    kind = head_kind(file.path)
    return kind in DUMPS or kind == "elf"


def head_kind(path: str) -> str | None:
    """The format by the first bytes; None when they cannot be read."""
    try:
        # A regular file a moment ago; should it be a FIFO now, do not wait for its writer.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError):
        return None
    try:
        return classify(os.pread(handle, HEAD_BYTES, 0))
    except OSError:
        return None
    finally:
        os.close(handle)


def pending_dump(file: File) -> Openable:
    """A dump that was not looked into yet."""
    return Openable(
        key=file.path,
        section="dumps",
        kind="dump",
        target=file.path,
        name=file.path,
        extent=size_words(file.size),
        when=file.mtime,
        verdict="not looked into yet",
        tone="dim",
        pending=True,
    )


def identified_dump(file: File) -> Openable | None:
    """The dump as its headers tell it; None for a file that is none and not called one."""
    plain = msgspec.structs.replace(pending_dump(file), pending=False, beside=_beside(file))
    try:
        dump = identify_dump(Path(file.path), scan=False)
    except XcrashError as error:
        name = file.path.rpartition("/")[2]
        kind = head_kind(file.path)
        if not name.startswith(_NAMES) or kind in ("text", "elf"):
            return None
        said = error.message.removeprefix(printable(file.path)).lstrip(": ")
        unpack = f"; {error.hint}" if kind in COMPRESSED else ""
        return _with_files(msgspec.structs.replace(plain, verdict=f"{said}{unpack}", tone="bad", why=error.hint))
    return msgspec.structs.replace(
        plain,
        about=dump.release or "",
        extent=size_words(dump.size),
        when=dump.crash_time or file.mtime,
        dump=dump,
        verdict="looking for its vmlinux",
        tone="dim",
        pending=True,
    )


def matched_dump(item: Openable, choices: Choices) -> Openable:
    """The dump with the verdict over the vmlinux that was found for it, or the reason why none was."""
    dump = item.dump
    if dump is None:
        return item
    defects = _defects(dump)
    done = msgspec.structs.replace(item, pending=False)
    if not dump.release and not dump.build_id:
        text = "it does not name its kernel: looked for in its memory when chosen"
        return _judged(done, defects, text, "doubt", "")
    wanted = msgspec.structs.replace(choices, target=dump.path)
    try:
        target = survey_of_dump(dump, wanted)
        plan = dry_plan(target, wanted)
    except XcrashError as error:
        return _judged(done, defects, error.message.splitlines()[0], "bad", error.hint)
    text, tone, why = _verdict(target, plan)
    return _judged(msgspec.structs.replace(done, plan=plan), defects, text, tone, why)


def _verdict(target: Target, plan: LaunchPlan) -> tuple[str, Tone, str]:
    if plan.refusal:
        lines = plan.refusal.message.splitlines()
        short = "no vmlinux for this release" if target.dump and target.dump.release else "no vmlinux"
        return short, "doubt", "; ".join(filter(None, (lines[0], plan.refusal.hint)))
    verdict = plan.match.verdict if plan.match else "unknown"
    text, tone = _VERDICTS.get(verdict, ("vmlinux found", "plain"))
    if target.crash is None:
        return f"{text}; crash is not installed", "bad", "the crash utility is not installed"
    reason = next((one.reason for one in plan.decisions if one.what == "namelist"), "")
    return text, tone, reason


def _defects(dump: DumpIdentity) -> str:
    words = []
    if dump.truncated:
        words.append(f"truncated, {size_words(dump.missing_bytes or 0)} missing")
    if dump.incomplete:
        words.append("incomplete")
    return ", ".join(words)


def _judged(item: Openable, defects: str, text: str, tone: Tone, why: str) -> Openable:
    verdict = "; ".join(filter(None, (defects, text)))
    judged = msgspec.structs.replace(item, verdict=verdict, tone="bad" if defects else tone, why=why)
    return _with_files(judged) if defects else judged


def _with_files(item: Openable) -> Openable:
    """A damaged dump is worth a look at what lies beside it."""
    readable = [name for name in item.beside if not name.startswith("vmlinux")]
    notes = (f"beside it: {', '.join(readable)}",) if readable else ()
    return msgspec.structs.replace(item, notes=notes)


def _beside(file: File) -> tuple[str, ...]:
    own = file.path.rpartition("/")[2]
    return tuple(name for name in file.names if name.startswith(_TELLING) and name != own)[:8]
