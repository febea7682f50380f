# SPDX-License-Identifier: Apache-2.0
"""Put the facts of a machine together."""

from __future__ import annotations

from xcrash.host.boot import read_boot
from xcrash.host.hardware import read_hardware
from xcrash.host.os_release import read_os_release
from xcrash.host.packages import stack_versions
from xcrash.host.privileges import read_privileges
from xcrash.host.running_kernel import read_running_kernel
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import HostFacts
from xcrash.host.xen import read_xen


def look_at_host(root: Sysroot) -> HostFacts:
    """Everything that is known of the machine in ``root``; what could not be read is in ``unread``, with the reason."""
    os_release = read_os_release(root)
    kernel = read_running_kernel(root)
    xen = read_xen(root)
    hardware = read_hardware(root)
    # A guest's own boot loader starts a kernel, whatever hypervisor the guest runs on.
    boots_xen = xen is not None and xen.role != "domU"
    return HostFacts(
        root=root.where,
        kind=root.kind,
        os=os_release,
        kernel=kernel,
        nodename=hardware.nodename,
        cpus=hardware.cpus,
        memory_bytes=hardware.memory_bytes,
        xen=xen,
        boot=read_boot(root, os_release, kernel, xen.commandline if xen else None, boots_xen),
        stack=stack_versions(root),
        privileges=read_privileges(root),
        unread=dict(root.unread),
    )
