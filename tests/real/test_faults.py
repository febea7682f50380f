# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the real crash, in every version of the lab: the right state, nothing lost, nothing left."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.paths import CrashProgram, Lab
from tests.processes import exists, name_of, parent_of, pids, state_of
from tests.real.processes import running_on, wait_for
from xcrash.errors import SessionError, StartError, XcrashError
from xcrash.open_session import OpenSession
from xcrash.session import Session, State
from xcrash.target import Choices, look_at
from xcrash.transcript.asciicast import read_cast

pytestmark = pytest.mark.real

ENDLESS = "repeat p 1"
"""It has no end of its own; no test depends on how long anything takes."""


class Ground:
    """One crash on a dump under a name of its own, so that its processes can be told from others."""

    def __init__(self, lab: Lab, program: CrashProgram, place: Path) -> None:
        self.program = program
        # crash 8.0.2 refuses the newer kernel, whatever else is wrong.
        self.whole = lab.dump("panic-6.1" if program.version == "8.0.2" else "panic")
        self.dump = place / f"vmcore-{os.getpid()}-{program.version}"
        shutil.copyfile(self.whole.path, self.dump)
        self.opened: list[OpenSession] = []

    def open(self, dump: Path | None = None, vmlinux: Path | None = None) -> OpenSession:
        """A session that is ready for commands."""
        choices = Choices(
            target=str(dump or self.dump), vmlinux=str(vmlinux or self.whole.vmlinux), crash=str(self.program.path)
        )
        opened = OpenSession(look_at(choices), choices)
        self.opened.append(opened)
        opened.bring_up()
        return opened

    def crash_of(self, session: Session) -> int:
        """The process that the session drives."""
        text = session.run("!echo $PPID")
        return int(session.text(text.start, text.end))


