# SPDX-License-Identifier: Apache-2.0
"""rpm's databases: three containers, headers that rpm itself made, and every kind of damage."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.packages import databases
from xcrash.host.packages import package_versions, rpm, stack_versions
from xcrash.host.packages.rpm_header import Package, package, wanted_bytes
from xcrash.host.sysroot import LocalRoot

REAL = [(databases.DATA / name).read_bytes() for name in ("virt-install.header", "libvirt-daemon.header")]
NAMES = {"sqlite": "rpmdb.sqlite", "ndb": "Packages.db", "bdb": "Packages", "bdb-big-endian": "Packages"}


def machine(directory: Path, kind: str, headers: list[bytes], where: str = "var/lib/rpm") -> LocalRoot:
    place = directory / where
    place.mkdir(parents=True)
    file = place / NAMES[kind]
    if kind == "sqlite":
        databases.sqlite(file, headers)
    elif kind == "ndb":
        file.write_bytes(databases.ndb(headers))
    else:
        file.write_bytes(databases.bdb(headers, ">" if kind == "bdb-big-endian" else "<"))
    return LocalRoot(directory)


@pytest.mark.parametrize("kind", NAMES)
def test_headers_that_rpm_made_are_read_from_every_container(kind: str, tmp_path: Path) -> None:
    root = machine(tmp_path, kind, REAL)
    assert package_versions(root, ["virt-install", "libvirt-daemon", "xen"]) == {
        "virt-install": "1.1.0-5.1",
        "libvirt-daemon": "2:1.2.5-13.3",
        "xen": None,
    }
    assert root.unread == {}


@pytest.mark.parametrize("kind", NAMES)
def test_headers_of_many_pages_are_read(kind: str, tmp_path: Path) -> None:
    headers = [databases.header(f"p{number}", f"1.{number}", "7", None, 3000 * (number % 3)) for number in range(300)]
    found = rpm.installed(machine(tmp_path, kind, headers), lambda name: True)
    assert found == {f"p{number}": f"1.{number}-7" for number in range(300)}


@pytest.mark.parametrize("where", ["usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm"])
def test_the_database_is_found_in_each_of_its_places(where: str, tmp_path: Path) -> None:
    root = machine(tmp_path, "ndb", [databases.header("xen", "4.17.3_02", "150500.3.1")], where)
    assert package_versions(root, ["xen"]) == {"xen": "4.17.3_02-150500.3.1"}


def test_a_left_over_database_of_an_older_format_does_not_count(tmp_path: Path) -> None:
    machine(tmp_path, "ndb", [databases.header("xen", "4.17", "1")])
    (tmp_path / "var/lib/rpm/Packages").write_bytes(databases.bdb([databases.header("xen", "4.4", "1")]))
    assert package_versions(LocalRoot(tmp_path), ["xen"]) == {"xen": "4.17-1"}


def test_an_empty_new_database_does_not_hide_the_older_one(tmp_path: Path) -> None:
    machine(tmp_path, "sqlite", [])
    (tmp_path / "var/lib/rpm/Packages").write_bytes(databases.bdb([databases.header("xen", "4.4", "1")]))
    assert package_versions(LocalRoot(tmp_path), ["xen"]) == {"xen": "4.4-1"}


def test_the_format_is_told_by_the_content_not_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages").write_bytes(databases.ndb(REAL))
    assert package_versions(LocalRoot(tmp_path), ["virt-install"]) == {"virt-install": "1.1.0-5.1"}


def test_a_link_from_var_lib_rpm_is_followed_inside_the_root(tmp_path: Path) -> None:
    machine(tmp_path, "ndb", REAL, "opt/rpm")
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/rpm").symlink_to("/opt/rpm")
    assert package_versions(LocalRoot(tmp_path), ["virt-install"]) == {"virt-install": "1.1.0-5.1"}


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", "a\udcffb"])
def test_a_directory_with_characters_that_mean_something_in_a_uri_is_read(name: str, tmp_path: Path) -> None:
    root = machine(tmp_path / name, "sqlite", REAL)
    assert package_versions(root, ["virt-install"]) == {"virt-install": "1.1.0-5.1"}


def test_nothing_is_written_beside_a_database_in_wal_mode(tmp_path: Path) -> None:
    root = machine(tmp_path, "sqlite", REAL)
    with closing(sqlite3.connect(tmp_path / "var/lib/rpm/rpmdb.sqlite")) as database:
        database.execute("PRAGMA journal_mode = WAL")
    assert package_versions(root, ["virt-install"]) == {"virt-install": "1.1.0-5.1"}
    assert [entry.name for entry in root.list("/var/lib/rpm")] == ["rpmdb.sqlite"]


def test_a_log_that_was_not_merged_is_noted(tmp_path: Path) -> None:
    root = machine(tmp_path, "sqlite", REAL)
    (tmp_path / "var/lib/rpm/rpmdb.sqlite-wal").write_bytes(b"changes")
    package_versions(root, ["virt-install"])
    assert root.unread == {
        "/var/lib/rpm/rpmdb.sqlite-wal": "not read: the newest changes to the database may be missing"
    }


def test_a_cut_bdb_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    headers = [databases.header(f"p{number}", "1") for number in range(40)]
    data = databases.bdb(headers)
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages").write_bytes(data[: 512 * 3])
    root = LocalRoot(tmp_path)
    found = rpm.installed(root, lambda name: True)
    assert 0 < len(found) < 40
    assert root.unread == {"/var/lib/rpm/Packages": f"cut after 3 of {len(data) // 512} pages"}


def test_an_overflow_chain_that_is_a_loop_ends(tmp_path: Path) -> None:
    header = databases.header("p", "1", padding=4000)
    data = bytearray(databases.bdb([header]))
    first = 2 * 512
    struct.pack_into("<I", data, first + 16, 2)
    data[first + 26 : first + 30] = struct.pack(">I", 65_535)
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages").write_bytes(bytes(data))
    root = LocalRoot(tmp_path)
    assert rpm.installed(root, lambda name: True) == {}
    assert root.unread == {}


def test_a_damaged_ndb_blob_costs_that_package_alone(tmp_path: Path) -> None:
    data = bytearray(databases.ndb(REAL))
    data[4096:4100] = b"XXXX"
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages.db").write_bytes(bytes(data))
    root = LocalRoot(tmp_path)
    assert rpm.installed(root, lambda name: True) == {"libvirt-daemon": "2:1.2.5-13.3"}
    assert root.unread == {"/var/lib/rpm/Packages.db": "1 of its packages are damaged"}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("Packages", b"", "empty"),
        ("Packages", b"\0" * 4096, "of no known format of rpm's database"),
        ("Packages.db", b"RpmP" + bytes(20), "not an ndb database"),
        ("Packages.db", b"RpmP" + struct.pack("<III", 9, 1, 1) + bytes(8192), "ndb version 9 is not known"),
        ("Packages.db", b"RpmP" + struct.pack("<III", 0, 1, 99) + bytes(8192), "its table of packages is cut"),
        ("Packages.db", b"RpmP" + struct.pack("<III", 0, 1, 1) + bytes(8192), "its table of packages is damaged"),
        ("Packages", bytes(12) + struct.pack("<III", 0x061561, 7, 512) + bytes(600), "hash version 7 is not known"),
        ("Packages", bytes(12) + struct.pack("<III", 0x061561, 9, 500) + bytes(600), "its page size 500 is none"),
        ("rpmdb.sqlite", b"SQLite format 3\0" + b"\xff" * 4096, "file is not a database"),
    ],
)
def test_a_database_that_is_none_is_named_with_the_reason(name: str, data: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm" / name).write_bytes(data)
    root = LocalRoot(tmp_path)
    assert stack_versions(root)["xen"] is None
    assert why in root.unread[f"/var/lib/rpm/{name}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hnum", b"hn\xff\xfe"),
        (b"PackagesPackages", b"Packages\xffackages"),
        (b"CREATE TABLE 'P", b"CREATE TABL\xff 'P"),
    ],
)
def test_a_schema_of_a_sqlite_database_that_is_no_text_is_damage(old: bytes, new: bytes, tmp_path: Path) -> None:
    root = machine(tmp_path, "sqlite", REAL)
    file = tmp_path / "var/lib/rpm/rpmdb.sqlite"
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))
    assert package_versions(root, ["virt-install"]) == {"virt-install": None}
    assert list(root.unread) == ["/var/lib/rpm/rpmdb.sqlite"]


def test_a_cut_sqlite_database_says_so(tmp_path: Path) -> None:
    root = machine(tmp_path, "sqlite", REAL * 40)
    file = tmp_path / "var/lib/rpm/rpmdb.sqlite"
    file.write_bytes(file.read_bytes()[: 4096 * 3])
    package_versions(root, ["virt-install"])
    assert root.unread == {"/var/lib/rpm/rpmdb.sqlite": "database disk image is malformed"}


HOSTILE = [
    "CREATE VIEW Packages AS WITH RECURSIVE n(hnum) AS (SELECT 1 UNION ALL SELECT hnum + 1 FROM n)"
    " SELECT hnum, randomblob(9) AS blob FROM n",
    "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob AS (zeroblob(900000000)))",
    "CREATE TABLE Other(hnum, blob)",
]


@pytest.mark.parametrize("definition", HOSTILE)
def test_a_hostile_schema_is_not_queried(definition: str, tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    with closing(sqlite3.connect(tmp_path / "var/lib/rpm/rpmdb.sqlite")) as database:
        database.execute(definition)
        database.commit()
    root = LocalRoot(tmp_path)
    assert rpm.installed(root, lambda name: True) == {}
    assert root.unread == {"/var/lib/rpm/rpmdb.sqlite": "it has no table of packages"}


def test_a_header_with_signatures_before_the_name_is_read() -> None:
    tags = [(259, 7, b"\x88" * 5000), (1000, 6, b"crash\0"), (1001, 6, b"7.1.3\0"), (1002, 6, b"1.2\0")]
    header = databases.pack(tags)
    assert package(header[: wanted_bytes(header)]) == Package("crash", "7.1.3-1.2")


def test_an_epoch_of_zero_is_not_shown() -> None:
    assert package(databases.header("xen", "4.5", "1", epoch=0)) == Package("xen", "4.5-1")


def test_a_header_without_a_version_is_none() -> None:
    assert package(databases.pack([(1000, 6, b"xen\0")])) is None


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_a_header_give_a_package_or_none(data: bytes) -> None:
    found = package(data)
    assert found is None or found.name


@given(st.binary(max_size=3000), st.sampled_from(["", "ndb", "bdb", "sqlite"]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_as_a_database_give_no_exception(data: bytes, kind: str) -> None:
    start = {
        "": b"",
        "ndb": b"RpmP" + struct.pack("<III", 0, 1, 1),
        "bdb": bytes(12) + struct.pack("<III", 0x061561, 9, 512),
        "sqlite": b"SQLite format 3\0",
    }[kind]
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory, "var/lib/rpm")
        place.mkdir(parents=True)
        (place / "Packages").write_bytes(start + data)
        rpm.installed(LocalRoot(directory), lambda name: True)


@given(st.sampled_from(["ndb", "bdb"]), st.lists(st.tuples(st.integers(0, 7000), st.binary(min_size=1, max_size=6))))
@settings(max_examples=60, deadline=None)
def test_a_database_with_any_bytes_changed_gives_no_exception(kind: str, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(databases.ndb(REAL) if kind == "ndb" else databases.bdb(REAL))
    for at, change in changes:
        data[at % len(data) : at % len(data) + len(change)] = change
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory, "var/lib/rpm")
        place.mkdir(parents=True)
        (place / "Packages").write_bytes(bytes(data))
        rpm.installed(LocalRoot(directory), lambda name: True)
