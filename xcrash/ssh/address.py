# SPDX-License-Identifier: Apache-2.0
"""``ssh://[user@]host[:port]``: whom to call, as words of ssh's command line that can be nothing else."""

from __future__ import annotations

import re
from typing import NamedTuple

from xcrash.errors import UsageError
from xcrash.literal import one_line

SCHEME = "ssh://"

_LONGEST = 255
_USER = re.compile(r"[\w.+@\\][\w.+@\\$-]*")
_HOST = re.compile(r"[\w.][\w.-]*|\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]")
_PLACE = re.compile(r"(\[[^\]]*\]|[^:]*)(?:(:)(.*))?")
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


class Address(NamedTuple):
    """A host as ssh gets it: name, alias of the user's ssh_config or address; None where ssh itself decides."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}{user}{host}{f':{self.port}' if self.port else ''}"

    @property
    def words(self) -> tuple[str, ...]:
        """The options and the host, for the end of ssh's options."""
        user = ("-l", self.user) if self.user else ()
        port = ("-p", str(self.port)) if self.port else ()
        return (*user, *port, "--", self.host)


def is_address(target: str | None) -> bool:
    """Does the user name another machine?"""
    return target is not None and target.lower().startswith(SCHEME)


def parse_address(target: str) -> Address:
    """The parts of ``ssh://[user@]host[:port]``; UsageError "ssh-address" for anything else.

    A name that begins with "-" would be an option to ssh; control characters and blanks are in no name. ssh refuses
    quotes and shell signs itself (ssh.c: valid_hostname, valid_ruser).
    """
    rest = target[len(SCHEME) :].removesuffix("/")
    user, at, place = rest.rpartition("@")
    parts = _PLACE.fullmatch(place)
    host, colon, port = parts.groups("") if parts else (place, "", "")
    if at and (len(user) > _LONGEST or not _USER.fullmatch(user)):
        raise _refusal(target, f"{user!r} is no user name")
    if len(host) > _LONGEST or not _HOST.fullmatch(host):
        raise _refusal(target, f"{host!r} is no host name" if host else "the host is missing")
    if colon and not (_PORT.fullmatch(port) and 0 < int(port) < 1 << 16):
        raise _refusal(target, f"{port!r} is no port")
    return Address(host.strip("[]"), user if at else None, int(port) if colon else None)


def _refusal(target: str, why: str) -> UsageError:
    return UsageError(
        "ssh-address",
        f"{one_line(target[: 2 * _LONGEST])} names no host: {one_line(why)}",
        "name it as ssh://[user@]host[:port]; everything else belongs into ~/.ssh/config",
    )
