# SPDX-License-Identifier: Apache-2.0
"""The catalogue: each distribution's places, one candidate per file, and no look at more than it needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.host.sysroot import LocalRoot
from xcrash.images.catalogue import Candidate, Catalogue
from xcrash.images.image import Role
from xcrash.images.places import Basis, fill, is_exact, kernel_values, match, rows

R = "3.12.49-6-xen"
HEX = "23d6a2555a6e5449f36482380e1a2f4ce6897ed6"
QUESTIONS = ("namelist", "debuginfo", "debuglink", "boot", "xen", "known", "release", "modules")

Tree = Callable[..., Catalogue]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Make a root of files and links ({path: target}) and give its catalogue."""

    def make(*paths: str, links: dict[str, str] | None = None) -> Catalogue:
        for path in paths:
            file = tmp_path / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"")
        for path, target in (links or {}).items():
            link = tmp_path / path.lstrip("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        return Catalogue(LocalRoot(tmp_path))

    return make


def paths(found: list[Candidate]) -> list[str]:
    return [candidate.path for candidate in found]


def roles(found: list[Candidate]) -> dict[str, str]:
    return {candidate.path: candidate.role for candidate in found}


def test_every_row_is_well_formed() -> None:
    assert len([row for what in QUESTIONS for row in rows(what)]) > 130
    for what in QUESTIONS:
        for row in rows(what):
            assert row.role in get_args(Role), row
            assert row.basis in get_args(Basis), row
            assert row.pattern.startswith(("/", "{directory}/")), row
            assert "**" not in row.pattern, row
            assert not (row.family == "any" and row.package and "{flavour}" in row.package), row
    assert rows("namelist")[0].pattern == "/usr/lib/debug/.build-id/{id:2}/{id:rest}.debug"
    assert rows("nothing") == ()


@pytest.mark.parametrize(
    ("path", "family"),
    [
        (f"/usr/lib/debug/.build-id/{HEX[:2]}/{HEX[2:]}.debug", "any"),
        (f"/usr/lib/debug/.build-id/{HEX[:2]}/{HEX[2:]}", "any"),
        (f"/usr/lib/debug/boot/vmlinux-{R}", "debian"),
        (f"/usr/lib/debug/lib/modules/{R}/vmlinux", "redhat"),
        (f"/usr/lib/debug/usr/lib/modules/{R}/vmlinux", "redhat"),
        (f"/lib/debug/lib/modules/{R}/vmlinux", "redhat"),
        (f"/usr/lib/debug/usr/lib/modules/{R}/vmlinux.debug", "suse"),
        (f"/boot/vmlinux-{R}", "any"),
        (f"/boot/vmlinux-{R}.gz", "suse"),
        (f"/usr/lib/modules/{R}/vmlinux.xz", "suse"),
        (f"/lib/modules/{R}/build/vmlinux", "any"),
        (f"/lib/modules/{R}/source/vmlinux", "any"),
        ("/usr/src/linux-3.12.49/vmlinux", "any"),
        ("/usr/src/linux/vmlinux", "any"),
        (f"/usr/src/kernels/{R}/vmlinux", "redhat"),
    ],
)
def test_a_namelist_is_found_in_each_place_and_other_releases_are_not(tree: Tree, path: str, family: str) -> None:
    other = path.replace("3.12.49", "3.12.48").replace("vmlinux", "vmlinux.old")
    catalogue = tree(path, other, f"/boot/vmlinux-{R}-old", f"/boot/vmlinux-{R}1.gz", f"/boot/x-vmlinux-{R}")
    (found,) = catalogue.namelist_candidates(R, HEX.upper())
    assert (found.path, found.family, found.also) == (path, family, ())
    assert isinstance(found.local, Path) and found.local.is_file()
    assert found.local.as_posix().endswith(path)


def test_the_build_id_tree_comes_first_and_then_the_order_of_drgn(tree: Tree) -> None:
    wanted = [
        f"/usr/lib/debug/.build-id/{HEX[:2]}/{HEX[2:]}.debug",
        f"/usr/lib/debug/boot/vmlinux-{R}",
        f"/usr/lib/debug/lib/modules/{R}/vmlinux",
        f"/usr/lib/debug/lib/modules/{R}/vmlinux.debug",
        f"/boot/vmlinux-{R}",
        f"/lib/modules/{R}/build/vmlinux",
        f"/lib/modules/{R}/vmlinux",
        "/usr/src/linux/vmlinux",
    ]
    catalogue = tree(*reversed(wanted))
    assert paths(catalogue.namelist_candidates(R, HEX)) == wanted
    assert paths(catalogue.namelist_candidates(R, None)) == wanted[1:]
    assert paths(catalogue.namelist_candidates(None, HEX)) == [wanted[0], "/usr/src/linux/vmlinux"]
    assert catalogue.namelist_candidates(None, None) == []


def test_links_and_hard_links_to_one_file_are_one_candidate_with_other_names(tree: Tree, tmp_path: Path) -> None:
    vmlinux = f"/usr/lib/debug/lib/modules/{R}/vmlinux"
    by_id = f"/usr/lib/debug/.build-id/{HEX[:2]}/{HEX[2:]}.debug"
    links = {by_id: f"../../lib/modules/{R}/vmlinux", f"/usr/lib/debug/boot/vmlinux-{R}": vmlinux}
    catalogue = tree(vmlinux, links={**links, "/usr/lib/debug/usr": "."})
    os.link(tmp_path / vmlinux[1:], tmp_path / f"usr/lib/debug/vmlinux-{R}")
    (found,) = catalogue.namelist_candidates(R, HEX)
    assert found.path == by_id
    assert found.local == tmp_path / vmlinux[1:]
    assert found.also == (
        f"/usr/lib/debug/boot/vmlinux-{R}",
        vmlinux,
        f"/usr/lib/debug/usr/lib/modules/{R}/vmlinux",
        f"/usr/lib/debug/vmlinux-{R}",
    )


def test_on_a_merged_usr_the_first_name_is_shown(tree: Tree) -> None:
    catalogue = tree(f"/usr/lib/modules/{R}/vmlinux", links={"/lib": "usr/lib"})
    (found,) = catalogue.namelist_candidates(R, None)
    assert (found.path, found.also) == (f"/lib/modules/{R}/vmlinux", (f"/usr/lib/modules/{R}/vmlinux",))
    assert catalogue.releases() == [R]


def test_a_link_that_leads_nowhere_a_directory_and_a_fifo_are_no_candidates(tree: Tree, tmp_path: Path) -> None:
    links = {f"/boot/vmlinux-{R}": "nothing", f"/usr/lib/debug/boot/vmlinux-{R}": "/outside"}
    catalogue = tree(f"/lib/modules/{R}/vmlinux/file", links=links)
    os.mkfifo(tmp_path / f"boot/vmlinux-{R}.gz")
    assert catalogue.namelist_candidates(R, None) == []
    assert catalogue.known_images().images == ()


def test_suse_pairs_the_kernel_with_its_debug_file(tree: Tree) -> None:
    debug = f"/usr/lib/debug/boot/vmlinux-{R}.debug"
    catalogue = tree(f"/boot/vmlinux-{R}.gz", debug, f"/boot/vmlinuz-{R}", "/boot/vmlinux-3.12.49-6-default.gz")
    (kernel,) = catalogue.namelist_candidates(R, None)
    assert (kernel.path, kernel.role, kernel.package) == (f"/boot/vmlinux-{R}.gz", "kernel-elf", "kernel-xen")
    (found,) = catalogue.debuginfo_candidates(R, None, kernel.path)
    assert (found.path, found.role, found.package) == (debug, "kernel-debuginfo", "kernel-xen-debuginfo")
    assert (found.family, found.basis) == ("suse", "source")
    assert roles(catalogue.boot_images(R)) == {f"/boot/vmlinuz-{R}": "kernel-boot", kernel.path: "kernel-elf"}


def test_a_debuglink_is_looked_for_beside_the_namelist_and_in_the_debug_directory(tree: Tree) -> None:
    wanted = ["/k/x.debug", "/k/.debug/x.debug", "/usr/lib/debug/boot/x.debug", "/usr/lib/debug/k/x.debug"]
    catalogue = tree("/k/vmlinux.gz", "/k/vmlinux.debug", *wanted)
    assert paths(catalogue.debuginfo_candidates(None, None, "/k/vmlinux.gz", "x.debug")) == wanted
    assert paths(catalogue.debuginfo_candidates(None, None, "/k/../k//vmlinux.gz")) == ["/k/vmlinux.debug"]
    for hostile in ("../k/x.debug", "/k/x.debug", "..", "x\0", "\1", "a" * 300):
        assert catalogue.debuginfo_candidates(None, None, "/k/vmlinux.gz", hostile) == []


def test_the_namelist_itself_is_not_its_own_debuginfo(tree: Tree) -> None:
    vmlinux = f"/usr/lib/debug/lib/modules/{R}/vmlinux"
    catalogue = tree(vmlinux, links={f"/boot/vmlinux-{R}": vmlinux})
    assert catalogue.debuginfo_candidates(R, None, f"/boot/vmlinux-{R}") == []
    assert paths(catalogue.debuginfo_candidates(R, None)) == [vmlinux]


FOUR = ("xen-4.5.1_10-1.gz", "xen-syms-4.5.1_10-1", "xen-dbg-4.5.1_10-1.gz", "xen-syms-dbg-4.5.1_10-1")


def test_the_four_xen_files_of_one_boot_directory_are_told_apart_and_links_are_other_names(tree: Tree) -> None:
    links = {"/boot/xen.gz": FOUR[0], "/boot/xen-4.5.gz": FOUR[0], "/boot/xen-4.gz": FOUR[0]}
    links |= {"/boot/xen-dbg.gz": FOUR[2], "/boot/xen-syms": FOUR[1], "/boot/xen-syms-dbg": FOUR[3]}
    catalogue = tree(*(f"/boot/{name}" for name in FOUR), links=links)
    found = catalogue.xen_images("4.5.1_10-1")
    assert {Path(one.path).name: (one.role, one.also) for one in found} == {
        FOUR[0]: ("xen-boot", ("/boot/xen-4.5.gz", "/boot/xen-4.gz", "/boot/xen.gz")),
        FOUR[1]: ("xen-syms", ("/boot/xen-syms",)),
        FOUR[2]: ("xen-boot-debug", ("/boot/xen-dbg.gz",)),
        FOUR[3]: ("xen-syms-debug", ("/boot/xen-syms-dbg",)),
    }
    assert {one.version for one in found} == {"4.5.1_10-1"}
    assert sorted(paths(found)) == sorted(paths(catalogue.xen_images(None)))


@pytest.mark.parametrize(
    ("path", "role", "version"),
    [
        ("/boot/xen-4.17-amd64.gz", "xen-boot", "4.17-amd64"),
        ("/boot/xen-4.17-amd64.efi", "xen-efi", "4.17-amd64"),
        ("/boot/xen-4.17-amd64.config", "config", "4.17-amd64"),
        ("/usr/lib/debug/boot/xen-syms-4.17-amd64", "xen-syms", "4.17-amd64"),
        ("/usr/lib/debug/boot/xen-syms-4.17-amd64.map", "system-map", "4.17-amd64"),
        ("/usr/lib/debug/xen-syms-4.17.2", "xen-syms", "4.17.2"),
        ("/usr/lib64/efi/xen-4.17.2.efi", "xen-efi", "4.17.2"),
        ("/usr/share/efi/x86_64/xen-4.17.2_08-150.efi", "xen-efi", "4.17.2_08-150"),
        ("/boot/efi/EFI/qubes/xen-4.17.2.efi", "xen-efi", "4.17.2"),
        ("/boot/efi/EFI/xenserver/xen.efi", "xen-efi", None),
        ("/boot/xen-4.17.2-9.38.gz", "xen-boot", "4.17.2-9.38"),
        ("/boot/xen-4.17.2-9.38-d.gz", "xen-boot-debug", "4.17.2-9.38"),
        ("/boot/xen-4.17.2-9.38-d.map", "system-map", "4.17.2-9.38"),
        ("/boot/xen-syms-4.17.2-9.38", "xen-syms", "4.17.2-9.38"),
        ("/boot/xen-syms-4.17.2-9.38-d", "xen-syms-debug", "4.17.2-9.38"),
        ("/usr/src/xen-4.17.2-9.38/xen-syms-d", "xen-syms-debug", "4.17.2-9.38"),
        ("/boot/xen.gz-2.6.18-398.el5", "xen-boot", None),
        ("/boot/xen-4.17.2", "xen-boot", "4.17.2"),
        ("/boot/xen", "xen-boot", None),
    ],
)
def test_a_xen_image_of_each_distribution(tree: Tree, path: str, role: str, version: str | None) -> None:
    catalogue = tree(path, "/boot/xen-4.16.gz", "/boot/grub/xen-4.17.gz", "/boot/xenial", "/boot/initrd")
    (found,) = [one for one in catalogue.xen_images("4.17.2-pre") if one.path != "/boot/xen-4.16.gz"]
    assert (found.path, found.role, found.version) == (path, role, version)
    assert "/boot/xen-4.16.gz" not in paths(catalogue.xen_images("4.17.2-pre"))
    assert "/boot/xen-4.16.gz" in paths(catalogue.xen_images(None))


def test_the_image_of_exactly_the_running_version_comes_first(tree: Tree) -> None:
    catalogue = tree("/boot/xen-4.5.gz", "/boot/xen-4.5.1.gz", "/boot/xen-4.5.1_10-1.gz", "/boot/xen-4.6.gz")
    assert paths(catalogue.xen_images("4.5.1_10-1"))[0] == "/boot/xen-4.5.1_10-1.gz"
    assert len(catalogue.xen_images("4.5.1_10-1")) == 3


def test_known_images_are_all_of_boot_by_role_and_the_debug_directories(tree: Tree) -> None:
    expected = {
        f"/boot/vmlinuz-{R}": "kernel-boot",
        f"/boot/vmlinux-{R}.gz": "kernel-elf",
        f"/boot/System.map-{R}": "system-map",
        f"/boot/config-{R}": "config",
        f"/boot/symvers-{R}.gz": "symvers",
        f"/boot/symtypes-{R}.gz": "symtypes",
        f"/boot/initrd-{R}": "initrd",
        f"/boot/initramfs-{R}.img": "initrd",
        "/boot/xen-4.5.gz": "xen-boot",
        "/boot/notes.txt": "other",
        f"/usr/lib/debug/boot/vmlinux-{R}.debug": "kernel-debuginfo",
        f"/usr/lib/debug/lib/modules/{R}/vmlinux": "kernel-elf",
        f"/usr/src/linux-{R}/vmlinux": "kernel-elf",
    }
    modules = [f"/usr/lib/debug/lib/modules/{R}/kernel/fs/{name}" for name in ("a.ko.debug", "b.ko", "c.txt")]
    catalogue = tree(*expected, *modules, "/boot/grub2/grub.cfg", "/etc/passwd")
    known = catalogue.known_images()
    assert roles(list(known.images)) == expected
    (modules_of,) = known.modules
    assert (modules_of.path, modules_of.release) == (f"/usr/lib/debug/lib/modules/{R}", R)
    assert (modules_of.count, modules_of.complete) == (2, True)
    one_by_one = [one for one in catalogue.known_images(modules=True).images if one.role == "module-debuginfo"]
    assert paths(one_by_one) == modules[:2] == paths(catalogue.module_debuginfo(R))


def test_releases_come_from_modules_boot_and_debug_directories_oldest_first(tree: Tree) -> None:
    catalogue = tree(
        "/lib/modules/5.10.0-8-amd64/modules.dep",
        "/usr/lib/modules/6.1.0-18-amd64/modules.dep",
        "/lib/modules/not-a-kernel/x",
        "/lib/modules/5.99.0",
        "/boot/vmlinuz-5.9.0-1",
        "/boot/vmlinuz-0-rescue-abcdef",
        "/boot/vmlinuz-linux",
        "/boot/config-5.9.0-1",
        f"/boot/vmlinux-{R}.gz",
        "/usr/lib/debug/boot/vmlinux-4.4.0-default.debug",
        f"/boot/System.map-{'9' * 30}.1",
    )
    assert catalogue.releases() == ["3.12.49-6-xen", "4.4.0-default", "5.9.0-1", "5.10.0-8-amd64", "6.1.0-18-amd64"]


def test_the_files_that_crash_would_try_in_vain_are_named_with_the_reason(tree: Tree) -> None:
    catalogue = tree(
        "/boot/symtypes-3.12.49-6-default.gz",
        "/boot/symvers-3.12.49-6-default.gz",
        f"/boot/symvers-{R}.gz",
        f"/boot/vmlinux-{R}.gz",
        "/boot/vmlinux-3.12.49-6-default.gz",
        f"/boot/initrd-{R}",
        f"/boot/vmlinuz-{R}",
        "/boot/xen-4.5.1_10-1.gz",
        "/boot/xen-syms-4.5.1_10-1",
        links={"/boot/xen-4.5.gz": "xen-4.5.1_10-1.gz"},
    )
    found = {one.path.removeprefix("/boot/"): one.reason for one in catalogue.look_alikes(R)}
    hypervisor = "the hypervisor, a 32-bit ELF file because multiboot starts it in 32-bit mode"
    assert found == {
        "symtypes-3.12.49-6-default.gz": "the types behind the checksums of exported symbols, for building modules",
        "symvers-3.12.49-6-default.gz": "the checksums of exported symbols, for building modules",
        f"symvers-{R}.gz": "the checksums of exported symbols, for building modules",
        "vmlinux-3.12.49-6-default.gz": "the kernel of another release",
        "xen-4.5.1_10-1.gz": hypervisor,
        "xen-4.5.gz": hypervisor,
        "xen-syms-4.5.1_10-1": "the hypervisor's symbols, not those of the Dom0 kernel",
    }
    assert not [one for one in catalogue.look_alikes(None) if "another release" in one.reason]


HOSTILE = (
    "",
    ".",
    "..",
    "../../etc",
    "/etc/passwd",
    "a/b",
    "a\0b",
    "\1",
    "*",
    "{link}",
    "{xen}",
    "x" * 300,
    "\udcff\n",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_release_or_version_finds_nothing_and_raises_nothing(tree: Tree, text: str) -> None:
    catalogue = tree("/boot/vmlinux-1.0", "/etc/passwd", "/boot/vmlinux-a/b", "/boot/vmlinuz-linux")
    assert catalogue.namelist_candidates(text, text) == []
    assert catalogue.debuginfo_candidates(text, text, f"/boot/{text}", text) == []
    unnamed = [] if text in ("", ".", "..", "\1") or len(text) > 255 or "/" in text or "\0" in text else ["linux"]
    assert [one.package for one in catalogue.boot_images(text)] == unnamed
    assert catalogue.module_debuginfo(text) == []
    assert catalogue.xen_images(text) == []
    assert [one.path for one in catalogue.look_alikes(text)] in (["/boot/vmlinux-1.0"], [])


def test_names_with_strange_characters_are_found_as_they_are(tree: Tree) -> None:
    release = "1.0-*{release}\n\x1b[2J"
    catalogue = tree(f"/boot/vmlinux-{release}", "/boot/vmlinux-1.0-other")
    assert paths(catalogue.namelist_candidates(release, None)) == [f"/boot/vmlinux-{release}"]


@given(st.text("ab\0", max_size=12), st.text("ab", max_size=12))
@settings(max_examples=100)
def test_a_pattern_fits_exactly_the_names_that_a_shell_would_take(pattern: str, name: str) -> None:
    def fits(pattern: str, name: str) -> bool:
        if not pattern:
            return not name
        if pattern[0] == "\0":
            return fits(pattern[1:], name) or (bool(name) and fits(pattern, name[1:]))
        return bool(name) and name[0] == pattern[0] and fits(pattern[1:], name[1:])

    if "\0" in pattern and "\0\0\0" not in pattern:
        assert (match(name, pattern) is not None) == fits(pattern, name)


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=100)
def test_any_text_for_release_and_build_id_fills_whole_names_only(release: str, build_id: str) -> None:
    values = kernel_values(release, build_id)
    for row in (*rows("namelist"), *rows("boot"), *rows("modules")):
        names = fill(row.pattern, values)
        assert names is None or len(names) == row.pattern.strip("/").count("/") + 1
        assert names is None or not {".", ".."} & set(names)
        if names is not None and "*" not in row.pattern:
            assert all(is_exact(name) for name in names)
