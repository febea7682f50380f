# SPDX-License-Identifier: Apache-2.0
"""Steps that change the host or download: done with consent only, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.images import builders
from xcrash.consent import prepare
from xcrash.errors import MemorySourceError, NamelistError, XcrashError
from xcrash.host.sysroot import LocalRoot
from xcrash.plan import Step
from xcrash.target import Choices

FIND = """#!/bin/sh
# The answer of a server: what debuginfod-find prints and leaves in its cache.
set -e
for last; do :; done
mkdir -p "$DEBUGINFOD_CACHE_PATH/$last"
cp {source} "$DEBUGINFOD_CACHE_PATH/$last/debuginfo"
echo "$DEBUGINFOD_CACHE_PATH/$last/debuginfo"
"""


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dump whose vmlinux only a debuginfod server has."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "served").write_bytes(builders.vmlinux().build())
    for name, text in (("debuginfod-find", FIND.format(source=tmp_path / "served")), ("crash", "#!/bin/sh\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DEBUGINFOD_CACHE_PATH", str(tmp_path / "cache"))
    monkeypatch.setenv("DEBUGINFOD_URLS", "http://127.0.0.1:9")
    monkeypatch.delenv("XCRASH_DEBUG_DIRS", raising=False)
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    (dumps / "vmcore").write_bytes(builders.core().build())
    return dumps / "vmcore"


class Asked:
    """Somebody who is asked, and answers always the same."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> bool:
        self.steps.append(step)
        return self.answer


def ready(asked: Asked, dump: Path, **choices: object) -> tuple[str, ...]:
    _, done = prepare(Choices(target=str(dump), **choices), asked, lambda _done, _whole: None)  # type: ignore[arg-type]
    return done


def test_nothing_is_fetched_without_consent(dump: Path, tmp_path: Path) -> None:
    asked = Asked(False)
    with pytest.raises(NamelistError):
        ready(asked, dump)
    assert [step.consent for step in asked.steps] == ["fetch-debuginfo"]
    assert f"debuginfod-find debuginfo {builders.BUILD_ID.hex()}" == asked.steps[0].command
    assert "a size that no server tells" in asked.steps[0].reason
    assert not (tmp_path / "cache").exists()


def test_who_does_not_want_to_be_asked_is_not(dump: Path) -> None:
    asked = Asked(True)
    with pytest.raises(NamelistError):
        ready(asked, dump, ask=False)
    assert asked.steps == []


def test_consent_given_beforehand_fetches_and_opens(dump: Path, tmp_path: Path) -> None:
    asked = Asked(False)
    (done,) = ready(asked, dump, allowed=("fetch-debuginfo",), ask=False)
    assert done == f"fetched the debuginfo into {tmp_path / 'cache' / builders.BUILD_ID.hex() / 'debuginfo'}"
    assert asked.steps == []


def test_consent_given_when_asked_fetches_and_opens(dump: Path) -> None:
    assert len(ready(Asked(True), dump)) == 1


def test_nothing_is_asked_when_nothing_is_missing(dump: Path) -> None:
    (dump.parent / "vmlinux").write_bytes(builders.vmlinux().build())
    asked = Asked(True)
    assert ready(asked, dump) == () and asked.steps == []


@pytest.mark.parametrize(
    ("command", "code"), [("false", "module-not-loaded"), ("no-such-program", "module-not-loaded")]
)
def test_a_module_that_cannot_be_loaded_is_an_error_with_the_way_on(command: str, code: str) -> None:
    from xcrash.consent import _load

    with pytest.raises(MemorySourceError) as caught:
        _load(Step(needs="consent", command=command, reason="", consent="load-crash-module"), LocalRoot())
    assert caught.value.code == code and "--memory /proc/kcore" in caught.value.hint


@pytest.mark.skipif(Path("/dev/crash").exists(), reason="crash's driver is loaded on this machine")
def test_a_loaded_module_without_its_device_is_told() -> None:
    from xcrash.consent import _load

    with pytest.raises(XcrashError, match="there is no /dev/crash"):
        _load(Step(needs="consent", command="true", reason="", consent="load-crash-module"), LocalRoot())
