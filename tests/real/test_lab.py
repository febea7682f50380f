# SPDX-License-Identifier: Apache-2.0
"""The lab's further dumps: of two kernels and several ends, each with its own vmlinux."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.debuginfo import debug_directory
from tests.lab.paths import Lab
from xcrash.images import identify_kernel
from xcrash.images.dump import identify_dump

pytestmark = pytest.mark.real


def test_every_dump_is_of_the_kernel_that_the_lab_says(lab: Lab) -> None:
    assert {dump.kernel for dump in lab.more_dumps} == {"6.12", "6.1"}
    for named in lab.more_dumps:
        dump = identify_dump(named.path)
        assert (dump.release, dump.build_id, dump.truncated) == (named.release, named.build_id, False), named.name
        assert dump.format == "kdump-compressed"


def test_every_kernel_is_found_by_its_build_id_and_beside_its_dumps(lab: Lab) -> None:
    for kernel in lab.kernels:
        image = identify_kernel(kernel.vmlinux)
        assert (image.release, image.build_id, image.has_dwarf) == (kernel.release, kernel.build_id, True)
        link = debug_directory(lab) / ".build-id" / kernel.build_id[:2] / f"{kernel.build_id[2:]}.debug"
        assert link.resolve() == kernel.vmlinux.resolve()
    for dump in (*lab.dumps, *lab.more_dumps):
        assert (dump.path.parent / dump.vmlinux.name).resolve() == dump.vmlinux.resolve()


def test_the_guests_consoles_tell_why_they_ended(lab: Lab) -> None:
    for name, reason in {
        "null-deref": "RIP: 0010:lab_read+0x4/0xa [lab_null]",
        "hung-task": "Kernel panic - not syncing: hung_task: blocked tasks",
        "oom": "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled",
        "soft-lockup": "Kernel panic - not syncing: softlockup: hung tasks",
    }.items():
        for kernel in lab.kernels:
            console = Path(lab.dump(f"{name}-{kernel.name}").path.parent / "serial.log").read_text(errors="replace")
            assert reason in console
            assert "LAB: cannot load" not in console
