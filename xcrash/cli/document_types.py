# SPDX-License-Identifier: Apache-2.0
"""The JSON documents as types: what ``xcrash schema`` tells, and what the tests hold every real document against."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from xcrash.doctor import Check
from xcrash.findings import Finding
from xcrash.host.values import HostFacts
from xcrash.images import DumpIdentity, KernelImage
from xcrash.images.catalogue import ModuleTree
from xcrash.images.identity import View
from xcrash.images.image import Image
from xcrash.images.match import Match
from xcrash.lens.check import Comparison, LevelCounts
from xcrash.own_files import OwnPlace
from xcrash.parse.sys import Banner
from xcrash.plan.values import Decision, Link, MemoryChoice, PrivateFile, Rung, Step, Unpacking
from xcrash.plausible import Doubt
from xcrash.session import Message
from xcrash.session.values import Exit


class Document(msgspec.Struct, kw_only=True):
    """What all documents begin with: their name and number (``xcrash.NAME/1``), and the version of xcrash."""

    schema: str
    xcrash: str


class Error(msgspec.Struct, kw_only=True):
    """What happened, and the next thing to try; ``code`` never changes its meaning."""

    code: str
    message: str
    hint: str


class ErrorDocument(Document, kw_only=True):
    """``xcrash.error/1``: printed instead of the document that was asked for."""

    error: Error


class DumpEntry(DumpIdentity, frozen=True, kw_only=True):
    """Who a dump is. ``partial``: pages were left out by design; ``truncated``: it was cut off by accident.

    Both are None where the format does not say.
    """

    partial: bool | None
    truncated: bool | None


class CrashProgram(msgspec.Struct, kw_only=True):
    """The crash that would be started."""

    path: str | None
    version: str | None


class PlanTarget(msgspec.Struct, kw_only=True):
    """What the plan is for; ``address``: it is for another machine."""

    kind: str
    path: str
    address: str | None
    dump: DumpEntry | None
    crash: CrashProgram


class PlanView(msgspec.Struct, kw_only=True):
    """One view of a Xen dump: what would be started for it; ``refusal`` says why nothing can be."""

    view: View
    mode: str
    argv: list[str]
    namelist: KernelImage | None
    debuginfo: KernelImage | None
    match: Match | None
    decisions: list[Decision]
    warnings: list[str]
    steps: list[Step]
    refusal: Error | None


class PlanDocument(Document, kw_only=True):
    """``xcrash.plan/1``: what would be started and why; ``argv`` is empty when ``error`` says why nothing can be.

    ``wrapper`` goes in front of ``argv`` where crash is started behind the lens. ``view`` is the one planned of a Xen
    dump, None for any other target; ``views`` are all that the dump can give, that one first.
    """

    host: HostFacts | None
    target: PlanTarget
    view: View | None
    views: list[PlanView]
    mode: str
    argv: list[str]
    wrapper: list[str]
    env: dict[str, str]
    namelist: KernelImage | None
    debuginfo: KernelImage | None
    match: Match | None
    memory: MemoryChoice
    files: list[PrivateFile]
    links: list[Link]
    unpacking: list[Unpacking]
    images: list[Image]
    decisions: list[Decision]
    warnings: list[str]
    steps: list[Step]
    ladder: list[Rung]
    error: Error | None = None


class ImagesDocument(Document, kw_only=True):
    """``xcrash.images/1``: what each file is, and what crash would do with it."""

    images: list[Image]
    module_directories: list[ModuleTree]


class DoctorDocument(Document, kw_only=True):
    """``xcrash.doctor/1``: every check, in the order worth reading."""

    checks: list[Check]


class LensDocument(Document, kw_only=True):
    """``xcrash.lens/1``: how the view of a PV Dom0's memory compares with what the processor sees."""

    ok: bool
    levels: int
    root: int
    p2m: str
    p2m_frames: int
    extents: int
    extents_frames: int
    extents_seconds: float
    extents_bytes: int
    tables: list[LevelCounts]
    comparisons: list[Comparison]


class RunTarget(msgspec.Struct, kw_only=True):
    """What was opened: the dump and the kernel image, and whether they belong together."""

    kind: str
    path: str
    dump: DumpEntry | None
    vmlinux: KernelImage | None
    match: Match | None
    warnings: list[str]


class TakenRung(msgspec.Struct, kw_only=True):
    """The rung of the rescue ladder that the session stands on."""

    options: list[str]
    when: str
    cost: str


