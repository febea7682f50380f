# SPDX-License-Identifier: Apache-2.0
"""A live session on the Dom0 of the lab, over ssh: crash behind the lens tells what the Dom0 itself tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.lab.dom0.machine import Running
from tests.real.dom0_client import left_there, ssh_directory

pytestmark = pytest.mark.dom0

COMMANDS = ("sys", "ps", "bt 1", "mod", "kmem -i", "log", "p jiffies")
LONGEST = 1800.0
SETTLES = 24
"""Tasks that may come and go while crash reads: kernel threads, those of the session itself."""


class Answered(NamedTuple):
    """What xcrash printed, and what the Dom0 said of itself before and after."""

    document: Any
    tasks: tuple[int, int]


def xcrash(dom0: Running, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """xcrash here on the Dom0 there, as a user whose ssh_config knows it."""
    client = ssh_directory(dom0, directory)
    environment = {**os.environ, "PATH": f"{client}:{os.environ['PATH']}", "XDG_STATE_HOME": str(directory / "state")}
    argv = [sys.executable, "-m", "xcrash", "run", f"ssh://root@127.0.0.1:{dom0.port}", *words, "--no-input", "--json"]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)


def count_tasks(dom0: Running) -> int:
    return int(dom0.run("ls -d /proc/[0-9]*/task/* | wc -l"))


@pytest.fixture(scope="session")
def answered(dom0: Running, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    before = count_tasks(dom0)
    asked = [word for command in COMMANDS for word in ("-c", command)]
    done = xcrash(dom0, tmp_path_factory.mktemp("live"), *asked)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr[-3000:])
    return Answered(json.loads(done.stdout), (before, count_tasks(dom0)))


def parsed(answered: Answered, command: str) -> Any:
    (answer,) = (one for one in answered.document["commands"] if one["command"] == command)
    assert answer["exit"] == "ok", answer
    return answer["parsed"]


def test_it_is_the_running_kernel(dom0: Running, answered: Answered) -> None:
    banner = answered.document["banner"]
    assert (banner["release"], banner["dumpfile"]) == (dom0.release, "/proc/kcore")
    assert banner["cpus"] == int(dom0.run("nproc"))


def test_the_tasks_are_those_of_the_dom0(dom0: Running, answered: Answered) -> None:
    tasks = [task for task in parsed(answered, "ps")["tasks"] if task["pid"]]
    low, high = sorted(answered.tasks)
    assert low - SETTLES <= len(tasks) <= high + SETTLES
    names = {task["pid"]: task["comm"] for task in tasks if not task["kernel_thread"]}
    told = dom0.run("for one in /proc/[0-9]*; do echo ${one#/proc/} $(cat $one/comm); done 2>/dev/null")
    there = dict(line.split(maxsplit=1) for line in told.splitlines() if " " in line)
    both = [pid for pid in names if str(pid) in there]
    assert 1 in both and len(both) >= 4
    assert [names[pid] for pid in both] == [there[str(pid)] for pid in both]


def test_a_sleeping_task_has_its_stack(answered: Answered) -> None:
    (trace,) = parsed(answered, "bt 1")["traces"]
    functions = [frame["function"] for frame in trace["frames"]]
    assert functions[0] == "__schedule" and "schedule" in functions
    assert any("syscall" in function for function in functions)


def test_the_modules_are_those_of_lsmod(dom0: Running, answered: Answered) -> None:
    listed = {line.split()[0] for line in dom0.run("cat /proc/modules").splitlines()}
    assert {module["name"] for module in parsed(answered, "mod")["modules"]} == listed


def test_the_memory_is_that_of_meminfo(dom0: Running, answered: Answered) -> None:
    total = next(row for row in parsed(answered, "kmem -i")["usage"] if row["name"] == "TOTAL MEM")
    told = dom0.run("awk '/^MemTotal/ { print $2 }' /proc/meminfo")
    assert total["pages"] * 4 == int(told)


def test_the_log_is_that_of_dmesg(dom0: Running, answered: Answered) -> None:
    text = next(one for one in answered.document["commands"] if one["command"] == "log")["text"]
    first = next(line for line in dom0.run("dmesg").splitlines() if "Linux version" in line)
    assert first.partition("] ")[2] in text


def test_nothing_is_left_there(dom0: Running, answered: Answered) -> None:
    assert answered.document["commands"]
    processes, mounts, _ = left_there(dom0)
    assert (processes, mounts) == (set(), set())
    assert dom0.run("ls -d /var/tmp/xcrash-* 2>/dev/null || true") == ""


def test_without_the_lens_crash_fails_and_why_is_explained(dom0: Running, tmp_path: Path) -> None:
    done = xcrash(dom0, tmp_path, "--lens", "off", "-c", "sys")
    assert done.returncode == 5, (done.stdout[-3000:], done.stderr[-3000:])
    error = json.loads(done.stdout)["error"]
    assert "ffffffffffffffff" in error["message"]
    assert "lens" in error["hint"]
