# SPDX-License-Identifier: Apache-2.0
"""The JSON document of a first look at a target: its views, what each was asked, what follows from the answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from xcrash.cli.documents import plain
from xcrash.cli.session_document import command_entry, run_document, views_entry
from xcrash.findings import Seen, find
from xcrash.hypervisor import Hypervisor, crash_place, on_pcpus, version_of
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews
from xcrash.parse import read
from xcrash.session import CommandResult


class FirstLook(NamedTuple):
    """What one view answered first; ``view`` is None where there are none."""

    view: str | None
    opened: OpenSession
    results: list[CommandResult]

    def value(self, command: str) -> object:
        """The answer to a command, read; None where there is none."""
        result = next((one for one in self.results if one.command == command), None)
        return read(command, self.opened.session.text(result.start, result.end)) if result else None


def overview_document(views: OpenViews, seen: Seen, looks: list[FirstLook]) -> dict[str, Any]:
    """The body of ``xcrash.run/1`` with ``findings`` and, of a Xen dump, ``hypervisor``."""
    entries = [command_entry(look.opened, one, look.view) for look in looks for one in look.results]
    own = next(look.results for look in looks if look.opened is views.main)
    return {
        **run_document(views.main, seen.banner, own, entries),
        "views": views_entry(views),
        "findings": plain(find(seen).found),
        "hypervisor": _hypervisor(seen.hypervisor) if seen.hypervisor else None,
    }


def _hypervisor(seen: Hypervisor) -> dict[str, Any]:
    """What is not in the answers themselves: the version, where it crashed, which vcpu each physical CPU ran."""
    version, place = version_of(seen), crash_place(seen)
    return {
        "version": version[0] if version else None,
        "crashed_pcpu": place.pcpu if place else None,
        "told_by": None if place is None else "console" if place.console else "crash",
        "pcpus": [
            {
                "pcpu": one.pcpu,
                "crashed": one.crashed,
                "vcpu": one.vcpu.vcpu_id if one.vcpu else None,
                "domain": one.vcpu.domain_id if one.vcpu else None,
                "type": one.vcpu.t if one.vcpu else None,
                "address": one.vcpu.vcpu if one.vcpu else None,
            }
            for one in on_pcpus(seen)
        ],
    }
