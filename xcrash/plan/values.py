# SPDX-License-Identifier: Apache-2.0
"""A plan: what would be started, and the reason of every choice and of every rejection."""

from __future__ import annotations

from typing import Literal

import msgspec

from xcrash.errors import MemorySourceError, NamelistError, XcrashError
from xcrash.images import KernelImage, Match

Mode = Literal["live", "dump", "replay", "xen-hypervisor"]
Verdict = Literal["chosen", "usable", "expected", "needs-consent", "needs-root", "rejected"]


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not chosen, and why."""

    candidate: str
    reason: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One choice: what was to be decided, what was chosen (None: nothing fits), why, and on which evidence."""

    what: str
    chosen: str | None
    reason: str
    evidence: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person has to do or allow: the exact command and what it is good for.

    ``consent`` is the name by which it is allowed (``--allow NAME``) where xcrash itself can do it.
    """

    needs: Literal["root", "consent", "install"]
    command: str
    reason: str
    consent: str | None = None


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of the rescue ladder: a command line, the symptom that calls for it, and what it costs.

    ``wrapped``: it needs the plan's wrapper, if there is one.
    """

    argv: tuple[str, ...]
    when: str
    cost: str
    wrapped: bool = True


class MemoryCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A memory source and what is to be said of it.

    ``verdict``: "chosen"; "usable" (proven, but another is better); "expected" (a copy of a machine cannot prove it);
    "needs-root"; "needs-consent"; "rejected".
    """

    source: str
    verdict: Verdict
    reason: str


class MemoryChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The memory source, None when there is none, and every candidate."""

    chosen: str | None
    candidates: tuple[MemoryCandidate, ...]


class Link(msgspec.Struct, frozen=True):
    """A symbolic link to make before crash starts."""

    path: str
    target: str


class PrivateFile(msgspec.Struct, frozen=True):
    """A file to write into the private directory before crash starts."""

    path: str
    text: str
    mode: int = 0o600


class Unpacking(msgspec.Struct, frozen=True):
    """A compressed kernel to be unpacked into the cache before crash starts, which itself would do it each time."""

    source: str
    target: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing can be started; the same three texts as an error."""

    lacks: Literal["namelist", "memory"]
    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: XcrashError) -> Refusal:
        """The refusal that ``error`` is."""
        lacks: Literal["namelist", "memory"] = "namelist" if isinstance(error, NamelistError) else "memory"
        return cls(lacks=lacks, code=error.code, message=error.message, hint=error.hint)

    def as_error(self) -> XcrashError:
        """The error to raise for it."""
        kind = NamelistError if self.lacks == "namelist" else MemorySourceError
        return kind(self.code, self.message, self.hint)


class LaunchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything needed to start crash: argument list, complete environment, directory, files, links, unpacking.

    ``wrapper`` are the words in front of ``argv`` that start crash behind the lens. ``index_cache`` is where gdb is to
    keep its indexes, named in one of ``files``. ``argv`` is empty when ``refusal`` says why nothing can be started.
    """

    mode: Mode
    argv: tuple[str, ...] = ()
    wrapper: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str = ""
    files: tuple[PrivateFile, ...] = ()
    links: tuple[Link, ...] = ()
    unpacking: tuple[Unpacking, ...] = ()
    index_cache: str | None = None
    namelist: KernelImage | None = None
    debuginfo: KernelImage | None = None
    match: Match | None = None
    memory: MemoryChoice = MemoryChoice(chosen=None, candidates=())
    decisions: tuple[Decision, ...] = ()
    warnings: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    ladder: tuple[Rung, ...] = ()
    refusal: Refusal | None = None
