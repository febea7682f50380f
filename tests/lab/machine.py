# SPDX-License-Identifier: Apache-2.0
"""A QEMU with the guest in it, ended whatever happens."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from tests.lab.kernel import Kernel
from tests.lab.proc import LabError, end, plain_environment, say, start, wait_until
from tests.lab.qmp import Qmp, connect

MEMORY = "512M"
COMMAND_LINE = "console=ttyS0,115200 rdinit=/sbin/init panic=0 net.ifnames=0"


def machine_argv(qemu: Path, kernel: Kernel, initrd: Path, disk: Path, sockets: Path, serial: Path) -> list[str]:
    """Return the words that start the machine: emulated, two CPUs, no way to the outside."""
    return [
        *(str(qemu), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"),
        *("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", MEMORY),
        *("-kernel", str(kernel.vmlinuz), "-initrd", str(initrd), "-append", COMMAND_LINE),
        *("-device", "vmcoreinfo", "-device", "virtio-rng-pci", "-device", "virtio-balloon-pci"),
        *("-blockdev", f"driver=file,node-name=disk,filename={_escaped(disk)}"),
        *("-device", "virtio-blk-pci,drive=disk"),
        *("-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile="),
        *("-serial", f"file:{serial}"),
        *("-chardev", f"socket,id=word,path={sockets / 'word'},server=on,wait=off", "-serial", "chardev:word"),
        *("-qmp", f"unix:{sockets / 'qmp'},server=on,wait=off"),
    ]


def _escaped(path: Path) -> str:
    return str(path).replace(",", ",,")


class Machine:
    """A running guest."""

    def __init__(self, qemu: Path, kernel: Kernel, guest: Path, logs: Path) -> None:
        """Start the guest; the serial console and QEMU's own words go below `logs`."""
        # The address of a unix socket is short, the lab's path may be long.
        self._sockets = Path(tempfile.mkdtemp(prefix="xcrash-lab-"))
        self._disk = logs / "disk.img"
        self.serial = logs / "serial.log"
        self._said = logs / "qemu.log"
        logs.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(guest / "disk.img", self._disk)
        self.serial.write_bytes(b"")
        argv = machine_argv(qemu, kernel, guest / "initrd", self._disk, self._sockets, self.serial)
        with self._said.open("wb") as output:
            self._child = start(argv, stdout=output, env=plain_environment())

    def __enter__(self) -> Machine:
        """Give the machine."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """End QEMU and remove what only it needed."""
        end(self._child)
        self._disk.unlink(missing_ok=True)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def console(self) -> str:
        """Return all that the guest's console said so far."""
        return self.serial.read_bytes().decode("utf-8", "replace")

    def wait_for(self, marker: str, seconds: float) -> None:
        """Wait until the console shows a marker; a dead QEMU or an early panic is an error."""

        def shown() -> bool:
            text = self.console()
            if marker in text:
                return True
            if self._child.poll() is not None:
                raise LabError(f"QEMU ended early: {self._said.read_text(errors='replace')[-2000:]}")
            if "---[ end Kernel panic" in text:
                raise LabError(f"the guest died before {marker!r}; its console: {self.serial}\n{text[-2000:]}")
            return False

        try:
            wait_until(shown, seconds, f"{marker!r} on the guest's console")
        except LabError:
            say(f"  the console ends with: ...{self.console()[-600:]}")
            raise

    def control(self) -> Qmp:
        """Return a connection for commands to QEMU."""
        return Qmp(self._sockets / "qmp")

    def tell(self, word: str) -> None:
        """Say a word to the guest's scene."""
        with connect(self._sockets / "word", 30) as line:
            line.sendall(word.encode() + b"\n")
            # Closing at once may drop what QEMU has not read yet; the guest's answer shows that it has.
            self.wait_for(f"LAB: {word}", 300)

    def quit(self, control: Qmp) -> None:
        """Ask QEMU to end and wait for it."""
        control.execute("quit")
        wait_until(lambda: self._child.poll() is not None, 60, "the end of QEMU")
