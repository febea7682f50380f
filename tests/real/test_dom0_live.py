# SPDX-License-Identifier: Apache-2.0
"""A long session on the Dom0 of the lab, asked while it changes, and what is left when one of its parts is killed."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.dom0.image import CRASHES
from tests.lab.dom0.machine import Running
from tests.real.conftest import DOM0S
from tests.real.dom0_client import CRASH_PID, left_there, nothing_more, ssh_directory, wait_there
from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.parse import read
from xcrash.target import Choices, look_at

pytestmark = pytest.mark.dom0

VERSIONS = CRASHES if len(DOM0S) > 1 else CRASHES[-1:]
"""A start takes minutes: of one Dom0 alone only the newest crash is asked."""

LONGEST = 900.0
WORDS = "the lens shows a page of this very process"
MAGIC = 0x57AC6E9D
"""STACK_END_MAGIC (include/uapi/linux/magic.h), at the low end of every stack in use."""

_PROCESS = """
import ctypes, os, sys
text = ctypes.create_string_buffer(sys.argv[1].encode())
open("/proc/self/comm", "w").write("lens-witness")
print(os.getpid(), ctypes.addressof(text), flush=True)
sys.stdin.read()
"""
_KCORE = """
import sys
from pathlib import Path
from xcrash.lens.kcore import Kcore, open_kcore
kcore = Kcore(open_kcore(Path("/proc/kcore")))
for address in sys.argv[1:]:
    print(kcore.read(int(address, 16), 64).hex())
"""


class Live:
    """One session from here on the Dom0 there, and the namespaces that were there before it."""

    def __init__(self, dom0: Running, version: str) -> None:
        self.dom0 = dom0
        self.before = left_there(dom0)
        choices = Choices(target=f"ssh://root@127.0.0.1:{dom0.port}", crash=f"/usr/local/bin/crash-{version}")
        self.opened = OpenSession(look_at(choices), choices)
        self.opened.bring_up()

    def text(self, command: str) -> str:
        """What crash answers."""
        result = self.opened.run(command, LONGEST)
        assert result.exit == "ok", (command, result)
        return self.opened.session.text(result.start, result.end)

    def parsed(self, command: str) -> Any:
        """The same, read."""
        return read(command, self.text(command))

    def seen_at(self, *addresses: int) -> list[str]:
        """Bytes at virtual addresses as the Dom0's own processor reads them, in hexadecimal; no lens, no crash."""
        return self.dom0.run(shlex.join(["python3", "-c", _KCORE, *map(hex, addresses)])).splitlines()

    def physical(self, command: str) -> int:
        """Where ``vtop`` says an address is."""
        (one,) = self.parsed(command).translations
        assert one.physical, one
        return int(one.physical, 16)

    def direct(self, physical: int) -> int:
        """The address at which the kernel itself has that memory."""
        return int(self.text(f"ptov {physical:x}").split()[-2], 16)


class Witness:
    """A process in the Dom0 that keeps a string in its memory."""

    def __init__(self, dom0: Running) -> None:
        argv = dom0.argv(shlex.join(["python3", "-c", _PROCESS, WORDS]))
        self.ssh = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.ssh.stdout
        self.pid, self.address = map(int, self.ssh.stdout.readline().split())

    def end(self) -> None:
        """End it."""
        self.ssh.communicate()


@pytest.fixture(scope="module", params=VERSIONS)
def live(dom0: Running, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    place = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(ssh_directory(dom0, place)), prepend=":")
        patch.setenv("XDG_STATE_HOME", str(place / "state"))
        made = Live(dom0, request.param)
        try:
            yield made
        finally:
            made.opened.close()


@pytest.fixture
def witness(dom0: Running, live: Live) -> Iterator[Witness]:
    """Started when crash has been up for long."""
    started = Witness(dom0)
    try:
        yield started
    finally:
        started.end()


