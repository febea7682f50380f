# SPDX-License-Identifier: Apache-2.0
"""The one live host that no released crash can open: a PV Dom0 with a current kernel."""

from __future__ import annotations

from xcrash.host.values import HostFacts
from xcrash.plan.compat import version_in

CPU_ENTRY_AREA = (4, 15)
"""The kernel since which crash walks page tables at its start (x86's cpu_entry_area)."""


def needs_lens(host: HostFacts) -> tuple[str, ...]:
    """A warning when crash cannot start on this host's live memory; empty otherwise.

    A PV kernel's page tables hold machine frame numbers, which crash translates in dumps only. SUSE's forward-ported
    kernels (``-xen``) are another case.
    """
    xen, release = host.xen, host.kernel.release or ""
    version = version_in(release)
    if xen is None or xen.role != "dom0" or xen.guest_type not in (None, "PV") or version is None:
        return ()
    if version < CPU_ENTRY_AREA or release.endswith("-xen"):
        return ()
    known = "this is a PV Dom0" if xen.guest_type else "if this is a PV Dom0 (the guest type is not told)"
    return (
        f"{known} with Linux {release}: its page tables hold machine frames, and no released crash can "
        "translate them on a live kernel ('seek error: physical address: ffffffffffffffff'); --crash-arg=--minimal "
        "starts, with log, dis, rd, sym, eval and set only",
    )
