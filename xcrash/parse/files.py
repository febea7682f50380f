# SPDX-License-Identifier: Apache-2.0
"""The open files of tasks: ``files``, ``-c`` (pages in the page cache), ``-d`` (a dentry), ``-p`` (pages of an inode).

Source of the formats: filesys.c:open_files_dump, filesys.c:file_dump, filesys.c:cmd_files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.page import PAGES, Page
from xcrash.parse.rows import Table, integer, pointer, text
from xcrash.parse.sections import by_task, extent
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_ROOT = re.compile(r"\s*ROOT: (?:[0-9a-f]{8,16} )?(.*?) {1,8}CWD: (?:[0-9a-f]{8,16} )?(.*)")
_TYPE = re.compile(r"[A-Z]{2,6}|\?+|-+")
_LONGEST = 10_000


class OpenFile(msgspec.Struct, frozen=True, kw_only=True):
    """One descriptor; ``inode``, ``i_mapping`` and ``nrpages`` (pages in the page cache) come with ``-c``.

    ``path`` is the rest of the line as printed, empty where the file has none; ``type`` is REG, DIR, CHR, BLK, FIFO,
    SOCK, LNK or the like.
    """

    line: int
    span: Span
    fd: int | None
    file: str | None = None
    dentry: str | None = None
    inode: str | None = None
    i_mapping: str | None = None
    nrpages: int | None = None
    type: str | None
    path: str = ""


class TaskFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one task; ``files`` is empty for ``No open files``."""

    line: int
    span: Span
    task: TaskLine | None
    root: str | None
    cwd: str | None
    files: tuple[OpenFile, ...]


class Files(CommandOutput, frozen=True, kw_only=True, tag="files"):
    """The open files of every task named in the answer, one entry for each."""

    tasks: tuple[TaskFiles, ...]


class Dentry(msgspec.Struct, frozen=True, kw_only=True):
    """What a dentry stands for."""

    line: int
    span: Span
    dentry: str | None
    inode: str | None
    superblk: str | None
    type: str | None
    path: str = ""


class FilesDentry(CommandOutput, frozen=True, kw_only=True, tag="files-d"):
    """The answer to ``files -d``."""

    dentries: tuple[Dentry, ...]


class FilesPages(CommandOutput, frozen=True, kw_only=True, tag="files-p"):
    """The pages of an inode in the page cache; ``nrpages`` is their number as the kernel counts them."""

    inode: str | None
    nrpages: int | None
    pages: tuple[Page, ...]


class _Inode(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    span: Span
    inode: str | None
    nrpages: int | None


def file_type(word: str) -> str | None:
    """The type of a file as crash prints it (REG, DIR, CHR ...); None for a placeholder."""
    word = word.rstrip()
    if not _TYPE.fullmatch(word):
        raise ValueError(word)
    return word if word.isalpha() else None


_FILES = Table(
    OpenFile,
    {
        "FD": ("fd", integer),
        "FILE": ("file", pointer),
        "DENTRY": ("dentry", pointer),
        "INODE": ("inode", pointer),
        "I_MAPPING": ("i_mapping", pointer),
        "NRPAGES": ("nrpages", integer),
        "TYPE": ("type", file_type),
        "PATH": ("path", text),
    },
    "FD FILE DENTRY INODE TYPE PATH",
    optional=1,
)
_DENTRIES = Table(
    Dentry,
    {
        "DENTRY": ("dentry", pointer),
        "INODE": ("inode", pointer),
        "SUPERBLK": ("superblk", pointer),
        "TYPE": ("type", file_type),
        "PATH": ("path", text),
    },
    "DENTRY INODE SUPERBLK TYPE PATH",
    optional=1,
)
_INODES = Table(_Inode, {"INODE": ("inode", pointer), "NRPAGES": ("nrpages", integer)})


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``files ARGUMENTS``."""
    options = {word[:2] for word in arguments if word.startswith("-")}
    return parse_dentry if "-d" in options else parse_pages if "-p" in options else parse


def parse(text: str) -> Files:
    """The tasks of the answer with their files; a table that lost its task line is an entry without a task."""
    said = answer(text, "files")
    tasks, left = [], []
    for task, place, lines in by_task(said.lines):
        root, rest = _root(lines)
        files, rest = _FILES.read(rest)
        rest = [line for line in rest if line.text.strip() != "No open files"]
        left += rest
        place = extent(place, lines, rest)
        if task or root or files:
            tasks.append(
                TaskFiles(
                    line=place.line,
                    span=place.span,
                    task=task,
                    root=root[0] if root else None,
                    cwd=root[1] if root else None,
                    files=files,
                )
            )
    return Files(tasks=tuple(tasks), remarks=said.remarks, unread=tuple(unread(left)))


def parse_dentry(text: str) -> FilesDentry:
    """The answer to ``files -d DENTRY``."""
    said = answer(text, "files")
    dentries, left = _DENTRIES.read(said.lines)
    return FilesDentry(dentries=dentries, remarks=said.remarks, unread=tuple(unread(left)))


def parse_pages(text: str) -> FilesPages:
    """The answer to ``files -p INODE``."""
    said = answer(text, "files")
    inodes, left = _INODES.read(said.lines)
    pages, left = PAGES.read(left)
    first = inodes[0] if len(inodes) == 1 else None
    return FilesPages(
        inode=first.inode if first else None,
        nrpages=first.nrpages if first else None,
        pages=pages,
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def _root(lines: list[Line]) -> tuple[tuple[str, str] | None, list[Line]]:
    """The root and working directory, and the other lines; a second one is left to the others."""
    for at, line in enumerate(lines):
        found = _ROOT.match(line.text) if "ROOT: " in line.text[:40] and len(line.text) < _LONGEST else None
        if found:
            return (found[1].rstrip(), found[2].rstrip()), lines[:at] + lines[at + 1 :]
    return None, lines
