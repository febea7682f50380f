# SPDX-License-Identifier: Apache-2.0
"""System V IPC, wait queues, users of files."""

from __future__ import annotations

from tests.unit.parse.device_samples import IPCS
from tests.unit.parse.task_samples import FUSER
from xcrash.parse import fuser, ipcs, waitq


def test_the_three_facilities() -> None:
    found = ipcs.parse(IPCS)
    assert found.shared_memory and found.message_queues
    first, second = found.shared_memory
    assert (first.key, first.shmid, first.perms, first.bytes, first.nattch) == ("0x00000000", 0, "666", 90000, 1)
    assert (first.status, second.status, first.inode) == (("DEST", "LOCKED"), (), None)
    assert (second.pages_allocated, second.pages_resident, second.pages_swapped) == (22, 1, 0)
    assert (second.inode, IPCS[slice(*second.span)][-16:]) == ("0xffff88047239c118", "ffff88047239c118")
    assert found.semaphore_arrays == ()
    (queue,) = found.message_queues
    assert (queue.msqid, queue.used_bytes, queue.messages) == (0, 16640, 104)


def test_a_table_that_is_not_shown_is_none() -> None:
    found = ipcs.parse("SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS     \n(none allocated)\n")
    assert (found.shared_memory, found.semaphore_arrays, found.message_queues) == (None, (), None)
    row = "ffff88047200f9d0 00000000 0          0     600   1         "
    assert [line.text for line in ipcs.parse(f"{row}\n(none allocated)\n").unread] == [row, "(none allocated)"]


def test_tasks_on_a_wait_queue() -> None:
    found = waitq.parse('PID: 13691  TASK: c3534000  CPU: 1   COMMAND: "bash"\n')
    assert ([t.pid for t in found.tasks], found.empty, found.address) == ([13691], False, None)


def test_an_empty_wait_queue() -> None:
    named = waitq.parse('wait queue "buffer_wait" (c02927f0) is empty\n')
    assert (named.tasks, named.empty, named.name, named.address) == ((), True, "buffer_wait", "0xc02927f0")
    assert waitq.parse("wait queue c02927f0 is empty\n").address == "0xc02927f0"
    failed = waitq.parse('waitq: cannot resolve "dpm_wait"\n')
    assert (failed.empty, [r.text for r in failed.remarks]) == (None, ['waitq: cannot resolve "dpm_wait"'])


def test_users_of_a_file_with_cut_names() -> None:
    assert [(u.pid, u.comm, u.complete, u.usage) for u in fuser.parse(FUSER).users] == [
        (3, "pool_workqueue", False, ("root", "cwd")),
        (196, "web worker 1", True, ("fd",)),
        (198, "[odd] > 7", True, ("fd", "mmap")),
    ]
    broken = f"vm: invalid structure member offset: mm_struct_mmap\n{FUSER}"
    assert (len(fuser.parse(broken).users), fuser.parse(broken).unread) == (3, ())
    nobody = fuser.parse("No users of /var/log/messages found\n")
    assert (nobody.users, nobody.unread) == ((), ())
    row = ' 779  c5e82000  "kwm"           eaten'
    assert [line.text for line in fuser.parse(row).unread] == [row]
