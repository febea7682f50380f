# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291, W293  # crash prints blanks at the ends of lines
"""What crash printed of C data, memory, symbols and hypervisors, of several versions, for the tests of the parsers."""

from __future__ import annotations

STRUCT_DEFINITION = """\
struct page {
   [0] unsigned long flags;
       union {
           struct {
   [8]         struct list_head lru;
  [24]         struct address_space *mapping;
           };
  [16]     int (*load_binary)(struct linux_binprm *);
       };
       struct {
  [40]     unsigned int order : 4;
  [40] } lru_gen;
  [56] char comm[16];
}
SIZE: 64
"""

UNION_OLD = """\
union bdflush_param {
    struct {
        int nfract;
        int dummy3;
    } b_un;
    unsigned int data[9];
}

SIZE: 36  (0x24)
"""

STRUCT_PLACES = """\
struct task_struct {
  [ffff8100145d2080] volatile long int state;
  [ffff8100145d20b8] struct list_head run_list;
}
SIZE: 1920
"""

STRUCT = """\
struct task_struct {
  thread_info = {
    flags = 16384,
    status = 0
  },
  stack = 0xffffffff8b800000,
  on_rq = 1 '\\001',
  restart = 0xffffffff80095a52 <do_no_restart_syscall+16>,
  bits = {1, 18446744073709551615, 0 <repeats 12 times>, 7...},
  comm = "swapper/0\\000\\000\\000\\000\\000\\000",
  vtime = VTIME_INACTIVE,
  {
    {
      x86_model = 107 'k'
    },
    x86_vfm = -135019
  },
  queue = {{
      next = 0x0
    }, {
      next = 0xffff8c18412320f0
    }},
  lock = {<No data fields>},
  smt_active = false
}
"""

STRUCT_OLD = """\
struct tcp_sl_timer {
  count = {
    counter = 0x0       
  },
  handler = 0xc0164854  <tcp_syn_recv_timer>
}
struct tcp_sl_timer {
  count = {
    counter = 0x2       
  },
  handler = 0xc01645b0  <tcp_keepalive>
}
"""

MEMBERS = """\
  flags = 0x8000,
  virtual = 0xc04b0000

  se.on_rq = 1,
  pids[2] =   {
    node = {
      next = 0xffff88011653aff0,
      pprev = 0xffff88011653a860
    },
    pid = 0xffff88010d07ed00
  }
"""

PER_CPU_STRUCT = """\
[0]: ffffe8fefe6026c8
struct disk_stats {
  sectors = {451376, 80468}, 
  io_ticks = 12371
}
[1]: ffffe8fefe8026c8
struct disk_stats {
  sectors = {0, 0}, 
  io_ticks = 23
}
"""

POINTED = """\
  struct task_struct *parent = 0xffffffff8b810940
  -> <init_task> {
       __state = 0,
       usage = {
         counter = 2
       }
     }
"""

WHATIS = """\
typedef struct {
    int counter;
} atomic_t;
SIZE: 4
"""

WHATIS_ENUM = """\
enum pid_type {
  PIDTYPE_PID = 0
  PIDTYPE_TGID = 1
};
"""

WHATIS_TYPES = """\
 SIZE  TYPE
    8  irt_routing_table
 2936  task_struct
"""

P = """\
runqueues = $5 = {
  next = 0xffff8c18412320f0,
  prev = 0xffff8c1841d3b930
}
jiffies = $1 = 4294894131
$2 = (struct task_struct *) 0xffffffff8b810940 <init_task>
panic = $4 = 
 {void (const char *, ...)} 0xffffffff8a875c50 <panic>
per_cpu(runqueues, 1) = $6 = {
  nr_running = 2
}
"""

P_PER_CPU = """\
PER-CPU DATA TYPE:
  struct rq runqueues;
PER-CPU ADDRESSES:
  [0]: ffff8c185f235e80
  [1]: ffff8c185f335e80
"""

LIST = """\
c03adc90
  name = 0xc02c05c8 "rootfs",
  fs_flags = 0x30,
c03abf94
  name = 0xc02c0319 "bdev",
  fs_flags = 0x10,
"""

