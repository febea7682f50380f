# SPDX-License-Identifier: Apache-2.0
"""One vcpu beside the list of all: its structure and that of its domain."""

from __future__ import annotations

from collections.abc import Hashable

from xcrash.hypervisor import vcpu_name, vcpu_state
from xcrash.parse.vcpus import Vcpu
from xcrash.tui.tables.hypervisor import DOMAIN, VCPU_PAGES
from xcrash.tui.tables.page import address
from xcrash.tui.widgets.subject_pane import SubjectPane


class VcpuPane(SubjectPane[Vcpu]):
    """A vcpu, asked for by its address."""

    NAME = "vcpu"
    PAGES = VCPU_PAGES

    def who(self, subject: Vcpu) -> str:
        """Whose it is, its address, where and how it runs."""
        pcpu = "—" if subject.pcpu_id is None else subject.pcpu_id
        return f"{vcpu_name(subject)}  {subject.vcpu or ''}  PCPU {pcpu}  {vcpu_state(subject)}"

    def key(self, subject: Vcpu) -> Hashable:
        """Its address, or its line."""
        return subject.vcpu or subject.line

    def spellings(self, subject: Vcpu) -> list[str]:
        """The address of the vcpu, or of its domain on that page; nothing for that on which crash stands at first."""
        label, whole = ("DOMAIN", subject.domain) if self.page is DOMAIN else ("VCPU", subject.vcpu)
        short = address(whole)
        if not short or not whole:
            return []
        banner = self.bench.banner
        in_context = banner is not None and str(banner.fields.get(label, "")).split()[:1] == [short]
        return [short, whole, *([""] if in_context else [])]
