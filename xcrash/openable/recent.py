# SPDX-License-Identifier: Apache-2.0
"""What was opened lately, with the choices that mattered: ``$XDG_STATE_HOME/xcrash/recent.json``, newest first."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import msgspec

from xcrash import locations
from xcrash.discovery.choices import Choices, ViewWish
from xcrash.openable.values import Kind, Openable
from xcrash.ssh import is_address
from xcrash.target import Target

MOST = 30
_MOST_BYTES = 1 << 18
_SCHEMA = "xcrash.recent/1"
_KINDS: dict[Kind, str] = {"live": "running kernel", "dump": "dump", "recording": "recording"}


class Recent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A target that was opened: ``target`` is None for the running kernel, ``at`` in seconds since 1970."""

    kind: Kind
    at: float
    target: str | None = None
    release: str | None = None
    root: str | None = None
    vmlinux: str | None = None
    debuginfo: str | None = None
    xen_syms: str | None = None
    view: ViewWish = "auto"
    xen_phys_start: int | None = None
    p2m_mfn: int | None = None
    domain: int | None = None
    debug_dirs: tuple[str, ...] = ()
    memory: str | None = None
    crash: str | None = None
    crash_args: tuple[str, ...] = ()
    user_rc: bool = False

    def choices(self, base: Choices) -> Choices:
        """Those to open it with again; how to ask and to record is said by ``base``."""
        return msgspec.structs.replace(base, **{name: getattr(self, name) for name in _CHOSEN})

    def same_as(self, other: Recent) -> bool:
        """Is it the same target?"""
        return (self.kind, self.target, self.root) == (other.kind, other.target, other.root)


_CHOSEN = (
    "target",
    "root",
    "vmlinux",
    "debuginfo",
    "xen_syms",
    "view",
    "xen_phys_start",
    "p2m_mfn",
    "domain",
    "debug_dirs",
    "memory",
    "crash",
    "crash_args",
    "user_rc",
)


def recent_file() -> Path:
    """Where the list is kept."""
    return locations.state() / "recent.json"


def read_recent(path: Path | None = None) -> tuple[tuple[Recent, ...], str]:
    """The list, newest first, and why it could not be read (empty: it could, or there is none)."""
    path = path or recent_file()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return (), f"{path} is not a regular file: what was opened lately is not known"
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return (), ""
    except OSError as error:
        return (), f"{path} cannot be read: {error.strerror}"
    try:
        entries = json.loads(data)["opened"]
        found = [one for one in map(_entry, entries[:MOST]) if one]
    except (ValueError, TypeError, KeyError, RecursionError):
        return (), f"{path} is damaged: what was opened lately is not known; it is written anew"
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)), ""


def _entry(raw: Any) -> Recent | None:
    """One entry; one that another version wrote, or somebody by hand, may not fit."""
    with contextlib.suppress(msgspec.ValidationError):
        found = msgspec.convert(raw, Recent)
        if found.target or found.kind == "live":
            return found
    return None


def remember(target: Target, choices: Choices, path: Path | None = None, now: float | None = None) -> str:
    """Put ``target`` on top of the list; returns why that failed, empty when it did not."""
    path = path or recent_file()
    wanted = target.wanted
    # That of a domain is asked for again.
    named_mfn = choices.p2m_mfn if choices.domain is None else None
    newest = Recent(
        kind=target.kind,
        at=time.time() if now is None else now,
        release=wanted.release if wanted else target.recording.facts.release if target.recording else None,
        **{**{name: getattr(choices, name) for name in _CHOSEN}, "target": _absolute(target), "p2m_mfn": named_mfn},
    )
    known, _ = read_recent(path)
    kept = [newest, *(one for one in known if not one.same_as(newest))][:MOST]
    # json writes bytes of a path that are not UTF-8 as lone surrogates, and reads them again.
    text = json.dumps({"schema": _SCHEMA, "opened": [msgspec.to_builtins(one) for one in kept]}, indent=1)
    try:
        _write(path, text)
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return ""


def _absolute(target: Target) -> str | None:
    if target.far:
        return str(target.far.address)
    return None if target.kind == "live" else str(Path(target.path).absolute())


def _write(path: Path, text: str) -> None:
    """For its user alone; a reader sees the old list or the new one, never a half."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def opened_before(one: Recent, base: Choices) -> Openable:
    """An entry of the list as something to open; looks whether the file is still there, and asks no network."""
    there, why = _is_there(one.target)
    extra = [
        f"{name.replace('_', '-')} {value if isinstance(value, str) else ' '.join(value)}"
        for name in ("view", "root", "vmlinux", "debuginfo", "xen_syms", "memory", "crash", "crash_args", "debug_dirs")
        if (value := getattr(one, name)) not in (None, (), "auto")
    ]
    return Openable(
        key=f"recent {one.kind} {one.root or ''} {one.target or ''}",
        section="recent",
        kind=one.kind,
        target=one.target,
        name=one.target or "the running kernel",
        about=one.release or "",
        extent=_KINDS[one.kind],
        when=one.at,
        verdict=(f"with {', '.join(extra)}" if extra else "") if there else why,
        tone="plain" if there else "dim",
        choices=one.choices(base),
    )


def _is_there(path: str | None) -> tuple[bool, str]:
    if path is None or is_address(path):
        return True, ""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False, "no longer there"
    except (OSError, ValueError) as error:
        return False, f"cannot be looked at: {getattr(error, 'strerror', None) or error}"
    return True, ""
