# SPDX-License-Identifier: Apache-2.0
"""A QEMU in which Xen runs with its Dom0: it outlives the program that started it, and is stopped by its pid."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tests.lab.dom0.image import HOST, LINUX_OPTIONS, ROOT_OPTIONS, XEN_OPTIONS, Dom0, prepare_dom0
from tests.lab.dom0.parts import DEBUG_BOOT, fetch_parts
from tests.lab.dom0.source import (
    EXTRA,
    REQUIREMENTS,
    dist_packages,
    installed_site,
    packed,
    packed_source,
    requirements,
)
from tests.lab.paths import Lab
from tests.lab.proc import LabError, plain_environment, run, say, wait_until
from tests.lab.stamps import Stamps, only_run, write_whole

MEMORY = "4096"
_BOOT = 300.0
_TRIES = 2
_ANSWER = 15.0  # seconds in which a Dom0 that is up answers ssh
_GONE = 30.0
_DEAD = ("---[ end Kernel panic", "Panic on CPU", "Hardware Dom0 ", "LAB: no ", "LAB: cannot ")
_SSH_CONFIG = """Host {host} 127.0.0.1
    HostName 127.0.0.1
    Port {port}
    User root
    IdentityFile {keys}/id_ed25519
    IdentitiesOnly yes
    UserKnownHostsFile {run}/known_hosts
    HostKeyAlias {host}
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 15
    LogLevel ERROR
"""


@dataclass(frozen=True)
class Running:
    """A Dom0 that runs: QEMU's pid and start time (clock ticks since boot), the port of its sshd, its kernel."""

    suite: str
    pid: int
    started: int
    port: int
    release: str
    build_id: str
    home: Path

    @property
    def vmlinux(self) -> str:
        """Return the path of the kernel's debug info in the Dom0."""
        return f"/{DEBUG_BOOT}/vmlinux-{self.release}"

    @property
    def ssh_config(self) -> Path:
        """Return the configuration with which ssh reaches the Dom0."""
        return self.home / "run/ssh_config"

    @property
    def alive(self) -> bool:
        """Whether this very QEMU still runs."""
        return _start_time(self.pid) == self.started

    def argv(self, *command: str, terminal: bool = False) -> list[str]:
        """Return the words that run a shell command in the Dom0, in a terminal of its own if that is asked for."""
        return ["ssh", "-F", str(self.ssh_config), *(("-tt",) if terminal else ()), HOST, *command]

    def run(self, command: str, *, seconds: float = 300, data: bytes = b"") -> str:
        """Run a shell command in the Dom0 and return what it printed; any status but 0 raises LabError."""
        try:
            done = subprocess.run(self.argv(command), input=data, capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"no end after {seconds:.0f} s in the Dom0: {command}") from error
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace").strip()[-3000:]
            raise LabError(f"status {done.returncode} in the Dom0: {command}\n{said}")
        return done.stdout.decode(errors="replace")

    def console(self) -> str:
        """Return what Xen and the Dom0 wrote on the serial line."""
        path = self.home / "run/serial.log"
        return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


@dataclass(frozen=True)
class Setup:
    """What a machine boots and has: ``home`` keeps its console and its pid, ``more`` are further words for QEMU.

    Without ``xen`` Linux runs on the machine itself: the same kernel and disk as those of the Dom0.
    """

    home: Path
    xen: Path | None
    xen_options: str = XEN_OPTIONS
    memory: str = MEMORY
    more: tuple[str, ...] = ()


def find_running(root: Path, suite: str) -> Running | None:
    """Return the Dom0 that runs, if one does."""
    return running_at(root / f"dom0-{suite}")


def running_at(home: Path) -> Running | None:
    """Return the machine that runs with its console and its pid there, if one does."""
    try:
        fields = json.loads((home / "run/running.json").read_text(encoding="utf-8"))
        running = Running(**{**fields, "home": home})
    except (OSError, ValueError, TypeError):
        return None
    return running if running.alive else None


def start_dom0(lab: Lab, suite: str, source: Path) -> Running:
    """Build what is missing, boot unless it runs already, bring xcrash of a working tree there; raises LabError."""
    running = find_running(lab.root, suite)
    if running is None:
        dom0 = prepare_dom0(lab, suite, source)
        running = boot(lab, dom0, Setup(dom0.parts.home, dom0.parts.xen))
    refresh(lab, running, source)
    return running


