# SPDX-License-Identifier: Apache-2.0
"""The disk and the initramfs of a Dom0."""

from __future__ import annotations

import re
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.lab.cpio import Cpio
from tests.lab.dom0.parts import DEBUG_BOOT, ROOT_MODULES, Parts, fetch_mke2fs, fetch_parts
from tests.lab.dom0.source import compile_below, dist_packages, installed_site, owned_by_root, requirements
from tests.lab.paths import Lab
from tests.lab.proc import LabError, plain_environment, require, run, say
from tests.lab.stamps import Stamps, fresh_directory, only_run, recipe
from tests.lab.trees import loader_argv, write_wrapper
from tests.trees.bootfiles import Grub2, default_grub

GUEST = Path(__file__).with_name("guest")
HOST = "dom0lab"
XEN_OPTIONS = "console=com1 com1=115200,8n1 dom0_mem=3072M,max:3072M dom0_max_vcpus=2 loglvl=all noreboot"
ROOT_OPTIONS = "root=/dev/vda ro"
LINUX_OPTIONS = "console=hvc0 net.ifnames=0 panic=0"
CRASHES = ("8.0.6", "9.0.2")
DEFAULT_CRASH = "9.0.2"

_SPACE = 5_000_000_000  # the most that is on disk at a time, with room to spare
_DISK_SIZE = 4 << 30  # a sparse file
_MODULES_OF_INITRAMFS = ROOT_MODULES[-1]
_DOMU = """# A PV domain that does nothing.
name = "domu"
type = "pv"
kernel = "/boot/{kernel}"
ramdisk = "/boot/domu.img"
extra = "console=hvc0 quiet"
memory = 128
vcpus = 1
"""


@dataclass(frozen=True)
class Dom0:
    """What boots, and the key that opens it."""

    parts: Parts
    image: Path
    initrd: Path
    keys: Path


def prepare_dom0(lab: Lab, suite: str, source: Path) -> Dom0:
    """Fetch and make what is missing; xcrash itself comes over ssh, what it depends on is on the disk."""
    require("ssh", "ssh-keygen", "apt-get", "apt-cache", "dpkg-deb", "tar", "cp")
    stamps, step = Stamps(lab.root), f"dom0-{suite}-image"
    with only_run(lab.root / f"dom0-{suite}"):
        if not (lab.root / f"dom0-{suite}/image").exists() and shutil.disk_usage(lab.root).free < _SPACE:
            raise LabError(f"less than {_SPACE / 1e9:.0f} GB free at {lab.root}")
        parts = fetch_parts(lab.root, suite, stamps)
        keys = _keys(parts.home / "keys")
        wanted = requirements(source)
        dom0 = Dom0(parts, parts.home / "image/disk.img", parts.home / "image/initrd", keys)
        trees = [lab.root / "trees" / lab.crash_version(version).path.name for version in CRASHES]
        mke2fs = fetch_mke2fs(lab.root, stamps)
        ours = (*sorted(path for path in GUEST.rglob("*") if path.is_file()), *sorted(keys.glob("*.pub")))
        made_from = recipe(parts.made_from, *wanted, *CRASHES, *ours, Path(__file__))
        if stamps.get(step, made_from) is None:
            site = installed_site(parts, wanted, stamps)
            say("making the disk and the initramfs of the Dom0")
            with fresh_directory(dom0.image.parent) as work:
                with (work / "initrd").open("wb") as file, Cpio(file) as archive:
                    _fill_initramfs(archive, parts)
                _make_disk(work, parts, keys, site, trees, mke2fs)
            stamps.put(step, made_from, {}, [dom0.image, dom0.initrd])
    return dom0