@pytest.fixture(params=["8.0.2", "8.0.6", "9.0.2"])
def ground(lab: Lab, workdir: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    before = _open_files()
    made = Ground(lab, lab.crash_version(request.param), tmp_path)
    try:
        yield made
    finally:
        for opened in made.opened:
            opened.close()
    wait_for(lambda: running_on(str(made.dump)) == [], "every crash is gone")
    assert list(workdir.iterdir()) == []
    assert _children() == []
    assert _open_files() - before == set()
    for opened in made.opened:
        if opened.recording:
            assert read_cast(Path(opened.recording)).complete


def _open_files() -> set[str]:
    """What this process has open that could be a leak: terminals, pipes, files of a session."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith(("/dev/pt", "pipe:")) or "xcrash" in target:
            found.add(f"{entry.name} {target}")
    return found


def _children() -> list[str]:
    """Children of this process that nobody has waited for."""
    return [name_of(pid) for pid in pids() if parent_of(pid) == os.getpid() and state_of(pid) == "Z"]


def _busy(session: Session) -> int:
    number = session.submit(ENDLESS)
    wait_for(lambda: session.state is State.BUSY, "the command runs")
    return number


def _ended(session: Session, number: int) -> Callable[[], object]:
    return lambda: [result for result in session.results if result.id == number]


def test_a_crash_that_is_killed_is_told_and_what_it_said_is_kept(ground: Ground) -> None:
    session = ground.open().session
    said = session.run("sys")
    crash = ground.crash_of(session)
    number = _busy(session)
    wait_for(lambda: session.spool.size > said.end + 1000, "some of its output")
    os.kill(crash, signal.SIGKILL)
    wait_for(lambda: session.gone, "the session's end")
    assert session.gone is not None and session.gone.error is not None
    assert "(signal 9)" in session.gone.error.message
    died = next(result for result in session.results if result.id == number)
    assert died.exit == "died"
    assert " = 1\n" in session.text(died.start, died.end)
    assert "sysrq triggered crash" in session.text(said.start, said.end)
    with pytest.raises(SessionError):
        session.run("sys")


def test_a_crash_that_is_stopped_goes_on_where_it_was(ground: Ground) -> None:
    session = ground.open().session
    crash = ground.crash_of(session)
    os.kill(crash, signal.SIGSTOP)
    wait_for(lambda: state_of(crash) == "T", "crash is stopped")
    number = session.submit("p 40+2")
    os.kill(crash, signal.SIGCONT)
    wait_for(_ended(session, number), "the answer")
    assert session.results[-1].exit == "ok"
    assert " = 42\n" in session.text(session.results[-1].start, session.results[-1].end)


def test_a_crash_that_stays_stopped_can_be_ended(ground: Ground) -> None:
    opened = ground.open()
    crash = ground.crash_of(opened.session)
    os.kill(crash, signal.SIGSTOP)
    wait_for(lambda: state_of(crash) == "T", "crash is stopped")
    opened.close()
    wait_for(lambda: not exists(crash), "crash is gone")


def test_every_task_s_stack_can_be_interrupted_and_the_next_answer_is_whole(ground: Ground) -> None:
    session = ground.open().session
    whole = session.run("foreach bt")
    assert whole.exit in ("ok", "error")  # crash 8.0.2 cannot read every task of this kernel
    for _ in range(5):
        # Before, while or after it runs: wherever the key hits, the next answer is whole.
        session.submit("foreach bt -f")
        session.interrupt()
        number = session.submit("p 40+2")
        wait_for(_ended(session, number), "the next answer")
        assert session.text(session.results[-1].start, session.results[-1].end).endswith(" = 42\n")
    number = _busy(session)
    session.interrupt()
    wait_for(_ended(session, number), "the end of a command without one")
    assert session.results[-1].exit == "interrupted"
    again = session.run("foreach bt")
    assert session.text(again.start, again.end) == session.text(whole.start, whole.end)


def test_help_pages_with_prompts_in_them_two_hundred_times(ground: Ground) -> None:
    session = ground.open().session
    first = session.run("help ps")
    page = session.text(first.start, first.end)
    assert page.count("crash> ") > 3
    for number in range(1, 200):
        found = session.run("help ps" if number % 2 else "p 40+2")
        text = session.text(found.start, found.end)
        assert text == page if number % 2 else text.endswith(" = 42\n")
    assert len(session.results) == 200


def test_a_dump_that_was_cut_off_is_refused_with_what_is_missing(ground: Ground, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    shutil.copyfile(ground.dump, cut)
    whole = cut.stat().st_size
    os.truncate(cut, whole // 2)
    with pytest.raises(StartError) as caught:
        ground.open(cut)
    assert caught.value.code.startswith("start-")
    assert f"{whole - whole // 2:,} bytes" in f"{caught.value.message} {caught.value.hint}"
    assert running_on(str(cut)) == []


def test_a_vmlinux_of_another_kernel_is_refused_with_both_names(ground: Ground, tmp_path: Path) -> None:
    release = ground.whole.release
    other = tmp_path / "vmlinux"
    data = ground.whole.vmlinux.read_bytes().replace(release.encode(), release.replace("6.", "5.", 1).encode())
    other.write_bytes(data.replace(bytes.fromhex(ground.whole.build_id), bytes(range(20))))
    with pytest.raises(XcrashError) as caught:
        ground.open(vmlinux=other)
    assert caught.value.exit_status == 3
    for word in (release, release.replace("6.", "5.", 1), ground.whole.build_id, bytes(range(20)).hex()):
        assert word in caught.value.message


def test_two_sessions_on_one_dump_do_not_know_of_each_other(ground: Ground) -> None:
    one, other = ground.open(), ground.open()
    assert one.recording != other.recording
    number = _busy(one.session)
    before = other.session.run("sys")
    assert other.session.run("p 40+2").exit == "ok"
    os.kill(ground.crash_of(other.session), signal.SIGKILL)
    wait_for(lambda: other.session.gone, "the end of the second")
    assert one.session.state is State.BUSY
    one.session.interrupt()
    wait_for(_ended(one.session, number), "the end of the first one's command")
    after = one.session.run("sys")
    assert one.session.text(after.start, after.end) == other.session.text(before.start, before.end)
    assert len(other.session.results) == 3 or other.session.results[-1].exit == "died"