def stop_dom0(running: Running) -> None:
    """End QEMU by its pid and wait for its end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if running.alive:
            os.kill(running.pid, number)
            try:
                wait_until(lambda: not running.alive, _GONE, f"the end of QEMU ({running.pid})")
            except LabError:
                if number == signal.SIGKILL:
                    raise
    (running.home / "run/running.json").unlink(missing_ok=True)


@contextmanager
def running_dom0(lab: Lab, suite: str, source: Path) -> Iterator[Running]:
    """Give a Dom0 with xcrash of a working tree; one that ran before goes on running afterwards."""
    before = find_running(lab.root, suite)
    running = start_dom0(lab, suite, source)
    try:
        yield running
    finally:
        if before is None:
            stop_dom0(running)


def refresh(lab: Lab, running: Running, source: Path) -> None:
    """Replace xcrash in the Dom0 by that of a working tree, and what it depends on when something is missing there."""
    stamps = Stamps(lab.root)
    with only_run(running.home):
        parts = fetch_parts(lab.root, running.suite, stamps)
    where = f"/{dist_packages(parts.python)}"
    wanted, there = requirements(source), running.run(f"cat {where}/{REQUIREMENTS} || true").splitlines()
    if not set(wanted) <= set(there):
        both = sorted({*wanted, *there})
        site = installed_site(parts, both, stamps)
        say(f"  to the Dom0: {', '.join(sorted(set(wanted) - set(there)))} (extra {EXTRA} included)")
        running.run(f"tar -x -C {Path(where).parent}", data=packed(site, Path(where).name))
    unpack = f"rm -rf {where}/.new && mkdir {where}/.new && tar -x -C {where}/.new"
    running.run(
        f"{unpack} && rm -rf {where}/xcrash && mv {where}/.new/xcrash {where}/", data=packed_source(parts, source)
    )
    say(f"  xcrash in the Dom0 is that of {source}")


def boot(lab: Lab, dom0: Dom0, setup: Setup) -> Running:
    """Boot a machine and wait until its Dom0 answers; raises LabError."""
    for left in range(_TRIES - 1, -1, -1):
        what = "Xen and its Dom0" if setup.xen else "Linux without Xen"
        say(f"booting {what} (emulated: this takes a minute or two)")
        running = _start(lab.root / "bin/qemu-system-x86_64", dom0, setup)
        ready = _is_ready if setup.xen else _is_ready_without_xen
        try:
            wait_until(partial(ready, running), _BOOT, "the Dom0", pause=1)
        except LabError as error:
            stop_dom0(running)
            say(f"  {error}; the console ends with: ...{running.console()[-3000:]}")
            if not left:
                raise
        except BaseException:
            stop_dom0(running)
            raise
        else:
            say(f"  the Dom0 is up: process {running.pid}, port {running.port}")
            return running
    raise AssertionError


def _start(qemu: Path, dom0: Dom0, setup: Setup) -> Running:
    parts = dom0.parts
    logs = setup.home / "run"
    logs.mkdir(parents=True, exist_ok=True)
    (logs / "serial.log").unlink(missing_ok=True)
    port = _free_port(logs / "port")
    argv = [
        *(str(qemu), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std"),
        # With more features than qemu64 has, the Dom0 dies when it boots.
        *("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", setup.memory),
        *_booted(dom0, setup),
        *("-drive", f"file={dom0.image},format=raw,if=virtio,snapshot=on", "-device", "virtio-rng-pci"),
        *("-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile=", "-serial", f"file:{logs / 'serial.log'}"),
        *setup.more,
    ]
    # It detaches itself, and only once it is set up: what is wrong with its words or with the port is told here.
    run([*argv, "-daemonize", "-pidfile", str(logs / "pid")], env=plain_environment(TMPDIR=str(logs)))
    pid = int((logs / "pid").read_text(encoding="utf-8"))
    kernel = parts.kernel
    started = _start_time(pid) or 0
    running = Running(parts.suite, pid, started, port, kernel.release, kernel.build_id, setup.home)
    fields = {**asdict(running), "home": str(setup.home)}
    write_whole(logs / "running.json", json.dumps(fields) + "\n")
    host_key = (dom0.keys / "host_ed25519.pub").read_text(encoding="utf-8")
    write_whole(logs / "known_hosts", f"{HOST} {host_key}")
    write_whole(running.ssh_config, _SSH_CONFIG.format(host=HOST, port=port, keys=dom0.keys, run=logs))
    return running


def _booted(dom0: Dom0, setup: Setup) -> tuple[str, ...]:
    vmlinuz, linux = dom0.parts.kernel.vmlinuz, f"{ROOT_OPTIONS} {LINUX_OPTIONS}"
    if setup.xen:
        modules = ("-initrd", f"{vmlinuz} {linux},{dom0.initrd}")
        return "-kernel", str(setup.xen), "-append", setup.xen_options, *modules
    return "-kernel", str(vmlinuz), "-append", f"{linux} console=ttyS0", "-initrd", str(dom0.initrd)


def _is_ready_without_xen(running: Running) -> bool:
    # That there is no DomU and no module of Xen is as it must be.
    if not running.alive:
        raise LabError("QEMU ended early")
    return "LAB: up" in running.console() and running.run("echo up", seconds=_ANSWER).strip() == "up"


def _is_ready(running: Running) -> bool:
    if not running.alive:
        raise LabError("QEMU ended early")
    text = running.console()
    if any(words in text for words in _DEAD):
        raise LabError("Xen or its Dom0 does not come up")
    if "LAB: up" not in text:
        return False
    try:
        return running.run("cat /proc/xen/capabilities", seconds=_ANSWER).strip() == "control_d"
    except LabError:
        return False


def _free_port(noted: Path) -> int:
    """The port of last time if it is free, so that what people noted down stays right."""
    last = noted.read_text(encoding="utf-8").strip() if noted.exists() else "0"
    for port in (int(last) if last.isdigit() else 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            write_whole(noted, f"{chosen}\n")
            return chosen
    raise LabError("no free port on 127.0.0.1")


def _start_time(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat (proc_pid_stat(5)); None for a process that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
