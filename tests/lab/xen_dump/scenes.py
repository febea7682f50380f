# SPDX-License-Identifier: Apache-2.0
"""The ways in which the machine crashes, and what is kept of each: the dump, and what the machine said before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.lab.dom0.image import Dom0
from tests.lab.dom0.machine import Running, Setup, boot, stop_dom0
from tests.lab.paths import Lab
from tests.lab.proc import LabError, say, wait_until
from tests.lab.stamps import fresh_directory, write_whole
from tests.lab.xen_dump.capture import OPTIONS, Capture
from tests.lab.xen_dump.dumps import Scene
from tests.lab.xen_dump.hypervisor import Hypervisor

XEN_OPTIONS = (
    "console=com1 com1=115200,8n1 console_timestamps=boot dom0_mem=640M,max:640M dom0_max_vcpus=2 loglvl=all "
    "crashkernel=256M"
)
MEMORY = "1536"
_TRIES = 2
_SAVES = 900.0  # seconds from the crash to the end of the machine
_FROM_CONSOLE = ("Executing kexec image", "LAB: saved")

_GUEST = 300.0  # seconds until a guest is up
_PVH = """# A PVH domain that does nothing: QEMU emulates AMD's virtualisation.
name = "{name}"
type = "pvh"
kernel = "/boot/{kernel}"
ramdisk = "/boot/domu.img"
extra = "console=hvc0 quiet"
memory = 128
vcpus = 1
"""

FACTS = {
    "xl list": "xl list",
    "xl list -l": "xl list -l",
    "xl vcpu-list": "xl vcpu-list",
    "xl info": "xl info",
    "xl dmesg": "xl dmesg",
    "ps": "ps -eLo pid,lwp,stat,comm",
    "tasks": "ls -d /proc/[0-9]*/task/* | wc -l",
    "uptime": "cat /proc/uptime",
    "release": "uname -r",
    "build-id": "cat /sys/hypervisor/properties/buildid",
}
"""What is asked before the crash: the name in before.json, and the command."""


def make_scene(lab: Lab, dom0: Dom0, hypervisor: Hypervisor, capture: Capture, scene: Scene, home: Path) -> None:
    """Boot, ask, crash, save; a second try for what a busy machine spoiled."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            with fresh_directory(home) as work:
                _crash(lab, dom0, hypervisor, capture, scene, work)
        except LabError as error:
            if not left:
                raise
            say(f"  {error}; once more")
        else:
            return


def _crash(lab: Lab, dom0: Dom0, hypervisor: Hypervisor, capture: Capture, scene: Scene, work: Path) -> None:
    disk = work / "save.img"
    capture.make_disk(disk)
    more = ("-drive", f"file={disk},format=raw,if=virtio", "-no-reboot")
    running = boot(lab, dom0, Setup(work, hypervisor.boots, XEN_OPTIONS, MEMORY, more))
    try:
        _load_second_kernel(running, dom0, capture, scene)
        for guest in scene.guests:
            _start_guest(running, dom0, guest)
        before = {name: running.run(command) for name, command in FACTS.items()}
        write_whole(work / "before.json", json.dumps(before, indent=2) + "\n")
        for guest, core in scene.cores(work).items():
            say(f"  dumping the guest {guest}")
            running.run(f"xl dump-core {guest} /root/{guest}.core", seconds=600)
            _fetch(running, f"/root/{guest}.core", core)
            running.run(f"rm /root/{guest}.core")
        say(f"  {scene.made}; saving takes a minute or two")
        # The answer never comes: the machine is gone.
        running.run(f"nohup sh -c 'sleep 2; {scene.command}' > /dev/null 2>&1 &")
        wait_until(lambda: not running.alive, _SAVES, "the end of the machine that saves its memory", pause=1)
        console = running.console()
        if missing := [words for words in _FROM_CONSOLE if words not in console]:
            raise LabError(f"the console does not say {missing[0]!r}; it ends with: ...{console[-2000:]}")
    finally:
        stop_dom0(running)
    capture.take(disk, "vmcore", work / scene.file)
    disk.unlink()
    (work / "run/serial.log").replace(work / "serial.log")


def _load_second_kernel(running: Running, dom0: Dom0, capture: Capture, scene: Scene) -> None:
    _send(running, capture.tools, "/kdump")
    running.run("cat > /root/capture.img", data=capture.initrd.read_bytes())
    kernel = f"/boot/{dom0.parts.kernel.vmlinuz.name}"
    options = OPTIONS if scene.whole else f"{OPTIONS} guests=left-out"
    running.run(f'/kdump/run kexec -p {kernel} --initrd=/root/capture.img --append="{options}"')


def _start_guest(running: Running, dom0: Dom0, name: str) -> None:
    """Start the guest unless it runs, and wait until it says that it is up."""
    kernel = dom0.parts.kernel.vmlinuz.name
    running.run(f"cat > /etc/xen/{name}.new", data=_PVH.format(name=name, kernel=kernel).encode())
    running.run(f"xl domid {name} > /dev/null 2>&1 || xl create -q /etc/xen/{name}.new", seconds=_GUEST)
    console = f"timeout 5 xl console {name} < /dev/null || true"
    wait_until(lambda: "the DomU is up" in running.run(console), _GUEST, f"the guest {name}", pause=1)


def _send(running: Running, directory: Path, where: str) -> None:
    packed = subprocess.run(["tar", "-c", "-C", str(directory), "."], capture_output=True, check=True).stdout
    running.run(f"mkdir -p {where} && tar -x --no-same-owner -C {where}", data=packed)


def _fetch(running: Running, path: str, target: Path) -> None:
    with target.open("wb") as file:
        done = subprocess.run(running.argv(f"cat {path}"), stdout=file, timeout=600, check=False)
    if done.returncode:
        raise LabError(f"cannot copy {path} out of the Dom0")
