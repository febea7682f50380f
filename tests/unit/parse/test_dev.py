# SPDX-License-Identifier: Apache-2.0
"""Devices, their requests, resources and PCI."""

from __future__ import annotations

import json

import msgspec

from tests.unit.parse.device_samples import DEV, DEV_DISKS, DEV_PCI, DEV_RESOURCES
from xcrash.parse import dev
from xcrash.parse.pci import parse_pci


def test_devices_by_major_number() -> None:
    found = dev.parse(DEV)
    assert [(d.major, d.name, d.address, d.operations) for d in found.character] == [
        (1, "mem", "0xffff8c1858017e00", "memory_fops"),
        (13, "input", None, None),
    ]
    assert [(d.major, d.name, d.operations) for d in found.block] == [(259, "blkext", None), (7, "loop", "lo_fops")]


def test_devices_of_old_kernels() -> None:
    text = "CHRDEV  NAME    OPERATIONS\n   1    mem     c01c6a60  <memory_fops>\n   9    st      c01c6b00  \n"
    found = dev.parse(text)
    assert [(d.address, d.operations) for d in found.character] == [("0xc01c6a60", "memory_fops"), ("0xc01c6b00", None)]


def test_a_row_before_any_header_is_unread() -> None:
    assert [line.text for line in dev.parse("   7      loop           ffff8c1857ec0400  lo_fops\n").unread] == [
        "   7      loop           ffff8c1857ec0400  lo_fops"
    ]


def test_requests_by_the_columns_of_the_header() -> None:
    sda, dm = dev.parse_disks(DEV_DISKS).disks
    assert (sda.major, sda.name, sda.total, sda.async_, sda.sync, sda.drv) == (8, "sda", 6, 4, 2, None)
    assert (sda.read, sda.write, dm.drv) == (None, None, 0)
    old = dev.parse_disks(
        "MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE \n"
        "  254 ffff8c1841b55c00   vda        ffff8c18576fa5d0       3     1     2 \n"
    )
    assert [(d.total, d.read, d.write, d.async_) for d in old.disks] == [(3, 1, 2, None)]
    assert json.loads(msgspec.json.encode(sda))["async"] == 4


def test_collapsed_blanks_do_not_matter() -> None:
    text = "MAJOR GENDISK NAME REQUEST_QUEUE TOTAL ASYNC SYNC\n259 ffff94f74254b800 nvme2n1 ffff94f748d60938 0 0 0\n"
    assert [d.name for d in dev.parse_disks(text).disks] == ["nvme2n1"]


def test_a_disk_without_a_header_has_only_its_total() -> None:
    (disk,) = dev.parse_disks("    8 ffff8881003ab000   sdd        ffff888103a00d80       1     0     1\n").disks
    assert (disk.name, disk.request_queue, disk.total) == ("sdd", "0xffff888103a00d80", 1)
    assert (disk.read, disk.async_, disk.sync) == (None, None, None)


def test_resources() -> None:
    found = dev.parse_resources(DEV_RESOURCES)
    assert [(r.start, r.end, r.name) for r in found.ioport] == [
        ("0x0000", "0xffff", "PCI IO"),
        ("0x00c0", "0x00df", "dma2"),
    ]
    host = found.iomem[1]
    assert host.name == "Intel Corporation 440BX/ZX - 82443BX/ZX Host bridge"
    assert DEV_RESOURCES[slice(*host.span)].endswith("bridge")


def test_pci_by_bus() -> None:
    found = parse_pci(DEV_PCI)
    assert [(b.bus, b.busname, b.parent_bus) for b in found.buses] == [
        ("0xffff0800a1256800", "0000:00", None),
        ("0xffff0800a1257800", None, "0xffff0800a1256800"),
    ]
    assert [(d.slot, d.bus, d.class_, d.pci_id, d.type) for d in found.devices] == [
        ("0000:00:00.0", "0xffff0800a1256800", "0604", "1f53:0", "ROOT_PORT [BRIDGE]"),
        ("0000:01:00.0", "0xffff0800a1257800", "0108", "144d:a80a", "ENDPOINT"),
    ]


def test_pci_as_a_list_of_names() -> None:
    text = "PCI_DEV  BU:SL.FN CLASS: VENDOR-DEVICE\nc00051c0 00:00.0  Host bridge: Intel 440BX - 82443BX Host\n"
    (device,) = parse_pci(text).devices
    assert (device.pci_dev, device.slot, device.description) == (
        "0xc00051c0",
        "00:00.0",
        "Host bridge: Intel 440BX - 82443BX Host",
    )


def test_pci_device_after_grep() -> None:
    (device,) = parse_pci("  ff11017ad11c1000 0000:38:1f.5  0200  1af4:1042  ENDPOINT\n").devices
    assert (device.slot, device.bus) == ("0000:38:1f.5", None)


def test_device_dumps() -> None:
    assert dev.parser(["-V"]) is dev.parse_dumps
    assert dev.parser(["-v", "0"]) is None
    text = "INDEX  OFFSET     SIZE       NAME\n  0    0x240      33558464   cxgb4_0000:02:00.4\n"
    assert [(d.index, d.offset, d.size, d.name) for d in dev.parse_dumps(text).dumps] == [
        (0, "0x240", 33558464, "cxgb4_0000:02:00.4")
    ]
