# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""Backtraces as crash printed them, for the tests of the parsers.

x86_64: crash 9.0.2 on Linux 6.12. The other architectures: crash's own help pages, mail and bug trackers, shortened,
and where none were at hand the formats in crash's source.
"""

from __future__ import annotations

ALL_CPUS = """\
PID: 224      TASK: ffff8c1841d3b080  CPU: 0    COMMAND: "yes"
    [exception RIP: stop_this_cpu+119]
    RIP: ffffffff89c4de07  RSP: ffffcd9600583f08  RFLAGS: 00000046
    RAX: 0000000000000000  RBX: 0000000000000000  RCX: 0000000000000000
    RDX: ffff8c1841d3b080  RSI: 00000000000000ff  RDI: ffff8c185f219020
    RBP: ffff8c185f219020   R8: 0000000000000000   R9: 0000000000000000
    R10: 0000000000000000  R11: 0000000000000000  R12: 0000000000000000
    R13: 0000000000000000  R14: 0000000000000000  R15: 0000000000000000
    CS: 0010  SS: 0000
 #0 [ffffcd9600583f30] __sysvec_reboot at ffffffff89c80a3a
 #1 [ffffcd9600583f38] sysvec_reboot at ffffffff8a8bbdd5
 #2 [ffffcd9600583f50] asm_sysvec_reboot at ffffffff8aa0166a
    RIP: 00000000004acb40  RSP: 00007ffcf44d0b98  RFLAGS: 00010246
    RAX: 0000000000000001  RBX: 000000003f9f5e98  RCX: 0000000000000379
    RDX: 0000000000000001  RSI: 00000000005be32e  RDI: 000000000000000a
    RBP: 000000003f9f5ea0   R8: 0000000000000000   R9: 0000000000000000
    R10: 0000000000000000  R11: 0000000000000202  R12: 00000000000003e8
    R13: 000000003f9f5e98  R14: 00000000000003e8  R15: 0000000000000000
    ORIG_RAX: ffffffffffffffff  CS: 0033  SS: 002b

PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
 #0 [ffffcd9600473a48] panic at ffffffff8a875f20
 #1 [ffffcd9600473ac8] sysrq_handle_crash at ffffffff8a4b51ca
 #2 [ffffcd9600473ad0] __handle_sysrq.cold at ffffffff8a8a41fa
 #3 [ffffcd9600473b00] write_sysrq_trigger at ffffffff8a4b5d59
 #4 [ffffcd9600473b28] proc_reg_write at ffffffff8a0eebca
 #5 [ffffcd9600473b40] vfs_write at ffffffff8a0353a8
 #6 [ffffcd9600473bd0] ksys_write at ffffffff8a0358cd
 #7 [ffffcd9600473c08] do_syscall_64 at ffffffff8a8b74f7
 #8 [ffffcd9600473f50] entry_SYSCALL_64_after_hwframe at ffffffff8aa0012f
    RIP: 00000000004ae3f7  RSP: 00007ffdac0d3770  RFLAGS: 00000202
    RAX: ffffffffffffffda  RBX: 00000000152fe400  RCX: 00000000004ae3f7
    RDX: 0000000000000002  RSI: 0000000015300bc0  RDI: 0000000000000001
    RBP: 0000000015300bc0   R8: 0000000000000000   R9: 0000000000000000
    R10: 0000000000000000  R11: 0000000000000202  R12: 0000000000000002
    R13: 00000000152fe3e0  R14: 0000000000000000  R15: 00007ffdac0d3820
    ORIG_RAX: 0000000000000001  CS: 0033  SS: 002b
"""

LINES = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
 #0 [ffffcd9600473a48] panic at ffffffff8a875f20
    debian/build/build_amd64_none_cloud-amd64/kernel/panic.c: 530
 #1 [ffffcd9600473ac8] sysrq_handle_crash at ffffffff8a4b51ca
    debian/build/build_amd64_none_cloud-amd64/drivers/tty/sysrq.c: 154
 #8 [ffffcd9600473f50] entry_SYSCALL_64_after_hwframe at ffffffff8aa0012f
    debian/build/build_amd64_none_cloud-amd64/arch/x86/entry/entry_64.S: 130
    RIP: 00000000004ae3f7  RSP: 00007ffdac0d3770  RFLAGS: 00000202
"""

