# SPDX-License-Identifier: Apache-2.0
"""What ``kmem`` of several ages printed, for the tests of its parsers."""

from __future__ import annotations

USAGE = """\
                 PAGES        TOTAL      PERCENTAGE
    TOTAL MEM  8362460     510.4 GB         ----
         FREE       29       1.8 MB    0% of TOTAL MEM
         USED  8362431     510.4 GB   99% of TOTAL MEM
       SHARED   666625      40.7 GB    7% of TOTAL MEM
      BUFFERS        0            0    0% of TOTAL MEM
       CACHED     1328        83 MB    0% of TOTAL MEM
         SLAB    20234       1.2 GB    0% of TOTAL MEM

   TOTAL HUGE  7651328       467 GB         ----
    HUGE FREE  7651328       467 GB  100% of TOTAL HUGE

   TOTAL SWAP   261119      1020 MB         ----
    SWAP FREE   261119      1020 MB  100% of TOTAL SWAP

 COMMIT LIMIT   355566      21.7 GB         ----
    COMMITTED   408850       1.6 GB   82% of TOTAL LIMIT
"""
USAGE_ZONES = """\
    TOTAL LOW   224304     876.2 MB   24% of TOTAL MEM
ZONE  NAME        FREE   ACTIVE  INACTIVE_DIRTY  INACTIVE_CLEAN  MIN/LOW/HIGH
  0   DMA           2887       0               0               0  0/0/0
  1   Normal      106112   11284            2711            3054  1279/4544/6304
"""
CACHES = """\
CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff8c1841914700      144          8        28      1     4k  ext4_groupinfo_1k
ffff8c1841914300 [IGNORED]                                    bio-128
kmem: NOTE: kmalloc-512: slab: fffff114bf91d800 oo objects: 64 slab objects: 0
kmem: kmalloc-512: cannot gather relevant slab data
ffff890c47c0ec00      512          ?         ?      ?    32k  kmalloc-512
c8402d10               20          0         0      0     4k  dnotify cache
ffff8c1841042000      224        189       192     12     4k  kmem_cache
"""
CACHES_OLD = """\
CACHE            NAME                 OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE
ffff81042e1a2340 file lock cache          176         11        22      1     4k
ffff81042e2d30c0 size-131072(DMA)      131072          0         0      0   128k
ffff81042fa4b2c0 bad_one            [INVALID/CORRUPTED]
ffff81042fcb1080 dentry_cache             216    1104586   1110456  61692     4k
"""
SLUB = """\
CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff8c1841042700       64       2010      2112     33     4k  kmalloc-64
CPU 0 KMEM_CACHE_CPU:
  ffff8c185f23b0e0
CPU 0 SLAB:
  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE
  ffffef0fc05becc0  ffff8c1856fb3000     0     64         23    41
  FREE / [ALLOCATED]
   ffff8c1856fb3000  (cpu 0 cache)
  [ffff8c1856fb3200]
CPU 0 PARTIAL:
  (empty)
CPU 1 [OFFLINE]
CPU 2 KMEM_CACHE_CPU:
  ffff8c185f33b0e0
CPU 2 SLAB:
  (empty)
CPU 2 PARTIAL:
  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE
  ffffef0fc0063f40  ffff8c18418fd000     0     64         63     1
  FREE / [ALLOCATED]
  [ffff8c18418fdec0]
   ffff8c18418fdf00  \

KMEM_CACHE_NODE   NODE  SLABS  PARTIAL  PER-CPU
ffff8c18410411c0     0     33        1        2
NODE 0 PARTIAL:
  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE
  ffffef0fc0063f80  ffff8c18418fe000     0     64         60     4
NODE 0 FULL:
  (not tracked)

"""
SLAB = """\
CACHE     OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
f79c2ee0      128          1        30      1     4k  arp_cache
SLAB      MEMORY    TOTAL  ALLOCATED  FREE
f729d000  f729d0a0     30          1    29
FREE / [ALLOCATED]
   f729d0a0  (cpu 7 cache)
   f729d120  (shared cache)
   f729d1a0
  [f729df20]
"""
ZONES = """\
NODE: 0  ZONE: 0  ADDR: ffff8c185fc3b680  NAME: "DMA"
  SIZE: 4095  PRESENT: 3998  MIN/LOW/HIGH: 22/27/32
  VM_STAT:
        NR_FREE_PAGES: 3808
NR_ZONE_INACTIVE_ANON: 0

NODE: 0  ZONE: 2  ADDR: ffff8c185fc3c280  NAME: "Normal"
  [unpopulated]

NODE: 1  ZONE: 1  ADDR: ffff810420000b00  NAME: "DMA32"
  SIZE: 1044480  PRESENT: 1016362  MIN/LOW/HIGH: 2036/2545/3054
  NR_ACTIVE: 4113  NR_INACTIVE: 20002  FREE: 785012
  ALL_UNRECLAIMABLE: no  PAGES_SCANNED: 17  \

"""
NODES = """\
NODE    SIZE      PGLIST_DATA       BOOTMEM_DATA       NODE_ZONES   \

  0    131036   ffff8c185fc3b680        ----        ffff8c185fc3b680
                                                    ffff8c185fc3bc80
    MEM_MAP          START_PADDR    START_MAPNR
ffffef0fc0000040        1000             1     \

ZONE  NAME         SIZE       MEM_MAP      START_PADDR  START_MAPNR
  0   DMA          4095  ffffef0fc0000040         1000            1
  2   Normal          0                 0            0            0

-------------------------------------------------------------------

NR      SECTION        CODED_MEM_MAP        MEM_MAP       STATE PFN
 0  ffff8c185ffd8000  ffffef0fc0000000  ffffef0fc0000000  PMOE  0               \

 3  ffff8c185ffd8030  ffffef0fc0000000  ffffef0fc0600000  PM    98304           \

   MEM_BLOCK        NAME        PHYSICAL RANGE     NODE  STATE   START_SECTION_NO
 ffff8c185f246800   memory0           0 -  7ffffff  0    UNKNOWN 0           \

"""
NODES_OLD = """\
NODE  SIZE    PGLIST_DATA  BOOTMEM_DATA  NODE_ZONES
  1   131072   c0371b00      c04c1f9c     c0371b00
                                          c0371d80
MEM_MAP   START_PADDR  START_MAPNR
c1000030       0            0

ZONE  NAME         SIZE  MEM_MAP   START_PADDR  START_MAPNR
  0   DMA          4096  c1000030            0            0

NR      SECTION        CODED_MEM_MAP        MEM_MAP       PFN
 7  ffff88003d4d90e0  ffffea0000000000  ffffea0000e00000  229376

   MEM_BLOCK        NAME     PHYSICAL RANGE      STATE   START_SECTION_NO
 ffff88003a6e0c00  memory7   38000000 - 3fffffff ONLINE  7
"""
VMALLOC = """\
   VMAP_AREA         VM_STRUCT                 ADDRESS RANGE                SIZE
ffff8c184104fa20  ffff8c1841138a80  ffffcd9600000000 - ffffcd9600005000    20480
ffff8c184192a948  ffff8c1841d8c060  ffffffffc0423000 - ffffffffc0425000     8192
"""
VMALLOC_OLD = """\
VM_STRUCT   ADDRESS RANGE      SIZE
cbe2e0a0  c8800000 - c8802000    8192
"""
STATISTICS = """\
  VM_ZONE_STAT:
             NR_FREE_PAGES: 109095
     NR_ZONE_INACTIVE_ANON: 0

  VM_EVENT_STATES:
                    PGPGIN: 282492
"""
STATISTICS_OLD = """\
       NR_ANON_PAGES: 38989
      NR_FILE_MAPPED: 3106
"""
FREE = """\
NODE
  0
ZONE  NAME        SIZE    FREE      MEM_MAP       START_PADDR  START_MAPNR
  0   DMA         4095    3808  ffffef0fc0000040      1000          0     \

AREA    SIZE  FREE_AREA_STRUCT  BLOCKS  PAGES
  0       4k  ffff8c185fc3b780       0      0
 10    4096k  ffff8c185fc3bb00       3   3072

ZONE  NAME        SIZE    FREE      MEM_MAP       START_PADDR  START_MAPNR
  4   Device         0       0         0               0            0     \

nr_free_pages: 109095  (verified)
"""
FREE_PAGES = """\
ZONE  NAME        SIZE    FREE  MEM_MAP   START_PADDR  START_MAPNR
  0   DMA         4096    3372  c4000040       0            0     \

AREA  SIZE  FREE_AREA_STRUCT
  0     4k      c02eb004      \

c400ded8
c4042528
AREA  SIZE  FREE_AREA_STRUCT
  2    16k      c02eb01c      \

c40425b0  (c40425b0 is 1st of 4 pages) \

"""
FREE_DIMENSIONS = """\
  AREA    SIZE  FREE_AREA_STRUCT  BLOCKS   PAGES
 [0][0]     4k      c0252b20          29      29
 [1][1]     8k      c0252b2c           1       2

nr_free_pages: 31 (found 30)
"""
HUGEPAGES = """\
     HSTATE        SIZE    FREE   TOTAL  NAME
ffffffff81f7a800    2MB      10      64  hugepages-2048kB
ffffffff81f7b828    1GB       0       0  hugepages-1048576kB
"""
PAGES = """\
      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS
ffffef0fc0000000        0                0        0  1 7ffffc0002000 reserved
ffffef0fc05becc0 16fb3000                0 ffff8c1856fb3740  1 fffffc0000000
ffffea0000046a40  1234000 ffff88003c2f1d78      11c  2 1fffff8002006c referenced,uptodate,lru,active
ffffea0000046a80  1235000 -------    -----       0 0
"""
PAGES_INODES = """\
  PAGE    PHYSICAL   INODE     OFFSET  CNT FLAGS
c101196c   55ed000  c1b63d30     f000  2 uptodate
c1011998   55ee000         0        0  1 slab
"""
MEMBERS = """\
      PAGE        flags  lru  _refcount
ffffef0fc05becc0  000fffffc0000000  ffff8c1841042700,dead000000000122  00000001
"""
PAGE_CACHE = """\
page_hash_table[0]
c0325b40
c03a0598
page_hash_table[2047]
c033a798

page_cache_size: 18437 (found 3)
"""
OFFSETS = """\
PER-CPU OFFSET VALUES:
  CPU 0: ffff8c185f200000
  CPU 1: ffff8c185f300000
"""
FLAGS = """\
FLAGS: 4080
  PAGE-FLAG              BIT  VALUE
  PG_waiters               7  0000080
  PG_private              14  0004000
"""
TASK_ADDRESS = """\
CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff8c18411e5300     6208        100       110     22    32k  task_struct
  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE
  ffffef0fc0048c00  ffff8c1841230000     0      5          5     0
  FREE / [ALLOCATED]
  [ffff8c1841231840]

    PID: 1
COMMAND: "init"
   TASK: ffff8c1841231840  [THREAD_INFO: ffff8c1841231840]
    CPU: 1
  STATE: TASK_INTERRUPTIBLE \

      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS
ffffef0fc0048c40  1231000                0        8  0 fffffc0000003 locked,writeback
"""
MODULE_ADDRESS = """\
ffffffffc0350340 (?) __this_module+16 [qemu_fw_cfg]

   VMAP_AREA         VM_STRUCT                 ADDRESS RANGE                SIZE
ffff8c18418afaf8  ffff8c1841944ea0  ffffffffc0350000 - ffffffffc0353000    12288

      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS
ffffef0fc05be840 16fa1000                0        0  1 fffffc0000000
"""
FREE_ADDRESS = """\
ffffffff8c00d940 (D) early_dynamic_pgts ../arch/x86/kernel/head64.c: 51

ZONE  NAME        SIZE    FREE      MEM_MAP       START_PADDR  START_MAPNR
  1   DMA32     126941  105287  ffffef0fc0040000    1000000        4095   \

AREA    SIZE  FREE_AREA_STRUCT
  9    2048k  ffff8c185fc3c098  \

ffffef0fc05e0000  (ffffffff8c00d940 is 14th of 512 pages)

      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS
ffffef0fc05e0340 1780d000                0        0  0 fffffc0000000
"""
NOWHERE = """\
WARNING: cannot find mem_map page for address: fffffffffffff000
kmem: cannot determine page for fffffffffffff000
8b7ff000: kernel virtual address not found in mem map
"""
