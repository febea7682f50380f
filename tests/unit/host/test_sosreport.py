# SPDX-License-Identifier: Apache-2.0
"""An unpacked sosreport as a root."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.host.sosreport import SosreportRoot, mangled

UNAME = "Linux dl980-5 3.12.49-6-xen #1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3) x86_64 x86_64 x86_64 GNU/Linux\n"


def put(directory: Path, path: str, text: str = "") -> None:
    place = directory / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("uname -a", "uname_-a"),
        ("/sbin/lsmod", "lsmod"),
        ("/usr/bin/xl info", "xl_info"),
        ("ls -lanR /boot", "ls_-lanR_.boot"),
        ("mokutil --sb-state", "mokutil_--sb-state"),
        ("sh -c 'rpm -qa | sort'", "sh_-c_rpm_-qa_sort"),
        ("efibootmgr -v ", "efibootmgr_-v"),
        ("x" * 300, "x" * 255),
        ("", ""),
    ],
)
def test_a_command_has_the_name_that_sos_gives_it(command: str, name: str) -> None:
    assert mangled(command) == name


def test_a_command_answers_from_any_plugin(tmp_path: Path) -> None:
    put(tmp_path, "sos_commands/kernel/uname_-a", UNAME)
    put(tmp_path, "sos_commands/xen/xl_info", "host : a\n")
    root = SosreportRoot(tmp_path)
    assert (root.kind, root.command("uname", "-a"), root.command("xl", "info")) == ("sosreport", UNAME, "host : a\n")


def test_a_command_that_sos_did_not_run_has_no_answer(tmp_path: Path) -> None:
    put(tmp_path, "sos_commands/kernel/uname_-a", UNAME)
    root = SosreportRoot(tmp_path)
    assert (root.command("uname"), root.command("uname", "-r"), root.command("xl"), root.command()) == (None,) * 4
    assert root.unread == {}


@pytest.mark.parametrize("link", [True, False])
def test_a_link_at_the_top_answers_too(link: bool, tmp_path: Path) -> None:
    if link:
        put(tmp_path, "sos_commands/kernel/uname_-a.1", UNAME)
        (tmp_path / "uname").symlink_to("sos_commands/kernel/uname_-a.1")
    else:
        put(tmp_path, "uname", UNAME)
    put(tmp_path, "installed-rpms", "xen-4.4.1_06-2.2.x86_64   Fri Nov 20\n")
    root = SosreportRoot(tmp_path)
    assert root.command("uname", "-a") == UNAME
    assert root.command("rpm", "-qa") == "xen-4.4.1_06-2.2.x86_64   Fri Nov 20\n"
    assert root.command("uname") is None


def test_a_plugin_may_link_to_anothers_output(tmp_path: Path) -> None:
    put(tmp_path, "sos_commands/kernel/lsmod", "Module\n")
    (tmp_path / "sos_commands/boot").mkdir()
    (tmp_path / "sos_commands/boot/lsmod").symlink_to("../kernel/lsmod")
    assert SosreportRoot(tmp_path).command("lsmod") == "Module\n"


def test_an_empty_output_gives_way_to_one_with_text(tmp_path: Path) -> None:
    put(tmp_path, "sos_commands/a/lsmod")
    put(tmp_path, "sos_commands/b/lsmod", "Module\n")
    put(tmp_path, "sos_commands/b/dmesg")
    root = SosreportRoot(tmp_path)
    assert (root.command("lsmod"), root.command("dmesg")) == ("Module\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "bash: xm: command not found\n",
        "timeout: failed to run command 'xm': No such file or directory",
        "/bin/sh: xm: No such file or directory\n",
    ],
)
def test_a_command_that_could_not_be_run_has_no_answer(text: str, tmp_path: Path) -> None:
    put(tmp_path, "sos_commands/xen/xm_info", text)
    root = SosreportRoot(tmp_path)
    assert root.command("xm", "info") is None
    assert root.unread == {"xm info": text.strip()}


def test_an_output_that_tells_of_a_missing_file_among_others_is_kept(tmp_path: Path) -> None:
    text = "ls: cannot access '/boot/efi': No such file or directory\n/boot:\nxen.gz\n"
    put(tmp_path, "sos_commands/boot/ls_-lanR_.boot", text)
    assert SosreportRoot(tmp_path).command("ls", "-lanR", "/boot") == text


def test_an_empty_file_of_the_kernel_means_nothing(tmp_path: Path) -> None:
    for path in ("proc/cmdline", "sys/hypervisor/type", "etc/fstab"):
        put(tmp_path, path)
    put(tmp_path, "proc/version", "Linux version\n")
    root = SosreportRoot(tmp_path)
    assert (root.text("/proc/cmdline"), root.read("/etc/../sys/hypervisor/type")) == (None, None)
    assert (root.text("/etc/fstab"), root.text("/proc/version")) == ("", "Linux version\n")
    assert root.unread == {
        "/proc/cmdline": "empty in the report: sos could not read it",
        "/etc/../sys/hypervisor/type": "empty in the report: sos could not read it",
    }


def test_an_output_that_links_out_of_the_report_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "secret", "outside")
    (tmp_path / "sos/sos_commands/kernel").mkdir(parents=True)
    (tmp_path / "sos/sos_commands/kernel/uname_-a").symlink_to("../../../../secret")
    (tmp_path / "sos/sos_commands/kernel/lsmod").symlink_to(tmp_path / "secret")
    root = SosreportRoot(tmp_path / "sos")
    assert (root.command("uname", "-a"), root.command("lsmod")) == (None, None)


def test_a_file_where_the_commands_should_be_has_no_answers(tmp_path: Path) -> None:
    put(tmp_path, "sos_commands", "text")
    assert SosreportRoot(tmp_path).command("uname", "-a") is None


@given(st.lists(st.text(max_size=40), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_command_has_an_answer_or_none(argv: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        put(Path(directory), "sos_commands/kernel/uname_-a", UNAME)
        name = mangled(" ".join(argv))
        assert "/" not in name
        assert SosreportRoot(directory).command(*argv) == (UNAME if name == "uname_-a" else None)