FULL = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
 #0 [ffffcd9600473a48] panic at ffffffff8a875f20
    ffffcd9600473a50: 0000000000000008 ffffcd9600473ad0 
    ffffcd9600473ac0: 0000000000000000 ffffffff8a4b51ca 
 #1 [ffffcd9600473ac8] sysrq_handle_crash at ffffffff8a4b51ca
    ffffcd9600473ad0: ffffffff8a8a41fa 
 #2 [ffffcd9600473ad0] __handle_sysrq.cold at ffffffff8a8a41fa
"""

SYMBOLIC = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
    ffffcd9600473ae8: 0000000000000000 0000000015300bc2 
    ffffcd9600473af8: [ffff8c1841f248c0:task_struct] write_sysrq_trigger+89 
 #3 [ffffcd9600473b00] write_sysrq_trigger at ffffffff8a4b5d59
    ffffcd9600473b08: [ffff8c1858110900:proc_dir_entry] 0000000000000002 
    ffffcd9600473b18: 0000000015300bc0 ffffcd9600473bd8 
    ffffcd9600473b28: proc_reg_write+90 
 #4 [ffffcd9600473b28] proc_reg_write at ffffffff8a0eebca
"""

OFFSETS = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
 #0 [ffffcd9600473a48] panic+0x2d0 at ffffffff8a875f20
 #1 [ffffcd9600473ac8] sysrq_handle_crash+0x1a at ffffffff8a4b51ca
 #2 [ffffcd9600473ad0] __handle_sysrq.cold+0x9f at ffffffff8a8a41fa
"""

TEXT_SYMBOLS = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
              START: panic at ffffffff8a875f20
  [ffffcd9600473a48] panic at ffffffff8a875f20
  [ffffcd9600473a70] _printk at ffffffff8a87c89c
"""

EXCEPTIONS = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"

  USER-MODE EXCEPTION FRAME AT: ffffcd9600473f58
    RIP: 00000000004ae3f7  RSP: 00007ffdac0d3770  RFLAGS: 00000202
    RAX: ffffffffffffffda  RBX: 00000000152fe400  RCX: 00000000004ae3f7
    RDX: 0000000000000002  RSI: 0000000015300bc0  RDI: 0000000000000001
    RBP: 0000000015300bc0   R8: 0000000000000000   R9: 0000000000000000
    R10: 0000000000000000  R11: 0000000000000202  R12: 0000000000000002
    R13: 00000000152fe3e0  R14: 0000000000000000  R15: 00007ffdac0d3820
    ORIG_RAX: 0000000000000001  CS: 0033  SS: 002b
"""

STACKS = """\
CPU 0 IRQ STACK:
(none found)

CPU 1 IRQ STACK:
(none found)

CPU 0 DOUBLEFAULT EXCEPTION STACK:
(none found)

CPU 0 NMI EXCEPTION STACK:
(none found)

"""

RAW = """\
PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
ffffcd9600470000:  0000000057ac6e9d 0000000000000000 
ffffcd9600470010:  0000000000000000 0000000000000000 
"""

FOREACH = """\
PID: 0        TASK: ffff8c18412ce100  CPU: 1    COMMAND: "swapper/1"
 #0 [ffffcd96000c3e60] __schedule at ffffffff8a8c2dfa
 #1 [ffffcd96000c3ed8] schedule_idle at ffffffff8a8c37b3
 #2 [ffffcd96000c3ee8] do_idle at ffffffff89d27d80
 #3 [ffffcd96000c3f28] cpu_startup_entry at ffffffff89d280b9
 #4 [ffffcd96000c3f38] start_secondary at ffffffff89c8261e
 #5 [ffffcd96000c3f50] common_startup_64 at ffffffff89c3c47d

