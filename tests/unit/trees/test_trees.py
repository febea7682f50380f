# SPDX-License-Identifier: Apache-2.0
"""The trees hold what they claim: whoever is tested against them is tested against real files."""

from __future__ import annotations

import gzip
import lzma
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.trees import ORDINARY, TREES, Tree, debian12_xen, rhel8, sles12_sp1_xen
from tests.trees.hypervisors import Hypervisor, xen_efi, xen_elf32
from tests.trees.kernels import Kernel, bzimage, vmlinux
from tests.trees.packing import PACKERS
from tests.unit.trees.elf_facts import Elf, read
from xcrash.images.compressed import gzip_name
from xcrash.images.magic import classify
from xcrash.images.notes import build_id_of, iter_notes

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "xz": lzma.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompress(data),
}
XEN_ROLES = ("xen-boot", "xen-boot-debug", "xen-syms", "xen-syms-debug")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tree"


def unpacked(data: bytes) -> bytes:
    kind = classify(data[:4096])
    return UNPACK[kind](data) if kind in UNPACK else data


@pytest.fixture(scope="module", params=ORDINARY)
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Each of the ordinary machines, made once for all tests."""
    return ORDINARY[request.param](tmp_path_factory.mktemp("trees") / request.param)


def test_the_running_kernel_is_the_same_in_proc_in_sys_and_in_the_tree_s_word(tree: Tree) -> None:
    assert read(tree, "/proc/sys/kernel/osrelease").decode() == f"{tree.release}\n"
    assert read(tree, "/proc/version").decode().startswith(f"Linux version {tree.release} (")
    assert build_id_of(iter_notes(read(tree, "/sys/kernel/notes"), "little")) == tree.build_id
    assert read(tree, "/proc/kcore")[:4] == b"\x7fELF"
    assert f"MemTotal: {(tree.memory_bytes or 0) // 1024:15} kB\n".split() in [
        line.split() for line in read(tree, "/proc/meminfo").decode().splitlines()
    ]
    assert read(tree, "/proc/cpuinfo").count(b"processor\t:") == tree.cpus


def test_the_namelist_is_a_kernel_with_the_running_build_id_and_banner(tree: Tree) -> None:
    if tree.namelist is None:
        assert not any(role in ("kernel-elf", "kernel-debuginfo") for role in tree.images.values())
        return
    kernel = Elf(unpacked(read(tree, tree.namelist)))
    assert (kernel.header.elf_class, kernel.header.machine, kernel.header.type) == (64, "x86_64", "exec")
    assert kernel.build_id == kernel.segment_build_id == tree.build_id
    assert read(tree, "/proc/version") in kernel.data
    assert kernel.in_file(".text")
    assert kernel.in_file(".symtab")
    assert kernel.in_file(".debug_info") is (tree.debuginfo is None and tree.os_id != "sles")


def test_separate_debuginfo_has_dwarf_and_no_code_and_is_the_larger_half(tree: Tree) -> None:
    if tree.debuginfo is None or tree.namelist is None:
        return
    data = read(tree, tree.debuginfo)
    other = unpacked(read(tree, tree.namelist))
    debug, kernel = Elf(data), Elf(other)
    assert debug.build_id == tree.build_id
    assert debug.sections[".text"].type == "SHT_NOBITS"
    assert debug.in_file(".debug_info")
    assert len(data) > len(other)
    link = kernel.sections[".gnu_debuglink"]
    text = other[link.offset : link.offset + link.size]
    assert text.startswith(Path(tree.debuginfo).name.encode() + b"\0")
    assert struct.unpack("<I", text[-4:])[0] == zlib.crc32(data)


def test_a_boot_image_carries_the_kernel_that_it_names(tree: Tree) -> None:
    images = [path for path, role in tree.images.items() if role == "kernel-boot"]
    assert images
    releases = []
    for path in images:
        data = read(tree, path)
        assert classify(data[:4096]) == "bzImage"
        at = 0x200 + struct.unpack_from("<H", data, 0x20E)[0]
        releases.append(data[at : data.index(b" ", at)].decode())
        start, size = struct.unpack_from("<II", data, 0x248)
        payload = data[(data[0x1F1] + 1) * 512 + start :][:size]
        packed = payload if payload[:2] == b"\x1f\x8b" else payload[:-4]
        inside = Elf(unpacked(packed))
        assert f"Linux version {releases[-1]} (".encode() in inside.data
        assert not inside.in_file(".symtab")
        if releases[-1] == tree.release:
            assert inside.build_id == tree.build_id
    assert tree.release in releases


def test_every_image_of_the_truth_has_the_format_of_its_role(tree: Tree) -> None:
    formats = {
        "kernel-boot": {"bzImage"},
        "kernel-elf": {"elf", "gzip", "xz", "zstd"},
        "kernel-debuginfo": {"elf"},
        "other": {"text"},
        "xen-boot": {"gzip"},
        "xen-boot-debug": {"gzip"},
        "xen-efi": {"efi"},
        "xen-syms": {"elf"},
        "xen-syms-debug": {"elf"},
        "system-map": {"text"},
        "module-debuginfo": {"elf"},
        "symvers": {"gzip"},
        "symtypes": {"gzip"},
        "initrd": {"gzip", "xz", "zstd", "cpio"},
        "config": {"text"},
    }
    for path, role in tree.images.items():
        data = read(tree, path)
        assert classify(data[:4096]) in formats[role], path
        # crash looks at no compressed file of fewer bytes (symbols.c:is_compressed_kernel).
        assert classify(data[:4096]) != "gzip" or role == "initrd" or len(data) > 1500, path
        if role in ("symvers", "symtypes"):
            assert gzip_name(data) is None
            assert classify(gzip.decompress(data)[:4096]) == "text"


def test_the_hypervisor_and_its_symbols_share_the_build_id_that_sysfs_shows(tree: Tree) -> None:
    if tree.xen_version is None:
        assert not (tree.root / "sys/hypervisor").exists()
        return
    assert tree.xen_image is not None
    assert tree.xen_syms is not None
    image, symbols = Elf(gzip.decompress(read(tree, tree.xen_image))), Elf(read(tree, tree.xen_syms))
    assert (image.header.elf_class, image.header.machine) == (32, "i686")
    assert (symbols.header.elf_class, symbols.header.machine) == (64, "x86_64")
    assert image.build_id == image.segment_build_id == symbols.build_id == tree.xen_build_id
    assert struct.pack("<I", 0x1BADB002) in image.data[:8192]
    assert not image.in_file(".symtab")
    assert symbols.in_file(".symtab")
    assert symbols.in_file(".debug_info") is tree.xen_syms_have_dwarf
    version = [read(tree, f"/sys/hypervisor/version/{part}").decode().strip() for part in ("major", "minor", "extra")]
    assert f"{version[0]}.{version[1]}{version[2]}" == tree.xen_version
    assert read(tree, "/proc/xen/capabilities") == b"control_d\n"
    shown = tree.root / "sys/hypervisor/properties/buildid"
    assert shown.exists() is tree.xen_build_id_in_sysfs
    assert not shown.exists() or shown.read_bytes().hex() == tree.xen_build_id
    assert (tree.root / "sys/hypervisor/guest_type").exists() is (tree.guest_type is not None)


def test_every_path_of_the_truth_is_there_and_every_link_leads_somewhere(tree: Tree) -> None:
    paths = (tree.namelist, tree.debuginfo, tree.xen_image, tree.xen_syms, tree.boot_config, tree.edit_path)
    for path in (*paths, tree.crash_module):
        assert path is None or (tree.root / path[1:]).exists(), path
    for path, target in tree.links.items():
        assert not target.startswith("/")
        assert (tree.root / path[1:]).exists(), path
        assert (tree.root / path[1:]).resolve().is_relative_to(tree.root.resolve())
    config = next(path for path, role in tree.images.items() if role == "config") if tree.os_id != "arch" else None
    assert config is None or "CONFIG_STRICT_DEVMEM=y\n" in read(tree, config).decode()
    assert (tree.root / "sys/kernel/security/lockdown").exists() is (tree.lockdown is not None)
    assert tree.lockdown is None or f"[{tree.lockdown}]".encode() in read(tree, "/sys/kernel/security/lockdown")
    assert (tree.memory_source is None) is (tree.lockdown == "confidentiality")


def test_the_booted_entries_are_in_the_boot_loader_s_files(tree: Tree) -> None:
    assert tree.boot_config is not None
    config = tree.root / tree.boot_config[1:]
    directory = config if config.is_dir() else config.parent / "entries"
    entries = sorted(directory.iterdir()) if directory.is_dir() else []
    text = "".join(path.read_text() for path in ([] if config.is_dir() else [config]) + entries)
    assert tree.booted
    for title in tree.booted:
        assert f"menuentry '{title}'" in text or title in [
            line.removeprefix("title").strip() for line in text.splitlines() if line.startswith("title")
        ]


def test_crash_modules_are_relocatable_files_listed_in_modules_dep(tree: Tree) -> None:
    base = tree.root / f"lib/modules/{tree.release}"
    listed = [line.split(":")[0] for line in (base / "modules.dep").read_text().splitlines()]
    if tree.crash_module is None:
        assert not any("/crash.ko" in path for path in listed)
        return
    assert tree.crash_module.removeprefix(f"/lib/modules/{tree.release}/") in listed
    module = Elf(unpacked(read(tree, tree.crash_module)))
    assert module.header.type == "rel"
    assert b"name=crash\0" in module.data
    assert f"vermagic={tree.release} ".encode() in module.data
    assert read(tree, "/proc/modules").startswith(b"crash ") is tree.crash_module_loaded


def test_the_name_in_the_gzip_header_is_the_one_asked_for(tmp_path: Path) -> None:
    plain = sles12_sp1_xen(tmp_path / "plain")
    none = sles12_sp1_xen(tmp_path / "none", gzip_name=None)
    other = sles12_sp1_xen(tmp_path / "other", gzip_name="kernel.elf")
    assert plain.namelist == "/boot/vmlinux-3.12.49-6-xen.gz"
    names = [gzip_name(read(tree, plain.namelist)) for tree in (plain, none, other)]
    assert names == ["vmlinux-3.12.49-6-xen", None, "kernel.elf"]
    assert read(plain, plain.namelist)[10:17] == b"vmlinux"
    assert [tree.needs_f for tree in (plain, none, other)] == [False, True, True]


def test_the_four_xen_files_are_two_pairs_of_different_builds(root: Path) -> None:
    tree = sles12_sp1_xen(root)
    files = {role: path for path, role in tree.images.items() if role in XEN_ROLES}
    ids = {role: Elf(unpacked(read(tree, path))).build_id for role, path in files.items()}
    assert files == {
        "xen-boot": "/boot/xen-4.5.1_10-1.gz",
        "xen-syms": "/boot/xen-syms-4.5.1_10-1",
        "xen-boot-debug": "/boot/xen-dbg-4.5.1_10-1.gz",
        "xen-syms-debug": "/boot/xen-syms-dbg-4.5.1_10-1",
    }
    assert ids["xen-boot"] == ids["xen-syms"] == tree.xen_build_id
    assert ids["xen-boot-debug"] == ids["xen-syms-debug"] != tree.xen_build_id
    assert b"debug=y\0" in read(tree, files["xen-syms-debug"])
    assert b"debug=n\0" in read(tree, files["xen-syms"])


def test_crash_ko_of_rhel_8_is_an_xz_file_and_can_be_loaded(tmp_path: Path) -> None:
    tree = rhel8(tmp_path / "tree", crash_module_loaded=True)
    assert tree.crash_module is not None
    assert tree.crash_module.endswith("/kernel/drivers/char/crash.ko.xz")
    assert b" 58 crash\n" in read(tree, "/proc/misc")


def test_the_efi_program_of_xen_is_a_pe_file_with_a_build_id(root: Path) -> None:
    tree = debian12_xen(root)
    data = read(tree, "/boot/xen-4.17-amd64.efi")
    assert data[:2] == b"MZ"
    assert data[struct.unpack_from("<I", data, 0x3C)[0] :][:6] == b"PE\0\0\x64\x86"
    assert bytes.fromhex(tree.xen_build_id or "") in data
    assert classify(xen_efi(Hypervisor("4.20.0"))[:4096]) == "efi"


def test_the_version_of_xen_falls_into_major_minor_and_the_rest() -> None:
    texts = ("4.17.7+13-g2445b30a44-0+deb12u1", "4.5.1_10-1", "4.20-rc")
    assert [Hypervisor(text).parts for text in texts] == [
        ("4", "17", ".7+13-g2445b30a44-0+deb12u1"),
        ("4", "5", ".1_10-1"),
        ("4", "20", "-rc"),
    ]
    assert xen_elf32(Hypervisor("4.5.1")) != xen_elf32(Hypervisor("4.5.1", debug=True))


@pytest.mark.parametrize("compression", PACKERS)
def test_a_boot_image_can_be_packed_in_every_way(compression: str) -> None:
    data = bzimage(Kernel("6.1.0", "#1 SMP"), compression)
    start, size = struct.unpack_from("<II", data, 0x248)
    payload = data[8 * 512 + start :][:size]
    magics = {"gz": "1f8b", "xz": "fd377a58", "zst": "28b52ffd", "bz2": "425a68", "lz4": "02214c18"}
    assert payload.hex().startswith(magics[compression])


def test_symbols_are_named_by_the_string_table() -> None:
    image = Elf(vmlinux(Kernel("6.1.0", "#1 SMP", xen="pvops")))
    table, names = image.sections[".symtab"], image.sections[".strtab"]
    text = image.data[names.offset : names.offset + names.size]
    rows = struct.iter_unpack("<IBBHQQ", image.data[table.offset : table.offset + table.size])
    found = [text[row[0] : text.index(b"\0", row[0])].decode() for row in rows]
    assert found[:3] == ["", "_stext", "linux_banner"]
    assert "xen_p2m_addr" in found
    section_at = struct.unpack_from("<Q", image.data, 40)[0] + 64 * list(image.sections).index(".symtab")
    link = struct.unpack_from("<I", image.data, section_at + 40)[0]
    assert list(image.sections)[link] == ".strtab"


def test_the_same_tree_is_made_twice_alike(tmp_path: Path) -> None:
    first, second = (sles12_sp1_xen(tmp_path / name) for name in ("a", "b"))
    for path in first.images:
        assert read(first, path) == read(second, path)


def test_a_tree_can_be_made_by_hand(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "tests.trees", *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3])

    names = run("list")
    assert names.stdout.split() == list(TREES)
    made = run("debian12", str(tmp_path / "new"))
    assert made.returncode == 0
    assert f"xcrash plan --root {tmp_path}/new" in made.stdout
    assert (tmp_path / "new/proc/version").exists()
    again = run("debian12", str(tmp_path / "new"))
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)
