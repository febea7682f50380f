# SPDX-License-Identifier: Apache-2.0
"""The forms that names of machines, people and places have in what crash prints, and in what is typed to it."""

from __future__ import annotations

import re

_HOST = r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,8}"
_USER = r"[A-Za-z_][\w.-]{0,31}"

_HOSTS = (
    re.compile(rf"NODENAME: +({_HOST})"),
    re.compile(rf"nodename = \"({_HOST})"),
    re.compile(rf"[Ss]et hostname to <({_HOST})>"),
    re.compile(rf"\b(?:hostname|HOSTNAME)[=:] ?({_HOST})"),
    re.compile(rf"^[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d ({_HOST}) \S{{1,60}}: ", re.MULTILINE),
    re.compile(rf"\bnfs: server ({_HOST}) "),
    re.compile(rf"\b(?:nfs|nfs4|cifs) +({_HOST}):/"),
    re.compile(rf"\bip=[\d.]{{0,15}}:[\d.]{{0,15}}:[\d.]{{0,15}}:[\d.]{{0,15}}:({_HOST}):"),
)
_USERS = (
    re.compile(rf"(?:/home|/Users|/export/home)/({_USER})"),
    re.compile(rf"\b(?:USER|LOGNAME|SUDO_USER|USERNAME)=({_USER})"),
    re.compile(rf"\bsession (?:opened|closed) for user ({_USER})"),
    re.compile(rf"\bNew session \S{{1,12}} of user ({_USER})"),
    re.compile(rf"\bsudo: +({_USER}) : "),
    re.compile(rf"\b(?:Accepted|Failed) \w+ for ({_USER}) from "),
)
_BOTH = (
    re.compile(rf"\bLinux version [^\n(]{{1,120}}\(({_USER})@([\w-]{{1,63}})\)"),
    re.compile(rf"^\[?({_USER})@({_HOST})[: ][^\s$#%>]{{0,120}}\]?\s?[$#%>] ", re.MULTILINE),
    re.compile(rf"\b(?:ssh|scp|sftp|rsync) (?:-\S+ )?({_USER})@({_HOST})"),
)
_SYMBOL = re.compile(
    r"\] ([A-Za-z_]\w{2,}) at [0-9a-f]|\b([A-Za-z_]\w{2,})\+(?:0x)?[0-9a-f]|<([A-Za-z_]\w{2,})|\[([a-z]\w{2,})\]$",
    re.MULTILINE,
)
_NOT_HOSTS = frozenset(
    ["localhost", "localdomain", "none", "unknown", "linux", "kernel", "crash", "host", "server", "default"]
)
_NOT_USERS = frozenset(
    [
        "root",
        "nobody",
        "daemon",
        "bin",
        "sys",
        "mail",
        "user",
        "lost",
        "shared",
        "git",
        "kernel",
        "linux",
        "crash",
        "none",
        "systemd",
        "dbus",
        "sshd",
    ]
)
_SHORTEST = 3

_PART = r"[^\s/\"':;,()\[\]<>|]{1,255}"
_KEYS = r"passw(?:or)?d|passphrase|secret|token|api_?key|credentials?|psk|luks\.key|cryptkey"
_PATTERNS = (
    # a parameter of the kernel command line, a mount option, a URL
    rf"(?<![\w.])[\w.-]{{0,40}}(?:{_KEYS})[\w.-]{{0,20}}=(?P<secret>[^\s,;\"']{{1,200}})",
    r"://(?P<login>[^\s/@:]{1,80}:[^\s/@]{1,80})(?=@)",
    # sys -i (crash: kernel.c:dump_dmi), dmidecode, USB devices in the log
    r"(?:\b[A-Z_]{0,20}(?:SERIAL|ASSET_TAG|_UUID)|\bSerial ?(?:Number|No\.?)|\bAsset Tag|\bUUID)"
    r"(?: {0,3}: {0,4}(?P<serial>[^\s\"',;][^\r\n\"',;]{0,63})|=(?P<tag>[^\s\"',;]{1,64}))",
    r"(?P<mail>(?<![\w.@+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}"
    r"\.[A-Za-z]{2,24}(?![\w@]))",
    rf"/(?:home|Users|export/home)/(?P<path>{_PART}(?:/{_PART}){{0,40}})",
    r"(?P<mac>(?<![0-9A-Fa-f:-])(?:(?:[0-9A-Fa-f]{2}:){5}(?:[0-9A-Fa-f]{2}:){0,14}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])"
    r"|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f-])))",
    r"(?P<v6>(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)(?=[A-Fa-f:]{0,38}\d)[0-9A-Fa-f:]{3,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]))",
    r"(?P<v4>(?<![\w.+-])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\.?[\w+]))",
    # anything that may hold a name that was learnt
    r"(?P<word>(?<![\w.-])\w[\w.-]{2,})",
)
IDENTIFYING = re.compile("|".join(_PATTERNS))
"""What may have to be replaced, in a group of its kind; what stands around it is only looked at."""

VERSION_BEFORE = re.compile(
    r"(?:version|ver|rev|revision|release|driver|firmware|fw|bios|abi|api|gdb\)?|crash|linux|kernel|module|ioctl|build)"
    r"[\s:=,(\"'-]{0,3}[vVr]?$",
    re.IGNORECASE,
)
"""Text in front of four numbers with dots that makes them a version."""

KEPT_FILE = re.compile(
    r"(?:vmlinux|vmlinuz|vmcore|System\.map|crash|core|dump|vmss|vmem)[\w.+-]*|[\w-]+\.(?:ko|debug|so|c|h|S)"
)
"""File names that say what a file is, and nothing of whose it is."""

KEPT_SERIAL = re.compile(
    r"(?:none|not (?:specified|available|applicable)|to be filled.*|default.*|unknown|no asset tag|n/?a|0+|\(null\))?$",
    re.IGNORECASE,
)
"""What firmware has where nobody wrote a serial number."""


def learnt(texts: list[str]) -> dict[str, str]:
    """The names of hosts and users in ``texts``, with their kind; those of symbols and of everybody are left out."""
    found: dict[str, str] = {}
    for text in texts:
        for pattern in _USERS:
            found.update(dict.fromkeys(pattern.findall(text), "user"))
        for pattern in _BOTH:
            found.update(dict.fromkeys((user for user, _ in pattern.findall(text)), "user"))
    for text in texts:
        hosts = {host for pattern in _HOSTS for host in pattern.findall(text)}
        hosts |= {host for pattern in _BOTH for _, host in pattern.findall(text)}
        found.update(dict.fromkeys(hosts | {host.split(".")[0] for host in hosts}, "host"))
    symbols = {name for text in texts for names in _SYMBOL.findall(text) for name in names}
    return {name: kind for name, kind in found.items() if name not in symbols and _is_telling(name, kind)}


def _is_telling(name: str, kind: str) -> bool:
    first = name.split(".")[0].lower()
    is_everybodys = first in (_NOT_HOSTS if kind == "host" else _NOT_USERS)
    return len(name) >= _SHORTEST and not is_everybodys and not name.replace(".", "").isdigit()