PID: 218      TASK: ffff8c1841f1b080  CPU: 1    COMMAND: "sh"
 #0 [ffffcd9600573b18] __schedule at ffffffff8a8c2dfa
 #1 [ffffcd9600573b90] schedule at ffffffff8a8c3527
 #2 [ffffcd9600573ba0] percpu_rwsem_wait at ffffffff89d43d4d
 #3 [ffffcd9600573c08] __percpu_down_read at ffffffff8a8c752c
 #4 [ffffcd9600573c20] mnt_want_write at ffffffff8a06602f
 #5 [ffffcd9600573c38] path_openat at ffffffff8a04c873
 #6 [ffffcd9600573cd8] do_filp_open at ffffffff8a04d8d4
 #7 [ffffcd9600573e00] do_sys_openat2 at ffffffff8a0315be
 #8 [ffffcd9600573e50] __x64_sys_openat at ffffffff8a031a45
 #9 [ffffcd9600573e78] do_syscall_64 at ffffffff8a8b74f7
#10 [ffffcd9600573f50] entry_SYSCALL_64_after_hwframe at ffffffff8aa0012f
    RIP: 00000000004ae3f7  RSP: 00007ffcf1cb6870  RFLAGS: 00000202
    RAX: ffffffffffffffda  RBX: 0000000012886400  RCX: 00000000004ae3f7
    RDX: 0000000000000241  RSI: 0000000012887df8  RDI: ffffffffffffff9c
    RBP: 0000000012888ba0   R8: 0000000000000000   R9: 0000000000000000
    R10: 00000000000001b6  R11: 0000000000000202  R12: 0000000012887d30
    R13: 0000000012887df8  R14: 0000000000000001  R15: 0000000000000000
    ORIG_RAX: 0000000000000101  CS: 0033  SS: 002b

PID: 19       TASK: ffff8c18412b9840  CPU: 0    COMMAND: "rcu_exp_par_gp_"
 #0 [ffffcd96000a3e38] __schedule at ffffffff8a8c2dfa
 #1 [ffffcd96000a3eb0] schedule at ffffffff8a8c3527
 #2 [ffffcd96000a3ec0] kthread_worker_fn at ffffffff89cf05aa
 #3 [ffffcd96000a3ef8] kthread at ffffffff89cef632
 #4 [ffffcd96000a3f30] ret_from_fork at ffffffff89c4cde4
 #5 [ffffcd96000a3f50] ret_from_fork_asm at ffffffff89c0826a

"""

NMI = """\
PID: 0      TASK: ffffffff81a8d020  CPU: 0   COMMAND: "swapper"
 #4 [ffff880002207f20] do_nmi at ffffffff8152b1eb
 #5 [ffff880002207f50] nmi at ffffffff8152aab0
    [exception RIP: native_safe_halt+0xb]
    RIP: ffffffff8103eacb  RSP: ffffffff81a01ea8  RFLAGS: 00000296
    RAX: 0000000000000000  RBX: 0000000000000000  RCX: 0000000000000000
    ORIG_RAX: ffffffffffffffff  CS: 0010  SS: 0018
--- <NMI exception stack> ---
 #6 [ffffffff81a01ea8] native_safe_halt at ffffffff8103eacb
 #7 [ffffffff81a01eb0] nfs_wait at ffffffffc0b1833c [nfs]
--- <IRQ stack> ---
 #8 [ffffffff81a01ed0] cpu_idle at ffffffff81009fc6
"""

STUCK = """\
PID: 45075  TASK: ffff880036c32150  CPU: 0   COMMAND: "fio"
 #4 [ffff88013a17df88] async_page_fault at ffffffff8151cdfd
bt: cannot transition from exception stack to current process stack:
    exception stack pointer: ffff88013ee04ea8
      process stack pointer: ffff88013a17e000
         current stack base: ffff8800ba2e8000
"""

I386 = """\
PID: 1592   TASK: c0cec000  CPU: 3   COMMAND: "httpd"
 #0 [c0ceded4] schedule at c011af85
    [RA: c0153088  SP: c0ceded4  FP: c0cedf04  SIZE: 52]
    c0ceded4: c0cedf00  c0cec000  ce1a6000  00000003  
    c0cedf04: c0153088  
 #2 [c610df2c] error_code (via invalid_op) at c0107256
 #3 [c0cedf9c] crash_init at cb297076 [crash]
 #4 [c0cedfc0] system_call at c010740c
    EAX: 00000003  EBX: 00000004  ECX: bffed4a3  EDX: 00000001 
    DS:  002b      ESI: 00000001  ES:  002b      EDI: bffed4a3 
    SS:  002b      ESP: bffed458  EBP: bffed488 
    CS:  0023      EIP: 4024f1d4  ERR: 00000003  EFLAGS: 00000286 
