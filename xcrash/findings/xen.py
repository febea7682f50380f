# SPDX-License-Identifier: Apache-2.0
"""What Xen complained about: in the log of the running hypervisor, on the console in a dump."""

from __future__ import annotations

from collections.abc import Iterator

from xcrash.findings.values import Finding, Rule, Seen, Severity
from xcrash.hypervisor import console_events
from xcrash.sections import Evidence

_XEN_SEVERITY: dict[str, Severity] = {"critical": "critical", "error": "warning", "warning": "info"}
_EVENT_LOG = "the machine's own event log"
_XEN_REMEDY = {
    "NMI": _EVENT_LOG,
    "machine check": _EVENT_LOG,
    "corrected hardware error": _EVENT_LOG,
    "domain crash": "xl list; /var/log/xen",
    "domain watchdog": "xl list; /var/log/xen",
    "out of memory": "xl info; xl list",
    "stuck CPU": "xl debug-keys r; xl dmesg",
}


def _xen_logged(seen: Seen) -> Iterator[Finding]:
    """What Xen itself complained about; the answer is not crash's, so nothing points into the session."""
    log = seen.xen_log
    for one in log.events if log else ():
        times = f"{one.times:,} times, first" if one.times > 1 else "once,"
        yield Finding(
            severity=_XEN_SEVERITY[one.severity],
            title=f"{one.kind} in the hypervisor's log",
            detail=f"{times} in line {one.line} of {log.source if log else ''}",
            text=one.text,
            remedy=_XEN_REMEDY.get(one.kind, "xl dmesg"),
        )


def _xen_console(seen: Seen) -> Iterator[Finding]:
    """The same, of the console in a dump."""
    log = console_events(seen.hypervisor) if seen.hypervisor else None
    for one in log.events if log else ():
        times = f"{one.times:,} times, first here" if one.times > 1 else ""
        yield Finding(
            severity=_XEN_SEVERITY[one.severity],
            title=f"{one.kind} on the hypervisor's console",
            detail=times,
            text=one.text,
            evidence=Evidence("log", one.line - 1, seen.hypervisor_view),
            remedy=_EVENT_LOG if _XEN_REMEDY.get(one.kind) == _EVENT_LOG else "the lines around it",
        )


XEN_LOG_RULE = Rule("xl dmesg", _xen_logged)
CONSOLE_RULE = Rule("log of Xen", _xen_console)
