# SPDX-License-Identifier: Apache-2.0
"""The parts that come from the archive: three crashes, the guest's tools and two kernels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.apt import Deb, Suite
from tests.lab.kernel import BOOKWORM_MODULES, MODULES, Kernel, unpack_kernel
from tests.lab.mirror import find_keyring, find_mirror
from tests.lab.proc import LabError, megabytes, run, say
from tests.lab.stamps import Stamps, recipe, remove_tree
from tests.lab.trees import loader_argv, unpack_tree, write_wrapper

_DEBUG_META = "linux-image-cloud-amd64-dbg"


@dataclass(frozen=True)
class Part:
    """Something to fetch from one suite."""

    step: str
    suite: str
    packages: tuple[str, ...]
    modules: tuple[str, ...] = ()

    def recipe(self) -> str:
        """Return what the unpacked part depends on."""
        return recipe(self.step, self.suite, *self.packages, *self.modules)


CRASHES = tuple(Part(f"crash-{suite}", suite, ("crash",)) for suite in ("bookworm", "trixie", "sid"))
TOOLS = Part("tools", "trixie", ("qemu-system-x86", "busybox-static", "e2fsprogs"))
# By the name that tests use; the first is the lab's default.
KERNELS = {
    "6.12": Part("kernel", "trixie", (_DEBUG_META,), MODULES),
    "6.1": Part("kernel-6.1", "bookworm", (_DEBUG_META,), (*MODULES, *BOOKWORM_MODULES)),
}
PARTS = (*CRASHES, TOOLS, *KERNELS.values())


class Fetcher:
    """Fetches the parts that are missing, each as one step."""

    def __init__(self, root: Path, stamps: Stamps) -> None:
        """Work below `root`."""
        self._root = root
        self._stamps = stamps
        self._suites: dict[str, Suite] = {}

    def fetch(self) -> None:
        """Fetch and unpack every part that has no stamp, saying first how much that is."""
        missing = [part for part in PARTS if self._stamps.get(part.step, part.recipe()) is None]
        if missing:
            self._open_suites(missing)
            self._announce(missing)
        for part in missing:
            if part.modules:
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
        if not part.modules:
            return suite.closure(*part.packages)
        image = _image_package(suite)
        return [*suite.closure(f"{image}-dbg"), *suite.single(image)]

    def _crash(self, part: Part) -> None:
        suite = self._suites[part.suite]
        version = _upstream(suite.version("crash"))
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
        package = _image_package(suite)
        say(f"fetching {package} and its debug info")
        image = suite.fetch_single(package)
        debug = [path for path in suite.fetch_closure(f"{package}-dbg") if "-dbg_" in path.name]
        say("unpacking the kernel")
        kernel = unpack_kernel(image, debug[0], self._root / part.step, part.modules)
        say(f"  {kernel.vmlinux.name}: {megabytes(kernel.vmlinux.stat().st_size)}")
        facts = {"release": kernel.release, "build_id": kernel.build_id}
        self._done(part, facts, [kernel.vmlinux, kernel.vmlinuz])

    def _done(self, part: Part, facts: dict[str, Any], files: list[Path]) -> None:
        self._stamps.put(part.step, part.recipe(), facts, files)
        say(f"done: {part.step}")


def fetched_kernels(root: Path, stamps: Stamps) -> dict[str, Kernel]:
    """Return the kernels that are there, by name."""
    found = {name: stamps.get(part.step, part.recipe()) for name, part in KERNELS.items()}
    return {
        name: Kernel(root / KERNELS[name].step, facts["release"], facts["build_id"])
        for name, facts in found.items()
        if facts
    }


def _image_package(suite: Suite) -> str:
    """The package of the kernel that the suite's debug metapackage stands for."""
    debug = [name for name in suite.depends(_DEBUG_META) if re.fullmatch(r"linux-image-\d.*-dbg", name)]
    if len(debug) != 1:
        raise LabError(f"{_DEBUG_META} of {suite.name} names no single kernel: {debug}")
    return debug[0].removesuffix("-dbg")


def _upstream(version: str) -> str:
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)+)", version)
    if not found:
        raise LabError(f"cannot make sense of the version {version!r}")
    return found[1]
