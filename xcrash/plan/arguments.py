# SPDX-License-Identifier: Apache-2.0
"""The launch recipe: options, environment, and file names in the only form crash can take."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import NamedTuple

from xcrash.images import KernelImage
from xcrash.images.crash_rules import UNPACKED_BY_CRASH, needs_unpacking
from xcrash.locations import UserRc
from xcrash.plan.values import Decision, Link, Unpacking

OPTIONS = ("--no_scroll", "--no_crashrc", "-e", "emacs")
NO_RC = "--no_crashrc"
MOST_PACKED = 10
"""How many times larger than the compressed file a kernel is taken to be; about 8 with debug information and xz."""

_SAFE_PATH = re.compile(r"[\w/.,+=%-]+", re.ASCII)
_PASSED_ON = ("PATH", "TZ", "LOGNAME", "USER", "CRASH_MODULE_PATH", "CRASH_EXTENSIONS")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Recipe(NamedTuple):
    """How crash is to be started: the program, a private directory, the user's environment and arguments.

    ``cache`` is the directory for what is kept for the next start: kernels unpacked once, gdb's indexes; None on
    another machine, where nothing is kept.
    ``version`` is that of ``crash``; ``user_rc`` are the user's own start-up files, None when they are not wanted.
    ``room``: bytes that kernels may have in the cache which crash itself could unpack, at every start anew.
    ``interpreter`` is the Python that can run the lens, ``modules`` the PYTHONPATH it needs for that.
    """

    crash: Path
    workdir: Path
    environ: Mapping[str, str]
    cache: Path | None
    extra: tuple[str, ...] = ()
    version: str | None = None
    user_rc: UserRc | None = None
    room: int = 0
    interpreter: str = "python3"
    modules: str = ""


def environment(recipe: Recipe) -> dict[str, str]:
    """The whole environment of crash: nothing of the user's may change the byte stream.

    HOME is private (.crashrc, .gdbinit), TERM is dumb (no bracketed paste, no colours), INPUTRC is empty.
    """
    fixed = {
        "TERM": "dumb",
        "INPUTRC": "/dev/null",
        "LESSSECURE": "1",
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "HOME": str(recipe.workdir),
        "TMPDIR": str(recipe.workdir),
        "PATH": _DEFAULT_PATH,
    }
    return {**fixed, **{name: recipe.environ[name] for name in _PASSED_ON if recipe.environ.get(name)}}


def options(recipe: Recipe) -> tuple[str, ...]:
    """What crash is always started with; the user's own start-up files only when they are wanted."""
    return tuple(option for option in OPTIONS if option != NO_RC or recipe.user_rc is None)


def options_decision(recipe: Recipe) -> Decision:
    """Why crash is always started with these options."""
    no_rc = "" if recipe.user_rc else "no rc file of the user, "
    return Decision(
        what="options",
        chosen=" ".join(options(recipe)),
        reason=f"no pager, {no_rc}plain line editing: the output stays readable to xcrash",
    )


class Argument(NamedTuple):
    """A file as crash gets it, with what has to be made for that."""

    text: str
    link: Link | None = None
    note: str = ""


def file_argument(what: str, path: str, workdir: Path) -> Argument:
    """``path`` as crash can take it: unquoted in shell commands, without ``@`` (filesys.c, ramdump.c:is_ramdump)."""
    if _SAFE_PATH.fullmatch(path):
        return Argument(path)
    name = re.sub(r"[^\w.+-]", "_", PurePath(path).name, flags=re.ASCII).lstrip(".-") or "file"
    link = str(workdir / (name if what == "namelist" else f"{what}-{name}"))
    note = f"a link to {path}: crash hands names to a shell and reads '@' and ':' in them"
    return Argument(link, Link(link, path), note)


def is_unpacked(kernel: KernelImage, recipe: Recipe) -> bool:
    """Whether crash gets an unpacked copy of ``kernel``: it must, or there is room to keep one."""
    kept = kernel.format in UNPACKED_BY_CRASH and kernel.contains == "elf" and kernel.size * MOST_PACKED <= recipe.room
    return kept or needs_unpacking(kernel)


def unpacked(kernel: KernelImage, cache: Path) -> Unpacking:
    """Where a compressed kernel is unpacked to, once.

    The name has the build-id, so that another kernel of that name never takes its place; without one, what identifies
    the file.
    """
    identity = kernel.build_id or hashlib.sha256(f"{kernel.path}\0{kernel.size}".encode()).hexdigest()[:40]
    name = re.sub(r"[^\w.+-]", "_", PurePath(kernel.path).stem, flags=re.ASCII) or "vmlinux"
    return Unpacking(kernel.path, str(cache / "kernels" / identity / name))
