# SPDX-License-Identifier: Apache-2.0
"""The exact command line of crash for a dump and a vmlinux, with the reason of every choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

import msgspec

from xcrash.errors import NamelistError
from xcrash.images import DumpIdentity, KernelImage

_SAFE_PATH = re.compile(r"[\w/.,+=%-]+", re.ASCII)
_PASSED_ON = ("PATH", "TZ", "LOGNAME", "USER", "CRASH_MODULE_PATH", "CRASH_EXTENSIONS")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One choice: what was to be decided, what was chosen and why."""

    what: str
    chosen: str
    reason: str


class Link(msgspec.Struct, frozen=True):
    """A symbolic link to make before crash starts."""

    path: str
    target: str


class LaunchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything needed to start crash: argument list, complete environment, directory and links."""

    mode: str
    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]


def plan_dump(
    dump: DumpIdentity,
    kernel: KernelImage,
    *,
    crash: Path,
    workdir: Path,
    environ: Mapping[str, str],
    extra: Sequence[str] = (),
) -> LaunchPlan:
    """Plan a session on ``dump`` with the namelist ``kernel``; ``workdir`` is a private directory for this session.

    Raises NamelistError ``namelist-format`` when crash cannot read the namelist's compression.
    """
    links: list[Link] = []
    decisions: list[Decision] = []
    argv = [str(crash), "--no_scroll", "--no_crashrc", "-e", "emacs"]
    decisions.append(
        Decision(
            what="options",
            chosen=" ".join(argv[1:]),
            reason="no pager, no rc file of the user, plain line editing: the output stays readable to xcrash",
        )
    )
    if flag := _force_flag(kernel):
        argv.append("-f")
        decisions.append(flag)
    argv.extend(extra)
    for what, path in (("namelist", kernel.path), ("dump", dump.path)):
        argument, link = _argument(what, path, workdir)
        argv.append(argument)
        if link:
            links.append(link)
            reason = f"a link to {path}: crash hands names to a shell and reads '@' and ':' in them"
        else:
            reason = "named by the user"
        decisions.append(Decision(what=what, chosen=argument, reason=reason))
    return LaunchPlan(
        mode="dump",
        argv=tuple(argv),
        env=environment(environ, workdir),
        cwd=str(workdir),
        links=tuple(links),
        decisions=tuple(decisions),
    )


def environment(environ: Mapping[str, str], workdir: Path) -> dict[str, str]:
    """The whole environment of crash: nothing of the user's may change the byte stream.

    HOME is private (.crashrc, .gdbinit), TERM is dumb (no bracketed paste, no colours), INPUTRC is empty.
    """
    fixed = {
        "TERM": "dumb",
        "INPUTRC": "/dev/null",
        "LESSSECURE": "1",
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        "PATH": _DEFAULT_PATH,
    }
    return {**fixed, **{name: environ[name] for name in _PASSED_ON if environ.get(name)}}


def _argument(what: str, path: str, workdir: Path) -> tuple[str, Link | None]:
    """``path`` as crash can take it: unquoted in shell commands, without ``@`` (filesys.c, ramdump.c:is_ramdump)."""
    if _SAFE_PATH.fullmatch(path):
        return path, None
    name = re.sub(r"[^\w.+-]", "_", PurePath(path).name, flags=re.ASCII).lstrip(".-") or "file"
    link = str(workdir / (name if what == "namelist" else f"{what}-{name}"))
    return link, Link(link, path)


def _force_flag(kernel: KernelImage) -> Decision | None:
    """Whether crash wants ``-f`` for a compressed namelist (symbols.c:is_compressed_kernel).

    gzip is judged by the name stored inside, bzip2 and xz by the name of the file.
    """
    if kernel.format == "gzip":
        stored = kernel.gzip_name
        if stored and stored.startswith("vmlinux"):
            return None
        reason = f"the gzip header names {stored!r}" if stored else "the gzip header names no file"
    elif kernel.format in ("bzip2", "xz"):
        if PurePath(kernel.path).name.startswith("vmlinux"):
            return None
        reason = "the file's name does not begin with vmlinux"
    elif kernel.format == "elf":
        return None
    else:
        raise NamelistError(
            "namelist-format",
            f"crash cannot read a {kernel.format} kernel image: {kernel.path}",
            "unpack it and name the vmlinux that comes out",
        )
    return Decision(what="-f", chosen="-f", reason=reason)
