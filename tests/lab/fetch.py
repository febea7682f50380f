# SPDX-License-Identifier: Apache-2.0
"""The parts that come from the archive: two crashes, the guest's tools and the kernel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.apt import Deb, Suite
from tests.lab.kernel import MODULES, Kernel, unpack_kernel
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.proc import LabError, megabytes, run, say
from tests.lab.stamps import Stamps, recipe, remove_tree
from tests.lab.trees import loader_argv, unpack_tree, write_wrapper

_OLDEST_CRASH = (8, 0, 6)  # older ones misread the task table of the lab's kernel
_DEBUG_META = "linux-image-cloud-amd64-dbg"


@dataclass(frozen=True)
class Part:
    """Something to fetch from one suite."""

    step: str
    suite: str
    packages: tuple[str, ...]

    def recipe(self) -> str:
        """Return what the unpacked part depends on."""
        more = MODULES if self.step == "kernel" else ()
        return recipe(self.step, self.suite, *self.packages, *more)


CRASHES = (Part("crash-trixie", "trixie", ("crash",)), Part("crash-sid", "sid", ("crash",)))
TOOLS = Part("tools", "trixie", ("qemu-system-x86", "busybox-static", "e2fsprogs"))
KERNEL = Part("kernel", "trixie", (_DEBUG_META,))
PARTS = (*CRASHES, TOOLS, KERNEL)


class Fetcher:
    """Fetches the parts that are missing, each as one step."""

    def __init__(self, root: Path, stamps: Stamps) -> None:
        """Work below `root`."""
        self._root = root
        self._stamps = stamps
        self._suites: dict[str, Suite] = {}
        self._kernel_package = ""

    def fetch(self) -> None:
        """Fetch and unpack every part that has no stamp, saying first how much that is."""
        missing = [part for part in PARTS if self._stamps.get(part.step, part.recipe()) is None]
        if missing:
            self._open_suites(missing)
            self._announce(missing)
        for part in missing:
            if part is KERNEL:
                self._kernel(part)
            elif part is TOOLS:
                self._tools(part)
            else:
                self._crash(part)
        remove_tree(self._root / "apt")

    def _open_suites(self, missing: list[Part]) -> None:
        mirror, keyring = find_mirror(), find_keyring()
        for name in sorted({part.suite for part in missing}):
            say(f"reading the package index of {name}")
            self._suites[name] = Suite(self._root, name, mirror, keyring)
            self._suites[name].update()

    def _announce(self, missing: list[Part]) -> None:
        total = 0
        counted: set[tuple[str, Deb]] = set()
        for part in missing:
            # Parts of one suite share libraries; these come once.
            debs = {(part.suite, deb) for deb in self._debs(part)} - counted
            counted |= debs
            size = sum(deb.size for _, deb in debs)
            total += size
            say(f"to download for {part.step}: {len(debs)} packages, {megabytes(size)}")
        say(f"to download in all: {megabytes(total)}")

    def _debs(self, part: Part) -> list[Deb]:
        suite = self._suites[part.suite]
        if part is not KERNEL:
            return suite.closure(*part.packages)
        debug = [name for name in suite.depends(_DEBUG_META) if re.fullmatch(r"linux-image-\d.*-dbg", name)]
        if len(debug) != 1:
            raise LabError(f"{_DEBUG_META} of {part.suite} names no single kernel: {debug}")
        self._kernel_package = debug[0].removesuffix("-dbg")
        return [*suite.closure(debug[0]), *suite.single(self._kernel_package)]

    def _crash(self, part: Part) -> None:
        suite = self._suites[part.suite]
        version = _upstream(suite.version("crash"))
        if tuple(map(int, version.split("."))) < _OLDEST_CRASH:
            raise LabError(f"crash of {part.suite} is {version}, too old for the lab")
        say(f"fetching crash {version}")
        tree = self._root / "trees" / f"crash-{version}"
        unpack_tree(suite.fetch_closure(*part.packages), tree)
        wrapper = self._root / "bin" / f"crash-{version}"
        write_wrapper(wrapper, loader_argv(tree, "usr/bin/crash"))
        if f"crash {version}" not in run([str(wrapper), "--version"]):
            raise LabError(f"{wrapper} does not say that it is crash {version}")
        self._done(part, {"version": version, "path": str(wrapper)}, [wrapper, tree])

    def _tools(self, part: Part) -> None:
        say(f"fetching {', '.join(part.packages)}")
        tree = self._root / "trees" / "tools"
        unpack_tree(self._suites[part.suite].fetch_closure(*part.packages), tree)
        firmware = ("usr/share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu")
        places = [word for name in firmware for word in ("-L", str(tree / name))]
        modules = {"QEMU_MODULE_DIR": str(tree / "usr/lib/x86_64-linux-gnu/qemu")}
        wrapper = self._root / "bin/qemu-system-x86_64"
        write_wrapper(wrapper, [*loader_argv(tree, "usr/bin/qemu-system-x86_64"), *places], modules)
        version = run([str(wrapper), "--version"]).splitlines()[0]
        say(f"  {version}")
        self._done(part, {"qemu": str(wrapper), "version": version}, [wrapper, tree])

    def _kernel(self, part: Part) -> None:
        suite = self._suites[part.suite]
        say(f"fetching {self._kernel_package} and its debug info")
        image = suite.fetch_single(self._kernel_package)
        debug = [path for path in suite.fetch_closure(f"{self._kernel_package}-dbg") if "-dbg_" in path.name]
        say("unpacking the kernel")
        kernel = unpack_kernel(image, debug[0], self._root / "kernel")
        say(f"  {kernel.vmlinux.name}: {megabytes(kernel.vmlinux.stat().st_size)}")
        facts = {"release": kernel.release, "build_id": kernel.build_id}
        self._done(part, facts, [kernel.vmlinux, kernel.vmlinuz])

    def _done(self, part: Part, facts: dict[str, Any], files: list[Path]) -> None:
        self._stamps.put(part.step, part.recipe(), facts, files)
        say(f"done: {part.step}")


def fetched_kernel(root: Path, stamps: Stamps) -> Kernel | None:
    """Return the kernel if it is there."""
    facts = stamps.get(KERNEL.step, KERNEL.recipe())
    return Kernel(root / "kernel", facts["release"], facts["build_id"]) if facts else None


def _upstream(version: str) -> str:
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)+)", version)
    if not found:
        raise LabError(f"cannot make sense of the version {version!r}")
    return found[1]
