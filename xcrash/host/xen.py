# SPDX-License-Identifier: Apache-2.0
"""The hypervisor under the running kernel, as sysfs, procfs and the toolstack show it."""

from __future__ import annotations

import re
from typing import Literal

from xcrash.host.domains import read_domains
from xcrash.host.sysroot import Sysroot
from xcrash.host.toolstack import read_toolstack
from xcrash.host.values import XenFacts
from xcrash.host.xen_log import look_at_log, read_xen_log

SYSFS = "/sys/hypervisor"
CAPABILITIES = "/proc/xen/capabilities"
_DENIED = "<denied>"
_KEY = re.compile(r"[A-Za-z_]\w{0,60}\Z")
_TALKERS = ("libxl", "xc", "xl", "xm", "Error", "WARNING")
_HEX_ID = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40})\Z", re.IGNORECASE)
_GUEST_TYPES = ("PV", "PVH", "HVM")

Info = dict[str, str]


def read_xen(root: Sysroot) -> XenFacts | None:
    """Xen's facts; None on a machine that does not run under Xen, whatever is installed on it.

    Sources: kernel Documentation/ABI/*/sysfs-hypervisor-xen; ``xl info``, which only the control domain can answer.
    """
    kind = _text(root, f"{SYSFS}/type")
    seen = kind == "xen" or (kind is None and root.kind_of(CAPABILITIES) is not None)
    role = _role(root)
    tool, info = _info(root) if role != "domU" and (seen or root.kind != "live") else (None, {})
    if not seen and not tool:
        return None
    version = _version(root, info)
    # A live toolstack that did not answer, perhaps after its whole deadline, is not asked again.
    ask = tool is not None or (root.kind != "live" and role != "domU")
    log = read_xen_log(root) if ask else None
    return XenFacts(
        role="dom0" if tool else role,
        guest_type=_guest_type(root),
        version=version,
        build_id=_build_id(root, info),
        capabilities=_capabilities(root, info),
        commandline=info.get("xen_commandline", command_line_in_log(log[1]) if log else None),
        domains=read_domains(root) if ask else None,
        toolstack=read_toolstack(root, tool, version),
        log=look_at_log(*log) if log else None,
    )


def parse_info(text: str) -> Info:
    """The ``key : value`` lines of ``xl info`` or ``xm info``; values may hold colons or be empty, unknown keys stay.

    Messages of the libraries between the lines are left out.
    """
    found: Info = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        key = key.strip()
        if colon and _KEY.match(key) and key not in _TALKERS and key not in found:
            found[key] = value.strip()
    return found


def command_line_in_log(text: str) -> str | None:
    """Xen's options from its own log; None when the line has been overwritten in the ring buffer.

    ``(XEN) Command line: ...``, with a date or seconds in brackets under console_timestamps (Xen xen/arch/*/setup.c).
    """
    for line in text.splitlines():
        before, found, after = line.partition("Command line:")
        if found and re.fullmatch(r"\(XEN\) ?(?:\[[^\]]{0,60}\] ?)?", before.lstrip()):
            return after.strip()
    return None


def _info(root: Sysroot) -> tuple[Literal["xl", "xm"] | None, Info]:
    tools: tuple[Literal["xl", "xm"], ...] = ("xl", "xm")
    for tool in tools:
        info = parse_info(root.command(tool, "info") or "")
        if "xen_major" in info or "xen_version" in info:
            return tool, info
    return None, {}


def _role(root: Sysroot) -> Literal["dom0", "domU"] | None:
    """``initdomain`` is newer than ``control_d``; old kernels without a mounted xenfs have neither."""
    initial = _text(root, f"{SYSFS}/start_flags/initdomain")
    if initial in ("0", "1"):
        return "dom0" if initial == "1" else "domU"
    capabilities = root.text(CAPABILITIES, 4096)
    if capabilities is None:
        return None
    return "dom0" if "control_d" in capabilities.split() else "domU"


def _guest_type(root: Sysroot) -> str | None:
    said = _text(root, f"{SYSFS}/guest_type")
    return said if said in _GUEST_TYPES else None


def _version(root: Sysroot, info: Info) -> str | None:
    major, minor = _text(root, f"{SYSFS}/version/major"), _text(root, f"{SYSFS}/version/minor")
    extra = root.text(f"{SYSFS}/version/extra", 4096)
    known = extra is not None and extra.strip() != _DENIED
    if major and minor and known:
        return f"{major}.{minor}{(extra or '').strip()}"
    if info.get("xen_version"):
        return info["xen_version"]
    if info.get("xen_major") and info.get("xen_minor"):
        return f"{info['xen_major']}.{info['xen_minor']}{info.get('xen_extra', '')}"
    return f"{major}.{minor}" if major and minor else None


def _build_id(root: Sysroot, info: Info) -> str | None:
    """The toolstack's word first.

    sysfs gives raw bytes that end at the first NUL or run on into stray ones on kernels without the fix for XSA-485;
    only the lengths of the two hashes in use can be right.
    """
    said = info.get("build_id", "")
    if _HEX_ID.match(said):
        return said.lower()
    raw = root.read(f"{SYSFS}/properties/buildid", 4096) or b""
    return raw.hex() if len(raw) in (16, 20) else None


def _capabilities(root: Sysroot, info: Info) -> tuple[str, ...]:
    said = _text(root, f"{SYSFS}/properties/capabilities")
    return tuple((said or info.get("xen_caps", "")).split())


def _text(root: Sysroot, path: str) -> str | None:
    text = (root.text(path, 4096) or "").strip()
    return text if text and text != _DENIED else None
