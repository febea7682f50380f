# SPDX-License-Identifier: Apache-2.0
"""What a Dom0 is made of: packages of one suite, unpacked as a root file system without root's help."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.lab.apt import Suite
from tests.lab.kernel import Kernel, unpack_kernel
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.proc import LabError, megabytes, run, say
from tests.lab.stamps import Stamps, fresh_directory, recipe, remove_tree
from tests.lab.trees import loader_argv, unpack_tree

SUITES = ("trixie", "bookworm")
DEBUG_BOOT = "usr/lib/debug/boot"
# What the initramfs needs to reach the disk, in this order; the rest is loaded from there.
ROOT_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
MODULES = (
    *ROOT_MODULES,
    *("virtio_rng", "virtio_net", "fuse", "loop", "bridge"),
    *("xenfs", "xen_evtchn", "xen_gntdev", "xen_gntalloc", "xen_privcmd", "xen_blkback", "xen_netback"),
)
MKE2FS = "mke2fs"

# The lab's own kernels, for clouds, cannot be a Dom0: CONFIG_XEN_DOM0 is not set.
_DEBUG_META = "linux-image-amd64-dbg"
_XEN_META = "xen-system-amd64"
_PACKAGES = (
    *("base-files", "base-passwd", "bash", "busybox-static", "bzip2", "coreutils", "crash", "dash", "diffutils"),
    *(
        "findutils",
        "fuse3",
        "grep",
        "gzip",
        "hostname",
        "iproute2",
        "kmod",
        "libc-bin",
        "mount",
        "openssh-server",
        "procps",
    ),
    *("python3", "tar", "util-linux", "xz-utils"),
)
_MKE2FS_PACKAGES = ("e2fsprogs", "libarchive13t64")  # with libarchive mke2fs takes a tar: its owners need no root
# Directories that are links on every installed Debian.
_MERGED = {
    **{name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")},
    "var/run": "../run",
    "var/lock": "../run/lock",
}
# What alternatives and the packages that are not here would have made.
_LINKS = {
    "usr/bin/sh": "dash",
    "usr/bin/awk": "mawk",
    **{f"usr/sbin/{name}": "../bin/busybox" for name in ("init", "poweroff", "reboot")},
    **{f"usr/bin/{name}": "busybox" for name in ("less", "ping", "vi")},
}


@dataclass(frozen=True)
class Parts:
    """Unpacked packages; ``xen_name`` is "4.20", ``made_from`` the recipe of it all."""

    suite: str
    home: Path
    kernel: Kernel
    xen_name: str
    made_from: str

    @property
    def tree(self) -> Path:
        """Return the root file system."""
        return self.home / "tree"

    @property
    def xen(self) -> Path:
        """Return Xen, unpacked: QEMU boots no packed one."""
        return self.home / "xen/xen.elf"

    @property
    def python(self) -> str:
        """Return the version of the Dom0's Python, "3.13"."""
        return (self.tree / "usr/bin/python3").readlink().name.removeprefix("python")

    def python_argv(self) -> list[str]:
        """Return the words that start the Dom0's Python here."""
        home = f"PYTHONHOME={self.tree / 'usr'}"
        return ["env", "-i", home, *loader_argv(self.tree, f"usr/bin/python{self.python}")]


def fetch_parts(root: Path, suite_name: str, stamps: Stamps) -> Parts:
    """Fetch and unpack what is missing; the kernel's debug package is the big one and is not fetched twice."""
    home, archive = root / f"dom0-{suite_name}", _Archive(root / f"dom0-{suite_name}", suite_name)
    kernel_step, kernel_from = f"dom0-{suite_name}-kernel", recipe(suite_name, _DEBUG_META, *MODULES)
    tree_step = f"dom0-{suite_name}-tree"
    tree_from = recipe(kernel_from, _XEN_META, *_PACKAGES, repr(_LINKS), repr(_MERGED))
    facts = stamps.get(kernel_step, kernel_from)
    if facts is None:
        kernel, stanzas = _fetch_kernel(archive, home / "kernel")
        facts = {"release": kernel.release, "build_id": kernel.build_id, "dpkg": stanzas}
        stamps.put(kernel_step, kernel_from, facts, [kernel.vmlinux, kernel.vmlinuz])
        stamps.drop(tree_step)
    kernel = Kernel(home / "kernel", facts["release"], facts["build_id"])
    tree = stamps.get(tree_step, tree_from)
    if tree is None:
        tree = {"xen": _fetch_tree(archive, home, kernel, facts["dpkg"])}
        stamps.put(tree_step, tree_from, tree, [home / "xen/xen.elf", home / "tree"])
    remove_tree(home / "apt")
    return Parts(suite_name, home, kernel, tree["xen"], recipe(tree_from, kernel.build_id))