def test_as_many_tasks_as_the_dom0_has(dom0: Running, live: Live) -> None:
    def count() -> int:
        return int(dom0.run("ls -d /proc/[0-9]*/task/* 2>/dev/null | wc -l"))

    idle = int(dom0.run("nproc"))
    before = count()
    tasks = [task for task in live.parsed("ps").tasks if task.pid]
    low, high = sorted((before, count()))
    assert low - 24 <= len(tasks) <= high + 24
    (row,) = re.findall(r"^\s*TASKS: (\d+)", live.text("sys"), re.MULTILINE)
    assert abs(int(row) - len(tasks) - idle) <= 24


def test_a_process_started_later_is_in_ps(live: Live, witness: Witness) -> None:
    found = [task for task in live.parsed("ps").tasks if task.pid == witness.pid]
    assert [(task.comm, task.kernel_thread) for task in found] == [("lens-witness", False)]


def test_memory_of_a_process(live: Live, witness: Witness) -> None:
    """By its own page tables, which no walk of the kernel's has met."""
    live.text(f"set {witness.pid}")
    assert live.parsed(f"rd -ua {witness.address:x}").text == WORDS
    physical = live.physical(f"vtop -u {witness.address:x}")
    (seen,) = live.seen_at(live.direct(physical))
    assert bytes.fromhex(seen).startswith(WORDS.encode())


def test_an_address_of_a_module(dom0: Running, live: Live) -> None:
    """The frame that vtop names has the bytes that the processor finds at the address."""
    address = int(dom0.run("awk '$3 > 0 { print $6; exit }' /proc/modules"), 16)
    physical = live.physical(f"vtop {address:x}")
    here, there = live.seen_at(address, live.direct(physical))
    assert here == there and any(bytes.fromhex(here))


def test_an_address_of_vmalloc(live: Live) -> None:
    (stack,) = re.findall(r"stack = (0x[0-9a-f]+)", live.text("task -R stack 1"))
    physical = live.physical(f"vtop {stack.removeprefix('0x')}")
    told = live.parsed(f"rd {stack}")
    assert int(told.rows[0].words[0], 16) == MAGIC
    for seen in live.seen_at(int(stack, 16), live.direct(physical)):
        assert int.from_bytes(bytes.fromhex(seen)[:8], "little") == MAGIC


def test_kill_9_of_crash(dom0: Running, live: Live) -> None:
    """The last question of the session."""
    (crash,) = set(dom0.run(CRASH_PID).split()) - live.before[0]
    dom0.run(f"kill -9 {crash}")
    wait_there(lambda: live.opened.session.gone, "the end of the session")
    with pytest.raises(XcrashError) as told:
        live.opened.run("sys", LONGEST)
    assert told.value.code == "crash-died"
    wait_there(lambda: nothing_more(dom0, live.before), "nothing of the session is left")


def parent_of(dom0: Running, pid: str) -> str:
    return dom0.run(f"awk '/^PPid/ {{ print $2 }}' /proc/{pid}/status").strip()


@pytest.mark.parametrize("part", ["lens", "xcrash"])
def test_kill_9_of_another_part(dom0: Running, part: str) -> None:
    """In the Dom0 itself, while crash reads its files."""
    before = left_there(dom0)
    command = "xcrash run -c sys --no-input --no-record --json"
    with subprocess.Popen(dom0.argv(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as ssh:
        wait_there(lambda: dom0.run(f"{CRASH_PID} || true").strip(), "crash runs")
        _, mounts, namespaces = left_there(dom0)
        assert mounts > before[1] and namespaces > before[2]
        crash = dom0.run(CRASH_PID).strip()
        watcher = parent_of(dom0, crash)
        if part == "lens":
            killed = [pid for pid in dom0.run(f"pgrep -P {watcher}").split() if pid != crash]
        else:
            killed = [parent_of(dom0, watcher)]
        assert len(killed) == 1
        dom0.run(f"kill -9 {killed[0]}")
        said, _ = ssh.communicate(timeout=LONGEST)
    assert ssh.returncode != 0
    if part == "lens":
        assert b"the lens has ended (signal 9)" in said
    wait_there(lambda: nothing_more(dom0, before), "nothing of the session is left")
