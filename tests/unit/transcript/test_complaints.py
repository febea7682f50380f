# SPDX-License-Identifier: Apache-2.0
"""What crash complained about, in recordings that were wrapped, quoted and cut."""

from __future__ import annotations

import pytest

from xcrash.transcript.complaints import command_errors, startup_messages

EXCLUDED = "crash: page excluded: kernel virtual address: ffffffff82110370  type:"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'{EXCLUDED}\n"possible"\nWARNING: cannot read cpu_possible_map\n',
         [("command-error", f'{EXCLUDED} "possible"'), ("startup-warning", "WARNING: cannot read cpu_possible_map")]),
        ("WARNING: endian mismatch:\n          crash utility: little-endian\n          dump.file: big-endian\n\nx\n",
         [("startup-warning", "WARNING: endian mismatch: crash utility: little-endian dump.file: big-endian")]),
        ("WARNING: net_init: unknown device type for net device      KERNEL: vmlinux\n",
         [("startup-warning", "WARNING: net_init: unknown device type for net device")]),
        ("crash: vmlinux: no debugging data available\n...\n",
         [("startup-fatal", "crash: vmlinux: no debugging data available")]),
        ("crash: cannot find booted kernel -- please enter namelist argument\n\nUsage:\n",
         [("startup-fatal", "crash: cannot find booted kernel -- please enter namelist argument")]),
        ('it says that\n"panic task not found".\n', []),
        ("crash: invalid structure member offset: x_y\n       FILE: task.c  LINE: 9  FUNCTION: f()\n\n",
         [("startup-fatal", "crash: invalid structure member offset: x_y FILE: task.c  LINE: 9  FUNCTION: f()")]),
        ("WARNING: cpu 0: cannot find NT_PRSTATUS note\n      KERNEL: v\n",
         [("startup-warning", "WARNING: cpu 0: cannot find NT_PRSTATUS note"), ("progress", "KERNEL: v")]),
    ],
)  # fmt: skip
def test_each_message_is_told_once_and_whole(text: str, found: list[tuple[str, str]]) -> None:
    assert [(message.kind, message.text) for message in startup_messages(text)] == found


def test_the_errors_of_a_command_are_its_own() -> None:
    errors = list(command_errors("bt 9", "bt: invalid task or pid value: 9\nPID: 9\nmod: x\n"))
    assert [(error.kind, error.text) for error in errors] == [("command-error", "bt: invalid task or pid value: 9")]
