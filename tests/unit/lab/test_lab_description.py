# SPDX-License-Identifier: Apache-2.0
"""lab.json, by which tests find the lab, and the list of scenes it is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.fetch import KERNELS
from tests.lab.guest import ETC
from tests.lab.module import SOURCES
from tests.lab.paths import CrashProgram, DebugKernel, Dump, Lab, load_lab
from tests.lab.scenes import DEFAULT, SCENES, SYSRQ


def _dump(root: Path, name: str, kernel: DebugKernel) -> Dump:
    path = root / f"{name}.kdump"
    return Dump(name, path, "kdump", 4, "by hand", True, kernel.release, kernel.name, kernel.vmlinux, kernel.build_id)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    new = DebugKernel("6.12", tmp_path / "vmlinux-new", "6.12.0", "11" * 20)
    old = DebugKernel("6.1", tmp_path / "vmlinux-old", "6.1.0", "22" * 20)
    made = Lab(
        root=tmp_path,
        crash=tuple(CrashProgram(version, tmp_path / f"crash-{version}") for version in ("8.0.2", "8.0.6", "9.0.2")),
        default_crash=tmp_path / "crash",
        vmlinux=new.vmlinux,
        release=new.release,
        build_id=new.build_id,
        dumps=(_dump(tmp_path, "panic", new),),
        kernels=(new, old),
        more_dumps=(_dump(tmp_path, "oom-6.1", old),),
    )
    for path in made.files():
        path.write_bytes(b"here")
    (tmp_path / "lab.json").write_text(made.to_json(), encoding="utf-8")
    return made


def test_a_written_lab_is_read_back_equal(lab: Lab) -> None:
    assert load_lab(lab.root) == lab


def test_dumps_and_kernels_are_found_by_name(lab: Lab) -> None:
    dump = lab.dump("oom-6.1")
    assert (dump.vmlinux, dump.build_id) == (lab.kernel("6.1").vmlinux, "22" * 20)
    assert lab.dump("panic").vmlinux == lab.vmlinux
    for unknown in (lab.dump, lab.kernel, lab.crash_version):
        with pytest.raises(KeyError):
            unknown("7")


def test_the_newest_crash_of_a_version_is_taken(lab: Lab) -> None:
    assert [lab.crash_version(version).version for version in ("8.0.2", "8", "")] == ["8.0.2", "8.0.6", "9.0.2"]
    assert lab.crash_version("9").numbers == (9, 0, 2)


@pytest.mark.parametrize("missing", ["crash-8.0.2", "vmlinux-old", "oom-6.1.kdump"])
def test_a_lab_that_lost_a_file_is_no_lab(lab: Lab, missing: str) -> None:
    (lab.root / missing).unlink()
    assert load_lab(lab.root) is None


def test_every_scene_has_a_kernel_a_place_and_names_of_its_own() -> None:
    assert {scene.kernel for scene in SCENES} == set(KERNELS)
    assert len({scene.step for scene in SCENES}) == len(SCENES)
    names = [shot.name for scene in SCENES for shot in scene.shots]
    assert len(set(names)) == len(names)
    assert DEFAULT.kernel == next(iter(KERNELS))


def test_the_guest_knows_every_word_it_is_told_and_has_every_module_it_loads() -> None:
    script = (ETC / "scene").read_text(encoding="utf-8")
    for scene in SCENES:
        assert f"\n{scene.ending.word})" in script
    for source in SOURCES.iterdir():
        assert f"insmod /lib/lab/{source.stem}.ko\n" in script


def test_a_panic_is_known_by_its_reason() -> None:
    assert SYSRQ.seen_in("Kernel panic - not syncing: sysrq triggered crash")
    assert not SYSRQ.seen_in("Kernel panic - not syncing: Fatal exception")
