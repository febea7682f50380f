# SPDX-License-Identifier: Apache-2.0
"""A real sshd on loopback with keys of its own, for the user who runs the tests, and an ssh that knows them."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.processes import children_of, name_of
from tests.pty.running import until

SSHD = next((path for path in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if Path(path).exists()), None)
USER = pwd.getpwuid(os.geteuid()).pw_name


class Daemon:
    """sshd in ``directory``; ``client`` is a directory for the front of PATH whose ssh reads our configuration."""

    def __init__(self, directory: Path, *settings: str) -> None:
        self.directory = directory
        self.port = _free_port()
        self.client = directory / "client"
        self.client.mkdir()
        for name in ("host", "user", "stranger"):
            self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name))
        self.known = directory / "known_hosts"
        self.known.write_text(f"[127.0.0.1]:{self.port} {(directory / 'host.pub').read_text()}")
        self.config = directory / "ssh_config"
        self.config.write_text(
            f"IdentityFile {directory}/user\nIdentitiesOnly yes\nIdentityAgent none\nStrictHostKeyChecking yes\n"
            f"UserKnownHostsFile {self.known}\nGlobalKnownHostsFile /dev/null\n"
        )
        ssh = self.client / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.config} "$@"\n')
        ssh.chmod(0o755)
        self._log = directory / "sshd.log"
        lines = (
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {directory}/host",
            f"AuthorizedKeysFile {directory}/user.pub",
            f"PidFile {directory}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            *settings,
        )
        (directory / "sshd_config").write_text("\n".join(lines) + "\n")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._child = subprocess.Popen([str(SSHD), "-D", "-f", str(directory / "sshd_config"), "-E", str(self._log)])
        until(self._listens, f"sshd: {self._log.read_text() if self._log.exists() else ''}")

    @property
    def address(self) -> str:
        """How xcrash is told to go there."""
        return f"ssh://{USER}@127.0.0.1:{self.port}"

    def gives_terminals(self) -> bool:
        """Can this sshd, when not root's, hand out a terminal? Not where /dev/pts is mounted without its group."""
        argv = [str(self.client / "ssh"), "-tt", "-p", str(self.port), "127.0.0.1", "true"]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0

    def sessions(self) -> list[int]:
        """The processes of sshd that serve somebody, the outermost first."""
        found, waiting = [], [self._child.pid]
        while waiting:
            inside = [child for child in children_of(waiting[0]) if name_of(child).startswith("sshd")]
            found += inside
            waiting = waiting[1:] + inside
        return found

    def cut(self) -> None:
        """End everything that serves a connection, as a host does that goes down."""
        for pid in self.sessions():
            with contextlib.suppress(ProcessLookupError):  # ended by the end of the one before it
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End sshd."""
        self._child.terminate()
        self._child.wait()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @staticmethod
    def _run(*argv: str) -> None:
        subprocess.run(argv, check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