LIST_STRUCTS = """\
ffffffffc03f4a00
struct module {
  state = MODULE_STATE_LIVE,
  list = {
    next = 0xffffffffc03c2108 <__this_module+8>,
    prev = 0xffffffff8b92ea00 <modules>
  }
}
ffffffffc03c2100
struct module {
  state = MODULE_STATE_LIVE
}
list: duplicate list entry: ffffffffc03c2100
"""

TREE = """\
ffffea00040d12c0
  index: 0  position: root/0/0
  _count = {
    counter = 0x7
  }
ffffea00040d9a60
  index: 1  position: root/0/1
  _count = {
    counter = 0x1
  }
"""

MAPLE = """\
maple_tree(ffff9034c006aec0) flags 309, height 2 root 0xffff9034de70041e

0-18446744073709551615: node 0xffff9034de700400 depth 0 type 3 parent 0x7ffd contents: 1 2
  0-140112331583487: node 0xffff9034c01e8800 depth 1 type 1 parent 0x7ffe
    0-94643156942847: 0x0
    94643156942848-94643158024191: 0xffff9035131754c0
"""

RD = """\
ffffffff8ad51580:  65762078756e694c 2e36206e6f697372   Linux version 6.
ffffffff8ad51590:  0000000000000020                     ......
"""

RD_OLD = """\
c009bf2c:  c009bf64 c01328c3 c009bf64 c0132838   d....(..d...8(..
c009bf5c:  00000000                              ....
"""

RD_SYMBOLS = """\
f6e31f70:  [f6e31f6c:size-4096] [f779c180:filp] kmsg_read 00a9dd40 
f6e31f80:  00000fff vfs_read+159 [size-4096] [filp]   
ffffffff8b810960:  .data            0420000200000002 
"""

RD_DECIMAL = """\
ffffffff8b8079c0:        -73165            0 
c0213ae0:        577376
"""

RD_TEXT = """\
c082a020:  Linux version 2.6.32-119.el6.i686 (mockbuild@hs20-bc2-4.buil
c082a05c:  d.redhat.com) (gcc version 4.4.4 20100726 (Red Hat 4.4.4-13)
"""

SYM = """\
ffffffff8a875c55 (T) panic+5 debian/build/build_amd64_none_cloud-amd64/kernel/panic.c: 341
c0109944 (T) system_call+0x34  ../linux-2.2.5/arch/i386/kernel/signal.c: 723
f88878d1 (t) ext3_readdir [ext3]
19000 (D) cpu_l2c_shared_map
ffffffff81000000 (D) __per_cpu_end+-2130939904
c803235c (?) attach_uart401  
"""

SYM_MODULE = """\
c8032000 MODULE START: uart401
c8032138 (?) uart401intr
c8033770 MODULE END: uart401
ffffffffc034e000 MODULE TEXT START: qemu_fw_cfg
ffffffffc034e010 (t) fw_cfg_sysfs_attr_show
ffffffffc0355fff MODULE RO_AFTER_INIT END: qemu_fw_cfg
"""

SYM_MISSING = """\
symbol not found: panic_on
possible alternatives:
  ffffffff89cbde30 (T) panic_on_this_cpu
  ffffffff89cbde60 (T) panic_on_other_cpu
"""

DIS = """\
debian/build/kernel/panic.c: 341
0xffffffff8a875c50 <panic>:\tendbr64
0xffffffff8a875c54 <panic+4>:\tnopl   0x0(%rax,%rax,1)
debian/build/kernel/panic.c: 343
=> 0xffffffff8a875c8f <panic+0x3f>:\tmov    0x1abe583(%rip),%bl        # 0xffffffff8c334218 <crash_kexec_post_notifiers>
"""

DIS_OLD = """\
0xc0112c88 <sys_signal>:        push   %ebp
0xc0112c89 <sys_signal+1>:      mov    %esp,%ebp
0x81ec624:      push   %ebp
"""

