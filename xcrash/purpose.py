# SPDX-License-Identifier: Apache-2.0
"""What each command of crash is for, in a few words, and the options that are asked for most.

Source: crash's own help pages (help.c), in our words; ``help CMD`` has the whole of it.
"""

from __future__ import annotations

from xcrash.session.command_line import BUILTIN_ALIASES

PURPOSES: dict[str, str] = {
    "*": "struct or union by its name: *task_struct ADDRESS",
    "alias": "short names for commands",
    "ascii": "a number as characters",
    "bpf": "eBPF programs and maps",
    "bt": "stack of a task   -a active, -l lines, -f frames, -s offsets, -t text symbols",
    "btop": "bytes to page number",
    "dev": "devices   -d disk I/O in flight, -i ports and memory, -p PCI",
    "dis": "disassemble   -l lines, -r up to the address, -s source",
    "domain": "hypervisor: struct domain of a domain",
    "doms": "hypervisor: the domains",
    "dumpinfo": "hypervisor: what the dump notes say",
    "eval": "calculate, in hex, decimal and binary",
    "exit": "end crash",
    "extend": "load or unload an extension",
    "files": "open files of a task   -d dentry, -R name",
    "foreach": "a command for many tasks: foreach UN bt",
    "fuser": "tasks that use a file",
    "gdb": "hand the line to gdb",
    "help": "the help page of a command",
    "ipcs": "System V shared memory, semaphores, queues",
    "irq": "interrupts   -s counts, -a affinity, -b softirqs",
    "kmem": "memory   -i use, -s slabs, -z zones, -v vmalloc, ADDRESS whose it is",
    "list": "follow a linked list",
    "log": "the kernel's log   -T dates, -m levels, -t no times, -a audit",
    "mach": "machine: CPUs, memory map, registers",
    "mod": "modules   -t taints, -s load symbols, -S of all",
    "mount": "mounted file systems   -f open files",
    "net": "network   -a ARP, -s sockets of a task",
    "p": "print an expression   SYMBOL:a of all CPUs",
    "pcpus": "hypervisor: physical CPUs",
    "ps": "tasks   -m since when, -p parents, -g threads, -S by state, -G one a process",
    "pte": "a page table entry in words",
    "ptob": "page number to bytes",
    "ptov": "physical to virtual address",
    "q": "end crash",
    "rd": "read memory   -a text, -s symbols, -p physical, -u user",
    "repeat": "a command again and again",
    "runq": "run queues   -t times, -m since when, -g groups",
    "rustfilt": "a Rust name as it was written",
    "s390dbf": "s390 debug feature logs",
    "sbitmapq": "sbitmap queues, with the requests in them",
    "sched": "hypervisor: the scheduler",
    "search": "search memory for a value",
    "set": "the task in context, or a setting of crash",
    "sig": "signals of a task",
    "struct": "a structure   -o offsets, -x hex, MEMBER after a dot",
    "swap": "swap areas",
    "sym": "symbol or address   -l all, -m of a module, -q containing",
    "sys": "the system: release, CPUs, panic   -t taints, config",
    "task": "task_struct of a task   -R members, -x hex",
    "timer": "timers   -r of high resolution",
    "tree": "follow a red-black, radix, XArray or maple tree",
    "union": "a union   -o offsets",
    "vcpu": "hypervisor: struct vcpu",
    "vcpus": "hypervisor: virtual CPUs",
    "vm": "address space of a task   -p pages, -m mm_struct",
    "vtop": "virtual to physical address, with its page tables",
    "waitq": "tasks on a wait queue",
    "whatis": "declaration of a type, symbol or structure",
    "wr": "WRITES memory",
}


def command_name(line: str) -> str:
    """The command at the beginning of a line, behind its alias; empty where there is none that has a help page."""
    words = line.split()
    if not words:
        return ""
    name = words[0] if words[0] in PURPOSES else (BUILTIN_ALIASES.get(words[0], "").split() or [words[0]])[0]
    if name.startswith("*"):
        name = "*"
    return name if name in PURPOSES else ""


def purpose(line: str) -> str:
    """What the command at the beginning of a line is for; empty where it is no command."""
    return PURPOSES.get(command_name(line), "")
