# SPDX-License-Identifier: Apache-2.0
"""check_namelist: each file that cannot be a namelist is refused with its reason and a next step."""

from __future__ import annotations

import gzip
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.errors import NamelistError
from xcrash.images import check_namelist, identify_kernel


def refusal(path: Path) -> NamelistError:
    with pytest.raises(NamelistError) as caught:
        check_namelist(identify_kernel(path))
    assert str(path) in caught.value.message
    assert caught.value.hint and not caught.value.hint.endswith(".")
    assert caught.value.exit_status == 3
    return caught.value


def test_whole_kernels_pass(save: Save) -> None:
    whole = b.vmlinux().build()
    for data in (whole, b.vmlinux(type=b.DYN).build(), gzip.compress(whole), lzma.compress(whole)):
        check_namelist(identify_kernel(save("vmlinux", data)))


CASES: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "namelist-empty", "is empty"),
    ("text", b"hello world\n" * 10, "namelist-not-elf", "is a text file, not a vmlinux"),
    ("System.map", b"0000000000000000 D __per_cpu_start\n" * 500, "namelist-not-elf", "is a text file"),
    ("vmlinuz", b.bzimage("6.1.0 (x) #1"), "namelist-not-elf", "is a bzImage (vmlinuz)"),
    ("noise", bytes(range(256)) * 20, "namelist-not-elf", "is of no format known"),
    ("zeros", bytes(5000), "namelist-not-elf", "zeros"),
    ("vmlinux.zst", b"\x28\xb5\x2f\xfd" + bytes(50), "namelist-not-elf", "is a zstd file"),
    ("text.gz", gzip.compress(b"hello\n" * 100), "namelist-not-elf", "inside is a text file"),
    ("vmcore.gz", gzip.compress(b.core().build()), "namelist-is-a-dump", "is an ELF core"),
    ("bad.gz", b"\x1f\x8b\x08" + b"\xff" * 50, "namelist-not-elf", "nothing readable"),
    ("kernel.rpm", b"\xed\xab\xee\xdb" + bytes(90), "namelist-not-elf", "is an RPM package"),
    ("vmcore", b.core().build(), "namelist-is-a-dump", "is an ELF core"),
    ("kdump", b.Kdump().build(), "namelist-is-a-dump", "is a compressed kdump"),
    ("module.ko", b.vmlinux(type=b.REL).build(), "namelist-is-an-object", "kernel module or object file"),
    ("odd", b.vmlinux(type=0xFE00).build(), "namelist-not-elf", "type 65024"),
    ("head", b.vmlinux().build()[:40], "namelist-truncated", "header cannot be read"),
    ("short", b.vmlinux().build()[:-1], "namelist-truncated", "at least 1 bytes are missing"),
    ("half", b.vmlinux().build()[:500], "namelist-truncated", "is cut short"),
    ("stripped", b.without_section(b.vmlinux(), ".symtab").build(), "namelist-no-symbols", "no symbol table"),
    ("nodebug", b.without_section(b.vmlinux(), ".debug_info").build(), "namelist-no-dwarf", ".debug_info"),
    ("x.debug", b.with_section(b.vmlinux(), ".text", b.NOBITS, bytes(64)).build(), "namelist-debug-only", "only"),
    (
        "a.out",
        b.without_section(b.vmlinux(segments=[]), ".rodata", ".notes", "__ksymtab").build(),
        "namelist-not-linux",
        "program",
    ),
]


@pytest.mark.parametrize(("name", "data", "code", "says"), CASES, ids=[case[0] for case in CASES])
def test_refused(save: Save, name: str, data: bytes, code: str, says: str) -> None:
    error = refusal(save(name, data))
    assert error.code == code
    assert says in error.message


def test_stripped_kernel_names_its_debug_file(save: Save) -> None:
    image = b.without_section(b.vmlinux(), ".symtab", ".debug_info")
    linked = b.with_section(image, ".gnu_debuglink", b.PROGBITS, b"vmlinux.debug\0\0\0\0\0\0\0")
    assert "vmlinux.debug" in refusal(save("vmlinux", linked.build())).message


def test_hint_names_the_package_of_the_release(save: Save) -> None:
    image = b.without_section(b.vmlinux(), ".debug_info")
    assert f"linux-image-{b.RELEASE}-dbg" in refusal(save("vmlinux", image.build())).hint


def test_hypervisor_symbols_are_no_linux_and_pass(save: Save) -> None:
    image = b.without_section(b.vmlinux(segments=[]), ".rodata", ".notes", "__ksymtab")
    check_namelist(identify_kernel(save("xen-syms-4.17", image.build())))


def test_real_program_of_this_machine() -> None:
    assert refusal(Path("/bin/ls")).code == "namelist-not-linux"


def test_missing_directory_and_odd_files(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").code == "namelist-missing"
    assert refusal(tmp_path).code == "namelist-directory"
    (tmp_path / "file").write_bytes(b"x")
    assert refusal(tmp_path / "file" / "below").code == "namelist-missing"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "namelist-not-a-file"
    assert refusal(Path("/dev/zero")).code == "namelist-not-a-file"
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path / "loop").code == "namelist-unreadable"


def test_impossible_names_are_shown_harmlessly(tmp_path: Path) -> None:
    for name in ("a\0b", "a\x1b[31mb", "a\udcffb", "x" * 300):
        with pytest.raises(NamelistError) as caught:
            identify_kernel(tmp_path / name)
        assert caught.value.message.isprintable()
        caught.value.message.encode()


def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "vmlinux"
    path.write_bytes(b.vmlinux().build())
    path.chmod(0)
    probe = (
        "import os, pathlib, sys\n"
        "from xcrash.errors import XcrashError\n"
        "from xcrash.images import identify_kernel\n"
        "from xcrash.images.dump import identify_dump\n"
        # As root nothing is forbidden, and the modules may lie where only root can read them.
        "if os.geteuid() == 0: os.chdir(sys.argv[1]); os.setegid(65534); os.seteuid(65534)\n"
        "for look in (identify_kernel, identify_dump):\n"
        "    try: look(pathlib.Path('vmlinux'))\n"
        "    except XcrashError as error: print(error.code, error.exit_status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3] if os.geteuid() == 0 else tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.stdout == "namelist-no-permission 3\ndump-no-permission 4\n"
