# SPDX-License-Identifier: Apache-2.0
"""``bt`` on x86_64: frames, registers, stacks, words, and what goes wrong on the way."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.unit.parse import bt_samples as samples
from xcrash.parse import bt
from xcrash.parse.bt import Frame, Source, Trace


def read(text: str) -> Trace:
    found = bt.parse(text)
    assert found.unread == ()
    (trace,) = found.traces
    return trace


def chain(trace: Trace) -> list[tuple[int | None, str]]:
    return [(frame.level, frame.function) for frame in trace.frames]


def test_every_frame_has_its_place_on_the_stack_and_in_the_code() -> None:
    trace = bt.parse(samples.ALL_CPUS).traces[1]
    assert trace.task is not None
    assert (trace.task.pid, trace.task.command, trace.task.cpu) == (186, "sh", 1)
    panic = trace.frames[0]
    assert (panic.level, panic.function, panic.sp, panic.address) == (
        *(0, "panic"),
        *("0xffffcd9600473a48", "0xffffffff8a875f20"),
    )
    assert samples.ALL_CPUS[slice(*panic.span)] == " #0 [ffffcd9600473a48] panic at ffffffff8a875f20"
    assert panic.line == 22
    assert trace.frames[2].function == "__handle_sysrq.cold"
    assert len(trace.frames) == 9


def test_registers_belong_to_the_frame_above_them_or_to_the_task() -> None:
    stopped, panicked = bt.parse(samples.ALL_CPUS).traces
    assert stopped.registers is not None
    assert stopped.registers.symbols == {"RIP": "stop_this_cpu+119"}
    assert stopped.registers.values["RIP"] == "0xffffffff89c4de07"
    assert stopped.registers.values["CS"] == "0x0010"
    call = panicked.frames[-1].registers
    assert panicked.registers is None and call is not None
    assert (call.values["ORIG_RAX"], call.values["R8"], call.symbols) == (
        "0x0000000000000001",
        "0x0000000000000000",
        {},
    )
    assert samples.ALL_CPUS[slice(*call.span)].startswith("    RIP: 00000000004ae3f7")
    assert samples.ALL_CPUS[slice(*call.span)].endswith("SS: 002b")


def test_a_frame_knows_on_which_stack_it_is() -> None:
    trace = read(samples.NMI)
    assert [(frame.level, frame.stack) for frame in trace.frames] == [
        *((4, "NMI exception"), (5, "NMI exception"), (6, "IRQ"), (7, "IRQ"), (8, None)),
    ]
    assert trace.frames[1].registers is not None
    assert trace.frames[1].registers.symbols == {"RIP": "native_safe_halt+0xb"}
    assert [frame.module for frame in trace.frames] == [None, None, None, "nfs", None]


def test_offsets_are_numbers_in_both_radices() -> None:
    assert [frame.offset for frame in read(samples.OFFSETS).frames] == [0x2D0, 0x1A, 0x9F]
    assert read(" #0 [ffffcd9600473a48] panic+720 at ffffffff8a875f20").frames[0].offset == 720
    assert read(samples.OFFSETS).frames[2].function == "__handle_sysrq.cold"


def test_lines_of_the_source_are_those_of_the_frame_above() -> None:
    trace = read(samples.LINES)
    assert trace.frames[0].source == Source(file="debian/build/build_amd64_none_cloud-amd64/kernel/panic.c", line=530)
    assert [frame.source.line for frame in trace.frames if frame.source] == [530, 154, 130]
    assert trace.frames[2].registers is not None


def test_words_of_the_stack_stand_with_their_frame() -> None:
    frames = read(samples.FULL).frames
    assert [len(frame.words) for frame in frames] == [2, 1, 0]
    assert (frames[0].words[1].address, frames[0].words[1].words) == (
        "0xffffcd9600473ac0",
        ("0x0000000000000000", "0xffffffff8a4b51ca"),
    )


def test_symbolic_words_are_as_printed() -> None:
    trace = read(samples.SYMBOLIC)
    assert trace.words[1].words == ("[ffff8c1841f248c0:task_struct]", "write_sysrq_trigger+89")
    assert trace.frames[0].words[0].words == ("[ffff8c1858110900:proc_dir_entry]", "0x0000000000000002")


def test_a_raw_stack_has_words_and_no_frames() -> None:
    trace = read(samples.RAW)
    assert (len(trace.words), trace.frames) == (2, ())
    assert trace.words[0].words == ("0x0000000057ac6e9d", "0x0000000000000000")


def test_text_symbols_are_frames_without_a_level() -> None:
    trace = read(samples.TEXT_SYMBOLS)
    assert isinstance(trace.start, Frame)
    assert (trace.start.function, trace.start.sp, trace.start.address) == ("panic", None, "0xffffffff8a875f20")
    assert chain(trace) == [(None, "panic"), (None, "_printk")]


def test_exceptions_that_were_searched_say_where_they_are() -> None:
    trace = read(samples.EXCEPTIONS)
    (found,) = trace.exceptions
    assert (found.mode, found.at, found.values["RDX"]) == ("user", "0xffffcd9600473f58", "0x0000000000000002")
    assert (trace.registers, trace.frames) == (None, ())
    old = " KERNEL-MODE EXCEPTION FRAME AT c0b3bf44:\n   EAX: 00000000  EBX: c0e68280  ECX: 00000000  EDX: 00000004\n"
    assert [(one.mode, one.at) for one in read(old).exceptions] == [("kernel", "0xc0b3bf44")]


def test_a_searched_exception_in_the_kernel_says_where_it_was() -> None:
    frame = "    [exception RIP: panic+81]\n    RIP: ffffffff840ea141  RSP: ffffa7bf4e7f3ba0   **note: here**\n"
    trace = read(
        'PID: 11850  TASK: ffff933ee67f2280  CPU: 1   COMMAND: "swapoff"\n'
        f"\n  KERNEL-MODE EXCEPTION FRAME AT: ffffa7bf4e7f3950\n{frame}"
        f"\n  KERNEL-MODE EXCEPTION FRAME AT: ffffa7bf4e7f3960\n{frame}"
    )
    assert [(one.at, len(one.values), one.symbols) for one in trace.exceptions] == [
        ("0xffffa7bf4e7f3950", 2, {"RIP": "panic+81"}),
        ("0xffffa7bf4e7f3960", 2, {"RIP": "panic+81"}),
    ]
    assert trace.registers is None


def test_searched_stacks_of_the_cpus() -> None:
    found = bt.parse(samples.STACKS)
    assert [(one.cpu, one.stack) for one in found.stacks] == [
        *((0, "IRQ"), (1, "IRQ"), (0, "DOUBLEFAULT EXCEPTION"), (0, "NMI EXCEPTION")),
    ]
    assert found.unread == () and found.traces == ()
    unknown = bt.parse(
        "CPU 0 (unknown) EXCEPTION STACK:\nbt: unrecognized stack address for this task: fffffe0000014000\n"
    )
    assert [one.stack for one in unknown.stacks] == ["(unknown) EXCEPTION"] and len(unknown.remarks) == 1
    exception = samples.EXCEPTIONS.partition("\n")[2]
    mixed = bt.parse(f"CPU 1 IRQ STACK:\n{exception}\nCPU 2 IRQ STACK: (none found)\n{samples.FOREACH}")
    assert [(one.cpu, len(one.exceptions)) for one in mixed.stacks] == [(1, 1), (2, 0)]
    assert len(mixed.traces) == 3 and mixed.unread == ()


def test_each_task_of_foreach_is_a_trace() -> None:
    found = bt.parse(samples.FOREACH)
    assert [(trace.task.pid if trace.task else None, len(trace.frames)) for trace in found.traces][:2] == [
        *((0, 6), (218, 11)),
    ]
    assert [samples.FOREACH[slice(*trace.span)][:4] for trace in found.traces] == ["PID:"] * 3
    assert samples.FOREACH[slice(*found.traces[1].span)].endswith("CS: 0033  SS: 002b")


def test_an_error_between_the_frames_is_a_remark_with_its_explanation() -> None:
    found = bt.parse(samples.STUCK)
    assert [(remark.line, remark.severity) for remark in found.remarks] == [(line, "error") for line in (3, 4, 5, 6)]
    assert found.remarks[2].text == "process stack pointer: ffff88013a17e000"
    assert samples.STUCK[slice(*found.remarks[3].span)].strip() == "current stack base: ffff8800ba2e8000"
    assert found.unread == () and len(found.traces[0].frames) == 1


def test_a_task_that_ran_when_xen_crashed_has_a_remark_of_two_lines() -> None:
    found = bt.parse(samples.XEN_ACTIVE)
    assert [(remark.line, remark.severity) for remark in found.remarks] == [(2, "error"), (3, "error")]
    assert found.remarks[1].text == "cannot be determined: try -t or -T options"
    assert found.unread == ()
    assert [(trace.task.pid if trace.task else None, len(trace.frames)) for trace in found.traces] == [(0, 0), (275, 1)]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("(active)", "active"),
        ("(no stack)", "no stack"),
        ("Task runs in userspace", "Task runs in userspace"),
        (" CPU offline", "CPU offline"),
        (
            "c0000000fd0b9880: GPR1 register value (SP) was not saved",
            "GPR1 register value (SP) was not saved",
        ),
    ],
)
def test_a_task_without_a_stack_says_why(line: str, note: str) -> None:
    trace = read(f'PID: 5  TASK: ffff8c1841f248c0  CPU: 1  COMMAND: "sh"\n{line}\n')
    assert (trace.notes, trace.frames) == ((note,), ())


def test_stack_overflows() -> None:
    text = (
        'PID: 5823   TASK: ffff88102aae4040  CPU: 1   COMMAND: "flush-253:0"\n'
        "  possible stack overflow: thread_info.task: 102efb5adc0 != ffff88102aae4040\n"
        "  possible stack overflow: 40ffffffff != STACK_END_MAGIC\n"
    )
    found = bt.parse(text)
    assert found.overflows_detected is True
    assert found.traces[0].overflows[1] == "40ffffffff != STACK_END_MAGIC"
    none = bt.parse(
        'bt: invalid kernel virtual address: 0  type: "stack overflow check"\nNo stack overflows detected\n'
    )
    assert (none.overflows_detected, none.unread, len(none.remarks)) == (False, (), 1)
    assert bt.parse(samples.FOREACH).overflows_detected is None


@pytest.mark.parametrize(
    "damage",
    [
        samples.NMI.replace("\n", "\r\n"),
        "".join(f"> {line}\n" for line in samples.NMI.splitlines()),
        "".join(f">>>> {line.strip()}\n" for line in samples.NMI.splitlines()),
        "".join(f"\t{line}\n" for line in samples.NMI.splitlines()),
        samples.NMI.replace("#", "\\#").replace("[", "\\[").replace("]", "\\]"),
        f"crash> bt\n{samples.NMI}crash> \n",
    ],
)
def test_mail_and_web_pages_change_nothing(damage: str) -> None:
    found = bt.parse(damage)
    assert found.unread == ()
    assert [chain(trace) for trace in found.traces] == [chain(read(samples.NMI))]
    assert found.traces[0].frames[1].registers is not None
    assert found.traces[0].frames[1].registers.values == read(samples.NMI).frames[1].registers.values  # type: ignore[union-attr]  # compared


def test_quoted_errors_are_errors() -> None:
    quoted = "".join(f"> {line}\n" for line in samples.STUCK.splitlines())
    found = bt.parse(quoted)
    assert [remark.line for remark in found.remarks] == [3, 4, 5, 6]
    assert found.unread == ()


def test_a_register_that_a_mailer_cut_from_its_value_is_joined() -> None:
    text = (
        ">  #3 [cae77c08] error_code (via invalid_op) at c01033b9\n"
        ">     EAX: 0000001d  EBX: cae76000  ECX: cae77c44  EDX: c0336542  EBP:\n> 00000020\n"
        ">     DS:  007b      ESI: c9db8560  ES:  007b      EDI: 00000020\n"
    )
    (frame,) = read(text).frames
    assert frame.via == "invalid_op" and frame.registers is not None
    assert (frame.registers.values["EBP"], frame.registers.values["EDI"]) == ("0x00000020", "0x00000020")


def test_what_somebody_wrote_behind_a_frame_is_a_note() -> None:
    text = " #7 [eed15f48] nfd_read at f7e120d4 [nfd]     (something happened at nfd_read)\n"
    (frame,) = read(text).frames
    assert (frame.module, frame.note, frame.reliable) == ("nfd", "(something happened at nfd_read)", True)
    assert bt.parse(" #7 [eed15f48] nfd_read at f7e120d4xyz\n").traces == ()


def test_a_command_on_a_line_of_its_own_belongs_to_the_task() -> None:
    trace = read(
        '> PID: 21     TASK: cae6e6e0  CPU: 1\n> COMMAND: "softirq-tasklet"\n>  #0 [cae77ab4] die at c013c073\n'
    )
    assert trace.task is not None and trace.task.command == "softirq-tasklet"
    assert trace.task.span == (0, 65)


def test_a_header_with_the_node_of_the_cpu_is_a_header() -> None:
    trace = read('PID: 7991     TASK: ffff0000107e9740  CPU/NUMA:    0/0    COMMAND: "07-trigger-cras"\n')
    assert trace.task is not None and (trace.task.cpu, trace.task.command) == (0, "07-trigger-cras")


def test_text_of_other_commands_is_unread() -> None:
    banner = "        CPUS: 1\n     MACHINE: i686  (2274 Mhz)\n      MEMORY: 1 GB\n        TASK: f6b16550\n...\n"
    found = bt.parse(banner)
    assert found.traces == () and [line.line for line in found.unread] == [1, 2, 3, 4, 5]


def test_the_usage_is_a_remark() -> None:
    text = (
        "bt: invalid option -- 'Z'\nUsage:\n  bt [-a|-c cpu(s)|-g|-r|-t|-T|-l|-e|-E|-f|-F|-o|-O|-v|-p] [-R ref]\n"
        '     [-I ip] [-S sp] [-n idle] [pid | task]\nEnter "help bt" for details.\n'
    )
    found = bt.parse(text)
    assert [remark.severity for remark in found.remarks] == ["error", *["usage"] * 4]
    assert found.unread == ()


def test_json() -> None:
    found = bt.parse(samples.NMI)
    document = json.loads(msgspec.json.encode(found))
    assert (document["kind"], document["traces"][0]["frames"][1]["registers"]["values"]["RIP"]) == (
        *("bt", "0xffffffff8103eacb"),
    )
    again = msgspec.json.decode(msgspec.json.encode(found), type=bt.Bt)
    assert tuple(again.traces) == tuple(found.traces)
