# SPDX-License-Identifier: Apache-2.0
"""What crash gets in place of a file: the file, a link to it, or an unpacked copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcrash.images import DumpIdentity, KernelImage
from xcrash.locations import UserRc
from xcrash.plan import LaunchPlan, NamelistChoice, Recipe, Unpacking, plan_dump
from xcrash.plan.arguments import file_argument, is_unpacked, options, unpacked

WORK = Path("/run/w")
RECIPE = Recipe(Path("/usr/bin/crash"), WORK, {}, Path("/cache"))


def packed(kind: str = "gzip", size: int = 100, contains: str | None = "elf", name: str = "vmlinux.gz") -> KernelImage:
    return KernelImage(path=f"/boot/{name}", size=size, format=kind, contains=contains, build_id="ab" * 20)


def plan(kernel: KernelImage, room: int) -> LaunchPlan:
    dump = DumpIdentity(path="/var/crash/vmcore", size=1, format="kdump")
    return plan_dump(dump, NamelistChoice(kernel, None, None, (), (), None), RECIPE._replace(room=room))


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz"])
@pytest.mark.parametrize(("room", "kept"), [(0, False), (999, False), (1000, True)])
def test_what_crash_can_unpack_is_kept_unpacked_where_there_is_room(kind: str, room: int, kept: bool) -> None:
    assert is_unpacked(packed(kind), RECIPE._replace(room=room)) is kept


@pytest.mark.parametrize("room", [0, 1 << 40])
def test_what_crash_cannot_unpack_is_unpacked_in_any_case(room: int) -> None:
    assert is_unpacked(packed("zstd"), RECIPE._replace(room=room))


@pytest.mark.parametrize("contains", [None, "raw"])
def test_what_is_not_known_to_be_a_vmlinux_is_left_to_crash(contains: str | None) -> None:
    assert not is_unpacked(packed(contains=contains), RECIPE._replace(room=1 << 40))


def test_a_plain_vmlinux_is_never_unpacked() -> None:
    assert not is_unpacked(packed("elf"), RECIPE._replace(room=1 << 40))


def test_a_kept_copy_is_in_the_plan_and_needs_no_force() -> None:
    target = f"/cache/kernels/{'ab' * 20}/kernel"
    made = plan(packed(name="kernel.gz"), 1 << 40)
    assert made.unpacking == (Unpacking("/boot/kernel.gz", target),)
    assert made.argv[-2:] == (target, "/var/crash/vmcore")
    assert "-f" not in made.argv
    (why,) = [one.reason for one in made.decisions if one.what == "unpack"]
    assert why == "crash would unpack it at every start: /boot/kernel.gz is unpacked once into the cache"


def test_without_room_crash_gets_the_compressed_file_and_force_if_it_needs_it() -> None:
    made = plan(packed(name="kernel.gz"), 0)
    assert made.unpacking == ()
    assert made.argv[-3:] == ("-f", "/boot/kernel.gz", "/var/crash/vmcore")


def test_another_kernel_has_another_place() -> None:
    one = KernelImage(path="/boot/vmlinux.gz", size=1, format="gzip")
    places = {unpacked(kernel, Path("/cache")).target for kernel in (packed(), one, packed(name="vmlinux-2.gz"))}
    assert len(places) == 3
    assert all(place.startswith("/cache/kernels/") for place in places)


@pytest.mark.parametrize("path", ["/a b/vmcore", "/x/$(id)", "/x/dump@1", "/x/a:b", "/x/;q", "/x/\n", "/x/\u00e4"])
def test_a_name_that_crash_would_read_as_more_is_given_as_a_link(path: str) -> None:
    argument = file_argument("dump", path, WORK)
    assert argument.link and argument.link.target == path
    assert argument.text == argument.link.path
    assert argument.text.startswith("/run/w/dump-") and not set(argument.text) & set(" $()@:;\n\u00e4")


def test_a_plain_name_is_given_as_it_is() -> None:
    assert file_argument("dump", "/var/crash/127.0.0.1-2026/vmcore", WORK) == (
        "/var/crash/127.0.0.1-2026/vmcore",
        None,
        "",
    )


def test_the_rc_files_are_read_only_when_they_are_wanted() -> None:
    assert "--no_crashrc" in options(RECIPE)
    assert "--no_crashrc" not in options(RECIPE._replace(user_rc=UserRc()))
