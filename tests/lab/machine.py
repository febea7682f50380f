# SPDX-License-Identifier: Apache-2.0
"""A QEMU with the guest in it, ended whatever happens."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import TracebackType

from tests.lab.kernel import Kernel
from tests.lab.proc import LabError, end, plain_environment, say, start, wait_until
from tests.lab.qmp import Qmp

MEMORY = "512M"
COMMAND_LINE = "console=ttyS0,115200 rdinit=/sbin/init panic=0 net.ifnames=0"


def machine_argv(qemu: Path, kernel: Kernel, guest: Path, logs: Path, control: int, word: int) -> list[str]:
    """Return the words that start the machine: emulated, two CPUs, no way to the outside."""
    return [
        *(str(qemu), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"),
        *("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", MEMORY),
        *("-kernel", str(kernel.vmlinuz), "-initrd", str(guest / "initrd"), "-append", COMMAND_LINE),
        *("-device", "vmcoreinfo", "-device", "virtio-rng-pci", "-device", "virtio-balloon-pci"),
        *("-blockdev", f"driver=file,node-name=disk,filename={logs / 'disk.img'}"),
        *("-device", "virtio-blk-pci,drive=disk"),
        *("-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile="),
        *("-serial", f"file:{logs / 'serial.log'}"),
        *("-chardev", f"socket,id=word,fd={word}", "-serial", "chardev:word"),
        *("-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control"),
    ]


class Machine:
    """A running guest."""

    def __init__(self, qemu: Path, kernel: Kernel, guest: Path, logs: Path) -> None:
        """Start the guest; the serial console and QEMU's own words go below `logs`."""
        logs.mkdir(parents=True, exist_ok=True)
        self.serial = logs / "serial.log"
        self._said = logs / "qemu.log"
        self.serial.write_bytes(b"")
        shutil.copyfile(guest / "disk.img", logs / "disk.img")
        # Connected sockets instead of addresses: nothing to wait for and nothing to leave behind.
        self._control, control = socket.socketpair()
        self._word, word = socket.socketpair()
        with self._said.open("wb") as output, control, word:
            numbers = (control.fileno(), word.fileno())
            argv = machine_argv(qemu, kernel, guest, logs, *numbers)
            self._child = start(argv, stdout=output, env=plain_environment(), pass_fds=numbers)

    def __enter__(self) -> Machine:
        """Give the machine."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """End QEMU."""
        end(self._child)
        self._control.close()
        self._word.close()

    def console(self) -> str:
        """Return all that the guest's console said so far."""
        return self.serial.read_bytes().decode("utf-8", "replace")

    def wait_for(self, marker: str, seconds: float) -> None:
        """Wait until the console shows a marker; a dead QEMU or an early panic is an error."""

        def shown() -> bool:
            text = self.console()
            if marker in text:
                return True
            status = self._child.poll()
            if status is not None:
                said = self._said.read_text(errors="replace")[-2000:]
                raise LabError(f"QEMU ended early with status {status}: {said or 'it said nothing'}")
            if "---[ end Kernel panic" in text:
                raise LabError(f"the guest died before it said {marker!r}")
            return False

        try:
            wait_until(shown, seconds, f"{marker!r} on the guest's console")
        except LabError:
            say(f"  the console ({self.serial}) ends with: ...{self.console()[-2000:]}")
            raise

    def control(self) -> Qmp:
        """Shake hands for commands to QEMU."""
        return Qmp(self._control)

    def tell(self, word: str) -> None:
        """Say a word to the guest's scene."""
        self._word.sendall(word.encode() + b"\n")

    def quit(self, control: Qmp) -> None:
        """Ask QEMU to end and wait for it."""
        control.execute("quit")
        wait_until(lambda: self._child.poll() is not None, 60, "the end of QEMU")
