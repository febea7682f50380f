# SPDX-License-Identifier: Apache-2.0
"""What is already done: a stamp per whole step, whole files only, and one run at a time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.lab.proc import LabError


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextlib.contextmanager
def fresh_directory(target: Path) -> Iterator[Path]:
    """Give an empty directory that takes the target's place once the block ends well."""
    work, old = (target.with_name(target.name + ending) for ending in (".new", ".old"))
    remove_tree(work)
    remove_tree(old)
    work.mkdir(parents=True)
    yield work
    if target.exists():
        target.replace(old)  # a moment without the target, however long its removal takes
    work.replace(target)
    remove_tree(old)


def remove_tree(path: Path) -> None:
    """Remove a directory if it is there."""
    if path.exists():
        shutil.rmtree(path)


def recipe(*parts: str | Path) -> str:
    """Return a short digest of texts and files: what a step's result depends on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


class Stamps:
    """The stamps of one lab directory."""

    def __init__(self, root: Path) -> None:
        """Keep the stamps below `root`."""
        self._where = root / "stamps"

    def get(self, step: str, made_from: str) -> dict[str, Any] | None:
        """Return what a whole step left behind, or None if it is to be done (again)."""
        try:
            stamp = json.loads((self._where / f"{step}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if stamp.get("recipe") != made_from or not all(Path(name).exists() for name in stamp["files"]):
            return None
        facts: dict[str, Any] = stamp["facts"]
        return facts

    def put(self, step: str, made_from: str, facts: dict[str, Any], files: list[Path]) -> None:
        """Note that a step is whole, and the files without which it is not."""
        stamp = {"recipe": made_from, "facts": facts, "files": [str(path) for path in files]}
        write_whole(self._where / f"{step}.json", json.dumps(stamp, indent=2) + "\n")

    def drop(self, step: str) -> None:
        """Have a step done again."""
        (self._where / f"{step}.json").unlink(missing_ok=True)


@contextlib.contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Hold the lab's lock; a second run is refused."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise LabError(f"another run (process {lock.read().strip()}) is building {root}") from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
