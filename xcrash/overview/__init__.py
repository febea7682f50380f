# SPDX-License-Identifier: Apache-2.0
"""Who is this machine, what happened to it, and can the session be trusted: what both faces show first."""

from __future__ import annotations

from collections.abc import Callable

from xcrash import explain
from xcrash.findings import Findings, Seen, find, panic_trace
from xcrash.host.values import XenLog
from xcrash.hypervisor import COMMANDS, of_answers
from xcrash.images import DumpIdentity, KernelImage
from xcrash.open_session import OpenSession
from xcrash.overview import hypervisor, words, xen
from xcrash.parse import ps, sys
from xcrash.plausible import Doubt, Known
from xcrash.plausible import doubts as find_doubts
from xcrash.sections import UNKNOWN, Evidence, Row, Section, Tone
from xcrash.session import Message

SECTIONS = ("panic", "system", "files", "warnings", "findings", "session", "xen", "images", "plan")

_SYSTEM = (
    "CPUS",
    "DATE",
    "UPTIME",
    "LOAD AVERAGE",
    "TASKS",
    "NODENAME",
    "RELEASE",
    "VERSION",
    "MACHINE",
    "MEMORY",
    "DOMAINS",
)
_DEADLY = ("PANIC", "SYSRQ", "NMI", "INIT", "MCA", "HARDWARE RESET")
_TONES: dict[str, Tone] = {"critical": "bad", "warning": "doubt", "info": "plain"}
_FLAGS = {
    "PARTIAL DUMP": ("pages were left out by design when the dump was written: normal", "dim"),
    "INCOMPLETE": ("the writer ran out of space: data is missing; --crash-arg=--zero_excluded may help", "bad"),
    "EXCLUDED VMEMMAP": ("page structures are missing: kmem -p and the like will fail", "doubt"),
    "LIVE DUMP": ("taken while the machine was running: data may be inconsistent", "doubt"),
}


def read_banner(opened: OpenSession) -> sys.Banner | None:
    """The banner crash printed at its start; of a recording without one, the first in any of its answers."""
    banner = sys.parse(opened.session.startup_text())
    if banner is None and (recording := opened.target.recording):
        found = (sys.parse(exchange.output) for exchange in recording.exchanges)
        banner = next((one for one in found if one), None)
    return banner


def is_hypervisor(opened: OpenSession) -> bool:
    """Is this session on a hypervisor? As it was planned, or as the banner of a recording tells."""
    if opened.plan:
        return opened.plan.mode == "xen-hypervisor"
    recording = opened.target.recording
    banner = (sys.parse(recording.startup_text) if recording else None) or read_banner(opened)
    return banner is not None and banner.domains is not None


def first_commands(opened: OpenSession) -> tuple[str, ...]:
    """What a first look at this session asks for."""
    return COMMANDS if is_hypervisor(opened) else ("ps",)


def seen_of(opened: OpenSession, banner: sys.Banner | None, value: Callable[[str], object]) -> Seen:
    """What ``value`` has read of the answers to ``first_commands``."""
    tasks = value("ps")
    return Seen(
        banner=banner,
        tasks=tasks if isinstance(tasks, ps.Ps) else None,
        banner_at=places(opened),
        xen_log=hypervisor_log(opened),
        hypervisor=of_answers(banner, value) if is_hypervisor(opened) else None,
    )


def doubts(opened: OpenSession, banner: sys.Banner | None, tasks: ps.Ps | None) -> tuple[Doubt, ...]:
    """What of this session cannot be, although it started."""
    target, recording = opened.target, opened.target.recording
    facts = recording.facts if recording else None
    wanted = target.wanted
    known = Known(
        version=opened.session.version or (facts.crash if facts else None),
        argv=opened.plan.argv if opened.plan else facts.argv if facts else (),
        dump_release=wanted.release if wanted else None,
        kernel_release=target.kernel.release if target.kernel else None,
        live=target.kind == "live" or (facts is not None and facts.kind == "live"),
    )
    return find_doubts(banner, tasks, opened.session.messages, known)


