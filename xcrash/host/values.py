# SPDX-License-Identifier: Apache-2.0
"""What is known of a machine: the frozen values that ``host`` hands on. Unknown is None, never a guess."""

from __future__ import annotations

from typing import Literal

import msgspec


class OsRelease(msgspec.Struct, frozen=True, kw_only=True):
    """The distribution: ``id`` and ``version`` as in os-release ("sles", "12.1"), ``name`` for people."""

    id: str | None = None
    version: str | None = None
    name: str | None = None
    id_like: tuple[str, ...] = ()


class KernelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What of the kernel's configuration decides over live memory; ``source`` is the file it was read from.

    ``lockdown`` is the active word of /sys/kernel/security/lockdown: "none", "integrity" or "confidentiality".
    """

    strict_devmem: bool | None = None
    io_strict_devmem: bool | None = None
    proc_kcore: bool | None = None
    devmem: bool | None = None
    lockdown: str | None = None
    source: str | None = None


class RunningKernel(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel that runs on the machine; ``release_from`` names the evidence, "/proc/sys/kernel/osrelease"."""

    release: str | None = None
    release_from: str | None = None
    version: str | None = None
    machine: str | None = None
    build_id: str | None = None
    cmdline: str | None = None
    config: KernelConfig = KernelConfig()


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as the toolstack lists it; ``type`` is "pv", "pvh" or "hvm", ``state`` the toolstack's letters."""

    id: int | None
    name: str
    memory_bytes: int | None = None
    vcpus: int | None = None
    state: str | None = None
    type: str | None = None
    seconds: float | None = None


class Toolstack(msgspec.Struct, frozen=True, kw_only=True):
    """Which tools manage the domains, and their version; ``evidence`` says how that was told."""

    kind: Literal["xl", "xm", "xe", "none"]
    version: str | None = None
    evidence: str | None = None


class XenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing in the hypervisor's log: ``text`` of the first, ``line`` where that is (from 1), how often."""

    kind: str
    severity: Literal["critical", "error", "warning"]
    text: str
    line: int
    times: int = 1


class XenLog(msgspec.Struct, frozen=True, kw_only=True):
    """The hypervisor's log: the command that prints it, lines of Xen's own, whether it still begins with the boot."""

    source: str
    lines: int
    from_start: bool
    events: tuple[XenEvent, ...] = ()


class XenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The hypervisor under this kernel; ``guest_type`` is "PV", "PVH" or "HVM". ``domains`` None: nobody could say.

    ``log`` None: no toolstack printed it.
    """

    role: Literal["dom0", "domU"] | None
    guest_type: str | None = None
    version: str | None = None
    build_id: str | None = None
    capabilities: tuple[str, ...] = ()
    commandline: str | None = None
    domains: tuple[Domain, ...] | None = None
    toolstack: Toolstack = Toolstack(kind="none")
    log: XenLog | None = None


class BootEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a boot menu; paths are those of the machine ("/boot/xen.gz"), arguments one text.

    ``hypervisor`` is None for a plain entry. ``current``: the entry that was booted; None when it cannot be told.
    ``id`` is the loader's own name for it, ``submenu`` the titles above it. ``line`` is where the entry begins,
    ``hypervisor_line`` and ``kernel_line`` where the arguments are; all count from 1. Several initrds: blanks between.
    """

    title: str
    hypervisor: str | None = None
    hypervisor_args: str | None = None
    kernel: str | None = None
    kernel_args: str | None = None
    initrd: str | None = None
    current: bool | None = None
    default: bool | None = None
    config_path: str | None = None
    line: int | None = None
    id: str | None = None
    submenu: tuple[str, ...] = ()
    hypervisor_line: int | None = None
    kernel_line: int | None = None


Loader = Literal["grub-legacy", "grub2", "bls", "systemd-boot", "xen.cfg", "extlinux", "elilo"]


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """The boot loader in use, its entries, and where a Xen or kernel parameter is changed on this host.

    ``edit_path`` is the file a person edits, ``edit_hint`` says where in it ("GRUB_CMDLINE_XEN="), ``apply_command``
    what makes the change take effect at the next boot (None: nothing is to be generated). ``evidence`` says how the
    current entry was told, and how sure that is. Where Xen is booted ``edit_hint`` is for Xen's options, and
    ``kernel_hint`` for the kernel's. ``settings``: what the edited file sets now, by variable.
    """

    loader: Loader | None = None
    config_path: str | None = None
    edit_path: str | None = None
    edit_hint: str | None = None
    apply_command: str | None = None
    entries: tuple[BootEntry, ...] = ()
    evidence: str | None = None
    others: tuple[str, ...] = ()
    kernel_hint: str | None = None
    settings: dict[str, str] = {}


class CrashModule(msgspec.Struct, frozen=True, kw_only=True):
    """crash's memory driver: ``path`` of crash.ko for the running kernel (None: nowhere), and whether it is loaded.

    ``in_modules_dep``: modprobe finds it by its name.
    """

    path: str | None = None
    in_modules_dep: bool = False
    loaded: bool = False


class SourceProbe(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at one memory source showed.

    ``outcome``: "read" (header and one page came back), "refused" (open or read failed), "needs-root" (permission is
    all that is missing, as far as one can see), "absent", "masked" (there, but empty), or "unproven" (the root is a
    copy: only configuration and presence could be looked at, and they promise it).
    """

    source: Literal["/dev/crash", "/proc/kcore", "/dev/mem"]
    outcome: Literal["read", "refused", "needs-root", "absent", "masked", "unproven"]
    detail: str


class MemoryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the choice of a live memory source rests on."""

    probes: tuple[SourceProbe, ...]
    crash_module: CrashModule = CrashModule()


class Privileges(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs xcrash: effective uid, those capabilities that reading memory takes, the kind of container."""

    uid: int
    capabilities: tuple[str, ...] = ()
    container: str | None = None


class HostFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A machine: which one it is, what runs on it, and what of it could not be read (``unread``: path and reason)."""

    root: str
    kind: Literal["live", "tree", "sosreport", "supportconfig"]
    os: OsRelease = OsRelease()
    kernel: RunningKernel = RunningKernel()
    nodename: str | None = None
    cpus: int | None = None
    memory_bytes: int | None = None
    xen: XenFacts | None = None
    boot: Boot = Boot()
    stack: dict[str, str | None] = {}
    privileges: Privileges | None = None
    unread: dict[str, str] = {}
