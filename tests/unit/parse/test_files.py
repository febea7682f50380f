# SPDX-License-Identifier: Apache-2.0
"""The open files of tasks."""

from __future__ import annotations

from tests.unit.parse.task_samples import FILES, FILES_OLD
from xcrash.parse import files

PAGES = """\
 INODE    NRPAGES
f59b90fc        6

  PAGE    PHYSICAL   MAPPING   INDEX CNT FLAGS
ca3353e0  39a9f000  f59b91ac        0  2 82c referenced,uptodate,lru,private
ffffef0fc0320000  c800000                0        0  0 fffffc0000000
"""


def test_a_task_has_its_directories_and_files() -> None:
    (task,) = files.parse(FILES).tasks
    assert task.task
    assert (task.task.pid, task.task.command, task.root, task.cwd) == (181, "syslogd", "/", "/data/www")
    assert [(f.fd, f.type, f.path) for f in task.files] == [(0, "SOCK", "UNIX"), (3, "REG", "/var/log/my messages")]
    log = task.files[1]
    assert (log.file, log.dentry, log.inode) == ("0xffff8c1841dae840", "0xffff8c1841485e40", "0xffff8c1841b6c670")
    assert (log.line, FILES[slice(*log.span)]) == (5, FILES.splitlines()[4])
    assert (task.line, FILES[slice(*task.span)]) == (1, FILES.rstrip("\n"))


def test_files_of_many_tasks_are_one_entry_each() -> None:
    found = files.parse(f'{FILES}\n{FILES_OLD}\nPID: 2  TASK: c67f2001  CPU: 1  COMMAND: "x"\nNo open files\n')
    assert [(t.task.pid, len(t.files)) for t in found.tasks if t.task] == [(181, 2), (720, 3), (2, 0)]
    assert found.unread == ()


def test_unknown_cells_and_missing_paths() -> None:
    pipe, unknown = files.parse(FILES_OLD).tasks[0].files[1:]
    assert (pipe.type, pipe.path) == ("PIPE", "")
    assert (unknown.file, unknown.dentry, unknown.inode, unknown.type) == ("0xc6df9720", None, None, None)


def test_page_cache_columns() -> None:
    text = " FD   INODE    I_MAPPING  NRPAGES  TYPE  PATH\n  2  f2721c5c   f2721d04      461  REG   /var/log/messages\n"
    (task,) = files.parse(text).tasks
    (row,) = task.files
    assert (task.task, task.root) == (None, None)
    assert (row.inode, row.i_mapping, row.nrpages, row.file) == ("0xf2721c5c", "0xf2721d04", 461, None)


def test_collapsed_blanks_do_not_matter() -> None:
    collapsed = "\n".join(" ".join(line.split()) for line in FILES.splitlines())
    (task,) = files.parse(collapsed).tasks
    assert (task.root, task.cwd, [f.path for f in task.files]) == ("/", "/data/www", ["UNIX", "/var/log/my messages"])


def test_rows_that_lost_their_header_are_read() -> None:
    rows = "\n".join(FILES.splitlines()[3:])
    assert [f.path for f in files.parse(rows).tasks[0].files] == ["UNIX", "/var/log/my messages"]


def test_a_cell_of_another_kind_leaves_the_line_unread() -> None:
    bad = "  3 ffff8c1841dae840 zzz ffff8c1841b6c670 REG  /a"
    found = files.parse(f"{FILES}{bad}\n  4 ffff8c1841dae840 ffff8c1841b6c670\n")
    assert [line.text for line in found.unread] == [bad, "  4 ffff8c1841dae840 ffff8c1841b6c670"]
    assert len(found.tasks[0].files) == 2


def test_a_dentry() -> None:
    text = " DENTRY    INODE    SUPERBLK  TYPE  PATH\n f745fd60  f7284640  f73a3e00  REG   /var/spool/lpd/lpd.lock\n"
    parser = files.parser(["-d", "f745fd60"])
    assert parser is files.parse_dentry
    (dentry,) = files.parse_dentry(text).dentries
    assert (dentry.dentry, dentry.superblk, dentry.path) == ("0xf745fd60", "0xf73a3e00", "/var/spool/lpd/lpd.lock")


def test_pages_of_an_inode() -> None:
    found = files.parse_pages(PAGES)
    assert (found.inode, found.nrpages, found.unread) == ("0xf59b90fc", 6, ())
    named, masked = found.pages
    assert named.flags and masked.flags
    assert (named.page, named.physical, named.mapping, named.index, named.cnt) == (
        "0xca3353e0",
        "0x39a9f000",
        "0xf59b91ac",
        0,
        2,
    )
    assert (named.flags.value, named.flags.names) == ("0x82c", ("referenced", "uptodate", "lru", "private"))
    assert (masked.flags.value, masked.flags.names) == ("0xfffffc0000000", ())
