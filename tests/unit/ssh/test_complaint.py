# SPDX-License-Identifier: Apache-2.0
"""ssh's own words, and what to do about them."""

from __future__ import annotations

import pytest

from xcrash.ssh import Address
from xcrash.ssh.complaint import unreachable

HOST = Address("dom0", "root", 2222)


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        ("ssh: connect to host dom0 port 2222: Connection refused", "ssh-unreachable", "ssh -o BatchMode=yes -l root"),
        ("ssh: connect to host dom0 port 2222: Connection timed out", "ssh-unreachable", "is up"),
        ("ssh: Could not resolve hostname dom0: Name or service not known", "ssh-unknown-host", "~/.ssh/config"),
        ("root@dom0: Permission denied (publickey,password).", "ssh-authentication", "ssh-add"),
        ("No ED25519 host key is known.\r\nHost key verification failed.", "ssh-host-key", "compare its key"),
        ("kex_exchange_identification: read: Connection reset by peer", "ssh-unreachable", "sshd listens"),
        ("something new", "ssh-lost", "without a question"),
        ("", "ssh-lost", "-p 2222 dom0 true"),
    ],
)
def test_the_words_of_ssh_are_kept_and_the_next_step_named(said: str, code: str, hint: str) -> None:
    error = unreachable(HOST, f"{said}\n", 255)
    assert (error.code, error.exit_status) == (code, 4)
    assert error.message.startswith("ssh://root@dom0:2222: ") and said.partition("\r")[0][-40:] in error.message
    assert hint in error.hint


def test_control_characters_of_the_other_side_are_not_passed_on() -> None:
    error = unreachable(HOST, "\x1b]0;owned\x07 denied\n", 255)
    assert "\x1b" not in error.message and "\x07" not in error.message


def test_our_own_reason_goes_before_the_last_words() -> None:
    assert "no answer within 30 s" in unreachable(HOST, "", None, "no answer within 30 s").message