class RunSession(msgspec.Struct, kw_only=True):
    """How crash was started; ``start_seconds`` is None for a recording."""

    crash: str | None
    argv: list[str] | None
    decisions: list[Decision] | None
    start_seconds: float | None
    recording: str | None
    rung: TakenRung | None


class CommandEntry(msgspec.Struct, kw_only=True):
    """One command: how it ended, its output as text, and as the parser of the command read it.

    ``bytes`` is what crash printed; ``cut`` is True when ``text`` holds only the beginning of it. ``parsed``: an object
    with a ``kind``, which ``xcrash schema KIND`` describes; None when no parser knows the output. ``view``: which view
    of a Xen dump was asked. ``error``: why it was not sent, or what is known of a crash that ended over it.
    """

    view: str | None
    command: str
    exit: Exit
    seconds: float
    bytes: int
    parsed: dict[str, Any] | None
    text: str
    cut: bool
    error: Error | None


class RunView(msgspec.Struct, kw_only=True):
    """One view of a Xen dump; ``error`` says why it is not open, and ``session`` is None then."""

    target: RunTarget
    session: RunSession | None
    banner: Banner | None
    messages: list[Message]
    doubts: list[Doubt]
    error: Error | None


class RanOnPcpu(msgspec.Struct, kw_only=True):
    """A physical CPU and the vcpu that ran on it; ``type`` is that of ``vcpus``: I idle, 0 Dom0, U or G a guest."""

    pcpu: int | None
    crashed: bool
    vcpu: int | None
    domain: int | None
    type: str | None
    address: str | None


class HypervisorEntry(msgspec.Struct, kw_only=True):
    """What follows from a hypervisor's answers; ``told_by``: "crash" marks the CPU, or the "console" names it."""

    version: str | None
    crashed_pcpu: int | None
    told_by: str | None
    pcpus: list[RanOnPcpu]


class RunDocument(Document, kw_only=True):
    """``xcrash.run/1``: a session with crash, and what it answered.

    ``views``: the views of a Xen dump by name ("dom0", "xen", "domU"), the main one, which the rest of the document is
    about, among them; None for any other target. ``findings`` and ``hypervisor`` are those of a first look (``xcrash
    DUMP --json``); None without one.
    """

    target: RunTarget
    session: RunSession
    banner: Banner | None
    messages: list[Message]
    doubts: list[Doubt]
    views: dict[str, RunView] | None
    commands: list[CommandEntry]
    findings: list[Finding] | None
    hypervisor: HypervisorEntry | None
    error: Error | None = None


class RecordedCommand(msgspec.Struct, kw_only=True):
    """One command of a recording with what crash answered."""

    command: str
    output: str
    parsed: dict[str, Any] | None


class RecordedSession(msgspec.Struct, kw_only=True):
    """One session of a recording; not ``complete`` if the recording ends too early.

    ``view``: whose memory of a Xen dump it shows; None where that is not known.
    """

    view: str | None
    banner: Banner | None
    complete: bool
    messages: list[Message]
    commands: list[RecordedCommand]


class SessionDocument(Document, kw_only=True):
    """``xcrash.session/1``: a recorded session, the first one; ``sessions`` are all of them where there are several."""

    view: str | None
    banner: Banner | None
    complete: bool
    messages: list[Message]
    commands: list[RecordedCommand]
    sessions: list[RecordedSession] | None


class ScrubDocument(Document, kw_only=True):
    """``xcrash.scrub/1``: what was replaced in a copy of a recording, by kind: how often, and how many names."""

    input: str
    output: str
    changes: dict[str, int]
    names: dict[str, int]


class PathsDocument(Document, kw_only=True):
    """``xcrash.paths/1``: where xcrash keeps its files, and what in the environment has a say in it."""

    places: list[OwnPlace]
    environment: dict[str, str]


DocumentName = Literal["doctor", "error", "images", "lens", "paths", "plan", "run", "scrub", "session"]

DOCUMENTS: dict[DocumentName, type[Document]] = {
    "doctor": DoctorDocument,
    "error": ErrorDocument,
    "images": ImagesDocument,
    "lens": LensDocument,
    "paths": PathsDocument,
    "plan": PlanDocument,
    "run": RunDocument,
    "scrub": ScrubDocument,
    "session": SessionDocument,
}
"""By the NAME of ``xcrash.NAME/1``."""
