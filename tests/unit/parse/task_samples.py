# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""What crash printed of tasks and addresses (files, memory, signals, translations), for the tests of the parsers.

crash 9.0.2 on Linux 6.12, and the layouts of older versions from crash's own help pages.
"""

from __future__ import annotations

FILES = """\
PID: 181      TASK: ffff8c1841ecc8c0  CPU: 1    COMMAND: "syslogd"
ROOT: /    CWD: /data/www
 FD       FILE            DENTRY           INODE       TYPE PATH
  0 ffff8c184194f6c0 ffff8c1841467e40 ffff8c1842157140 SOCK UNIX
  3 ffff8c1841dae840 ffff8c1841485e40 ffff8c1841b6c670 REG  /var/log/my messages
"""

FILES_OLD = """\
PID: 720    TASK: c67f2000  CPU: 1   COMMAND: "innd"
ROOT: /    CWD: /var/spool/news/articles
 FD    FILE     DENTRY    INODE    TYPE  PATH
  0  c6b9c740  c7cc45a0  c7c939e0  CHR   /dev/null
  3  c74182c0  c6ede260  c6da3d40  PIPE
  4  c6df9720     ?         ?       ?   
"""

VM = """\
PID: 0        TASK: ffffffff8b810940  CPU: 0    COMMAND: "swapper/0"
       MM               PGD          RSS    TOTAL_VM
       0                 0            0k       0k   

PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
       MM               PGD          RSS    TOTAL_VM
ffff8c184106ee00  ffff8c1841ec4000  1512k    2304k  
      VMA           START       END     FLAGS FILE
ffff8c185ffcf580     400000     401000 8000071 /bin/busybox
ffff8c185ffcf840    6240000    6262000 8100073 
"""

VM_PAGES = """\
PID: 386    TASK: c11cc000  CPU: 0   COMMAND: "atd"
   MM       PGD       RSS    TOTAL_VM
c7e30560  c10e5000    104k     1112k
  VMA      START      END     FLAGS  FILE
c61e04e0   804d000   8050000    77   
 VIRTUAL  PHYSICAL
 804d000  219d000
 804f000  SWAP: /dev/sda8  OFFSET: 24225
  VMA      START      END     FLAGS  FILE
c61e0720  40000000  40012000   875   /lib/ld-2.1.1.so
 VIRTUAL  PHYSICAL
40001000  FILE: /lib/ld-2.1.1.so  OFFSET: 1000
40002000  (not mapped)
"""

VM_STRUCT = """\
PID: 4777   TASK: c0896000  CPU: 0   COMMAND: "bash"
struct mm_struct {
  mmap = 0xc6caa1c0, 
  count = {
    counter = 0x1
  }, 
  total_vm = 0x1a3
}
"""

SIG = """\
PID: 8970   TASK: f67d8560  CPU: 1   COMMAND: "procsig"
SIGNAL_STRUCT: f6018680  COUNT: 1
 SIG SIGACTION  HANDLER       MASK       FLAGS   
 [1]  f7877684  SIG_DFL 0000000000000000 0 
[12]  f7877760  804867f 0000000000000000 10000004 (SA_SIGINFO|SA_RESTART)
SIGPENDING: no
   BLOCKED: 8000000200000800
PRIVATE_PENDING
    SIGNAL: 0000000200000800
  SIGQUEUE:  SIG  SIGINFO 
              12  f51b9c84
              34  f51b9594
SHARED_PENDING
    SIGNAL: 0000000000000000
  SIGQUEUE: (empty)
"""

SIG_GROUP = """\
PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
SIGNAL_STRUCT: ffff8c1841247180  NR_THREADS: 1
 SIG    SIGACTION        HANDLER       MASK       FLAGS           
[17] ffff8c1841d25ce0     52f405 fffffffe7ffbfeff 4000000 (SA_RESTORER)
SHARED_PENDING
    SIGNAL: 0000000000000000
  SIGQUEUE: (empty)

  PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
  SIGPENDING: yes
     BLOCKED: 20014a0700000000
  PRIVATE_PENDING
      SIGNAL: 0000000000000000
    SIGQUEUE: (empty)
"""

FUSER = """\
 PID         TASK        COMM             USAGE
    3  ffff8c1841233080  "pool_workqueue  root cwd 
  196  ffff8c1841ba1840  "web worker 1"   fd 
  198  ffff8c1841ba0000  "[odd] > 7"      fd mmap 
"""

VTOP = """\
VIRTUAL     PHYSICAL        
7f07398c5000  (not mapped)

   PGD: 6da707f0 => 800000000232b067
   PTE: 6f807628 => 7fffffffd0b6002

      PTE           SWAP     OFFSET
7fffffffd0b6002  /dev/zram0   96847

      VMA           START       END     FLAGS FILE
ffff891d0e5d5320 7f07398c4000 7f07ab8c6000 8100073

SWAP: /dev/zram0  OFFSET: 96847

VIRTUAL           PHYSICAL
ff2d950aa3a9c000  8aa3a9c000

PGD DIRECTORY: ffffffff84c0a000
PAGE DIRECTORY: 67e3001067
   PMD: 87805818e8 => 8000008aa3a001e3
  PAGE: 8aa3a00000  (2MB)

      PTE          PHYSICAL   FLAGS
8000008aa3a001e3  8aa3a00000  (PRESENT|RW|ACCESSED|DIRTY|PSE|GLOBAL|NX)

      PAGE          PHYSICAL      MAPPING       INDEX CNT FLAGS
ff8a4632aa8ea700  8aa3a9c000                0        0  1 36002c referenced,uptodate
"""

EVAL = """\
hexadecimal: ffffffffffffffff  
    decimal: 18446744073709551615  (-1)
      octal: 1777777777777777777777
     binary: 1111111111111111111111111111111111111111111111111111111111111111
   bits set: 3 2 1 0 
"""
