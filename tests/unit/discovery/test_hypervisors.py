# SPDX-License-Identifier: Apache-2.0
"""Where the symbols of a dump's hypervisor are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.images import builders as b
from tests.unit.images import xen_builders as x
from xcrash.discovery.hypervisors import find_xen_syms, named_xen_syms
from xcrash.discovery.kernels import Where
from xcrash.errors import NamelistError
from xcrash.host.sysroot import LocalRoot
from xcrash.images.catalogue import Catalogue
from xcrash.images.dump import identify_dump

OURS = b.XEN_BUILD_ID.hex()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "crash" / "vmcore"
    path.parent.mkdir()
    path.write_bytes(x.dump())
    return path


def put(root: Path, path: str, data: bytes | None = None) -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(x.build() if data is None else data)
    return place


def found(dump: Path, root: Path, debug_dirs: tuple[str, ...] = (), **environ: str) -> dict[str, tuple[str, str]]:
    where = Where(in_root=False, debug_dirs=debug_dirs, beside=dump.parent)
    candidates = find_xen_syms(where, Catalogue(LocalRoot(root)), identify_dump(dump), environ)
    return {one.path: (one.why, one.match.verdict if one.match else "") for one in candidates}


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("/boot/xen-syms-4.17.5", "found at a usual place"),
        ("/usr/lib/debug/boot/xen-syms-4.17-amd64", "found at a usual place"),
        ("/usr/lib/debug/xen-syms-4.17.5", "found at a usual place"),
        (f"/usr/lib/debug/.build-id/{OURS[:2]}/{OURS[2:]}.debug", "found by build-id"),
    ],
)
def test_the_places_of_the_distributions(dump: Path, tmp_path: Path, place: str, why: str) -> None:
    file = put(tmp_path / "root", place)
    assert found(dump, tmp_path / "root") == {str(file): (why, "same-build")}


@pytest.mark.parametrize(
    "place",
    [
        "xen-syms-whatever",
        "boot/xen-syms-4.17.5",
        "usr/lib/debug/boot/xen-syms-4.17-amd64",
        f".build-id/{OURS[:2]}/{OURS[2:]}.debug",
        f"{OURS}/debuginfo",
    ],
)
def test_a_debug_directory(dump: Path, tmp_path: Path, place: str) -> None:
    file = put(tmp_path / "debug", place)
    assert list(found(dump, tmp_path / "root", (str(tmp_path / "debug"),))) == [str(file)]


def test_what_lies_beside_the_dump_comes_first_and_links_to_one_file_count_once(dump: Path, tmp_path: Path) -> None:
    beside, boot = put(dump.parent, "xen-syms"), put(tmp_path / "root", "/boot/xen-syms-4.17.5")
    (tmp_path / "root/boot/xen-syms").symlink_to("xen-syms-4.17.5")
    assert list(found(dump, tmp_path / "root")) == [str(beside), str(boot)]


def test_the_cache_of_debuginfod(dump: Path, tmp_path: Path) -> None:
    file = put(tmp_path, f"cache/{OURS}/debuginfo")
    places = found(dump, tmp_path / "root", HOME=str(tmp_path), DEBUGINFOD_CACHE_PATH=str(tmp_path / "cache"))
    assert list(places) == [str(file)]


def test_what_is_no_hypervisor_is_no_candidate(dump: Path, tmp_path: Path) -> None:
    put(dump.parent, "xen-syms-notes.txt", b"text")
    put(dump.parent, "xen-syms.map", b"0 T _start")
    put(tmp_path / "root", f"/usr/lib/debug/.build-id/{OURS[:2]}/{OURS[2:]}.debug", b.vmlinux().build())
    assert found(dump, tmp_path / "root") == {}


def test_an_unreadable_candidate_is_kept_with_its_problem(dump: Path, tmp_path: Path) -> None:
    (dump.parent / "xen-syms-gone").symlink_to(tmp_path / "nowhere")
    (dump.parent / "xen-syms-dir").mkdir()
    assert found(dump, tmp_path / "root") == {}
    with pytest.raises(NamelistError) as caught:
        named_xen_syms(dump.parent / "xen-syms-gone", identify_dump(dump))
    assert caught.value.code == "namelist-missing"