def sections(
    opened: OpenSession,
    banner: sys.Banner | None,
    tasks: ps.Ps | None,
    seen: Seen | None = None,
    found: Findings | None = None,
) -> tuple[Section, ...]:
    """The overview, most important first; a section without rows is left out.

    ``seen`` is what else was read of the session, ``found`` what the first findings are; without them they are found
    here, from the banner and the task list alone.
    """
    seen = seen or seen_of(opened, banner, {"ps": tasks}.get)
    warnings = _warnings(opened, banner, tasks)
    parts = (
        _what_happened(seen),
        Section(
            "system",
            "System",
            "sys" if banner and banner.domains is not None else "sys · ps",
            _system(seen, opened.target.kind == "live"),
        ),
        Section("files", _files_title(opened), "", _files(opened, banner)),
        Section("warnings", f"Warnings  {len(warnings)}", "", warnings),
        _findings(found or find(seen), seen.whys),
        Section("session", "Session", "", _session(opened)),
        *_planned(opened, seen),
    )
    return tuple(section for section in parts if section.rows)


def places(opened: OpenSession, command: str = "", text: str | None = None) -> Callable[[str], Evidence | None]:
    """Where a label of the banner stands: in the start-up text, or in ``text``, the answer to ``command``."""
    printed = opened.session.startup_text() if text is None else text
    lines: dict[str, int] = {}
    for number, line in enumerate(printed.split("\n")):
        label, colon, _ = line.rpartition("\r")[2].partition(": ")
        if colon and label.strip().isupper():
            lines.setdefault(label.strip(), number)
    return lambda label: Evidence(command, lines[label]) if label in lines else None


def hypervisor_log(opened: OpenSession) -> XenLog | None:
    """The log of the hypervisor under the kernel that runs; None in a session on anything else."""
    host = opened.target.host
    return host.xen.log if host and host.xen and opened.target.kind == "live" else None


def _planned(opened: OpenSession, seen: Seen) -> tuple[Section, ...]:
    """The Xen picture, and why this session was started so: the files with their roles, the choices."""
    plan, host = opened.plan, opened.target.host
    live = host is not None and opened.target.kind == "live"
    if host and live:
        picture = xen.of_host(host)
    elif seen.hypervisor:
        picture = hypervisor.picture(seen.hypervisor)
        picture = hypervisor.seen_from(picture, seen.hypervisor_view) if seen.hypervisor_view else picture
    else:
        picture = xen.of_log(seen.log or (), seen.log_command)
    if seen.hypervisor_why:
        picture = hypervisor.without(picture, seen.hypervisor_why)
    if plan is None:
        return (picture,)
    images = opened.target.found
    files = explain.files_section(plan, images.xen_images if images else ())
    return (picture, files, explain.reasons_section(plan))


def _findings(found: Findings, whys: dict[str, str]) -> Section:
    """Worst first, the word of its severity before everything else."""
    rows = [
        Row(
            one.severity,
            one.title,
            _TONES[one.severity],
            " · ".join(part for part in (one.detail, one.text, f"try: {one.remedy}" if one.remedy else "") if part),
            evidence=one.evidence,
        )
        for one in found.found
    ]
    if not rows and found.looked:
        rows.append(Row("none", f"nothing found by {found.looked} rules", "dim"))
    if found.waiting:
        unread = [f"{name} ({whys[name]})" if name in whys else name for name in found.waiting]
        rows.append(Row("not looked", f"no answer from {', '.join(unread)}", "dim"))
    if found.failed:
        rows.append(Row("broken", f"rules that failed: {', '.join(found.failed)}", "doubt"))
    return Section("findings", f"First findings  {len(found.found)}", "", tuple(rows))


def _printed(banner: sys.Banner, label: str) -> str:
    value = banner.fields.get(label, "")
    return ", ".join(value) if isinstance(value, list) else value


def panicked(banner: sys.Banner | None) -> bool:
    """Does the banner say that this task brought the kernel down? A live or running machine has only a current one."""
    return banner is not None and (banner.panic is not None or banner.activity in _DEADLY)


