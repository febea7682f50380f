# SPDX-License-Identifier: Apache-2.0
"""What is recorded: which crash on which dump of the lab, started how, and what it is asked."""

from __future__ import annotations

from typing import Literal, NamedTuple

OVERVIEW = ("sys", "ps", "bt", "log")
TOUR = (
    *OVERVIEW,
    *("ps -m", "ps -S", "ps -A", "ps -s", "foreach UN bt", "foreach bt", "bt -a", "log -T", "kmem -i", "kmem -s"),
    *("mod", "mod -t", "mount", "swap", "net", "dev", "dev -d", "irq -u", "runq", "timer", "files", "vm", "sig"),
    *("task -R pid,comm,prio", "sys -t", "set", "struct list_head", "p jiffies", "sym panic", "dis -r panic"),
    *("rd linux_banner 8", "help ps", "alias"),
)

TASKS = (
    *("ps -m", "ps -l", "ps -t", "ps -a", "ps -p", "ps -c 1", "ps -g", "ps -k", "ps -u", "ps -G", "ps -y NO", "ps -S"),
    *("ps -A", "ps -H", "ps -s", "ps -r 1", "ps -C 0", "ps 1", "ps sh", "task 1", "task -R pid,comm,prio"),
    *("foreach task -R pid,comm", "set", "set -p", "set 1", "set -c 0", "set -v", "sig", "sig 1", "sig -l", "sig -g 1"),
)
STACKS = (
    *("bt -a", "bt -l", "bt -f", "bt -F", "bt -e", "bt -t", "bt -T", "bt -E", "bt -c 0", "bt -s -x", "bt -R panic"),
    *("bt 1", "foreach UN bt", "foreach bt", "log -t"),
)
MEMORY = (
    *("kmem -i", "kmem -s", "kmem -z", "kmem -n", "kmem -v", "kmem -V", "kmem -f", "kmem -o", "kmem -g", "kmem -h"),
    *("kmem linux_banner", "swap", "vm", "vm 1", "vm -m 1", "vm -p 1", "foreach vm", "ipcs", "ipcs -M", "log -T"),
    *("search -k 0123456789abcdef", 'search -k -c "Linux version 6"', "vtop linux_banner", "btop 1000", "ptob 100"),
)
FILES = (
    *("files", "files 1", "foreach files", "fuser /dev/console", "fuser /var/log/messages", "mount", "mount 1"),
    *("mount -f", "net", "net -a", "net -s 1", "foreach nc net -s", "dev", "dev -d", "dev -D", "dev -p", "dev -i"),
    *("waitq log_wait", "log -m", "swap", "ipcs", "ipcs -s"),
)
PROCESSORS = (
    *("irq", "irq 4", "irq -a", "irq -s", "irq -u", "irq -b", "irq -d", "runq", "runq -t", "runq -T", "runq -m"),
    *("runq -g", "runq -c 0", "runq -d", "timer", "timer -r", "timer -C 0", "mach", "mach -m", "mach -c", "log -d"),
)
SYMBOLS = (
    *("mod", "mod -t", "dis panic 10", "dis -l schedule 10", "dis -s panic", "dis -r panic", "dis -x panic 3"),
    *("sym panic", "sym -q hung_task", "sym -m virtio_blk", "sym linux_banner", "sym 0", "whatis panic"),
    *("struct list_head", "struct -o module", "struct task_struct.pid,comm init_task", "struct file -x"),
    *("union sigval", "union -o sigval", "union nosuch", "struct nosuch", "p jiffies", "p init_task.comm"),
    *("p -x nr_threads", "p runqueues", "p sizeof(struct page)", "rd linux_banner 16", "rd -a linux_banner"),
    *("rd -32 jiffies 4", "rd -s linux_banner 4", "rd 0", "list -H modules module.list -s module.name"),
    *("list task_struct.tasks -s task_struct.pid,comm -h init_task", "tree -t maple sparse_irqs"),
    *("tree -t rbtree -o vmap_area.rb_node vmap_area_root", "tree -t radix irq_desc_tree"),
    *("sys -c", "sys -i", "sys -t", "sys config", "extend", "help", "alias", "ascii", "eval 0x1000 + 7"),
    *("pte 8000000000000027", "gdb p sizeof(struct page)"),
)
MISTAKES = ("foo", "bt 99999", "p nosuch", "ps -Q", "kmem -x", "dis nosuch", "files 99999", "sym nosuch", "help nosuch")
MODULE = ("mod", "mod -t", "sym lab_read", "sym -m lab_null", "dis lab_read", "dis -r lab_read", "sys -t")
HELP = tuple(f"help {page}" for page in ("foreach", "ps", "bt", "kmem", "struct", "log", "runq", "set", "search"))
MINIMAL = (
    *("log", "sym panic", "dis panic 5", "rd linux_banner 4", "eval 1 + 1", "set", "help", "sys", "ps", "bt", "mod"),
    *("p jiffies", "kmem -i", "list_head", "extend"),
)


