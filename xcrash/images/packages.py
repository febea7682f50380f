# SPDX-License-Identifier: Apache-2.0
"""Which package brings the debuginfo of a kernel or of Xen on a distribution, and the command that installs it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xcrash.images.places import NUMBERS, Basis, flavour_of

What = Literal["kernel", "xen"]

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~:-]{0,200}")
_BUILD_ID = re.compile(r"[0-9a-f]{8,128}")

_FAMILIES = {
    "debian": ("debian", "raspbian", "devuan", "kali"),
    "ubuntu": ("ubuntu", "linuxmint", "pop", "neon"),
    "suse": ("suse", "sles", "sled", "sle_hpc", "sles_sap", "sl-micro", "opensuse"),
    "oracle": ("ol", "oracle"),
    "redhat": ("redhat", "rhel", "fedora", "centos", "almalinux", "rocky", "amzn"),
    "openeuler": ("openeuler", "kylin", "anolis", "tencentos"),
    "arch": ("arch", "archarm", "manjaro", "endeavouros"),
    "xenserver": ("xenserver", "xenenterprise", "xcp-ng"),
    "qubes": ("qubes",),
}


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What to install, and how to say so; ``command`` None: no single command is known to do it.

    ``basis`` says how well this is known; ``note`` is what else has to be done or expected, and says "unverified" where
    nothing better than general knowledge stands behind it.
    """

    family: str
    names: tuple[str, ...]
    command: str | None
    basis: Basis
    note: str = ""


def family_of(os_id: str | None, id_like: Sequence[str] = ()) -> str | None:
    """The family that shares packages with a distribution, by ID and ID_LIKE of os-release(5)."""
    for name in (os_id or "", *id_like):
        word = name.lower()
        for family, members in _FAMILIES.items():
            if word == family or word in members or (family == "suse" and word.startswith("opensuse")):
                return family
    return None


def packages_for(
    os_id: str | None,
    release: str | None,
    what: What = "kernel",
    *,
    id_like: Sequence[str] = (),
    build_id: str | None = None,
) -> Package | None:
    """The debuginfo package of a kernel's ``release``, or of the Xen version ``release``; None: unknown distribution.

    Nothing of what is asked about reaches the command unless it looks like a version: RELEASE stands for it.
    """
    family = family_of(os_id, id_like)
    if family is None:
        return None
    known = release if release and _SAFE.fullmatch(release) else "RELEASE" if what == "kernel" else "VERSION"
    if what == "xen":
        return _with_word(_XEN[family](known))
    identifier = (build_id or "").lower()
    return _with_word(_KERNEL[family](known, identifier if _BUILD_ID.fullmatch(identifier) else None))


BUILD_XEN = (
    "build Xen with CONFIG_EXPERT=y and CONFIG_DEBUG_INFO=y: its xen/xen-syms has debug information, and fits the dump "
    "of a machine that ran this build"
)


def xen_syms_package(os_id: str | None, version: str | None, id_like: Sequence[str] = ()) -> Package | None:
    """The package with a xen-syms that crash takes; None where none is known: Debian's has no debug information."""
    found = packages_for(os_id, version, "xen", id_like=id_like)
    return found if found and found.command and found.family not in ("debian", "ubuntu") else None


def xen_syms_remedy(os_id: str | None, version: str | None, id_like: Sequence[str] = ()) -> str:
    """How to get a xen-syms with debug information on a distribution, in words."""
    if useful := xen_syms_package(os_id, version, id_like):
        return f"{useful.command} ({useful.note})"
    found = packages_for(os_id, version, "xen", id_like=id_like)
    useless = f"; {' '.join(found.names)} does not help: {found.note}" if found and found.names else ""
    return f"{BUILD_XEN}{useless}"


def _with_word(package: Package) -> Package:
    if package.basis != "unverified" or "unverified" in package.note:
        return package
    return msgspec.structs.replace(package, note=f"{package.note}; unverified".lstrip("; "))


def _package(family: str, names: Sequence[str], tool: str, basis: Basis, note: str = "") -> Package:
    command = f"{tool} {shlex.join(names)}" if tool else None
    return Package(family=family, names=tuple(names), command=command, basis=basis, note=note)


def _debian(release: str, _: str | None) -> Package:
    return _package("debian", [f"linux-image-{release}-dbg"], "apt-get install", "measured")


def _ubuntu(release: str, _: str | None) -> Package:
    note = "from the ddebs.ubuntu.com repository, which has to be added first; for signed kernels it draws in "
    note += f"linux-image-unsigned-{release}-dbgsym"
    return _package("ubuntu", [f"linux-image-{release}-dbgsym"], "apt-get install", "vendor", note)


def _suse(release: str, build_id: str | None) -> Package:
    name = f"kernel-{flavour_of(release)}-debuginfo"
    version = release.rpartition("-")[0] if release != "RELEASE" else ""
    note = f"its version must be {version} or {version}.N, as rpm -q shows for the kernel" if version else ""
    if build_id is None:
        return _package("suse", [name], "zypper --plus-content debug install", "source", note)
    wanted = shlex.quote(f"debuginfo(build-id)={build_id}")
    command = f"zypper --plus-content debug install {wanted}"
    return Package(family="suse", names=(name,), command=command, basis="source", note=note)