DIS_SOURCE = """\
FILE: fs/dcache.c
LINE: 276

  274                           fsnotify_inoderemove(inode);
  275                   if (dentry->d_op && dentry->d_op->d_iput)
* 276                           dentry->d_op->d_iput(dentry, inode);
  277   
"""

SEARCH = """\
PID: 4876   TASK: ffff81003e9f5860  CPU: 7   COMMAND: "automount"
ffff8100288fbe98: ffff81002c0a3050

PID: 4880   TASK: ffff81003ce967a0  CPU: 0   COMMAND: "automount"
ffff81002c0fbdd8: ffffffff800649d6 (__down_interruptible+191)
ffff81002c0fbe78: ffff81002c0a3050
"""

SEARCH_STRINGS = """\
20027: panic=0 net.ifnames=0...................................
168a0b49: WARNING: on_fail..6alg: self-tests disabled...6alg: No test
18abcd: 18abcd
"""

SET_VARIABLES = """\
        scroll: on (/usr/bin/less)
         radix: 10 (decimal)
     null-stop: on
           gdb: off
         scope: (not set)
"""

MACH = """\
          MACHINE TYPE: x86_64
           MEMORY SIZE: 511.5 MB
                  CPUS: 2 [OFFLINE: 1]
       PROCESSOR SPEED: 2596 Mhz
                    HZ: 1000
             PAGE SIZE: 4096
   KERNEL VIRTUAL BASE: ffff8c1840000000
     KERNEL STACK SIZE: 16384
            IRQ STACKS:
                 CPU 0: ffffcd9600000000
                 CPU 1: ffffcd96000fd000
             VC STACKS:
                 CPU 0: fffffe2e0ee32000 [unavailable]
  (unknown) STACK SIZE: 0
      (unknown) STACKS:
                 CPU 0: fffffe2e0ee35000 [unavailable]
"""

MACH_OLD = """\
       MACHINE TYPE: i686
        MEMORY SIZE: 512 MB
               CPUS: 2
         HYPERVISOR: KVM
    PROCESSOR SPEED: (unknown)
                 HZ: 100
KERNEL VIRTUAL BASE: c0000000
  KERNEL STACK SIZE: 8192
"""

MACH_MEMORY = """\
      PHYSICAL ADDRESS RANGE         TYPE
0000000000000000 - 00000000000a0000  E820_RAM
00000000000f0000 - 0000000000100000  E820_RESERVED
"""

MACH_CPUS = """\
CPU 0:
struct cpuinfo_x86 {
  x86 = 15 '\\017'
}

CPU 1:
struct cpuinfo_x86 {
  x86 = 15 '\\017'
}
"""

MACH_CONSOLE = """\
[   65.219056911,5] SkiBoot skiboot-5.4.0-218-ge0225cc-df9a248 starting...
[  494.026291523,7] BT: seq 0x25 netfn 0x0a cmd 0x48: Message sent to host
"""

HELP = """\

*              files          mod            tree           
alias          foreach        mount          q              

crash version: 9.0.2    gdb version: 16.3
For help on any command above, enter "help <command>".
For help on input options, enter "help input".
For help on output options, enter "help output".

"""

HELP_PAGE = """\

NAME
  sym - translate a symbol to its virtual address, or vice-versa 

SYNOPSIS
  sym [-l] | [-M]
      [symbol | vaddr]

DESCRIPTION
  This command translates a symbol.
 
       -l  dumps all symbols and their values.

EXAMPLES
  Translate data symbol jiffies to its value:

    crash> sym jiffies
    c0213ae0 (D) jiffies
"""

EXTEND = """\
SHARED OBJECT  COMMANDS
./extlib1.so   echo util bin
./extlib2.so   smp show
"""

EXTEND_CHANGES = """\
./extlib1.so: shared object loaded
./extlib2.so: shared object unloaded
"""

ALIAS = """\
ORIGIN   ALIAS    COMMAND
builtin  ?        help 
runtime  ksd      kmem -p | grep slab | grep DMA
"""