"""

ARGUMENTS = """\
PID: 557    TASK: c5600000  CPU: 0   COMMAND: "nfsd"
 #0 [c5601f38] schedule at c01135f6
    (void)
 #2 [c5601fb8] svc_recv at c805363a
    (c0096f40, c5602800, 7fffffff, 100, c65c9f1c)
 #3 [c5601fec] (nfsd module) at c806e303
    (c5602800, c5602800, c0096f40, 6c6e0002, 50)
"""

ARM64 = """\
PID: 0        TASK: ffff800081b63000  CPU: 0    COMMAND: "swapper/0"
 #8 [ffff800080003fe0] gic_handle_irq at ffff800080010108
--- <IRQ stack> ---
 #9 [ffff800081b43bc0] call_on_irq_stack at ffff800080016788
     PC: ffff80000810f0f8  [arch_local_irq_enable+8]
     LR: ffff80000810f0f4  [cpuidle_enter_state+132]
     SP: ffff800081b43bd0  PSTATE: 60400009
    X29: ffff8000114afe20  X28: 0000000000000000  X27: 0000000000000000
     X2: 0000000000000000   X1: ffff800010f60028   X0: 00000000000000e0
    ORIG_X0: 0000000000000000  SYSCALLNO: ffffffff
    kernel/sched/idle.c: 12
#10 [ffff800081b43bd0] el0_svc at ffff800080019724
     PC: 00000073f5294840   LR: 00000070d8f39ba4   SP: 00000070d4afd5d0
    X29: 00000070d4afd600  X28: b4000071efcda7f0  X27: 00000070d4afe000
     X2: 0000000000000002   X1: 0000aaaae3a7d4a0   X0: 0000000000000001
    ORIG_X0: 0000000000000001  SYSCALLNO: 40  PSTATE: 60001000
"""

PPC64 = """\
PID: 12310  TASK: c0000000fd0b9880  CPU: 3   COMMAND: "bash"
 R0:  c00000000009dc4c    R1:  c0000000f9c0b9f0    R2:  c0000000010e0e00   
 R30: 0000000000000001    R31: c00000000109c5a0   
 NIP: c00000000009db50    MSR: 8000000000009033    OR3: c000000000019424
 CTR: c000000000648180    LR:  c00000000009dc4c    XER: 0000000020000000
 CCR: 0000000028222822    MQ:  0000000000000001    DAR: 0000000000000000
 DSISR: 0000000042000000     Syscall Result: 0000000000000000
 [NIP  : sysrq_handle_crash+48]
 [LR   : __handle_sysrq+188]
 #0 [c0000000f9c0b9f0] __handle_sysrq at c00000000009dc4c  (unreliable)
 #1 [c0000000f9c0ba90] .write_sysrq_trigger at c0000000006493c0 [ibmveth]
 Data Access [300] exception frame:
 R0:  c00000000009dc4c    R1:  c0000000f9c0b9f0    R2:  c0000000010e0e00   
 NIP: c00000000009db50    MSR: 8000000000009033    OR3: c000000000019424
 [NIP  : sysrq_handle_crash+48]

 [Link Register]  [c000000278afb900] .schedule at c00000000059a0fc
