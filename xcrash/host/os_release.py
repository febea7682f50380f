# SPDX-License-Identifier: Apache-2.0
"""Which distribution a root holds: os-release, or the release files of the time before it."""

from __future__ import annotations

import re
from collections.abc import Callable

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import OsRelease

INVENTORY = "/etc/xensource-inventory"
_FIRST_LINE_FILES = (
    "/etc/oracle-release",
    "/etc/ovs-release",
    "/etc/enterprise-release",
    "/etc/centos-release",
    "/etc/qubes-release",
    "/etc/redhat-release",
)
_RED_HAT = ("rhel", "fedora")
# What the product name of a release file starts with, and what os-release calls the same system today.
_PRODUCTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Red Hat", "rhel", ("fedora",)),
    ("CentOS", "centos", _RED_HAT),
    ("Fedora", "fedora", ()),
    ("Oracle VM", "ovm", _RED_HAT),
    ("Oracle", "ol", ("fedora",)),
    ("Enterprise Linux", "ol", ("fedora",)),
    ("Scientific", "scientific", _RED_HAT),
    ("AlmaLinux", "almalinux", _RED_HAT),
    ("Rocky", "rocky", _RED_HAT),
    ("XCP-ng", "xcp-ng", ("centos", *_RED_HAT)),
    ("XenServer", "xenserver", ("centos", *_RED_HAT)),
    ("Citrix XenServer", "xenserver", ("centos", *_RED_HAT)),
    ("Citrix Hypervisor", "xenserver", ("centos", *_RED_HAT)),
    ("Qubes", "qubes", ("fedora",)),
    ("SUSE Linux Enterprise Server", "sles", ("suse",)),
    ("SUSE Linux Enterprise Desktop", "sled", ("suse",)),
    ("openSUSE", "opensuse", ("suse",)),
)
_NAMED_VERSION = re.compile(r"(?P<product>.{1,120}?) release v?(?P<version>\d[\w.-]{0,40})")


def read_os_release(root: Sysroot) -> OsRelease:
    """The distribution of ``root``; all None when no file tells.

    os-release(5) first; XenServer's and XCP-ng's inventory wins over the os-release of the CentOS they are made of.
    """
    modern = _modern(root)
    product = _xen_product(root)
    if modern and not (product and modern.id in ("centos", "rhel")):
        return modern
    if product:
        return product
    for reader in _OLDER:
        found = reader(root)
        if found:
            return found
    return OsRelease()


def assignments(text: str) -> dict[str, str]:
    """``KEY=value`` lines of a shell's file, without their quotes; nothing is expanded, the last of a key counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and key.isidentifier():
            found[key] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[0] not in "\"'" or value[-1] != value[0]:
        return value
    if value[0] == "'":
        return value[1:-1]
    return re.sub(r"\\([\\\"$`])", r"\1", value[1:-1])


def _modern(root: Sysroot) -> OsRelease | None:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        fields = assignments(root.text(path) or "")
        if fields.get("ID"):
            return OsRelease(
                id=fields["ID"],
                version=fields.get("VERSION_ID") or None,
                name=fields.get("PRETTY_NAME") or fields.get("NAME") or None,
                id_like=tuple(fields.get("ID_LIKE", "").split()),
            )
    return None


def _xen_product(root: Sysroot) -> OsRelease | None:
    fields = assignments(root.text(INVENTORY) or "")
    brand, version = fields.get("PRODUCT_BRAND"), fields.get("PRODUCT_VERSION") or None
    if not brand:
        return None
    known = _product(brand)
    return OsRelease(
        id=known[0] if known else brand.lower(),
        version=version,
        name=f"{brand} {version}" if version else brand,
        id_like=known[1] if known else (),
    )


def _suse(root: Sysroot) -> OsRelease | None:
    """/etc/SuSE-release: a title, then VERSION and, for the enterprise products, PATCHLEVEL (the service pack)."""
    lines = (root.text("/etc/SuSE-release") or "").strip().splitlines()
    known = _product(lines[0]) if lines else None
    if known is None:
        return None
    fields = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines[1:])}
    version, patch = fields.get("VERSION") or None, fields.get("PATCHLEVEL", "")
    title = lines[0].split("(", 1)[0].strip()
    if patch.isdecimal() and int(patch[:6]) > 0:
        title += f" SP{patch}"
        version = f"{version}.{patch}" if version else None
    return OsRelease(id=known[0], version=version, name=title, id_like=known[1])


def _one_line(root: Sysroot) -> OsRelease | None:
    """``CentOS release 5.11 (Final)`` and its like."""
    for path in _FIRST_LINE_FILES:
        line = next(iter((root.text(path) or "").strip().splitlines()), "")
        match = _NAMED_VERSION.match(line)
        known = _product(match["product"]) if match else None
        if match and known:
            return OsRelease(id=known[0], version=match["version"], name=line.strip(), id_like=known[1])
    return None


def _debian(root: Sysroot) -> OsRelease | None:
    """/etc/debian_version: "7.11", or "wheezy/sid" where the version is not out yet."""
    version = (root.text("/etc/debian_version") or "").strip()
    if not version or "\n" in version:
        return None
    known = version if version[0].isdecimal() else None
    return OsRelease(id="debian", version=known, name=f"Debian GNU/Linux {version}")


_OLDER: tuple[Callable[[Sysroot], OsRelease | None], ...] = (_suse, _one_line, _debian)


def _product(title: str) -> tuple[str, tuple[str, ...]] | None:
    return next(((id_, like) for start, id_, like in _PRODUCTS if title.startswith(start)), None)
