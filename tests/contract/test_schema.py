# SPDX-License-Identifier: Apache-2.0
"""``xcrash schema``: every output has one, and the documents are as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contract.command_line import DEMO, xcrash
from xcrash.cli.cmd_schema import described
from xcrash.cli.document_types import DOCUMENTS, Document, DocumentName
from xcrash.parse.kinds import kinds


def read_as(name: DocumentName, document: dict[str, Any]) -> Document:
    """The document as its type; every key of it must be known to the type."""
    found = msgspec.convert(document, DOCUMENTS[name])
    again = json.loads(msgspec.json.encode(found))
    if "error" not in document:
        again.pop("error", None)
    assert again == document
    assert found.schema == f"xcrash.{name}/1"
    return found


def test_a_run_is_as_its_schema_says() -> None:
    read_as("run", xcrash("run", DEMO, "-c", "ps", "-c", "kmem -i", "-c", "bt", "--json").document)


def test_a_plan_and_a_check_up_are_as_their_schemas_say(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "config-6.1").write_text("CONFIG_STRICT_DEVMEM=y\n")
    read_as("plan", xcrash("plan", "--root", tmp_path, "--json").document)
    read_as("doctor", xcrash("doctor", "--root", tmp_path, "--json").document)
    read_as("images", xcrash("images", "--root", tmp_path, "--json").document)


def test_an_error_is_as_its_schema_says() -> None:
    read_as("error", xcrash("run", "/nowhere", "-c", "bt", "--json").document)


def test_a_parsed_recording_is_as_its_schema_says() -> None:
    read_as("session", xcrash("parse", DEMO, "--json").document)


def test_several_sessions_in_one_recording_are_as_the_schema_says() -> None:
    banner = "      KERNEL: vmlinux\n    DUMPFILE: vmcore\n        CPUS: 2\n       TASKS: 90\n"
    session = f"crash> p 1\n$1 = 1\ncrash> q\n\n{banner}"
    text = f"crash 8.0.6\n{session}\ncrash 9.0.2\n{session}crash> p 2\n$1 = 2\n"
    read_as("session", xcrash("parse", "-", "--json", stdin=text).document)


def test_what_was_scrubbed_is_as_its_schema_says(tmp_path: Path) -> None:
    read_as("scrub", xcrash("replay", DEMO, "--scrub", tmp_path / "out.cast", "--json").document)


def test_what_the_parsers_read_is_as_the_schemas_of_their_kinds_say() -> None:
    types = kinds()
    seen = set()
    for entry in xcrash("parse", DEMO, "--json").document["commands"]:
        if entry["parsed"]:
            found = types[entry["parsed"]["kind"]]
            assert json.loads(msgspec.json.encode(msgspec.convert(entry["parsed"], found))) == entry["parsed"]
            seen.add(entry["parsed"]["kind"])
    assert {"ps", "sys", "set"} <= seen


@pytest.mark.parametrize("name", [*DOCUMENTS, *kinds()])
def test_every_output_has_a_schema(name: str) -> None:
    found = described(name)
    assert found["$schema"].endswith("2020-12/schema")
    assert found["$ref"].removeprefix("#/$defs/") in found["$defs"]


def test_a_document_is_known_by_its_whole_name() -> None:
    assert xcrash("schema", "xcrash.run/1").out == xcrash("schema", "run").out


def test_without_a_name_the_names_are_listed() -> None:
    out = xcrash("schema").out
    assert "documents: doctor error images lens paths plan run scrub session\n" in out
    assert " ps " in out


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    done = xcrash("schema", "runn")
    assert done.status == 2
    assert "did you mean run or" in done.err