def _keys(home: Path) -> Path:
    """A key that opens the Dom0 and the Dom0's own, made once."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("id_ed25519", "host_ed25519"):
        if not (home / f"{name}.pub").is_file():
            (home / name).unlink(missing_ok=True)
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"xcrash-lab {name}", "-f", str(home / name)])
    return home


def _fill_initramfs(archive: Cpio, parts: Parts) -> None:
    archive.file("bin/busybox", (parts.tree / "usr/bin/busybox").read_bytes(), 0o755)
    archive.file("init", (GUEST / "init").read_bytes(), 0o755)
    for name in ("proc", "sys", "dev", "root"):
        archive.directory(name)
    archive.character("dev/console", 5, 1)
    for path in parts.kernel.modules():
        archive.file(f"modules/{path.name}", path.read_bytes())
        if path.name.endswith(f"-{_MODULES_OF_INITRAMFS}.ko"):
            break


def _fill_domu(path: Path, parts: Parts) -> None:
    with path.open("wb") as file, Cpio(file) as archive:
        archive.file("bin/busybox", (parts.tree / "usr/bin/busybox").read_bytes(), 0o755)
        archive.file("init", (GUEST / "domu-init").read_bytes(), 0o755)
        archive.directory("proc")
        archive.directory("dev")
        archive.character("dev/console", 5, 1)


def _make_disk(work: Path, parts: Parts, keys: Path, site: Path, trees: Sequence[Path], mke2fs: Sequence[str]) -> None:
    compile_below(parts, parts.tree / "usr/lib" / f"python{parts.python}", f"usr/lib/python{parts.python}")
    added = work / "added"
    _add_settings(added, parts, keys)
    _add_crashes(added, trees)
    tar, image = work / "root.tar", work / "disk.img"
    with tarfile.open(tar, "w") as archive:
        for directory, name in ((parts.tree, ""), (added, ""), (site, dist_packages(parts.python))):
            _add(archive, directory, name)
        vmlinux = parts.kernel.vmlinux
        (added / DEBUG_BOOT).mkdir(parents=True)
        _add(archive, added / DEBUG_BOOT, DEBUG_BOOT)
        archive.add(vmlinux, f"./{DEBUG_BOOT}/{vmlinux.name}", filter=owned_by_root)
    run(["rm", "-rf", str(added)])
    with image.open("wb") as file:
        file.truncate(_DISK_SIZE)
    environment = plain_environment(MKE2FS_CONFIG=str(Path(mke2fs[-1]).parents[2] / "etc/mke2fs.conf"))
    # Without a journal: nothing on the disk outlives the machine.
    argv = [*mke2fs, "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-L", HOST, "-d", str(tar), str(image)]
    run(argv, env=environment, seconds=600)
    tar.unlink()


def _add(archive: tarfile.TarFile, directory: Path, name: str) -> None:
    """Add what is in a directory; what an earlier one had under the same name is replaced."""
    known = set(archive.getnames())
    for above in reversed(PurePosixPath(name).parents):
        if f"./{above}" not in known and str(above) != ".":
            _add_directory(archive, f"./{above}")
    if name and f"./{name}" not in known:
        _add_directory(archive, f"./{name}")

    for path in sorted(directory.rglob("*")):
        place = f"./{PurePosixPath(name) / path.relative_to(directory)}"
        if place not in known or not path.is_dir():
            archive.add(path, place, recursive=False, filter=owned_by_root)


def _add_directory(archive: tarfile.TarFile, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    archive.addfile(owned_by_root(member))


def _add_settings(added: Path, parts: Parts, keys: Path) -> None:
    run(["cp", "-a", str(GUEST), str(added)])
    for name in ("init", "domu-init"):
        (added / name).unlink()
    kernel = parts.kernel
    grub = Grub2("Debian GNU/Linux", root_args=ROOT_OPTIONS, kernel_args=LINUX_OPTIONS, xen_args=XEN_OPTIONS)
    texts = {
        "etc/hostname": f"{HOST}\n",
        "etc/hosts": f"127.0.0.1 localhost {HOST}\n",
        "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
        "etc/machine-id": "5a0c0000000000000000000000000d00\n",
        "etc/profile.d/lab.sh": "export DEBUGINFOD_URLS=\n",
        "etc/xen/domu.cfg": _DOMU.format(kernel=kernel.vmlinuz.name),
        "etc/default/grub": default_grub(GRUB_CMDLINE_LINUX=LINUX_OPTIONS, GRUB_CMDLINE_XEN=XEN_OPTIONS),
        "boot/grub/grub.cfg": grub.config([kernel.release], [(f"xen-{parts.xen_name}-amd64.gz", parts.xen_name)]),
        "root/.ssh/authorized_keys": (keys / "id_ed25519.pub").read_text(encoding="utf-8"),
        "etc/ssh/ssh_host_ed25519_key": (keys / "host_ed25519").read_text(encoding="utf-8"),
        "usr/local/bin/xcrash": '#!/bin/sh\nexec python3 -m xcrash "$@"\n',
    }
    for name, text in texts.items():
        (added / name).parent.mkdir(parents=True, exist_ok=True)
        (added / name).write_text(text, encoding="utf-8")
    for name in ("root", "root/.ssh"):
        (added / name).chmod(0o700)
    for name in ("root/.ssh/authorized_keys", "etc/ssh/ssh_host_ed25519_key"):
        (added / name).chmod(0o600)
    (added / "usr/local/bin/xcrash").chmod(0o755)
    _fill_domu(added / "boot/domu.img", parts)


def _add_crashes(added: Path, trees: Sequence[Path]) -> None:
    """Each crash of the lab below /opt with its loader and libraries; the suite's own is where its package has it."""
    programs = added / "usr/local/bin"
    for tree in trees:
        place = Path("opt") / tree.name
        loader, option, libraries, program = loader_argv(tree, "usr/bin/crash")
        needed = run([loader, option, libraries, "--list", program])
        (added / place).mkdir(parents=True)
        for path in (program, loader, *re.findall(rf"=> ({re.escape(str(tree))}/\S+)", needed)):
            run(["cp", "-L", path, str(added / place)])
        argv = [f"/{place}/{Path(loader).name}", "--library-path", f"/{place}", f"/{place}/crash"]
        write_wrapper(programs / tree.name, argv)
    (programs / "crash").symlink_to(next(tree.name for tree in trees if tree.name.endswith(DEFAULT_CRASH)))
