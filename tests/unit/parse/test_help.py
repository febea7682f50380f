# SPDX-License-Identifier: Apache-2.0
"""Help, extensions and aliases."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import alias, extend
from xcrash.parse import help as help_


def test_commands_and_versions() -> None:
    found = help_.parse(samples.HELP)
    assert found.commands == ("*", "alias", "files", "foreach", "mod", "mount", "q", "tree")
    assert (found.crash_version, found.gdb_version) == ("9.0.2", "16.3")
    assert found.unread == ()


def test_a_page_has_sections_and_its_examples_are_text() -> None:
    page = help_.parse_page("crash> help sym\n" + samples.HELP_PAGE)
    assert (page.command, page.summary) == ("sym", "translate a symbol to its virtual address, or vice-versa")
    assert page.synopsis == "sym [-l] | [-M]\n    [symbol | vaddr]"
    assert [section.title for section in page.sections] == ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES"]
    assert page.sections[3].text.endswith("  crash> sym jiffies\n  c0213ae0 (D) jiffies")
    assert page.unread == ()


def test_a_page_without_sections_is_one() -> None:
    (section,) = help_.parse_page("Command output may be piped:\n\n  crash> log | grep eth0\n").sections
    assert (section.title, section.text.splitlines()[2]) == (None, "  crash> log | grep eth0")


def test_no_page() -> None:
    found = help_.parse_page('No help data for "nosuch" is available.\n')
    assert (found.command, found.sections) == (None, ())
    assert [remark.severity for remark in found.remarks] == ["error"]
    assert help_.parser(["-m"]) is None


def test_extensions() -> None:
    assert [(row.shared_object, row.commands) for row in extend.parse(samples.EXTEND).extensions] == [
        ("./extlib1.so", ("echo", "util", "bin")),
        ("./extlib2.so", ("smp", "show")),
    ]
    assert [(row.shared_object, row.change) for row in extend.parse(samples.EXTEND_CHANGES).changes] == [
        ("./extlib1.so", "loaded"),
        ("./extlib2.so", "unloaded"),
    ]
    again = extend.parse("/x/gcore.so: shared object already loaded\n")
    assert ([remark.severity for remark in again.remarks], again.unread) == (["note"], ())
    failed = extend.parse("extend: nosuch.so: No such device or address\n")
    assert (failed.extensions, failed.changes, len(failed.remarks)) == ((), (), 1)


def test_aliases() -> None:
    found = alias.parse(samples.ALIAS)
    assert [(row.origin, row.alias, row.command) for row in found.aliases] == [
        ("builtin", "?", "help"),
        ("runtime", "ksd", "kmem -p | grep slab | grep DMA"),
    ]
    assert [row.alias for row in alias.parse("alias deleted: kp\n").deleted] == ["kp"]
