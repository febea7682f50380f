# SPDX-License-Identifier: Apache-2.0
"""Programs unpacked beside the system's, each started by the loader of its own tree."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.lab.proc import LabError, end, run, start
from tests.lab.stamps import fresh_directory, write_whole

_LOADER = "ld-linux-x86-64.so.2"
_MULTIARCH = "x86_64-linux-gnu"
_USELESS = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian")


def unpack_tree(debs: Iterable[Path], target: Path) -> None:
    """Unpack packages into a new tree, without documentation."""
    with fresh_directory(target) as work:
        for deb in debs:
            run(["dpkg-deb", "-x", str(deb), str(work)], seconds=600)
        for name in _USELESS:
            shutil.rmtree(work / name, ignore_errors=True)


def unpack_part(deb: Path, pattern: str, target: Path) -> None:
    """Unpack only the members of a package that match a pattern."""
    reader = start(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE)
    try:
        options = ["--no-same-owner", "--wildcards", "--no-wildcards-match-slash"]
        writer = start(
            ["tar", "-x", "-C", str(target), *options, pattern], stdin=reader.stdout or 0, stdout=subprocess.PIPE
        )
        try:
            if reader.stdout:
                reader.stdout.close()  # so that dpkg-deb learns of an early end of tar
            output, _ = writer.communicate(timeout=1800)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"unpacking {deb.name} takes too long") from error
        finally:
            end(writer)
        reader.wait(60)
    finally:
        end(reader)
    if writer.returncode or reader.returncode:
        raise LabError(f"cannot unpack {pattern} of {deb.name}: {output.decode(errors='replace')[-2000:]}")


def loader_argv(tree: Path, program: str) -> list[str]:
    """Return the words that start a program of a tree with the tree's own loader and libraries."""
    places = [tree / "usr/lib" / _MULTIARCH, tree / "lib" / _MULTIARCH, tree / "usr/lib", tree / "lib"]
    libraries = [str(place) for place in places if place.is_dir()]
    loaders = [place / _LOADER for place in (*places, tree / "usr/lib64", tree / "lib64")]
    for loader in loaders:
        if loader.is_file():
            return [str(loader), "--library-path", ":".join(libraries), str(tree / program)]
    raise LabError(f"no {_LOADER} in {tree}")


def write_wrapper(path: Path, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Write a small script that becomes the program: same process, same argv[0], arguments passed on."""
    settings = [f"export {key}={shlex.quote(value)}\n" for key, value in (environment or {}).items()]
    write_whole(path, f'#!/bin/sh\n{"".join(settings)}exec {shlex.join(argv)} "$@"\n')
    path.chmod(0o755)
