# SPDX-License-Identifier: Apache-2.0
"""The banner: what its labels say, and the damage that mail and web pages do to it."""

from __future__ import annotations

import html
import json
import quopri
import re
from collections.abc import Callable

import msgspec
import pytest

from tests.unit.parse.samples import CONTEXT, DOM0, HYPERVISOR, MISMATCH, PANIC, UNKNOWN
from xcrash.parse import sys
from xcrash.parse.sys import Banner

GB = 2**30


def read(text: str) -> Banner:
    banner = sys.parse(text)
    assert banner is not None
    return banner


def prefixed(prefix: str) -> Callable[[str], str]:
    return lambda text: "".join(f"{prefix}{line}\n" for line in text.splitlines())


def wrapped(width: int, prefix: str = "") -> Callable[[str], str]:
    """Break lines at the last blank before ``width``, as mailers do."""

    def wrap(text: str) -> str:
        lines = []
        for line in text.splitlines():
            while len(prefix + line) > width and " " in line[15 : width - len(prefix)]:
                at = line.rindex(" ", 15, width - len(prefix))
                lines.append(prefix + line[:at])
                line = line[at + 1 :]
            lines.append(prefix + line)
        return "\n".join(lines)

    return wrap


def replaced(pattern: str, by: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, flags=re.MULTILINE)