class Scene(NamedTuple):
    """One recording: its file name, which crash on which dump, and the commands.

    ``vmlinux`` may be that of the other kernel or one without DWARF; a dump that is ``cut`` has lost its second half.
    """

    name: str
    crash: str
    dump: str
    commands: tuple[str, ...] = ()
    stacks: bool = False
    vmlinux: Literal["own", "other", "stripped"] = "own"
    cut: bool = False
    options: tuple[str, ...] = ()


SCENES = (
    Scene("debian13-6.12-kdump-sysrq", "8.0.6", "panic", (*OVERVIEW, "bt 99999", "foo", "p nosuch", "ps -Q")),
    Scene("debian13-6.12-kdump-sysrq-crash9", "9.0.2", "panic", (*OVERVIEW, "ps -s", "help ps")),
    Scene("debian13-6.12-elf-sysrq", "9.0.2", "panic-elf", ("sys", "ps")),
    Scene("debian13-6.12-flattened-sysrq", "8.0.6", "panic-flat", ("sys", "ps")),
    Scene("debian13-6.12-kdump-running", "9.0.2", "running", ("sys", "ps", "bt -a")),
    Scene("debian13-6.12-kdump-truncated", "9.0.2", "panic", cut=True),
    Scene("debian13-6.12-kdump-null-deref", "9.0.2", "null-deref-6.12", (*OVERVIEW, *MODULE, *STACKS, *SYMBOLS)),
    Scene("debian13-6.12-kdump-null-deref-crash8", "8.0.6", "null-deref-6.12", (*OVERVIEW, *MODULE, *SYMBOLS)),
    Scene("debian13-6.12-kdump-hung-task", "8.0.6", "hung-task-6.12", (*OVERVIEW, "foreach UN bt", *FILES)),
    Scene("debian13-6.12-kdump-oom", "9.0.2", "oom-6.12", (*OVERVIEW, *MEMORY)),
    Scene("debian13-6.12-kdump-soft-lockup", "8.0.6", "soft-lockup-6.12", (*OVERVIEW, *STACKS, *PROCESSORS)),
    Scene("debian13-6.12-kdump-foreach-bt", "9.0.2", "running", ("foreach bt", "foreach bt -l", "foreach bt -f")),
    Scene("debian13-6.12-kdump-no-dwarf", "9.0.2", "panic", vmlinux="stripped"),
    Scene("debian13-6.12-kdump-too-old-crash", "8.0.2", "panic"),
    Scene("debian12-6.1-kdump-null-deref", "9.0.2", "null-deref-6.1", (*OVERVIEW, *MODULE, *TASKS)),
    Scene(
        *("debian12-6.1-kdump-null-deref-crash802", "8.0.2", "null-deref-6.1"),
        (*OVERVIEW, *MODULE, *TASKS, *SYMBOLS, *MISTAKES),
    ),
    Scene("debian12-6.1-kdump-hung-task", "9.0.2", "hung-task-6.1", (*OVERVIEW, "foreach UN bt", *FILES)),
    Scene("debian12-6.1-kdump-oom", "8.0.6", "oom-6.1", (*OVERVIEW, *MEMORY)),
    Scene("debian12-6.1-kdump-oom-crash802", "8.0.2", "oom-6.1", (*OVERVIEW, *MEMORY)),
    Scene("debian12-6.1-kdump-soft-lockup", "9.0.2", "soft-lockup-6.1", (*OVERVIEW, *PROCESSORS)),
    Scene("debian12-6.1-kdump-soft-lockup-crash802", "8.0.2", "soft-lockup-6.1", (*OVERVIEW, *STACKS, *PROCESSORS)),
    Scene("debian12-6.1-kdump-sysrq", "8.0.6", "panic-6.1", (*OVERVIEW, *TASKS, *MISTAKES)),
    Scene("debian12-6.1-kdump-sysrq-crash802", "8.0.2", "panic-6.1", (*OVERVIEW, *FILES)),
    Scene("debian12-6.1-kdump-running", "9.0.2", "running-6.1", ("sys", "ps", *STACKS, *FILES, *MISTAKES)),
    Scene("debian12-6.1-kdump-wrong-vmlinux", "9.0.2", "panic-6.1", vmlinux="other"),
    Scene("debian12-6.1-kdump-truncated", "8.0.6", "panic-6.1", cut=True),
    Scene("debian12-6.1-kdump-minimal", "9.0.2", "panic-6.1", MINIMAL, options=("--minimal",)),
    Scene("debian12-6.1-kdump-help", "8.0.6", "panic-6.1", HELP),
)
DEMO = Scene("demo", "9.0.2", "panic", TOUR, stacks=True)
