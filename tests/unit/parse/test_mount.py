# SPDX-License-Identifier: Apache-2.0
"""Mounted filesystems."""

from __future__ import annotations

from tests.unit.parse.device_samples import MOUNT, MOUNT_FILES, MOUNT_INODES
from xcrash.parse import mount


def test_names_may_hold_blanks() -> None:
    root, share = mount.parse(MOUNT).mounts
    assert (root.mount, root.superblk) == ("0xffff8c184120d080", "0xffff8c184105a800")
    assert (root.type, root.devname, root.dirname) == ("rootfs", "rootfs", "/")
    assert (share.devname, share.dirname) == ("//server/My Share", "/mnt/My Disk")
    assert (root.open_files, root.dirty_inodes) == (None, None)


def test_open_files() -> None:
    root, boot = mount.parse(MOUNT_FILES).mounts
    assert root.open_files
    assert [(f.type, f.path) for f in root.open_files] == [
        ("REG", "usr/X11R6/lib/libX11.so.6.1"),
        ("CHR", "dev/psaux"),
    ]
    assert (boot.mount, boot.open_files) == ("0xc0089e10", ())
    assert MOUNT_FILES[slice(*root.span)].endswith("dev/psaux")


def test_dirty_inodes() -> None:
    (root,) = mount.parse(MOUNT_INODES).mounts
    assert (root.dirty_inodes, root.open_files) == (("0xc7ad4008", "0xc2233438"), None)
    (clean,) = mount.parse(MOUNT_INODES.split("DIRTY")[0] + "No dirty inodes found\n").mounts
    assert clean.dirty_inodes == ()


def test_rows_without_a_header_and_lines_that_are_none() -> None:
    rows = "\n".join(MOUNT.splitlines()[1:])
    found = mount.parse(f"{rows}\nffff8c184120d080 rootfs rootfs /\nc7ad4008\n")
    assert (len(found.mounts), [line.line for line in found.unread]) == (2, [3, 4])
