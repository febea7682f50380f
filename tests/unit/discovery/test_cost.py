# SPDX-License-Identifier: Apache-2.0
"""What a plan opens and reads on a crowded machine: counted, not timed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.bench.counting import Counted, count
from tests.trees.many import VMLINUX_BYTES, many

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="this kernel does not count the bytes that a process reads"
)

FEW, MANY = 20, 60
MENU = "/boot/grub/grub.cfg"
NAMELIST = "/usr/lib/debug/boot/vmlinux-RELEASE"


class Crowd(NamedTuple):
    """A tree, and what a plan for it opened; the release that runs is written RELEASE."""

    root: Path
    release: str
    counted: Counted

    @property
    def read(self) -> dict[str, int]:
        """Bytes read from each file."""
        return {path.replace(self.release, "RELEASE"): size for path, size in self.counted.read.items()}


def crowd(root: Path, kernels: int) -> Crowd:
    tree = many(root, kernels=kernels, xens=5, modules=50)
    assert tree.release is not None
    counted = count(root, "plan", "--root", str(root), "--json")
    return Crowd(root, tree.release, counted)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    return crowd(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(scope="module")
def lots(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    return crowd(tmp_path_factory.mktemp("many"), MANY)


def test_a_plan_finds_the_running_kernels_vmlinux_among_many(lots: Crowd) -> None:
    assert lots.counted.status == 0
    assert lots.read[NAMELIST] > 0


def test_more_kernels_are_not_more_files_to_open_nor_more_bytes_to_read(few: Crowd, lots: Crowd) -> None:
    smaller, larger = few.read, lots.read
    assert list(smaller) == list(larger)
    # The boot menu lists every kernel, and is read whole.
    assert smaller.pop(MENU) == (few.root / MENU[1:]).stat().st_size
    assert larger.pop(MENU) == (lots.root / MENU[1:]).stat().st_size
    assert smaller == larger


def test_more_kernels_are_not_more_directories_to_list(few: Crowd, lots: Crowd) -> None:
    assert few.counted.listed == lots.counted.listed
    assert lots.counted.listed["/boot"] == lots.counted.listed["/usr/lib/debug/boot"] == 1


def test_no_file_of_another_release_is_opened(lots: Crowd) -> None:
    assert [path for path in lots.read if "6.1.0-" in path] == []
    assert [path for path in lots.read if "RELEASE" in path] == [
        "/boot/config-RELEASE",
        NAMELIST,
        "/lib/modules/RELEASE/modules.dep",
    ]


def test_no_debuginfo_of_a_module_is_opened_and_none_is_listed(lots: Crowd) -> None:
    places = [*lots.read, *lots.counted.listed]
    assert [path for path in places if path.startswith("/usr/lib/debug/lib/modules")] == []


def test_of_a_vmlinux_of_600_mb_less_than_a_megabyte_is_read(lots: Crowd) -> None:
    vmlinux = lots.root / NAMELIST[1:].replace("RELEASE", lots.release)
    assert vmlinux.stat().st_size == VMLINUX_BYTES == 600 << 20
    assert lots.read[NAMELIST] < 1 << 20


def test_when_no_name_fits_every_vmlinux_is_looked_into_but_none_of_them_is_read_through(tmp_path: Path) -> None:
    tree = many(tmp_path, kernels=8, xens=1, modules=1)
    assert tree.namelist is not None
    directory = tmp_path / "usr/lib/debug/boot"
    (directory / Path(tree.namelist).name).rename(directory / "vmlinux-kept")
    counted = count(tmp_path, "plan", "--root", str(tmp_path), "--json")
    looked_into = {path: size for path, size in counted.read.items() if "/vmlinux-" in path}
    assert counted.status == 0
    assert set(looked_into) == {f"/usr/lib/debug/boot/{path.name}" for path in directory.glob("vmlinux-*")}
    assert max(looked_into.values()) < 1 << 20


def test_bytes_are_counted_for_the_file_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_bytes(b"ID=debian\n" * 100)
    counted = count(tmp_path, "plan", "--root", str(tmp_path), "--json")
    assert counted.status == 3
    assert counted.read == {"/etc/os-release": 1000}
