# SPDX-License-Identifier: Apache-2.0
"""``ssh://[user@]host[:port]``: what is one, what ssh gets of it, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.ssh import Address, is_address, parse_address


@pytest.mark.parametrize(
    ("text", "parts", "words"),
    [
        ("ssh://dom0", Address("dom0"), ("--", "dom0")),
        ("ssh://root@dom0", Address("dom0", "root"), ("-l", "root", "--", "dom0")),
        ("ssh://root@dom0.example.org:2222", Address("dom0.example.org", "root", 2222), None),
        ("ssh://dom0:22", Address("dom0", None, 22), ("-p", "22", "--", "dom0")),
        ("SSH://dom0/", Address("dom0"), None),
        ("ssh://[::1]:22", Address("::1", None, 22), ("-p", "22", "--", "::1")),
        ("ssh://root@[fe80::1%eth0]", Address("fe80::1%eth0", "root"), None),
        ("ssh://user@realm@host", Address("host", "user@realm"), None),
        ("ssh://DOMAIN\\user@host", Address("host", "DOMAIN\\user"), None),
        ("ssh://root@10.0.0.1", Address("10.0.0.1", "root"), None),
    ],
)
def test_the_parts_of_an_address(text: str, parts: Address, words: tuple[str, ...] | None) -> None:
    assert is_address(text)
    assert parse_address(text) == parts
    assert words is None or parts.words == words
    assert parse_address(str(parts)) == parts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ssh://", "the host is missing"),
        ("ssh://root@", "the host is missing"),
        ("ssh://:22", "the host is missing"),
        ("ssh://-oProxyCommand=id", "'-oProxyCommand=id' is no host name"),
        ("ssh://root@-host", "'-host' is no host name"),
        ("ssh://-l@host", "'-l' is no user name"),
        ("ssh://ho st", "is no host name"),
        ("ssh://host\n", "is no host name"),
        ("ssh://host\x1b[31m", "is no host name"),
        ("ssh://host;id", "is no host name"),
        ("ssh://$(id)@host", "is no user name"),
        ("ssh://host/var/crash/dump", "is no host name"),
        ("ssh://host:0", "'0' is no port"),
        ("ssh://host:65536", "'65536' is no port"),
        ("ssh://host:ssh", "'ssh' is no port"),
        ("ssh://host:", "'' is no port"),
        ("ssh://::1", "the host is missing"),
        (f"ssh://{'h' * 300}", "is no host name"),
    ],
)
def test_what_is_no_address_is_refused_and_told_without_control_characters(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert caught.value.code == "ssh-address" and why in caught.value.message
    assert "\n" not in caught.value.message and "\x1b" not in caught.value.message


@pytest.mark.parametrize("text", [None, "", "vmcore", "ssh:/host", "/ssh://host", "./ssh://host"])
def test_other_targets_are_no_address(text: str | None) -> None:
    assert not is_address(text)


@given(st.text(max_size=300))
def test_no_text_becomes_an_option_of_ssh(text: str) -> None:
    try:
        address = parse_address(f"ssh://{text}")
    except UsageError:
        return
    assert not address.host.startswith("-") and not (address.user or "").startswith("-")
    assert address.host.isprintable() and (address.user or "x").isprintable() and not address.host.isspace()