DAMAGE: dict[str, Callable[[str], str]] = {
    "quoted": prefixed("> "),
    "quoted deep": prefixed("> > "),
    "quoted four": prefixed(">>>> "),
    "tab": prefixed("\t"),
    "blanks": prefixed("    "),
    "no-break blanks": replaced("  ", "\xa0\xa0"),
    "comment": prefixed("# "),
    "bullet": prefixed("* "),
    "patch": prefixed("+"),
    "flush left": replaced(r"^ +", ""),
    "carriage returns": replaced(r"\n", "\r\n"),
    "double spaced": replaced(r"\n", "\n\n"),
    "colours": replaced(r"([A-Z]+):", "\x1b[1;31m\\1:\x1b[0m"),
    "markdown": replaced(r"([\[\]#_*])", r"\\\1"),
    "bold labels": replaced(r"^( *)([A-Z ]+):", r"\1**\2:**"),
    "entities": html.escape,
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
    "line ends in markup": replaced(r"$", "<br>"),
    "arrow": replaced(r"^( *[A-Z -]+: .*\S)$", r"\1    <---- HERE"),
    "comment behind": replaced(r"^( *[A-Z -]+: .*\S)$", r"\1 // remark"),
    "value on the next line": replaced(r"^( *[A-Z -]+): ", "\\1:\n"),
    "no blank": replaced(r"^( *[A-Z -]+): ", r"\1:"),
    "prompt glued": lambda text: text.rstrip() + "crash> bt\nPID: 1  TASK: c0",
    "text around": lambda text: f"Hi,\n\nI see this:\n{text}\nAny idea?\n",
    "fence": lambda text: f"```\n{text}```\n",
    "warnings between": replaced(r"^( *TASKS:)", "WARNING: cannot read prb_desc_ring contents\n\\1"),
    "warning glued": lambda text: "WARNING: net_init: unknown device type for net device" + text,
    "progress": lambda text: f"\rplease wait... (determining panic task)\r{' ' * 40}\r{text}",
    "error before": lambda text: f"crash: invalid task address: ffffffff8178ded8\n{text}",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("text", [DOM0, PANIC, UNKNOWN, HYPERVISOR], ids=["dom0", "panic", "unknown", "hypervisor"])
def test_damage_does_not_change_the_fields(text: str, damage: str) -> None:
    assert read(DAMAGE[damage](text)).fields == read(text).fields


@pytest.mark.parametrize("width", [65, 72, 78])
@pytest.mark.parametrize("prefix", ["", "> ", ">> "])
def test_wrapped_values_are_joined_by_one_blank(width: int, prefix: str) -> None:
    def single(fields: dict[str, str | list[str]]) -> dict[str, str]:
        return {label: re.sub(" +", " ", str(value)) for label, value in fields.items()}

    for text in (DOM0, PANIC):
        assert single(read(wrapped(width, prefix)(text)).fields) == single(read(text).fields)


def test_founding_banner() -> None:
    banner = read(DOM0)
    assert list(banner.fields) == [line.split(":")[0].strip() for line in DOM0.splitlines()]
    assert banner.fields["VERSION"] == "#1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3)"
    assert banner.fields["TASK"] == "ffff881ea93b2140  [THREAD_INFO: ffff881e869f2000]"
    assert (banner.kernel, banner.debuginfo) == (banner.fields["KERNEL"], banner.fields["DEBUGINFO"])
    assert (banner.dumpfile, banner.dump_flags) == ("/dev/crash", ())
    assert (banner.cpus, banner.cpus_offline, banner.tasks) == (128, None, 1230)
    assert (banner.date, banner.date_plausible) == ("Fri Nov 20 06:55:06 2015", True)
    assert banner.uptime_seconds == 18 * 3600 + 51 * 60 + 36
    assert banner.load_average == (1.76, 1.48, 1.21)
    assert (banner.nodename, banner.release) == ("dl980-5", "3.12.49-6-xen")
    assert (banner.machine, banner.mhz, banner.memory_bytes) == ("x86_64", 1995, round(125.9 * GB))
    assert (banner.panic, banner.pid, banner.command, banner.cpu) == (None, 6618, "crash", 112)
    assert (banner.task, banner.thread_info) == ("0xffff881ea93b2140", "0xffff881e869f2000")
    assert (banner.state, banner.activity) == ("TASK_RUNNING (ACTIVE)", "ACTIVE")


def test_dump_banner() -> None:
    banner = read(PANIC)
    assert banner.kernel == "/usr/lib/debug/boot/vmlinux-6.12.117+deb13-cloud-amd64"
    assert banner.kernel_flags == ("LIVEPATCH", "TAINTED")
    assert (banner.dumpfile, banner.dump_flags) == ("/var/crash/panic.kdump", ("PARTIAL DUMP", "INCOMPLETE"))
    assert (banner.cpus, banner.cpus_offline) == (2, 1)
    assert banner.uptime_seconds == 3 * 86400 + 227
    assert banner.memory_bytes == round(511.5 * 2**20)
    assert banner.panic == "Oops: Kernel access of bad area, sig: 11 [#1]"


def test_a_machine_may_have_a_name_of_several_words() -> None:
    banner = read("  CPUS: 1\n  MACHINE: Pentium III (Coppermine)  (866 Mhz)\n  MEMORY: 512 MB\n")
    assert (banner.machine, banner.mhz) == ("Pentium III (Coppermine)", 866)


def test_what_crash_does_not_know_is_none() -> None:
    banner = read(UNKNOWN)
    assert banner.fields["DATE"] == "Thu Jan  1 02:00:00 EET 1970"
    assert banner.fields["PANIC"] == '""'
    assert banner.fields["STATE"] == "(PANIC)"
    assert banner.fields["NODENAME"] == "***"
    assert (banner.date, banner.date_plausible, banner.uptime_seconds) == (None, False, None)
    assert (banner.mhz, banner.memory_bytes, banner.panic, banner.cpu) == (None, None, None, None)
    assert (banner.state, banner.activity) == (None, "PANIC")


def test_hypervisor() -> None:
    banner = read(HYPERVISOR)
    assert banner.fields["VCPU"] == "ffff83007bef2000  (VCPU_RUNNING)"
    assert (banner.domains, banner.cpus, banner.uptime_seconds) == (4, 2, None)
    assert (banner.state, banner.memory_bytes) == ("CRASH", 2 * GB)


def test_system_map_and_debug_kernel() -> None:
    banner = read(
        "  SYSTEM MAP: /boot/System.map\nDEBUG KERNEL: vmlinux (5.10.0-8)\n    DUMPFILE: vmcore\n        CPUS: 4\n"
    )
    assert banner.fields["SYSTEM MAP"] == "/boot/System.map"
    assert (banner.kernel, banner.debuginfo) == (None, "vmlinux")


def test_dumpfiles() -> None:
    indent = " " * 14
    text = PANIC.replace(
        "    DUMPFILE: /var/crash/panic.kdump  [PARTIAL DUMP] [INCOMPLETE]\n",
        f"   DUMPFILES: ./ramdump_elf_VSntZ8 [temporary ELF header]\n{indent}DDRCS0-0.bin\n{indent}/dev/zero\n",
    )
    banner = read(text)
    assert banner.fields["DUMPFILES"] == [
        "./ramdump_elf_VSntZ8 [temporary ELF header]",
        "DDRCS0-0.bin",
        "/dev/zero",
    ]
    assert banner.dumpfiles == ("./ramdump_elf_VSntZ8", "DDRCS0-0.bin", "/dev/zero")
    assert banner.dump_flags == ("temporary ELF header",)


def test_warning_inside_the_panic_line() -> None:
    banner = read(UNKNOWN.replace('PANIC: ""', 'PANIC: \nWARNING: cannot read prb_desc_ring contents\n""'))
    assert banner.fields["PANIC"] == '""'
    assert [line.text for line in banner.unread] == ["WARNING: cannot read prb_desc_ring contents"]


def test_note_below_the_state_is_a_field() -> None:
    assert read(DOM0 + "     WARNING: panic task not found\n\ncrash> ").fields["WARNING"] == "panic task not found"


@pytest.mark.parametrize("start", ["CPUS", "TASKS", "PANIC", "PID"])
def test_a_cut_banner_counts(start: str) -> None:
    text = PANIC[PANIC.index(f"{start}:") :]
    whole = read(PANIC).fields
    assert read(" " * (12 - len(start)) + text).fields == {
        label: whole[label] for label in list(whole)[list(whole).index(start) :]
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        MISMATCH,
        CONTEXT,
        f"crash> set -p\n{CONTEXT}",
        f"crash> kmem ffff8f4957fbfab0\n{CONTEXT}",
        "    MACHINE TYPE: armv7l\n     MEMORY SIZE: 512 MB\n            CPUS: 1\n",
        'PID: 0      TASK: ffff00208d452680  CPU: 21   COMMAND: "swapper/21"\n',
        "CPU: 3 PID: 2480 Comm: umount Not tainted 5.17.0\n",
        "some PANIC: text\n",
    ],
)
def test_look_alikes(text: str) -> None:
    assert sys.parse(text) is None


