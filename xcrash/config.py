# SPDX-License-Identifier: Apache-2.0
"""What the user set once and for all: ``$XDG_CONFIG_HOME/xcrash/config.toml``; what is wrong in it is told, not fatal.

[ui]
theme = "dark"            # dark, light, ansi, ansi-light, or any theme of Textual
mouse = true
animation = true

[keys]
"command.prompt" = "colon,f10"
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import msgspec

from xcrash import locations

MOST_BYTES = 1 << 20


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """How the terminal UI looks: None is decided by the terminal."""

    theme: str | None = None
    mouse: bool | None = None
    animation: bool | None = None
    ascii: bool | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, and in ``problems`` what could not be taken from the file, each in one line of words."""

    looks: Looks = Looks()
    keys: dict[str, str] = {}
    problems: tuple[str, ...] = ()


def read_config(path: Path | None = None) -> Config:
    """Read the file; without one everything is as it is by default. Never raises for what is in it."""
    path = path or locations.config()
    try:
        text = _read(path)
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        return Config(problems=(f"{path} cannot be read: {error}",))
    try:
        settings = msgspec.toml.decode(text)
    except msgspec.DecodeError as error:
        return Config(problems=(f"{path} is not TOML: {error}",))
    problems: list[str] = []
    looks = _looks(_table(settings, "ui", problems), problems)
    keys = _keys(_table(settings, "keys", problems), problems)
    problems += [f"unknown section [{name}]" for name in settings if name not in ("ui", "keys")]
    return Config(looks=looks, keys=keys, problems=tuple(f"{path}: {one}" for one in problems))


def _read(path: Path) -> str:
    """The text of a regular file of bounded size; a pipe or a device would keep the program waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a regular file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return data.decode("utf-8")


def _table(settings: dict[str, Any], name: str, problems: list[str]) -> dict[str, Any]:
    found = settings.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(f"{name} is no section: write [{name}]")
    return {}


def _looks(table: dict[str, Any], problems: list[str]) -> Looks:
    """One setting at a time, so that a wrong one does not take the others with it."""
    known: dict[str, Any] = {}
    for name, value in table.items():
        if name not in Looks.__struct_fields__:
            problems.append(f"unknown setting ui.{name}")
            continue
        try:
            msgspec.convert({name: value}, Looks)
            known[name] = value
        except msgspec.ValidationError as error:
            problems.append(f"ui.{name}: {error}")
    return Looks(**known)


def _keys(table: dict[str, Any], problems: list[str]) -> dict[str, str]:
    """The keys by the identity of their action; an action of several words can be written as nested sections."""
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found.update({f"{name}.{inner}": keys for inner, keys in _keys(value, problems).items()})
        elif isinstance(value, str) and value.strip():
            found[name] = value
        else:
            problems.append(f'keys."{name}" is no text such as "ctrl+r,f5"')
    return found
