# SPDX-License-Identifier: Apache-2.0
"""The error tree: every refusal has its exit status, and says what to try."""

from __future__ import annotations

import pytest

from xcrash import errors
from xcrash.errors import XcrashError

STATUS = {
    "XcrashError": 70,
    "UsageError": 2,
    "NamelistError": 3,
    "MemorySourceError": 4,
    "LensError": 4,
    "StartError": 5,
    "SessionError": 6,
    "ReplayError": 7,
}


def test_the_tree_in_the_documentation_is_the_tree() -> None:
    found: dict[str, int] = {}
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, XcrashError):
            found[name] = kind.exit_status
    assert found == STATUS
    for name, status in STATUS.items():
        line = next(line for line in (errors.__doc__ or "").splitlines() if name in line)
        assert line.split(name)[1].split()[0] == str(status)


@pytest.mark.parametrize("name", STATUS)
def test_an_error_carries_code_message_and_hint(name: str) -> None:
    kind: type[XcrashError] = getattr(errors, name)
    error = kind("some-code", "it happened", "try this")
    assert (error.code, error.message, error.hint, str(error)) == (
        "some-code",
        "it happened",
        "try this",
        "it happened",
    )
    assert kind("c", "m").hint == ""
