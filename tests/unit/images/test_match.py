# SPDX-License-Identifier: Apache-2.0
"""compare and require_match: the verdict, and a refusal that names both sides."""

from __future__ import annotations

import msgspec
import pytest

from xcrash.errors import NamelistError
from xcrash.images import DumpIdentity, KernelImage, compare, require_match

ONE, TWO = "11" * 20, "22" * 20
R1, R2 = "6.1.0-50-amd64", "6.1.0-49-amd64"


def pair(
    ids: tuple[str | None, str | None],
    releases: tuple[str | None, str | None],
    machines: tuple[str | None, str | None] = ("x86_64", "x86_64"),
    release_from: str = "banner",
) -> tuple[KernelImage, DumpIdentity]:
    kernel = KernelImage(
        path="/v",
        size=1,
        format="elf",
        build_id=ids[0],
        release=releases[0],
        machine=machines[0],
        release_from=release_from,
    )
    dump = DumpIdentity(
        path="/d", size=1, format="elf-kdump", build_id=ids[1], release=releases[1], machine=machines[1]
    )
    return kernel, dump


@pytest.mark.parametrize(
    ("ids", "releases", "verdict"),
    [
        ((ONE, ONE), (R1, R1), "same-build"),
        ((ONE, ONE), (R1, R2), "same-build"),
        ((ONE, ONE), (None, None), "same-build"),
        ((ONE, TWO), (R1, R1), "build-id-differs"),
        ((ONE, TWO), (R1, None), "build-id-differs"),
        ((ONE, TWO), (R1, R2), "different-kernel"),
        ((ONE, None), (R1, R1), "same-release"),
        ((None, None), (R1, R2), "different-kernel"),
        ((None, TWO), (R1, R2), "different-kernel"),
        ((None, TWO), (None, R2), "unknown"),
        ((None, None), (None, None), "unknown"),
    ],
)
def test_verdicts(ids: tuple[str, str], releases: tuple[str, str], verdict: str) -> None:
    kernel, dump = pair(ids, releases)
    match = compare(kernel, dump)
    assert match.verdict == verdict
    assert match.refused == (verdict == "different-kernel")
    assert msgspec.json.decode(msgspec.json.encode(match))["verdict"] == verdict


@pytest.mark.parametrize(
    ("machines", "verdict"),
    [
        (("x86_64", "aarch64"), "different-machine"),
        (("ppc64", "ppc64le"), "different-machine"),
        (("i686", "i386"), "same-release"),
        (("arm", "armv7l"), "same-release"),
        ((None, "x86_64"), "same-release"),
    ],
)
def test_machines(machines: tuple[str, str], verdict: str) -> None:
    assert compare(*pair((None, None), (R1, R1), machines)).verdict == verdict


def test_a_build_salt_alone_refuses_nothing() -> None:
    assert compare(*pair((None, None), (R1, R2), release_from="BUILD_SALT")).verdict == "unknown"
    assert compare(*pair((ONE, TWO), (R1, R2), release_from="BUILD_SALT")).verdict == "different-kernel"


def test_another_build_of_one_release_shows_in_the_evidence() -> None:
    kernel, dump = pair((None, None), (R1, R1))
    kernel = msgspec.structs.replace(kernel, version_text=f"Linux version {R1} (x) (gcc) #2 SMP Tue")
    dump = msgspec.structs.replace(dump, version="#1 SMP Mon")
    match = compare(kernel, dump)
    assert match.verdict == "same-release"
    assert match.evidence[-1].startswith("version: ")
    assert "#2 SMP Tue" in match.evidence[-1]
    assert len(compare(kernel, msgspec.structs.replace(dump, version="#2 SMP Tue")).evidence) == 3


def test_refusal_names_all_four_values_and_what_is_needed() -> None:
    with pytest.raises(NamelistError) as caught:
        require_match(*pair((ONE, TWO), (R1, R2)))
    error = caught.value
    assert error.code == "namelist-mismatch"
    for value in (ONE, TWO, R1, R2, "/v", "/d"):
        assert value in error.message
    assert R2 in error.hint
    assert TWO in error.hint


def test_refusal_with_unknown_sides() -> None:
    with pytest.raises(NamelistError) as caught:
        require_match(*pair((None, None), (R1, None), ("x86_64", "aarch64")))
    assert "release unknown, build-id unknown, aarch64" in caught.value.message


def test_fitting_pairs_pass() -> None:
    assert require_match(*pair((ONE, TWO), (R1, R1))).verdict == "build-id-differs"
