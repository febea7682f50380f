# SPDX-License-Identifier: Apache-2.0
"""Which files are looked into for a memory image, and under which names they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.images import builders
from xcrash.discovery.kernels import Where, find_candidates, find_debuginfo, named_candidates
from xcrash.errors import NamelistError
from xcrash.host.sysroot import LocalRoot
from xcrash.images import DumpIdentity
from xcrash.images.catalogue import Catalogue

IDENTITY = builders.BUILD_ID.hex()
WANTED = DumpIdentity(path="/d", size=1, format="elf-kdump", release=builders.RELEASE, build_id=IDENTITY)
TREE_PLACE = f"/usr/lib/debug/.build-id/{IDENTITY[:2]}/{IDENTITY[2:]}.debug"
BOOT_PLACE = f"/usr/lib/debug/boot/vmlinux-{builders.RELEASE}"


def put(root: Path, path: str, data: bytes | None = None) -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(builders.vmlinux().build() if data is None else data)
    return place


def found(root: Path, where: Where | None = None, wanted: DumpIdentity = WANTED, **environ: str) -> dict[str, str]:
    candidates = find_candidates(where or Where(in_root=True), Catalogue(LocalRoot(root)), wanted, environ)
    return {one.path: one.why for one in candidates}


def test_a_file_with_two_names_is_looked_into_once_under_the_name_a_person_knows(tmp_path: Path) -> None:
    file = put(tmp_path, BOOT_PLACE)
    link = tmp_path / TREE_PLACE.lstrip("/")
    link.parent.mkdir(parents=True)
    link.symlink_to(file)
    assert list(found(tmp_path)) == [BOOT_PLACE]


def test_paths_of_another_root_are_shown_as_that_machine_sees_them_or_as_they_can_be_opened_here(
    tmp_path: Path,
) -> None:
    file = put(tmp_path, BOOT_PLACE)
    assert list(found(tmp_path)) == [BOOT_PLACE]
    assert list(found(tmp_path, Where(in_root=False))) == [str(file)]


def test_a_file_of_another_name_is_found_by_its_build_id_when_no_name_fits(tmp_path: Path) -> None:
    put(tmp_path, "/usr/lib/debug/boot/vmlinux-5.5.5-misnamed")
    assert found(tmp_path) == {"/usr/lib/debug/boot/vmlinux-5.5.5-misnamed": "found by its contents"}


def test_files_of_other_names_are_not_looked_into_when_one_fits(tmp_path: Path) -> None:
    put(tmp_path, BOOT_PLACE)
    put(tmp_path, "/usr/lib/debug/boot/vmlinux-5.5.5-misnamed")
    assert list(found(tmp_path)) == [BOOT_PLACE]


def test_a_truncated_file_of_the_right_name_does_not_end_the_search(tmp_path: Path) -> None:
    put(tmp_path, BOOT_PLACE, builders.vmlinux().build()[:-200])
    put(tmp_path, "/usr/lib/debug/boot/vmlinux-5.5.5-misnamed")
    assert "/usr/lib/debug/boot/vmlinux-5.5.5-misnamed" in found(tmp_path)


def test_what_lies_beside_the_dump_comes_first(tmp_path: Path) -> None:
    beside = put(tmp_path, "/dumps/vmlinux-whatever")
    put(tmp_path, BOOT_PLACE)
    where = Where(in_root=False, beside=tmp_path / "dumps")
    assert next(iter(found(tmp_path, where).items())) == (str(beside), "it lies beside the dump")


@pytest.mark.parametrize(
    "inside",
    [
        f".build-id/{IDENTITY[:2]}/{IDENTITY[2:]}.debug",
        f"{IDENTITY}/debuginfo",
        f"usr/lib/debug/boot/vmlinux-{builders.RELEASE}",
        f"usr/lib/debug/lib/modules/{builders.RELEASE}/vmlinux",
        f"vmlinux-{builders.RELEASE}",
    ],
)
def test_a_debug_directory_may_be_laid_out_in_any_of_the_usual_ways(tmp_path: Path, inside: str) -> None:
    file = put(tmp_path, f"debug/{inside}")
    where = Where(in_root=False, debug_dirs=(str(tmp_path / "debug"),))
    assert str(file) in found(tmp_path / "empty", where)


def test_nothing_known_of_the_kernel_means_nothing_is_guessed(tmp_path: Path) -> None:
    put(tmp_path, BOOT_PLACE)
    assert found(tmp_path, wanted=DumpIdentity(path="/d", size=1, format="elf-kdump")) == {}


def test_a_release_with_a_path_in_it_leads_nowhere(tmp_path: Path) -> None:
    put(tmp_path, "/secret")
    hostile = DumpIdentity(path="/d", size=1, format="elf-kdump", release="../../../secret")
    where = Where(in_root=False, debug_dirs=(str(tmp_path / "usr/lib/debug"),))
    assert found(tmp_path, where, hostile) == {}


def test_a_file_that_cannot_be_read_is_a_candidate_with_a_problem(tmp_path: Path) -> None:
    (tmp_path / BOOT_PLACE.lstrip("/")).parent.mkdir(parents=True)
    put(tmp_path, BOOT_PLACE, b"")
    (one,) = find_candidates(Where(in_root=True), Catalogue(LocalRoot(tmp_path)), WANTED, {})
    assert one.kernel is not None and one.kernel.format == "empty"


def test_named_files_are_looked_into_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    file = put(tmp_path, "vmlinux")
    (one,) = named_candidates(str(file), None)
    assert one.named and one.kernel and one.kernel.build_id == IDENTITY
    with pytest.raises(NamelistError, match="no such vmlinux"):
        named_candidates(str(file), str(tmp_path / "no.debug"))


def test_debuginfo_of_a_stripped_vmlinux_is_found_beside_it(tmp_path: Path) -> None:
    stripped = builders.without_section(builders.vmlinux(), ".symtab", ".debug_info")
    file = put(tmp_path, "vmlinux", stripped.build())
    split = builders.with_section(builders.vmlinux(), ".text", builders.NOBITS, bytes(64))
    debug = put(tmp_path, "vmlinux.debug", split.build())
    (named,) = named_candidates(str(file), None)
    assert [one.path for one in find_debuginfo(Catalogue(LocalRoot(tmp_path)), named)] == [str(debug)]
