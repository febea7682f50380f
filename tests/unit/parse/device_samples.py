# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""What crash printed of devices, networks, mounts and IPC, for the tests of the parsers.

crash 9.0.2 on Linux 6.12, and the layouts of older versions from crash's own help pages.
"""

from __future__ import annotations

NET = """\
   NET_DEVICE     NAME       IP ADDRESS(ES)
ffff8c1841a04000  lo         127.0.0.1, ::1
ffff8c1841ba9000  eth0       10.0.2.15, fec0::5054:ff:fe12:3456, fe80::5054:ff:fe12:3456
ffff8c1857f23000  dummy0     
"""

NET_ARP = """\
NEIGHBOUR        IP ADDRESS      HW TYPE    HW ADDRESS         DEVICE  STATE
ffff8c18419f4400 224.0.0.22      ETHER      01:00:5e:00:00:16  xenbr0  NOARP
ffff8c1841ec7400 0.0.0.0         UNKNOWN    00 00 00 00 00 00  lo      NOARP
f38d1080         10.16.71.254    ETHER      00:00:0c:07:ac:00  eth1    STALE|PROBE
f38d1081         10.16.71.253    UNKNOWN     tun0    
"""

NET_SOCKETS = """\
PID: 2517   TASK: c1598000  CPU: 1   COMMAND: "rlogin"
FD   SOCKET     SOCK    FAMILY:TYPE         SOURCE-PORT     DESTINATION-PORT
 3  c57375dc  c1ff1850  INET:STREAM      10.1.8.20-1023      10.1.16.62-513

PID: 2518   TASK: c1599000  CPU: 0   COMMAND: "sshd"
FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT DESTINATION-PORT
 4  ffff8800374b0c80  ffff88003c6a4680  INET6:STREAM  0:0:0:0:0:0:0:0-22 0:0:0:0:0:0:0:0-0
 5  ffff8800374b0f00  ffff88003c6a4d00  UNIX:DGRAM  
PID: 3        TASK: ffff8c1841233080  CPU: 0    COMMAND: "pool_workqueue_"
No open sockets.
"""

DEV = """\
CHRDEV    NAME                 CDEV        OPERATIONS      
   1      mem            ffff8c1858017e00  memory_fops
  13      input               (none)     

BLKDEV    NAME                GENDISK      OPERATIONS      
 259      blkext              (none)     
   7      loop           ffff8c1857ec0400  lo_fops
"""

DEV_DISKS = """\
MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL ASYNC  SYNC   DRV
    8 ffff8802316d8000   sda        ffff88022fa38000       6     4     2 N/A(MQ)
  253 ffff88023175c800   dm-0       ffff88022ec68000       0     0     0     0
"""

DEV_RESOURCES = """\
RESOURCE    RANGE    NAME
c03036d4  0000-ffff  PCI IO
c030263c  00c0-00df  dma2

RESOURCE        RANGE        NAME
c03036f0  00000000-ffffffff  PCI mem
c1239058  ec000000-efffffff  Intel Corporation 440BX/ZX - 82443BX/ZX Host
                             bridge
"""

DEV_PCI = """\
    ROOT BUS     BUSNAME
ffff0800a1256800 0000:00
      PCI DEV      DO:BU:SL.FN  CLASS   PCI_ID      TYPE   
  ffff0800a10b0000 0000:00:00.0  0604   1f53:0   ROOT_PORT [BRIDGE]
      PCI BUS         PARENT BUS
  ffff0800a1257800 ffff0800a1256800
      PCI DEV      DO:BU:SL.FN  CLASS   PCI_ID      TYPE
  ffff0800a10b1000 0000:01:00.0  0108  144d:a80a  ENDPOINT 
"""

MOUNT = """\
     MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME
ffff8c184120d080 ffff8c184105a800 rootfs rootfs    /         
ffff8c184197a180 ffff8c1841ab2000 cifs   //server/My Share /mnt/My Disk
"""

MOUNT_FILES = """\
VFSMOUNT SUPERBLK TYPE   DEVNAME   DIRNAME
c7fb2b80 c7fb3200 ext2   /dev/root /
OPEN FILES:
 DENTRY    INODE    TYPE  PATH
c6d02200  c6d0f7a0  REG   usr/X11R6/lib/libX11.so.6.1
c7106580  c70c5440  CHR   dev/psaux

VFSMOUNT SUPERBLK TYPE   DEVNAME   DIRNAME
c0089e10 c0088800 ext2   /dev/sda5 /boot
OPEN FILES:
No open files found
"""

MOUNT_INODES = """\
VFSMOUNT SUPERBLK TYPE   DEVNAME   DIRNAME
c0089ea0 c0088a00 ext2   /dev/root /
DIRTY INODES
c7ad4008
c2233438
"""

IPCS = """\
SHMID_KERNEL     KEY      SHMID      UID   PERMS BYTES      NATTCH STATUS
ffff880473a28310 00000000 0          0     666   90000      1      DEST LOCKED
ffff880473a28490 00000001 32769      0     666   90000      1       
PAGES ALLOCATED/RESIDENT/SWAPPED: 22/1/0
INODE: ffff88047239c118

SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS     
(none allocated)

MSG_QUEUE        KEY      MSQID      UID   PERMS USED-BYTES   MESSAGES
ffff8100036bb8d0 000079d7 0          3369  666   16640        104
"""
