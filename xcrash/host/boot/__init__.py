# SPDX-License-Identifier: Apache-2.0
"""Boot loaders: what a machine can boot, what it booted, and where an option of Xen or the kernel is changed."""

from __future__ import annotations

import msgspec

from xcrash.host.boot.change import how_to_set, where_to_change
from xcrash.host.boot.firmware import configured_loaders
from xcrash.host.boot.places import read_menus
from xcrash.host.boot.running import judge
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Boot, OsRelease, RunningKernel

__all__ = ["how_to_set", "read_boot"]


def read_boot(root: Sysroot, os: OsRelease, kernel: RunningKernel, xen_commandline: str | None, is_xen: bool) -> Boot:
    """The boot loader in use, its entries, which one was booted, and where a parameter is changed.

    ``is_xen``: a hypervisor was started by this machine's boot loader, and this kernel is its Dom0.
    ``xen_commandline`` as ``xl info`` has it. Several configurations may lie around: the one in use is the one whose
    entries fit what runs, then the one that the firmware or the distribution names, then the newest kind.
    """
    menus = read_menus(root)
    if not menus:
        return Boot(evidence="no boot loader configuration was found")
    loaders, told = configured_loaders(root)
    judged = [judge(root, menu, kernel, xen_commandline, is_xen=is_xen) for menu in menus]
    best = max(range(len(menus)), key=lambda at: (judged[at].strength, menus[at].loader in loaders, -at))
    menu, verdict = menus[best], judged[best]
    evidence = f"{verdict.evidence}; {told}" if told else verdict.evidence
    boot = Boot(
        loader=menu.loader,
        config_path=menu.path,
        entries=verdict.entries,
        evidence=evidence,
        others=tuple(f"{other.path} ({other.loader})" for at, other in enumerate(menus) if at != best),
    )
    change = where_to_change(root, boot, os)
    return msgspec.structs.replace(
        boot,
        edit_path=change.edit_path,
        edit_hint=change.edit_hint,
        kernel_hint=change.kernel_hint,
        apply_command=change.apply_command,
        settings=change.settings,
    )
