# SPDX-License-Identifier: Apache-2.0
"""What it costs to find the right kernel on a crowded machine: CPU time, files opened, bytes read."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.counting import count
from tests.trees.many import KERNELS, MODULES, XENS, many

_ARGUMENTS = 1000
"""Files given to one run of file(1), as xargs does it."""

_HEADS = "import sys\nfor path in sys.stdin.read().split():\n    open(path, 'rb').read(4096)"


def report(work: Path, rounds: int) -> Iterator[str]:
    """Lines of Markdown: a table of CPU seconds, and what one plan opens and reads."""
    root = work / "crowded"
    tree = many(root)
    python, plan = sys.executable, ("plan", "--root", str(root))
    images = [f"{root}{path}" for path in tree.images if path.startswith(("/boot/", "/usr/lib/debug/"))]
    start = _median([[python, "-c", "pass"]], rounds)
    yield f"\n{KERNELS} kernels, {XENS} builds of Xen, {MODULES} modules with debuginfo; median of {rounds} runs\n"
    yield "| what | CPU time | beyond the start of Python |\n|---|---|---|"
    yield _line("`python3 -c pass`", start, start)
    for what, argv in (
        ("`python3 -c 'import click, msgspec'`", ["-c", "import click, msgspec"]),
        ("`xcrash --version`", ["-m", "xcrash", "--version"]),
        ("`xcrash plan --root TREE`", ["-m", "xcrash", *plan]),
        ("`xcrash plan --root TREE --json`", ["-m", "xcrash", *plan, "--json"]),
    ):
        ours = _median([[python, *argv]], rounds)
        yield _line(what, ours, start)
    if shutil.which("file"):
        parts = [images[at : at + _ARGUMENTS] for at in range(0, len(images), _ARGUMENTS)]
        theirs = _median([["file", *part] for part in parts], rounds)
        yield _line(f"`file` on the {len(images)} files of its /boot and /usr/lib/debug", theirs, 0)
        yield f"\nRatio of the last two: {ours / theirs:.2f}"
    heads = _median([[python, "-c", _HEADS]], rounds, "\n".join(images))
    yield f"\nPython reading the first 4 KiB of each of the {len(images)} files: {heads:.3f} s of CPU"
    yield _counted(root, plan)


def _counted(root: Path, plan: tuple[str, ...]) -> str:
    read = count(root, *plan, "--json").read
    images = {path: size for path, size in read.items() if "/vmlinu" in path or "/xen-" in path}
    largest = max(images, key=lambda path: images[path])
    return (
        f"\nOpened under the root: {len(read)} files, {len(images)} of them images; read: {sum(read.values())} bytes,"
        f" at most {images[largest]} of one image ({largest}, {(root / largest[1:]).stat().st_size} bytes)"
    )


def _line(what: str, seconds: float, start: float) -> str:
    return f"| {what} | {seconds:.3f} s | {f'{seconds - start:.3f} s' if start else ''} |"


def _median(programs: list[list[str]], rounds: int, stdin: str = "") -> float:
    """CPU seconds of the programs together, after one round that does not count."""
    return statistics.median([sum(_cpu_seconds(argv, stdin) for argv in programs) for _ in range(rounds + 1)][1:])


def _cpu_seconds(argv: list[str], stdin: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, input=stdin, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