def test_two_sessions() -> None:
    text = f"{PANIC[20:]}\ncrash> q\n$ crash\n{DOM0}\ncrash> sys\n{DOM0}\n"
    first, second, third = sys.parse_all(text)
    assert (first.nodename, second.nodename, third.fields) == ("dom0lab", "dl980-5", second.fields)
    assert text[slice(*second.span)] == DOM0.rstrip("\n")
    assert "KERNEL" not in read(text).fields


def test_a_whole_banner_beats_a_fragment() -> None:
    assert read(f"RELEASE: RHEL 7\nVERSION: 7.9\n\nThe dump:\n```\n{DOM0}```").nodename == "dl980-5"


def test_paragraph_filled_by_a_mailer() -> None:
    text = " ".join(PANIC.split())
    assert read(text).fields == {label: " ".join(str(value).split()) for label, value in read(PANIC).fields.items()}


def test_masked_values_stay_text() -> None:
    masked = {
        "CPUS": "XX",
        "UPTIME": "XX days, 00:01:21",
        "NODENAME": "xxx.example.com (hidden)",
        "PID": "12XX",
        "COMMAND": '"my "quoted" x"',
        "TASK": "ffff8800XXXXXXXX  [THREAD_INFO: ffff8800XXXXXXXX]",
    }
    banner = read("".join(f"{label:>12}: {value}\n" for label, value in masked.items()))
    assert banner.fields == masked
    assert (banner.cpus, banner.uptime_seconds, banner.pid, banner.task, banner.thread_info) == (None,) * 5
    assert banner.command == 'my "quoted" x'


def test_json() -> None:
    document = json.loads(msgspec.json.encode(read(PANIC)))
    assert document["kind"] == "sys"
    assert document["task"] == "0xffff8bd6c12c8000"
    assert document["load_average"] == [0.16, 0.03, 0.01]
    assert msgspec.json.decode(msgspec.json.encode(document), type=Banner) == read(PANIC)