DOMS = """\
   DID   DOMAIN  ST T  MAXPAGE  TOTPAGE VCPU SHARED_I  P2M_MFN
  32753 ffbf8080 RU O     0        0      0      0      ----
>*    0 ff198080 RU 0 ffffffff   32900    2  ff194000   18d0
      4 ffbee080 ?? U   4000     4000     2  ff18d000   3eb92
"""

VCPUS = """\
   VCID  PCID   VCPU   ST T DOMID  DOMAIN
      0     0 ffbfe080 RU I 32767 ffbfc080
>*    0     0 ff195180 RU 0     0 ff198080
      1     1 ff190080 BL G ????? ff198080
"""

PCPUS_OLD = """\
   PCID   PCPU   CUR-VCPU
      0 ff1a3fb4 ffbf9080
 *    1 ff1dbfb4 ffbf8080
"""

PCPUS = """\
   PCID        PCPU           CUR-VCPU           TSS
 *    0 ffff82d0404f7ff8 ffff83007bef2000 ffff82d0404f0080
Register information:
struct cpu_user_regs {
  r15 = 0,
  rip = 18446687225563611345
}
init_tss information:
struct tss64 {
  rsp0 = 0xffff82d0404f7ff8,
  bitmap = 32768
}
"""

SCHED = """\
Scheduler name : SMP Credit Scheduler

  CPU      SCH-DATA         SCH-PRIV         CUR-VCPU         IDL-VCPU         TICK
    0  ffff83021ff25220 ffff83021ff25000 ffff830007eb0000 ffff830007eb0000 64
"""

DUMPINFO = """\
 PCID      ENOTE             CORE           XEN_CORE         XEN_INFO
    0 ffff830200000000 ffff830200000000 ffff830200000160 ffff8302000001a0
                  tv_sec          tv_usec
  pr_utime          a                7a120
  pr_stime          0                0
Register information(ffff830200000084):
  r15 = 0x0000000000000000
  rip = 0xffff82c480101010

 PCID      ENOTE             CORE           XEN_CORE         XEN_INFO
    1 ffff830200000200 ffff830200000200 ffff830200000360        --
"""

DOMAIN = """\
struct domain {
  domain_id = 0,
  is_dying = DOMDYING_alive
}
"""

SAMPLES: dict[str, tuple[str, ...]] = {
    "struct x": (STRUCT_DEFINITION, UNION_OLD, STRUCT_PLACES, STRUCT, STRUCT_OLD, MEMBERS, PER_CPU_STRUCT, POINTED, RD),
    "whatis x": (WHATIS, WHATIS_ENUM, WHATIS_TYPES, "typedef int pid_t;\nSIZE: 4\n", "void schedule(void);\n", "int\n"),
    "p x": (P, P_PER_CPU),
    "list x": (LIST, LIST_STRUCTS),
    "tree x": (TREE, MAPLE),
    "rd x": (RD, RD_OLD, RD_SYMBOLS),
    "rd -d x": (RD_DECIMAL,),
    "rd -a x": (RD_TEXT,),
    "sym x": (SYM, SYM_MODULE, SYM_MISSING),
    "dis x": (DIS, DIS_OLD),
    "dis -s x": (DIS_SOURCE,),
    "search x": (SEARCH,),
    "search -c x": (SEARCH_STRINGS,),
    "set -v": (SET_VARIABLES, "output radix: 16 (hex)\n"),
    "mach": (MACH, MACH_OLD),
    "mach -m": (MACH_MEMORY,),
    "mach -c": (MACH_CPUS,),
    "mach -o": (MACH_CONSOLE,),
    "help": (HELP,),
    "help sym": (HELP_PAGE,),
    "extend": (EXTEND, EXTEND_CHANGES),
    "alias": (ALIAS, "alias deleted: kp\n"),
    "doms": (DOMS,),
    "vcpus": (VCPUS,),
    "pcpus": (PCPUS, PCPUS_OLD),
    "sched": (SCHED,),
    "dumpinfo": (DUMPINFO,),
    "domain": (DOMAIN,),
    "vcpu": (DOMAIN.replace("domain {", "vcpu {"),),
}
"""By the command line that prints them."""
