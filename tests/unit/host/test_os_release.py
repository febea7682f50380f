# SPDX-License-Identifier: Apache-2.0
"""The distribution, by os-release and by the files that came before it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import tree
from xcrash.host.os_release import assignments, read_os_release
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import OsRelease

SLES_12_SP1 = """NAME="SLES"
VERSION="12-SP1"
VERSION_ID="12.1"
PRETTY_NAME="SUSE Linux Enterprise Server 12 SP1"
ID="sles"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:suse:sles:12:sp1"
"""
SLES_11_SP4 = "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n"
INVENTORY = "PRODUCT_BRAND='XCP-ng'\nPRODUCT_NAME='xenenterprise'\nPRODUCT_VERSION='8.2.1'\n"
CENTOS_7 = 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n'


def test_os_release_of_sles_12_sp1(tmp_path: Path) -> None:
    assert read_os_release(tree(tmp_path, {"/etc/os-release": SLES_12_SP1})) == OsRelease(
        id="sles", version="12.1", name="SUSE Linux Enterprise Server 12 SP1"
    )


def test_os_release_in_usr_lib_is_found_without_the_link_in_etc(tmp_path: Path) -> None:
    found = read_os_release(tree(tmp_path, {"/usr/lib/os-release": CENTOS_7}))
    assert (found.id, found.version, found.name) == ("centos", "7", "CentOS Linux")
    assert found.id_like == ("rhel", "fedora")


def test_suse_release_of_sles_11_sp4(tmp_path: Path) -> None:
    found = read_os_release(tree(tmp_path, {"/etc/SuSE-release": SLES_11_SP4}))
    assert found == OsRelease(id="sles", version="11.4", name="SUSE Linux Enterprise Server 11 SP4", id_like=("suse",))


def test_suse_release_without_a_service_pack(tmp_path: Path) -> None:
    found = read_os_release(tree(tmp_path, {"/etc/SuSE-release": SLES_11_SP4.replace("= 4", "= 0")}))
    assert (found.version, found.name) == ("11", "SUSE Linux Enterprise Server 11")


@pytest.mark.parametrize(
    ("path", "line", "id_", "version"),
    [
        ("redhat-release", "Red Hat Enterprise Linux Server release 5.11 (Tikanga)", "rhel", "5.11"),
        ("centos-release", "CentOS release 5.11 (Final)", "centos", "5.11"),
        ("redhat-release", "CentOS Linux release 7.9.2009 (Core)", "centos", "7.9.2009"),
        ("redhat-release", "XenServer release 6.5.0-90233c (xenenterprise)", "xenserver", "6.5.0-90233c"),
        ("redhat-release", "XCP-ng release 8.2.1 (xenenterprise)", "xcp-ng", "8.2.1"),
        ("qubes-release", "Qubes release 4.1.2 (R4.1)", "qubes", "4.1.2"),
        ("oracle-release", "Oracle Linux Server release 6.10", "ol", "6.10"),
        ("ovs-release", "Oracle VM server release 3.4.6", "ovm", "3.4.6"),
    ],
)
def test_release_files_of_one_line(tmp_path: Path, path: str, line: str, id_: str, version: str) -> None:
    found = read_os_release(tree(tmp_path, {f"/etc/{path}": line + "\n"}))
    assert (found.id, found.version, found.name) == (id_, version, line)


def test_oracle_linux_is_not_taken_for_red_hat(tmp_path: Path) -> None:
    files = {
        "/etc/redhat-release": "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n",
        "/etc/oracle-release": "Oracle Linux Server release 6.10\n",
    }
    assert read_os_release(tree(tmp_path, files)).id == "ol"


def test_the_inventory_of_xcp_ng_wins_over_the_centos_below_it(tmp_path: Path) -> None:
    found = read_os_release(tree(tmp_path, {"/etc/os-release": CENTOS_7, "/etc/xensource-inventory": INVENTORY}))
    assert (found.id, found.version, found.name) == ("xcp-ng", "8.2.1", "XCP-ng 8.2.1")


def test_an_os_release_of_xcp_ng_itself_stays(tmp_path: Path) -> None:
    own = 'NAME="XCP-ng"\nID="xenenterprise"\nVERSION_ID="8.2.1"\nPRETTY_NAME="XCP-ng 8.2.1"\n'
    found = read_os_release(tree(tmp_path, {"/etc/os-release": own, "/etc/xensource-inventory": INVENTORY}))
    assert (found.id, found.name) == ("xenenterprise", "XCP-ng 8.2.1")


@pytest.mark.parametrize(("text", "version"), [("7.11\n", "7.11"), ("wheezy/sid\n", None)])
def test_debian_version(tmp_path: Path, text: str, version: str | None) -> None:
    found = read_os_release(tree(tmp_path, {"/etc/debian_version": text}))
    assert (found.id, found.version, found.name) == ("debian", version, f"Debian GNU/Linux {text.strip()}")


def test_a_root_without_any_release_file_is_unknown(tmp_path: Path) -> None:
    assert read_os_release(tree(tmp_path)) == OsRelease()


def test_quotes_and_escapes_are_taken_off_and_nothing_is_expanded() -> None:
    text = 'A=plain\nB=\'sin\\gle\'\nC="say \\"$HOME\\""\n# D=comment\nnot one\nA=last\nE="\n'
    assert assignments(text) == {"A": "last", "B": "sin\\gle", "C": 'say "$HOME"', "E": '"'}


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["os-release", "SuSE-release", "redhat-release", "debian_version"]))
def test_any_bytes_in_a_release_file_raise_nothing(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        assert isinstance(read_os_release(tree(Path(directory), {f"/etc/{name}": content})), OsRelease)


def test_the_live_machine_has_texts_or_nothing() -> None:
    found = read_os_release(LocalRoot("/"))
    assert found.id is None or found.id