def _redhat(release: str, _: str | None) -> Package:
    kernel, debuginfo, basis = _redhat_names(release)
    note = "on releases without dnf: debuginfo-install of yum-utils; RHEL: enable the debug repository first"
    package = _package("redhat", [kernel], "dnf debuginfo-install", basis, note)
    return msgspec.structs.replace(package, names=(debuginfo,))


def _redhat_names(release: str) -> tuple[str, str, Basis]:
    """Package and debuginfo package of a release such as 5.14.0-1.el9.x86_64+debug or 2.6.18-398.el5xen."""
    base, _, variant = release.partition("+")
    if base.endswith("xen"):
        base, variant = base.removesuffix("xen"), "xen"
    middle = f"-{variant}" if variant else ""
    return f"kernel{middle}-{base}", f"kernel{middle}-debuginfo-{base}", "unverified" if variant else "source"


def _oracle(release: str, _: str | None) -> Package:
    prefix = "kernel-uek" if "uek" in release else "kernel"
    note = "from oss.oracle.com or the debuginfo repository of the release, which has to be added first"
    return _package("oracle", [f"{prefix}-debuginfo-{release}"], "dnf install", "vendor", note)


def _openeuler(release: str, _: str | None) -> Package:
    return _package("openeuler", [f"kernel-debuginfo-{release}"], "dnf install", "unverified", "as on Fedora and RHEL")


def _arch(release: str, _: str | None) -> Package:
    note = "no debuginfo package is known: try debuginfod, or build the kernel with debug information"
    return _package("arch", [], "", "unverified", note)


def _xenserver(release: str, _: str | None) -> Package:
    note = "the vmlinux comes with the vendor's debuginfo packages for exactly this update level"
    return _package("xenserver", [f"kernel-debuginfo-{release}"], "", "unverified", note)


def _qubes(release: str, _: str | None) -> Package:
    note = "dom0 has no network: qubes-dom0-update fetches it, if the debug repository is configured"
    return _package("qubes", [f"kernel-debuginfo-{release}"], "qubes-dom0-update", "unverified", note)


def _debian_xen(version: str) -> Package:
    """Debian names the package by major.minor and architecture: xen-hypervisor-4.17-amd64-dbg for 4.17.2-pre."""
    numbers = NUMBERS.match(version)
    short = ".".join(numbers[0].split(".")[:2]) if numbers else "VERSION"
    note = "its xen-syms has a symbol table but no debug information (no DWARF): crash refuses it"
    return _package("debian", [f"xen-hypervisor-{short}-amd64-dbg"], "apt-get install", "measured", note)


def _ubuntu_xen(version: str) -> Package:
    return msgspec.structs.replace(
        _debian_xen(version), family="ubuntu", basis="unverified", note="as on Debian, whose xen-syms has no DWARF"
    )


def _suse_xen(version: str) -> Package:
    note = "/boot/xen-syms-* comes with the package xen itself; only if it has no debug information, xen-debuginfo"
    return _package("suse", ["xen", "xen-debuginfo"], "zypper --plus-content debug install", "source", note)


def _fedora_xen(version: str) -> Package:
    note = "/usr/lib/debug/xen-syms-* comes with the package itself; RHEL 5: /boot/xen-syms-* with kernel-xen"
    return _package("redhat", ["xen-hypervisor"], "dnf install", "source", note)


def _xenserver_xen(version: str) -> Package:
    note = "of exactly the running hypervisor's version and update level; from the vendor's debuginfo packages"
    return _package("xenserver", ["xen-hypervisor-debuginfo"], "yum install", "source", note)


def _like_fedora(family: str) -> Callable[[str], Package]:
    return lambda version: msgspec.structs.replace(
        _fedora_xen(version), family=family, basis="unverified", note="as on Fedora"
    )


def _no_xen(version: str) -> Package:
    note = "no package is known: xen-syms is left in the build directory of Xen (xen/xen-syms)"
    return _package("arch", [], "", "unverified", note)


_KERNEL: dict[str, Callable[[str, str | None], Package]] = {
    "debian": _debian,
    "ubuntu": _ubuntu,
    "suse": _suse,
    "oracle": _oracle,
    "redhat": _redhat,
    "openeuler": _openeuler,
    "arch": _arch,
    "xenserver": _xenserver,
    "qubes": _qubes,
}
_XEN: dict[str, Callable[[str], Package]] = {
    "debian": _debian_xen,
    "ubuntu": _ubuntu_xen,
    "suse": _suse_xen,
    "oracle": _like_fedora("oracle"),
    "redhat": _fedora_xen,
    "openeuler": _like_fedora("openeuler"),
    "arch": _no_xen,
    "xenserver": _xenserver_xen,
    "qubes": _like_fedora("qubes"),
}