def _what_happened(seen: Seen) -> Section:
    if seen.hypervisor and not seen.hypervisor_view:
        return Section("panic", "Crash", "log · pcpus", hypervisor.crash(seen.hypervisor))
    return Section("panic", "Panic" if panicked(seen.banner) else "Current task", "sys · bt", _panic(seen))


def _panic(seen: Seen) -> tuple[Row, ...]:
    banner = seen.banner
    if banner is None or banner.pid is None:
        return ()
    rows = []
    if "PANIC" in banner.fields:
        known = banner.panic is not None
        text = _printed(banner, "PANIC") if known else f"{UNKNOWN} (crash found no panic message)"
        rows.append(Row("PANIC", text, "bad" if known else "plain", evidence=seen.banner_at("PANIC")))
    when = [f"at uptime {_printed(banner, 'UPTIME')}"] if panicked(banner) and banner.uptime_seconds is not None else []
    if when:
        when += [banner.date] if banner.date else []
        rows.append(Row("WHEN", ", ".join(when), evidence=seen.banner_at("UPTIME")))
    cpu = f" on CPU {banner.cpu}" if banner.cpu is not None else ""
    name = _printed(banner, "COMMAND") or UNKNOWN
    state = _printed(banner, "STATE") or f"state {UNKNOWN}"
    rows.append(Row("TASK", f"PID {banner.pid}  {name}{cpu}  {state}", evidence=seen.banner_at("PID")))
    trace = panic_trace(seen.stack)
    if trace and trace.frames:
        at = Evidence("bt", trace.frames[0].line - 1)
        rows.append(Row("STACK", words.chain(trace.frames), evidence=at))
    return tuple(rows)


def _system(seen: Seen, live: bool) -> tuple[Row, ...]:
    banner = seen.banner
    if banner is None:
        return (Row("banner", f"{UNKNOWN} (crash printed none)", "doubt"),)
    return tuple(_system_row(seen, banner, label, live) for label in _SYSTEM if label in banner.fields)


def _system_row(seen: Seen, banner: sys.Banner, label: str, live: bool) -> Row:
    """One label of the banner, with what a person would say beside it."""
    text, tasks = _printed(banner, label) or UNKNOWN, seen.tasks
    tone: Tone = "plain"
    graph: tuple[float, ...] = ()
    if label == "CPUS" and banner.cpus_offline:
        tone = "doubt"
    elif label == "DATE" and banner.date_plausible is False:
        text, tone = f"{UNKNOWN} (crash printed {text})", "doubt"
    elif label == "UPTIME" and banner.uptime_seconds is not None:
        text = f"{text}  ({words.duration(banner.uptime_seconds)})"
    elif label == "LOAD AVERAGE" and banner.load_average:
        graph = banner.load_average
    elif label == "MEMORY" and not banner.memory_bytes:
        text, tone = f"{UNKNOWN} (crash printed {text})", "doubt"
    elif label == "MACHINE" and banner.mhz is None and "(" in text:
        text = f"{banner.machine or UNKNOWN}  (its clock: {UNKNOWN})"
    elif label == "TASKS" and tasks and tasks.tasks:
        text = f"{text}  ({words.states(tasks)})"
        # Of a running kernel both are right, each at its own moment.
        if not live and banner.tasks is not None and banner.tasks != len(tasks.tasks):
            text, tone = f"{text}  but ps lists {len(tasks.tasks)}", "doubt"
    return Row(label, text, tone, evidence=seen.banner_at(label), graph=graph)


def _files_title(opened: OpenSession) -> str:
    return "Kernel and memory" if opened.target.kind == "live" else "Kernel and dump"