def fetch_mke2fs(root: Path, stamps: Stamps) -> list[str]:
    """Return the words that start a mke2fs that takes a tar."""
    tree, made_from = root / "trees" / MKE2FS, recipe(*_MKE2FS_PACKAGES)
    if stamps.get(f"dom0-{MKE2FS}", made_from) is None:
        suite = Suite(root / f"dom0-{MKE2FS}", "trixie", find_mirror(), find_keyring())
        suite.update()
        unpack_tree(suite.fetch_closure(*_MKE2FS_PACKAGES), tree)
        remove_tree(root / f"dom0-{MKE2FS}")
        stamps.put(f"dom0-{MKE2FS}", made_from, {}, [tree])
    return loader_argv(tree, "usr/sbin/mke2fs")


class _Archive:
    """A suite whose index is read once it is needed."""

    def __init__(self, home: Path, name: str) -> None:
        self._home, self._name = home, name

    @cached_property
    def suite(self) -> Suite:
        suite = Suite(self._home, self._name, find_mirror(), find_keyring())
        suite.update()
        return suite


def _fetch_kernel(archive: _Archive, target: Path) -> tuple[Kernel, list[str]]:
    """The kernel, and what dpkg's database says of its packages."""
    debug = _dependency(archive.suite, _DEBUG_META, r"linux-image-\d.*-dbg")
    names = (debug.removesuffix("-dbg"), debug)
    size = sum(deb.size for name in names for deb in archive.suite.single(name))
    say(f"to download for the kernel of a Dom0: {', '.join(names)}, {megabytes(size)}")
    image, symbols = [archive.suite.fetch_single(name) for name in names]
    say("unpacking the kernel")
    return unpack_kernel(image, symbols, target, MODULES), [_installed(image), _installed(symbols)]


def _fetch_tree(archive: _Archive, home: Path, kernel: Kernel, stanzas: list[str]) -> str:
    """Make the root file system and take Xen out of it; returns the name of Xen's version."""
    xen = _dependency(archive.suite, _XEN_META, r"xen-hypervisor-\d.*-amd64")
    xen_name = xen.removeprefix("xen-hypervisor-").removesuffix("-amd64")
    packages = (f"xen-utils-{xen_name}", *_PACKAGES)
    size = sum(deb.size for deb in (*archive.suite.single(xen), *archive.suite.closure(*packages)))
    say(f"to download for a Dom0: {xen}, {', '.join(packages)} and what they need, {megabytes(size)}")
    debs = [*archive.suite.fetch_closure(*packages), archive.suite.fetch_single(xen)]
    say("unpacking the root file system")
    tree = home / "tree"
    unpack_tree(debs, tree)
    _complete(tree, [*stanzas, *map(_installed, debs)], kernel)
    _unpack_xen(home, xen_name)
    return xen_name


def _dependency(suite: Suite, package: str, pattern: str) -> str:
    found = [name for name in suite.depends(package) if re.fullmatch(pattern, name)]
    if len(found) != 1:
        raise LabError(f"{package} of {suite.name} names no single package like {pattern}: {found}")
    return found[0]


def _unpack_xen(home: Path, xen_name: str) -> None:
    with fresh_directory(home / "xen") as work:
        packed = home / "tree/boot" / f"xen-{xen_name}-amd64.gz"
        (work / "xen.elf").write_bytes(gzip.decompress(packed.read_bytes()))
    (home / "tree/boot" / f"xen-{xen_name}-amd64.efi").unlink(missing_ok=True)  # 29 MB that nothing boots here


def _complete(tree: Path, stanzas: Iterable[str], kernel: Kernel) -> None:
    """What the packages' own scripts would have done, as far as a Dom0 needs it."""
    for name, target in _MERGED.items():
        _merge(tree / name, target)
    for name, target in _LINKS.items():
        if not (tree / name).is_symlink():
            (tree / name).symlink_to(target)
    for name in ("passwd", "group"):
        text = (tree / "usr/share/base-passwd" / f"{name}.master").read_text(encoding="utf-8")
        (tree / "etc" / name).write_text(text, encoding="utf-8")
    with (tree / "etc/passwd").open("a", encoding="utf-8") as file:
        file.write("sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n")
    status = tree / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text("\n".join(stanzas), encoding="utf-8")
    shutil.copyfile(kernel.vmlinuz, tree / "boot" / kernel.vmlinuz.name)
    shutil.copyfile(kernel.config, tree / "boot" / kernel.config.name)
    modules = tree / "usr/lib/modules" / kernel.release / "kernel"
    modules.mkdir(parents=True)
    for path in kernel.module_lists:
        shutil.copyfile(path, modules.parent / path.name)
    for path in kernel.modules():
        shutil.copyfile(path, modules / path.name.split("-", 1)[1])


def _merge(place: Path, target: str) -> None:
    """Make a link of a directory; what is in it moves to where the link leads."""
    if place.is_symlink():
        return
    aim = place.parent / target
    aim.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        shutil.copytree(place, aim, symlinks=True, dirs_exist_ok=True)
        remove_tree(place)
    place.symlink_to(target)


def _installed(deb: Path) -> str:
    """The package's stanza of dpkg's database (deb-control(5))."""
    name, _, rest = run(["dpkg-deb", "-f", str(deb)]).partition("\n")
    return f"{name}\nStatus: install ok installed\n{rest.rstrip()}\n"
