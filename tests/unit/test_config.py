# SPDX-License-Identifier: Apache-2.0
"""What the user set is taken one setting at a time; what is wrong is told and changes nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xcrash.config import MOST_BYTES, Config, Looks, read_config


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_without_a_file_everything_is_as_it_is_by_default(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none.toml") == Config()


def test_the_file_of_the_configuration_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "xcrash").mkdir()
    written(tmp_path / "xcrash", '[ui]\ntheme = "light"\n')
    assert read_config().looks == Looks(theme="light")


def test_looks_and_keys_are_read(tmp_path: Path) -> None:
    text = '[ui]\ntheme = "ansi"\nmouse = false\n[keys]\n"table.sort" = "f9"\nview.log = "4,l"\n'
    config = read_config(written(tmp_path, text))
    assert config.looks == Looks(theme="ansi", mouse=False)
    assert config.keys == {"table.sort": "f9", "view.log": "4,l"}
    assert config.problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ui\n", "is not TOML"),
        ("ui = 1\n", "ui is no section"),
        ("[ui]\nmouse = 'yes'\n", "ui.mouse"),
        ("[ui]\ncolour = true\n", "unknown setting ui.colour"),
        ("[keys]\n'a.b' = 1\n", 'keys."a.b" is no text'),
        ("[keys]\n'a.b' = ''\n", 'keys."a.b" is no text'),
        ("[colours]\na = 1\n", "unknown section [colours]"),
        (b"\xff\xfe", "cannot be read"),
        ("#" * (MOST_BYTES + 1), "larger than"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str | bytes, words: str) -> None:
    config = read_config(written(tmp_path, text))
    assert len(config.problems) == 1
    assert words in config.problems[0]
    assert config.looks == Looks() and config.keys == {}


def test_a_wrong_setting_leaves_the_others(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "[ui]\nmouse = 3\ntheme = 'light'\n[keys]\na.b = 'f5'\n"))
    assert config.looks == Looks(theme="light")
    assert config.keys == {"a.b": "f5"}
    assert "ui.mouse" in config.problems[0]


def test_a_pipe_does_not_keep_it_waiting(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    assert "not a regular file" in read_config(path).problems[0]


def test_a_directory_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in read_config(tmp_path).problems[0]
