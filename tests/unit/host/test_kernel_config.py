# SPDX-License-Identifier: Apache-2.0
"""The options that decide over live memory, from every place a configuration lies in."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import R, tree
from xcrash.host import kernel_config
from xcrash.host.kernel_config import read_kernel_config, unpacked
from xcrash.host.values import KernelConfig

DEBIAN = """#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.192 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc-12 (Debian 12.2.0-14) 12.2.0"
CONFIG_PROC_KCORE=y
CONFIG_DEVMEM=y
CONFIG_STRICT_DEVMEM=y
# CONFIG_IO_STRICT_DEVMEM is not set
"""
OLD = "CONFIG_64BIT=y\nCONFIG_PROC_KCORE=y\n# CONFIG_STRICT_DEVMEM is not set\n"


@pytest.mark.parametrize(
    "path",
    [
        f"/boot/config-{R}",
        f"/lib/modules/{R}/config",
        f"/lib/modules/{R}/build/.config",
        f"/usr/lib/modules/{R}/config",
    ],
)
def test_a_configuration_is_found_by_the_release(tmp_path: Path, path: str) -> None:
    assert read_kernel_config(tree(tmp_path, {path: DEBIAN}), R) == KernelConfig(
        strict_devmem=True, io_strict_devmem=False, proc_kcore=True, devmem=True, source=path
    )


def test_the_kernels_own_configuration_comes_first(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"/proc/config.gz": gzip.compress(OLD.encode()), f"/boot/config-{R}": DEBIAN}
    found = read_kernel_config(tree(tmp_path, files), R)
    assert (found.source, found.strict_devmem, found.proc_kcore) == ("/proc/config.gz", False, True)


def test_a_damaged_configuration_gives_way_to_the_next(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/proc/config.gz": b"\x1f\x8b\x08junk",
        f"/boot/config-{R}": "junk",
        f"/lib/modules/{R}/config": DEBIAN,
    }
    assert read_kernel_config(tree(tmp_path, files), R).source == f"/lib/modules/{R}/config"


def test_an_option_that_is_not_mentioned_is_unknown(tmp_path: Path) -> None:
    assert read_kernel_config(tree(tmp_path, {f"/boot/config-{R}": OLD}), R).devmem is None


def test_a_configuration_of_another_release_is_not_used(tmp_path: Path) -> None:
    root = tree(tmp_path, {"/boot/config-6.1.0-51-cloud-amd64": DEBIAN})
    assert read_kernel_config(root, R) == read_kernel_config(root, None) == KernelConfig()


def test_a_release_is_no_path(tmp_path: Path) -> None:
    assert read_kernel_config(tree(tmp_path, {"/etc/passwd": DEBIAN}), "x/../../etc/passwd") == KernelConfig()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[none] integrity confidentiality\n", "none"),
        ("none [integrity] confidentiality\n", "integrity"),
        ("none integrity [confidentiality]\n", "confidentiality"),
        ("none integrity confidentiality\n", None),
        ("", None),
    ],
)
def test_the_active_word_of_lockdown(tmp_path: Path, text: str, word: str | None) -> None:
    assert read_kernel_config(tree(tmp_path, {"/sys/kernel/security/lockdown": text}), None).lockdown == word


def test_a_gzip_file_that_grows_without_end_is_cut() -> None:
    assert len(unpacked(gzip.compress(bytes(kernel_config.LARGEST_CONFIG * 2)))) == kernel_config.LARGEST_CONFIG


def test_a_cut_gzip_file_gives_what_is_there() -> None:
    assert unpacked(gzip.compress(DEBIAN.encode())[:-8]) == DEBIAN


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_in_a_configuration_raise_nothing(content: bytes, packed: bool) -> None:
    files: dict[str, str | bytes] = {
        "/proc/config.gz": gzip.compress(content) if packed else content,
        f"/boot/config-{R}": content,
    }
    with tempfile.TemporaryDirectory() as directory:
        assert isinstance(read_kernel_config(tree(Path(directory), files), R), KernelConfig)
