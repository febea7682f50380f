# SPDX-License-Identifier: Apache-2.0
"""``mod``: with and without addresses of the modules, object files, taints."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse.account import check_damaged, check_time, damaged, unaccounted
from xcrash.parse import parser_for
from xcrash.parse.mod import parse, parse_taints

TEXT_BASE = """\
     MODULE       NAME               TEXT_BASE        SIZE  OBJECT FILE
ffffffffc0350340  qemu_fw_cfg     ffffffffc034e000   20480  (not loaded)  [CONFIG_KALLSYMS]
ffffffffc0382d00  virtio_net      ffffffffc0372000  118784  /lib/modules/6.12/kernel/virtio_net.ko.debug \

ffffffffc03f4a00  bridge          ffffffffc03c6000  372736  (not loaded)
"""
BASE = """\
 MODULE   NAME              BASE      SIZE  OBJECT FILE
f7e44c20  dm_mod          f7e34000   88568  /root/dm-mod.ko (temporary)
f7e5a8a0  dm_log          f7e59000    8354  (not loaded)
"""
NO_BASE = """\
     MODULE       NAME                     SIZE  OBJECT FILE
ffffffffa137a800  kfnccli                211132  ./kfnccli.ko \

mod: cannot find or load object file for aesni_intel module
ffffffffa15fdde0  knal_without_rdma    12339633  ./knal_without_rdma.ko \

ffffffffa1fe5860  ib_core                 91233  (not loaded)  [CONFIG_KALLSYMS]
"""
TAINTS = """\
NAME      TAINTS
vxspec    P(U)
dummy     OE
old       1000
fdd       (U)
"""


def test_modules_of_several_ranges() -> None:
    found = parse(TEXT_BASE)
    first, loaded, last = found.modules
    assert (first.module, first.name, first.base, first.size) == (
        "0xffffffffc0350340",
        "qemu_fw_cfg",
        "0xffffffffc034e000",
        20480,
    )
    assert (first.object_file, first.loaded, first.kallsyms) == (None, False, True)
    assert (loaded.object_file, loaded.loaded) == ("/lib/modules/6.12/kernel/virtio_net.ko.debug", True)
    assert (last.kallsyms, last.line, TEXT_BASE[slice(*last.span)]) == (False, 4, TEXT_BASE.splitlines()[-1])


def test_modules_of_32_bits() -> None:
    assert [(one.module, one.base, one.object_file) for one in parse(BASE).modules] == [
        ("0xf7e44c20", "0xf7e34000", "/root/dm-mod.ko (temporary)"),
        ("0xf7e5a8a0", "0xf7e59000", None),
    ]


def test_modules_of_versions_without_a_base() -> None:
    found = parse(NO_BASE)
    assert [(one.name, one.base, one.size, one.object_file) for one in found.modules] == [
        ("kfnccli", None, 211132, "./kfnccli.ko"),
        ("knal_without_rdma", None, 12339633, "./knal_without_rdma.ko"),
        ("ib_core", None, 91233, None),
    ]
    assert [remark.text for remark in found.remarks] == ["mod: cannot find or load object file for aesni_intel module"]
    assert found.unread == ()


@pytest.mark.parametrize("text", [TEXT_BASE, BASE, NO_BASE])
def test_rows_without_their_header(text: str) -> None:
    assert [(one.name, one.base, one.size, one.object_file) for one in parse(text.split("\n", 1)[1]).modules] == [
        (one.name, one.base, one.size, one.object_file) for one in parse(text).modules
    ]


def test_a_row_that_was_cut() -> None:
    found = parse(NO_BASE.split("\n")[0] + "\nffffffffa1fe5860  ib_core  91233\nffffffffa1fe5860\n")
    assert [(one.size, one.object_file, one.loaded) for one in found.modules] == [(91233, None, None)]
    assert [one.text for one in found.unread] == ["ffffffffa1fe5860"]


def test_taints() -> None:
    found = parse_taints(TAINTS)
    assert found.column == "TAINTS"
    assert [(one.name, one.taints, one.unsigned) for one in found.modules] == [
        ("vxspec", "P", True),
        ("dummy", "OE", False),
        ("old", "1000", False),
        ("fdd", "", True),
    ]
    for text in ("no tainted modules\n", "no modules installed\n"):
        none = parse_taints(text)
        assert (none.modules, none.column, none.unread) == ((), None, ())


@pytest.mark.parametrize(
    ("line", "expected"),
    [("mod", parse), ("lsmod", parse), ("mod -S /tmp", parse), ("mod -t", parse_taints), ("mod | grep -v not", parse)],
)
def test_options_choose_the_shape(line: str, expected: Callable[[str], object]) -> None:
    assert parser_for(line) is expected


HEADERS = frozenset(line for text in (TEXT_BASE, BASE, NO_BASE) for line in unaccounted(parse(text), text))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([TEXT_BASE, BASE, NO_BASE]).flatmap(lambda one: st.tuples(st.just(one), damaged(one))),
    damaged(TAINTS) | st.text(),
)
def test_no_line_of_damaged_text_is_lost(modules: tuple[str, str], taints: str) -> None:
    check_damaged(parse, *modules, HEADERS)
    check_damaged(parse_taints, TAINTS, taints, {"NAME TAINT"})


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "ffffffff " + "a" * n + " " * n + "!",
        lambda n: "ffffffff a 1 " + "[CONFIG_KALLSYMS] " * n,
        lambda n: "MODULE" + " " * n + "NAME" + " " * n,
        lambda n: "a " * n + "\n" + "a" + " " * n,
    ],
)
def test_time_grows_with_the_text(hostile: Callable[[int], str]) -> None:
    check_time(parse, hostile)
    check_time(parse_taints, hostile)
