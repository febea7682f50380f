# SPDX-License-Identifier: Apache-2.0
"""Mutate what the readers read, guided by coverage: one process of atheris for each target; exit status 1 on findings.

A finding is an exception that the reader does not document, a call that takes longer than SLOWEST seconds, or one that
needs more than MEMORY bytes. The inputs are kept, to be given to ``--replay``, and so is the corpus for the next run.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.util
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.given import Target

SLOWEST = 5.0
HUNG = 60
MEMORY = 2 << 30
LONGEST = 1 << 15
"""Bytes of an input, unless a seed is longer."""


class Result(NamedTuple):
    """How one target's run ended; ``finding`` is the message of the first one."""

    name: str
    runs: int
    per_second: int
    covered: int
    finding: str | None


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all of them when none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time (1)")
    parser.add_argument("--list", action="store_true", help="print the names of the targets")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="give this input to the one target named")
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_this_process:
        return _fuzz(options.names[0], options.seconds)
    names = options.names or list(_targets())
    unknown = sorted(set(names) - set(_targets()))
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    if options.list:
        print("\n".join(names))
        return 0
    if options.replay:
        if len(names) != 1:
            parser.error("--replay wants one TARGET")
        _guarded(_targets()[names[0]])(options.replay.read_bytes())
        return 0
    if importlib.util.find_spec("atheris") is None:
        print(
            "atheris is not installed: `make fuzz` does it, or .venv/bin/pip install -e '.[dev,fuzz]'", file=sys.stderr
        )
        return 2
    return _run_all(names, options.seconds, options.jobs)


def _targets() -> dict[str, Target]:
    """The targets, and with them xcrash: under atheris not imported before it can instrument it."""
    from tests.fuzz.targets import TARGETS

    return TARGETS


def _run_all(names: list[str], seconds: int, jobs: int) -> int:
    findings = 0
    print(f"{'target':20} {'runs':>10} {'per second':>10} {'covered':>8}")
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda name: _run(name, seconds), names):
            findings += result.finding is not None
            print(f"{result.name:20} {result.runs:10} {result.per_second:10} {result.covered:8}", flush=True)
            if result.finding:
                print(result.finding, flush=True)
    print(f"{findings} of {len(names)} targets have findings" if findings else "no findings")
    return 1 if findings else 0


def _place(name: str) -> Path:
    """Where corpus and findings of a target are kept."""
    base = (
        os.environ.get("XCRASH_FUZZ")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xcrash-fuzz"
    )
    return Path(base) / name


def _run(name: str, seconds: int) -> Result:
    began = time.time()
    command = [sys.executable, "-m", "tests.fuzz", "--in-this-process", f"--seconds={seconds}", name]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a directory of its own inside it
    with tempfile.TemporaryDirectory(prefix="xcrash-fuzz-", dir=memory) as directory:
        done = subprocess.run(command, capture_output=True, env={**os.environ, "TMPDIR": directory})
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    runs = max(_numbers(r"^#(\d+)\b", output), default=0)
    finding = None
    if done.returncode:
        kept = [path for path in _place(name).glob("*-*") if path.is_file() and path.stat().st_mtime >= began]
        again = [f"python -m tests.fuzz {name} --replay {path}" for path in kept]
        finding = "\n".join([*_story(output), f"exit status {done.returncode}", *again])
    return Result(name, runs, runs // max(1, seconds), max(_numbers(r" cov: (\d+)", output), default=0), finding)


def _numbers(pattern: str, output: str) -> Iterator[int]:
    return (int(found) for found in re.findall(pattern, output, re.MULTILINE))


def _story(output: str) -> list[str]:
    """The traceback in what a run printed, or else its end."""
    lines = [line for line in output.splitlines() if not re.match(r"#\d+\s|\"|INFO:|\s*NEW_FUNC|DEDUP|stat::", line)]
    start = next((at for at, line in enumerate(lines) if "Uncaught" in line or "ERROR: lib" in line), None)
    return lines[start : start + 60] if start is not None else lines[-20:]


def _guarded(target: Target, place: Path | None = None) -> Callable[[bytes], None]:
    """The target's call, which must be quick; a slow input is kept at ``place``."""

    def call(data: bytes) -> None:
        began = time.perf_counter()
        target.call(data)
        took = time.perf_counter() - began
        if took >= SLOWEST and place:
            # libFuzzer's own alarm may end the process before it has written the input.
            (place / f"slow-{zlib.crc32(data):08x}").write_bytes(data)
        assert took < SLOWEST, f"it took {took:.1f} seconds"

    return call


def _fuzz(name: str, seconds: int) -> int:
    """Run one target until its time is over or something is found; does not return then."""
    faulthandler.enable()
    import atheris

    with atheris.instrument_imports(include=["xcrash"]):
        target = _targets()[name]
    place, seeds = _place(name), Path(tempfile.mkdtemp())
    (place / "corpus").mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (seeds / str(number)).write_bytes(seed)
    arguments = [
        name, str(place / "corpus"), str(seeds), f"-max_total_time={seconds}", f"-timeout={HUNG}",
        f"-max_len={max(LONGEST, *map(len, target.seeds))}", f"-artifact_prefix={place}/", "-len_control=20",
    ]  # fmt: skip
    if target.words:
        dictionary = Path(tempfile.mkdtemp()) / "words"
        words = ["".join(f"\\x{byte:02x}" for byte in word) for word in target.words]
        dictionary.write_text("".join(f'"{word}"\n' for word in words))
        arguments.append(f"-dict={dictionary}")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    atheris.Setup(arguments, _guarded(target, place))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
