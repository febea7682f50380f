# SPDX-License-Identifier: Apache-2.0
"""What is said of real dumps before crash has seen them, with VMCOREINFO and without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lab.paths import Lab
from xcrash.images.dump import identify_dump

pytestmark = pytest.mark.real

FORMATS = {"kdump": "kdump-compressed", "flattened": "kdump-flattened", "elf": "elf-kdump"}


def bytes_read() -> int:
    """How much this process has read so far (proc(5), /proc/PID/io, rchar)."""
    return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])


def test_every_dump_is_identified_from_little_of_it(lab: Lab) -> None:
    for named in lab.dumps:
        before = bytes_read()
        dump = identify_dump(named.path)
        assert (dump.release, dump.build_id, dump.machine) == (named.release, lab.build_id, "x86_64")
        assert (dump.format, dump.truncated, dump.incomplete) == (FORMATS[named.format], False, False)
        assert (dump.scanned_bytes, dump.crash_time, dump.producer) == (None, None, "QEMU")
        assert bytes_read() - before < 2 << 20


def test_a_dump_that_lost_its_vmcoreinfo_is_identified_from_its_memory(lab: Lab, tmp_path: Path) -> None:
    for named in lab.dumps:
        path = tmp_path / named.path.name
        shutil.copyfile(named.path, path)
        _blank(path, (b"OSRELEASE=", b"BUILD-ID="))
        assert (identify_dump(path, scan=False).release, identify_dump(path, scan=False).identified_by) == (None, ())
        dump = identify_dump(path)
        assert (dump.release, dump.build_id) == (named.release, None)
        assert dump.identified_by == ("release: 'Linux version' found in memory",)
        assert dump.version is not None and dump.version.startswith("#1 SMP ")
        assert dump.scanned_bytes is not None and dump.scanned_bytes < 8 << 20
        path.unlink()


def test_a_cut_dump_is_truncated_and_still_identified(lab: Lab, tmp_path: Path) -> None:
    for named in lab.dumps:
        path = tmp_path / named.path.name
        with named.path.open("rb") as whole:
            path.write_bytes(whole.read(8 << 20))
        dump = identify_dump(path)
        assert (dump.release, dump.truncated, dump.incomplete) == (named.release, True, False)


def _blank(path: Path, keys: tuple[bytes, ...]) -> None:
    with path.open("r+b") as file:
        head = file.read(1 << 20)
        for key in keys:
            at = head.find(key)
            while at >= 0:
                file.seek(at)
                file.write(b"#" * len(key))
                at = head.find(key, at + 1)
