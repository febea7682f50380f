# SPDX-License-Identifier: Apache-2.0
"""``bt`` on other architectures and in the hypervisor."""

from __future__ import annotations

from tests.unit.parse import bt_samples as samples
from tests.unit.parse.test_bt import chain, read


def test_arm64() -> None:
    trace = read(samples.ARM64)
    assert [(frame.level, frame.stack) for frame in trace.frames] == [(8, "IRQ"), (9, None), (10, None)]
    kernel, user = trace.frames[1].registers, trace.frames[2].registers
    assert kernel is not None and user is not None
    assert kernel.symbols == {"PC": "arch_local_irq_enable+8", "LR": "cpuidle_enter_state+132"}
    assert (kernel.values["SYSCALLNO"], kernel.values["X0"]) == ("0xffffffff", "0x00000000000000e0")
    assert (user.values["PC"], user.values["SYSCALLNO"], user.symbols) == ("0x00000073f5294840", "0x40", {})
    assert trace.frames[1].source is not None and trace.frames[1].source.line == 12


def test_arm64_source_line_of_an_exception() -> None:
    trace = read(samples.ARM64.replace("     PC: ffff80000810f0f8", "    entry.S: 7\n     PC: ffff80000810f0f8", 1))
    frame = trace.frames[1]
    assert frame.source is not None and frame.source.line == 7
    assert frame.registers is not None and frame.registers.source is not None
    assert frame.registers.source.line == 12


def test_ppc64() -> None:
    trace = read(samples.PPC64)
    assert trace.registers is not None
    assert trace.registers.symbols == {"NIP": "sysrq_handle_crash+48", "LR": "__handle_sysrq+188"}
    assert trace.registers.values["Syscall Result"] == "0x0000000000000000"
    assert trace.registers.values["R31"] == "0xc00000000109c5a0"
    assert chain(trace) == [(0, "__handle_sysrq"), (1, ".write_sysrq_trigger"), (None, ".schedule")]
    assert [frame.reliable for frame in trace.frames] == [False, True, True]
    exception = trace.frames[1].registers
    assert exception is not None
    assert (exception.exception, exception.trap, exception.values["R1"]) == ("Data Access", 0x300, "0xc0000000f9c0b9f0")
    assert trace.notes == ("Task is running in user space",)


def test_registers_of_old_ppc64_kernels_and_broken_lines() -> None:
    trace = read(
        'PID: 1      TASK: c0000002eac00000  CPU: 18  COMMAND: "systemd"\n\n'
        " R0:  c000000000721d34    R1:  c0000002eac83920    R2:\n  c000000001157098\n"
        " R30: c0000000010d4d18    R31: c00000000101e4b0\n"
        " NIP: c000000000721d34    MSR: 8000000000009032    OR3:\n c0000002eac83920\n NIP [c000000000721d34] .panic\n\n"
        " #0 [c0000002eac83920] .panic at c000000000721d34\n"
    )
    assert trace.registers is not None and trace.registers.symbols == {"NIP": ".panic"}
    assert (trace.registers.values["R2"], trace.registers.values["OR3"]) == ("0xc000000001157098", "0xc0000002eac83920")
    assert len(trace.registers.values) == 8


def test_s390x() -> None:
    trace = read(samples.S390X)
    assert trace.registers is not None
    values = trace.registers.values
    assert (values["PSW_ADDRESS"], trace.registers.symbols) == ("0x000000000010a64c", {"PSW_ADDRESS": "vtime_stop_cpu"})
    assert (values["prefix"], values["GPR2"], values["GPR3"]) == (
        "0x7e3e4000",
        "0x0000000000000063",
        "0x0000000000000000",
    )
    assert (values["clock_cmp"], values["GPR4"], values["AR2"]) == (
        "0x0000000000000000",
        "0x000000007a19157e",
        "0x00000000",
    )
    assert (values["AR1"], values["CR1"], values["FPR0"]) == ("0xfd2f7e40", "0x0000000001f8c007", "0x4040000000000000")
    assert [(frame.level, frame.module, frame.stack) for frame in trace.frames] == [
        *((0, None, "Interrupt"), (1, "qeth", "Interrupt"), (0, None, None)),
    ]
    user = trace.frames[2].registers
    assert user is not None
    assert (user.mode, user.values["GPR5"], user.values["GPR6"]) == ("user", "0x0000000000000007", "0x000000000000000a")
    assert len(user.values) == 10


def test_riscv64() -> None:
    (frame,) = read(samples.RISCV64).frames
    assert frame.registers is not None
    values = frame.registers.values
    assert (values["PC"], values["epc"], values["ra"]) == (
        "0x00007fff83b2d9d4",
        "0x00007fff83b2d9d4",
        "0x00007fff83b2d9d8",
    )
    assert (values["cause"], values["SYSCALLNO"], len(values)) == ("0x0000000000000008", "0x0000000000000040", 18)


def test_arm() -> None:
    first, second = read(samples.ARM).frames
    assert (first.function, first.offset, first.module) == ("omap_wdt", 0x44, "omap")
    assert (first.sp, first.address, first.caller) == (None, "0xc0360c8c", "0xc01e1d9c")
    assert first.source is not None and first.source.file == "drivers/char/sysrq.c"
    assert first.registers is not None and first.registers.values["r10"] == "0x00000000"
    assert first.registers.flags == "Flags: nZCv IRQs off FIQs on Mode SVC_32 ISA ARM"
    assert (first.pointers, first.size) == ({"PC": "0xc01e1d9c", "LR": "0xc01e1f58", "SP": "0xe2f2fe70"}, 16)
    assert first.words[0].words[3] == "0x00000063"
    assert (second.function, second.registers) == ("__handle_sysrq", None)


def test_i386() -> None:
    trace = read(samples.I386)
    assert chain(trace) == [(0, "schedule"), (2, "error_code"), (3, "crash_init"), (4, "system_call")]
    schedule, error, module, call = trace.frames
    assert (schedule.pointers["RA"], schedule.size) == ("0xc0153088", 52)
    assert [words.words for words in schedule.words][1] == ("0xc0153088",)
    assert (error.via, module.module) == ("invalid_op", "crash")
    assert call.registers is not None
    assert (call.registers.values["EIP"], call.registers.values["DS"]) == ("0x4024f1d4", "0x002b")


def test_arguments_of_old_i386_kernels() -> None:
    schedule, svc_recv, module = read(samples.ARGUMENTS).frames
    assert schedule.arguments == ()
    assert svc_recv.arguments == ("c0096f40", "c5602800", "7fffffff", "100", "c65c9f1c")
    assert (module.function, module.address) == ("(nfsd module)", "0xc806e303")


def test_ia64() -> None:
    (frame,) = read(samples.IA64).frames
    assert (frame.sp, frame.function) == ("0xe0000040fb5d1008", "schedule")
    assert frame.registers is not None
    assert frame.registers.values["CR_IIP"] == "0xa000000000010640"


def test_the_hypervisor() -> None:
    trace = read(samples.HYPERVISOR)
    assert (trace.task, trace.pcpu, trace.vcpu) == (None, 0, "0xffff83007bef2000")
    assert chain(trace) == [(0, "default_idle")]