c0000000fd0b9880: Task is running in user space
"""

S390X = """\
PID: 1      TASK: 1f8b0000          CPU: 0   COMMAND: "init"
 LOWCORE INFO:
  -psw      : 0x0404c00180000000 0x000000000010a64c
  -function : vtime_stop_cpu at 10a64c
  -prefix   : 0x7e3e4000
  -cpu timer: 0x7fffffffff8b4b1e
  -clock cmp: 000000000000000000
  -general registers:
     0x0404000180000000 0x0000000000000000
     0x0000000000000063 000000000000000000
     0x000000007a19157e 0000000000000000
  -access registers:
     0x000003ff 0xfd2f7e40 0000000000 0000000000
  -control registers:
     0x00a0000014066a12 0x0000000001f8c007
  -floating point registers:
     0x4040000000000000 0000000000000000

 #0 [1f8b3d98] schedule at 3be5fe
 #1 [1f8b3e30] schedule_timeout at 3bf0aa [qeth]
 - Interrupt -
 #0 [001fef00] sysc_return at 118a32
 PSW:  0705c00180000000 00000000004f8a3e (user space)
 GPRS: 000003fffd87ed98 000000000000008e 0000000000000001 000003fffd87eda0 
       0000000000000000 0000000000000007 000000000000000a 0000000000000000 
"""

RISCV64 = """\
PID: 1        TASK: ff60000000000000  CPU: 1    COMMAND: "bash"
 #1 [ff20000010333da0] handle_exception at ffffffff80b13eac
     PC: 00007fff83b2d9d4   RA: 00007fff83b2d9d4   SP: 00007fffe3a1d8f0
     ORIG_A0: 0000000000000001   SYSCALLNO: 0000000000000040
epc : 00007fff83b2d9d4 ra : 00007fff83b2d9d8 sp : 00007fffe3a1d8f0
 gp : 00007fff83b2d9d4 tp : 00007fff83b2d9d4 t0 : 00007fffe3a1d8f0
 s11: 00007fff83b2d9d4 t3 : 00007fff83b2d9d4 t4 : 00007fffe3a1d8f0
 status: 0000000200000020 badaddr: 0000000000000000
  cause: 0000000000000008 orig_a0: 0000000000000001
"""

ARM = """\
PID: 5656   TASK: c3eb8e40  CPU: 1   COMMAND: "sh"
 #1 [<c0360c8c>] (omap_wdt+0x44 [omap]) from [<c01e1d9c>]
    drivers/char/sysrq.c: 100
    pc : [<c01e1d9c>]    lr : [<c01e1f58>]    psr: 60000093
    sp : e2f2fe70  ip : e2f2fe80  fp : e2f2fe7c
    r10: 00000000  r9 : e2f2e000  r8 : 00000000
    Flags: nZCv  IRQs off  FIQs on  Mode SVC_32  ISA ARM
    [PC: c01e1d9c  LR: c01e1f58  SP: e2f2fe70  SIZE: 16]
    e2f2fe70: 00000000 e2f2e000 c0542edc 00000063 
 #2 [<c01e1e60>] (__handle_sysrq) from [<c01e1f58>]
"""

IA64 = """\
PID: 1      TASK: e0000040fb5d0000  CPU: 1   COMMAND: "init"
 #0 [BSP:e0000040fb5d1008] schedule at a000000100069f40
  EFRAME: e0000040fb5d7e60
      B0: a00000010000b340      CR_IIP: a000000000010640
 CR_IPSR: 00001213085a6010      CR_IFS: 0000000000000008
"""

HYPERVISOR = """\
PCPU:  0  VCPU: ffff83007bef2000
 #0 [ffff82d0404f7ff8] default_idle at ffff82d0402e9c6f
"""

EVERY = (
    *(ALL_CPUS, LINES, FULL, SYMBOLIC, OFFSETS, TEXT_SYMBOLS, EXCEPTIONS, STACKS, RAW, FOREACH, NMI, STUCK),
    *(I386, ARGUMENTS, ARM64, PPC64, S390X, RISCV64, ARM, IA64, HYPERVISOR),
)

# crash 9.0.2 on a dump of a Xen machine (Linux 6.1 as Dom0).
XEN_ACTIVE = """PID: 0        TASK: ffffffff82a1aa40  CPU: 0    COMMAND: "swapper/0"
bt: starting backtrace locations of the active (non-crashing) xen tasks
    cannot be determined: try -t or -T options

PID: 275      TASK: ffff888008236100  CPU: 1    COMMAND: "sh"
 #0 [ffffc900405e39b0] panic at ffffffff819f6e5d
"""
