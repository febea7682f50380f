# SPDX-License-Identifier: Apache-2.0
"""xcrash for a Dom0: what it depends on, in wheels for the Dom0's Python, and the package from a working tree."""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
from pathlib import Path

import msgspec

from tests.lab.dom0.parts import Parts
from tests.lab.proc import LabError, run, say
from tests.lab.stamps import Stamps, fresh_directory, recipe, remove_tree

EXTRA = "lens"
REQUIREMENTS = "xcrash-requirements.txt"
# Newest first: pip takes a wheel for any of them.
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")


def dist_packages(python: str) -> str:
    """Return where the Dom0's Python looks for what pip installed."""
    return f"usr/local/lib/python{python}/dist-packages"


def requirements(source: Path) -> list[str]:
    """Return what xcrash of a working tree depends on, the lens included; raises LabError."""
    try:
        project = msgspec.toml.decode((source / "pyproject.toml").read_bytes())["project"]
        return sorted([*project["dependencies"], *project.get("optional-dependencies", {}).get(EXTRA, ())])
    except (OSError, KeyError, msgspec.DecodeError) as error:
        raise LabError(f"{source} is no working tree of xcrash: {error!r}") from error


def installed_site(parts: Parts, wanted: list[str], stamps: Stamps) -> Path:
    """Return a directory with these requirements for the Dom0's Python, compiled; downloads what is missing."""
    made_from = recipe(parts.python, *wanted)
    site, step = parts.home / f"site-{made_from}", f"dom0-{parts.suite}-site-{made_from}"
    if stamps.get(step, made_from) is None:
        say(f"installing what xcrash needs for Python {parts.python}: {', '.join(wanted)}")
        with fresh_directory(site) as work:
            where = ["--target", str(work), "--no-compile", "--only-binary=:all:", "--python-version", parts.python]
            platforms = [word for name in _PLATFORMS for word in ("--platform", name)]
            quiet = ("-q", "--disable-pip-version-check")
            run([sys.executable, "-m", "pip", "install", *quiet, *where, *platforms, *wanted], seconds=900)
            compile_below(parts, work, dist_packages(parts.python), "unchecked-hash")
            (work / REQUIREMENTS).write_text("".join(f"{line}\n" for line in wanted), encoding="utf-8")
        stamps.put(step, made_from, {}, [site])
        for old in set(parts.home.glob("site-*")) - {site}:
            remove_tree(old)
    return site


def compile_below(parts: Parts, directory: Path, installed: str, mode: str = "timestamp") -> None:
    """Compile with the Dom0's own Python: on its emulated CPU that takes a minute."""
    places = ("-s", str(directory), "-p", f"/{installed}")
    run(
        [*parts.python_argv(), "-m", "compileall", "-q", *places, "--invalidation-mode", mode, str(directory)],
        ok=(0, 1),
    )


def packed_source(parts: Parts, source: Path) -> bytes:
    """Return a tar with the package xcrash of a working tree, compiled."""
    package = source / "xcrash"
    if not (package / "__main__.py").is_file():
        raise LabError(f"{source} is no working tree of xcrash")
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "xcrash"
        run(["cp", "-a", str(package), str(copy)])
        compile_below(parts, copy, f"{dist_packages(parts.python)}/xcrash")
        return packed(copy, "xcrash")


def packed(directory: Path, name: str) -> bytes:
    """Return a tar of a directory under another name; all in it belongs to root."""
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(directory, name, filter=owned_by_root)
        return file.getvalue()


def owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member of an archive as root's own."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