def _files(opened: OpenSession, banner: sys.Banner | None) -> tuple[Row, ...]:
    target = opened.target
    if target.kind == "live" and target.kernel and target.wanted:
        return _live_files(opened, target.kernel, target.wanted)
    if target.dump is None or target.kernel is None:
        facts = target.recording.facts if target.recording else None
        kernel = _printed(banner, "KERNEL") if banner else ""
        dump = _printed(banner, "DUMPFILE") or _printed(banner, "DUMPFILES") if banner else ""
        rows = [Row("RECORDING", target.path), Row("KERNEL", kernel or UNKNOWN), Row("DUMPFILE", dump or UNKNOWN)]
        if facts and facts.build_id:
            rows.append(Row("BUILD-ID", facts.build_id))
        return tuple(rows)
    dump_facts, kernel_facts = target.dump, target.kernel
    format_ = " ".join(part for part in (dump_facts.format, dump_facts.compression) if part)
    return (
        Row("VMLINUX", kernel_facts.path),
        Row("RELEASE", kernel_facts.release or UNKNOWN),
        Row("BUILD-ID", kernel_facts.build_id or UNKNOWN),
        Row("DUMP", dump_facts.path),
        Row("FORMAT", f"{format_}, {words.size(dump_facts.size)} ({dump_facts.size:,} bytes)"),
        Row("RELEASE", dump_facts.release or f"{UNKNOWN} (the dump does not say)"),
        _build_id(opened),
    )


def _live_files(opened: OpenSession, kernel: KernelImage, running: DumpIdentity) -> tuple[Row, ...]:
    return (
        Row("VMLINUX", kernel.path),
        Row("RELEASE", kernel.release or UNKNOWN),
        Row("BUILD-ID", kernel.build_id or UNKNOWN),
        Row("MEMORY", opened.target.path),
        Row("RUNNING", running.release or UNKNOWN),
        _build_id(opened),
    )


def _build_id(opened: OpenSession) -> Row:
    """The dump's, or the running kernel's, build-id beside the vmlinux's, compared where both are known."""
    dump, kernel = opened.target.wanted or opened.target.dump, opened.target.kernel
    if dump is None or dump.build_id is None:
        return Row("BUILD-ID", f"{UNKNOWN} (the dump does not say)")
    if kernel is None or kernel.build_id is None:
        return Row("BUILD-ID", f"{dump.build_id}  (the vmlinux does not say)")
    equal = dump.build_id == kernel.build_id
    return Row("BUILD-ID", f"{dump.build_id}  {'equal' if equal else 'differs'}", "plain" if equal else "doubt")


def _session(opened: OpenSession) -> tuple[Row, ...]:
    session, recording = opened.session, opened.target.recording
    version = session.version or (recording.facts.crash if recording else None)
    rows = [Row("CRASH", version or UNKNOWN)]
    if opened.plan:
        if session.start_seconds is not None:
            rows.append(Row("STARTED IN", f"{session.start_seconds:.1f} s"))
        rows.append(Row("ARGV", " ".join(opened.plan.argv)))
        if opened.rung:
            rows.append(Row("RESCUED BY", f"{opened.rung.text}: {opened.rung.rung.cost}", "doubt"))
        rows.append(Row("RECORDED IN", opened.recording or "not recorded", "plain" if opened.recording else "doubt"))
    elif recording:
        if recording.facts.argv:
            rows.append(Row("ARGV", " ".join(recording.facts.argv)))
        cut = "" if recording.complete else ", cut off at its end"
        rows.append(Row("COMMANDS", f"{len(recording.exchanges)} recorded{cut}"))
    return tuple(rows)


def _warnings(opened: OpenSession, banner: sys.Banner | None, tasks: ps.Ps | None) -> tuple[Row, ...]:
    found = doubts(opened, banner, tasks)
    rows = [Row(one.what, f"{one.evidence}: {one.meaning}", "doubt", f"try: {one.remedy}") for one in found]
    rows.extend(Row("files", text, "doubt") for text in opened.target.warnings)
    for flag in banner.dump_flags if banner else ():
        text, tone = _FLAGS.get(flag, ("crash says so of the dump", "dim"))
        rows.append(Row(f"[{flag}]", text, tone))  # type: ignore[arg-type]
    doubted = {one.evidence for one in found}
    told = [message for message in opened.session.messages if message.text not in doubted]
    rows.extend(Row("crash", _in_words(message), "doubt") for message in told)
    return tuple(rows)


def _in_words(message: Message) -> str:
    remedy = f"; try: {message.remedy}" if message.remedy else ""
    return f"{message.text} ({message.meaning}{remedy})"
