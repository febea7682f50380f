# SPDX-License-Identifier: Apache-2.0
"""A private apt: packages of any suite, without root and without touching the machine's own apt."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.proc import LabError, end, megabytes, run, say, start

_STALLED = 600.0  # seconds without a new byte
_REPORT = 15.0  # seconds between two lines about a running download


@dataclass(frozen=True)
class Deb:
    """A package file that apt would download."""

    file: str
    size: int


class Suite:
    """One suite of the archive with its own lists, cache and empty package database."""

    def __init__(self, root: Path, name: str, mirror: str, keyring: Path, sources: bool = False) -> None:
        """Prepare the directories and settings below `root`; nothing is downloaded yet.

        `sources`: the index of the source packages is wanted as well.
        """
        self.name = name
        self._home = root / "apt" / name
        self._debs = self._home / "debs"
        for part in ("state/lists/partial", "cache", "debs/partial"):
            (self._home / part).mkdir(parents=True, exist_ok=True)
        (self._home / "state/status").touch()
        source = f"deb [arch=amd64 lang=none target=Packages signed-by={keyring}] {mirror} {name} main\n"
        if sources:
            source += f"deb-src [lang=none signed-by={keyring}] {mirror} {name} main\n"
        (self._home / "sources.list").write_text(source, encoding="utf-8")
        (self._home / "apt.conf").write_text(self._settings(), encoding="utf-8")

    def _settings(self) -> str:
        # Read after the machine's own settings: its proxies stay, its hooks, pins and foreign architectures go.
        home = self._home
        values = {
            "Dir::State": f"{home}/state",
            "Dir::State::lists": f"{home}/state/lists",
            "Dir::State::status": f"{home}/state/status",
            "Dir::Cache": f"{home}/cache",
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Cache::archives": f"{home}/debs",
            "Dir::Log": f"{home}/state",
            "Dir::Etc::sourcelist": f"{home}/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            "APT::Install-Recommends": "false",
            "APT::Install-Suggests": "false",
            "APT::Sandbox::User": "root",
            "APT::Update::Error-Mode": "any",
            "APT::Get::Assume-Yes": "true",
            "Acquire::Retries": "3",
            "Acquire::PDiffs": "false",
        }
        cleared = ("APT::Update", "APT::Default-Release", "APT::Architectures", "DPkg")
        lines = [f"#clear {name};" for name in cleared]
        return "\n".join([*lines, *(f'{key} "{value}";' for key, value in values.items())]) + "\n"

    def _argv(self, program: str, *words: str) -> list[str]:
        return [program, "-q=2", "-c", str(self._home / "apt.conf"), *words]

    def update(self) -> None:
        """Fetch the suite's index; signatures are checked with Debian's own keys."""
        try:
            run(self._argv("apt-get", "update"), seconds=1800)
        except LabError as error:
            hint = "\nis debian-archive-keyring up to date?" if "NO_PUBKEY" in str(error) else ""
            raise LabError(f"cannot read the index of {self.name}: {error}{hint}") from error

    def closure(self, *packages: str) -> list[Deb]:
        """Return the packages with all they depend on, as far as not yet downloaded."""
        return self._planned(run(self._argv("apt-get", "install", "--print-uris", *packages)))

    def single(self, package: str) -> list[Deb]:
        """Return the package alone."""
        return self._planned(run(self._argv("apt-get", "download", "--print-uris", package)))

    def _planned(self, listed: str) -> list[Deb]:
        found = re.findall(r"^'[^']+' (\S+) (\d+) ", listed, re.MULTILINE)
        return [Deb(name, int(size)) for name, size in found if not self._has(name, int(size))]

    def _has(self, name: str, size: int) -> bool:
        path = self._debs / name
        return path.is_file() and path.stat().st_size == size

    def version(self, package: str) -> str:
        """Return the version of a package in this suite."""
        found = re.search(r"^Version: (\S+)", run(self._argv("apt-cache", "show", package)), re.MULTILINE)
        if not found:
            raise LabError(f"{self.name} has no package {package}")
        return found[1]

    def depends(self, package: str) -> list[str]:
        """Return the names of the packages that a package depends on directly."""
        shown = run(self._argv("apt-cache", "depends", "--no-recommends", "--no-suggests", package))
        return re.findall(r"Depends: (\S+)", shown)

    def fetch_closure(self, *packages: str) -> list[Path]:
        """Download packages with all they depend on and return the files; partial files are gone on with."""
        names = re.findall(r"^'[^']+' (\S+) ", self._uris_again(*packages), re.MULTILINE)
        self._download(self._argv("apt-get", "install", "--download-only", *packages), self._home)
        return [self._debs / name for name in names]

    def _uris_again(self, *packages: str) -> str:
        # Against an empty directory, so that files that are here already are listed as well.
        empty = self._home / "none"
        (empty / "partial").mkdir(parents=True, exist_ok=True)
        option = f"Dir::Cache::archives={empty}"
        return run(self._argv("apt-get", "-o", option, "install", "--print-uris", *packages))

    def fetch_single(self, package: str) -> Path:
        """Download one package without what it depends on."""
        listed = run(self._argv("apt-get", "download", "--print-uris", package))
        found = re.search(r"^'[^']+' (\S+) ", listed, re.MULTILINE)
        if not found:
            raise LabError(f"{self.name} has no package {package}")
        self._download(self._argv("apt-get", "download", package), self._debs)
        return self._debs / found[1]

    def fetch_source(self, package: str) -> tuple[Path, str]:
        """Download the upstream archive of a source package and return it with the version of the package."""
        listed = run(self._argv("apt-get", "source", "--print-uris", package))
        names = re.findall(r"^'[^']+' (\S+) ", listed, re.MULTILINE)
        archive = next((name for name in names if ".orig.tar." in name), None)
        version = next((re.fullmatch(r"[^_]+_(.+)\.dsc", name) for name in names if name.endswith(".dsc")), None)
        if archive is None or version is None:
            raise LabError(f"{self.name} has no source package {package}")
        self._download(self._argv("apt-get", "source", "--download-only", package), self._debs)
        return self._debs / archive, version[1]

    def _download(self, argv: list[str], cwd: Path) -> None:
        # The size on disk is the sign of life: apt itself says nothing when its output is not a terminal.
        log = self._home / "download.log"
        with log.open("wb") as output:
            child = start(argv, stdout=output, cwd=cwd)
            try:
                self._watch(child)
            finally:
                end(child)
        if child.returncode:
            raise LabError(f"download failed: {' '.join(argv)}\n{log.read_text(errors='replace')[-3000:]}")

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        size, grew = -1, time.monotonic()
        reported = grew
        while child.poll() is None:
            time.sleep(0.1)
            now = time.monotonic()
            if now - reported > _REPORT:
                reported = now
                say(f"  {self.name}: {megabytes(max(size, 0))} here")
            here = sum(path.stat().st_size for path in self._debs.rglob("*.deb*") if path.exists())
            if here != size:
                size, grew = here, now
            elif now - grew > _STALLED:
                raise LabError(f"download stands still since {_STALLED:.0f} s; run again to go on from here")
