# SPDX-License-Identifier: Apache-2.0
"""Does a start that looks fine make sense? A wrong vmlinux, a wrong offset and an old crash reach a prompt as well.

Source: crash checks only that linux_banner reads as a banner (kernel.c:verify_version), so a wrong ``--kaslr`` and a
vmlinux of another build can pass; a crash older than the kernel reads a part of the task table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from xcrash.parse import ps
from xcrash.parse.sys import Banner
from xcrash.plan.compat import needed_crash, too_old
from xcrash.session import Message

_PID_MAX_LIMIT = 4194304
"""The largest pid_max of a 64-bit kernel (include/linux/threads.h)."""
_LAST_YEAR = 2106
"""Where unsigned 32-bit time ends."""
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff]|\\x[0-9a-f]{2}")
_HIDDEN_TASK = re.compile(r"not found in PID hash")
_FEW_BY_CHOICE = ("--active", "--minimal")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of a session: crash's version, its command line, the releases the files tell of themselves."""

    version: str | None = None
    argv: tuple[str, ...] = ()
    dump_release: str | None = None
    kernel_release: str | None = None
    live: bool = False


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """One value that cannot be: ``what`` it is, the ``evidence``, what that means, and what to try."""

    what: str
    evidence: str
    meaning: str
    remedy: str


def doubts(
    banner: Banner | None, tasks: ps.Ps | None = None, messages: Iterable[Message] = (), known: Known | None = None
) -> tuple[Doubt, ...]:
    """What of the banner, the task list and the messages of a start cannot be; none where all is well."""
    if banner is None:
        return ()
    known = known or Known()
    few = _few_tasks(banner, tasks, [message.text for message in messages], known)
    wrong = (*_releases(banner, known), *_context(banner, tasks, known), *_date(banner))
    meaning, remedy = _cause(banner, known, bool(few))
    return (
        *(Doubt(what=what, evidence=evidence, meaning=meaning, remedy=remedy) for what, evidence in few),
        *(_garbage(what, evidence, known) for what, evidence in wrong),
    )


def _few_tasks(banner: Banner, tasks: ps.Ps | None, said: list[str], known: Known) -> list[tuple[str, str]]:
    found = []
    online = (banner.cpus or 0) - (banner.cpus_offline or 0)
    fewest = 2 * online + 8
    if banner.tasks is not None and online > 0 and banner.tasks < fewest and not set(known.argv) & set(_FEW_BY_CHOICE):
        found.append(("TASKS", f"{banner.tasks} on {online} CPUs; the kernel's own threads alone are {fewest} or more"))
    if tasks and tasks.tasks and banner.tasks is not None and not known.live and not (tasks.unread or tasks.remarks):
        listed = len(tasks.tasks)
        if listed != banner.tasks:
            found.append(("TASKS", f"the banner says {banner.tasks:,}, ps lists {listed:,}"))
    if hidden := [text for text in said if _HIDDEN_TASK.search(text)]:
        found.append(("TASKS", hidden[0]))
    return found


def _releases(banner: Banner, known: Known) -> list[tuple[str, str]]:
    return [
        ("RELEASE", f"crash reads {banner.release}, {source} is {release}")
        for source, release in (("the dump's header", known.dump_release), ("the vmlinux", known.kernel_release))
        if banner.release and release and banner.release != release
    ]


def _context(banner: Banner, tasks: ps.Ps | None, known: Known) -> list[tuple[str, str]]:
    found = []
    if banner.command and _NOT_TEXT.search(banner.command):
        found.append(("COMMAND", f"{banner.command!r} is no name of a program"))
    if banner.pid is not None and banner.pid > _PID_MAX_LIMIT:
        found.append(("PID", f"{banner.pid} is larger than any kernel gives ({_PID_MAX_LIMIT})"))
    elif banner.pid and tasks and tasks.tasks and not known.live and banner.pid not in {one.pid for one in tasks.tasks}:
        found.append(("PID", f"ps does not list {banner.pid}, the task crash stands on"))
    return found


def _date(banner: Banner) -> list[tuple[str, str]]:
    printed = str(banner.fields.get("DATE", ""))
    year = re.search(r"\b(\d{4,9})$", printed)
    if banner.date_plausible is False or (year and int(year[1]) > _LAST_YEAR):
        return [("DATE", f"crash prints {printed}")]
    return []


def _cause(banner: Banner, known: Known, few: bool) -> tuple[str, str]:
    """Why the task list is short; a crash older than the kernel is by far the most frequent reason."""
    release = banner.release or known.dump_release
    need = needed_crash(release)
    if few and need and (old := too_old(known.version, release)):
        return old.partition(";")[0] + ": the task list is incomplete", "a newer crash (--crash PATH)"
    return (
        "the task list is incomplete: ps and all that follows tasks show a part of them",
        "a newer crash; compare the build-id of the vmlinux; last --active on the tasks of the CPUs",
    )


def _garbage(what: str, evidence: str, known: Known) -> Doubt:
    """What a value that cannot be says of the whole session."""
    if what == "RELEASE":
        meaning, remedy = "the vmlinux belongs to another kernel", "the vmlinux of exactly this build (--vmlinux)"
    elif any(word.startswith("--kaslr") for word in known.argv):
        meaning, remedy = "--kaslr is wrong: crash reads other memory than it means", "another --kaslr offset"
    elif what == "DATE":
        meaning = "the clock of the machine was not set, or crash reads other memory than it means"
        remedy = "look at RELEASE and TASKS; if they are right, so is the session"
    else:
        meaning = "crash reads other memory than it means: the vmlinux or its offset is wrong, or the dump is damaged"
        remedy = "compare release and build-id of vmlinux and dump; a newer crash"
    return Doubt(what=what, evidence=evidence, meaning=meaning, remedy=remedy)
