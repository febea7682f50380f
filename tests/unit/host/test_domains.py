# SPDX-License-Identifier: Apache-2.0
"""The lists of domains that xl and xm print."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.written import report, tree
from xcrash.host.domains import parse_domain_details, parse_domain_table, read_domains
from xcrash.host.values import Domain

XL_LIST = (
    "Name                                        ID   Mem VCPUs\tState\tTime(s)\n"
    "Domain-0                                     0  2048     2     r-----      44.2\n"
    "web server 1                                 3   512     1     -b----       1.0\n"
    "broken                                       4   512     1     ---sc-       0.3\n"
)
XL_LIST_L = json.dumps(
    [
        {
            "domid": 0,
            "config": {
                "c_info": {"type": "pv", "name": "Domain-0"},
                "b_info": {
                    "max_vcpus": 2,
                    "avail_vcpus": [0, 1],
                    "max_memkb": 18446744073709551615,
                    "target_memkb": 2097152,
                },
            },
        },
        {
            "domid": 3,
            "config": {
                "c_info": {"type": "hvm", "name": "web server 1", "uuid": "0a0b"},
                "b_info": {"max_vcpus": 4, "max_memkb": 1048576, "target_memkb": 1048576},
            },
        },
    ],
    indent=4,
)
XM_LIST = """Name                                        ID   Mem VCPUs      State   Time(s)
Domain-0                                     0 15424     8     r-----  34563.1
sles11 guest                                      1024     1                0.0
win2k8                                       2  4096     2     -b----    812.9
"""


def test_the_table_is_read_from_the_right() -> None:
    assert parse_domain_table(XL_LIST) == (
        Domain(id=0, name="Domain-0", memory_bytes=2 << 30, vcpus=2, state="r-----", seconds=44.2),
        Domain(id=3, name="web server 1", memory_bytes=512 << 20, vcpus=1, state="-b----", seconds=1.0),
        Domain(id=4, name="broken", memory_bytes=512 << 20, vcpus=1, state="---sc-", seconds=0.3),
    )


def test_a_managed_domain_of_xend_that_does_not_run_has_no_id() -> None:
    table = parse_domain_table(XM_LIST)
    assert table is not None
    assert table[1] == Domain(id=None, name="sles11 guest", memory_bytes=1 << 30, vcpus=1, seconds=0.0)
    assert [domain.id for domain in table] == [0, None, 2]


def test_the_header_of_old_xm_is_known() -> None:
    text = "Name              ID Mem(MiB) VCPUs State   Time(s)\nDomain-0           0     1000     2 r-----      1.5\n"
    table = parse_domain_table(text)
    assert table is not None
    assert [(domain.name, domain.id) for domain in table] == [("Domain-0", 0)]


def test_messages_of_libxl_between_the_rows_are_left_out() -> None:
    lines = XL_LIST.splitlines()
    lines.insert(2, "libxl: error: libxl_utils.c:818:libxl_cpu_bitmap_alloc: failed to retrieve 5 1 r----- 1.0")
    assert parse_domain_table("\n".join(["WARNING: old", *lines])) == parse_domain_table(XL_LIST)


def test_a_text_without_the_header_is_no_list() -> None:
    assert parse_domain_table("xencall: error: Could not obtain handle on privileged command interface\n") is None
    assert parse_domain_table("") is None


def test_a_header_alone_is_an_empty_list() -> None:
    assert parse_domain_table(XL_LIST.splitlines()[0]) == ()


def test_details_of_xl() -> None:
    assert parse_domain_details(XL_LIST_L) == (
        Domain(id=0, name="Domain-0", memory_bytes=2 << 30, vcpus=2, type="pv"),
        Domain(id=3, name="web server 1", memory_bytes=1 << 30, vcpus=4, type="hvm"),
    )


def test_details_between_messages_of_libxl() -> None:
    text = f"libxl: error: libxl.c:1: [1] bad\n{XL_LIST_L}\nlibxl: error: end"
    assert parse_domain_details(text) == parse_domain_details(XL_LIST_L)


def test_details_that_are_no_array_are_none() -> None:
    assert parse_domain_details('{"domid": 0}') is None
    assert parse_domain_details("(domain (domid 0))") is None
    assert parse_domain_details("[" * 100_000) is None


def test_a_number_of_a_million_digits_is_not_worked_out() -> None:
    text = f'[{{"domid": {"9" * 1_000_000}, "config": {{"c_info": {{"name": "n"}}}}}}]'
    assert parse_domain_details(text) == (Domain(id=None, name="n"),)


def test_blank_lines_without_end_hold_no_details() -> None:
    assert parse_domain_details("\n" * 1_000_000) is None


def test_records_of_another_shape_are_passed_over() -> None:
    records = [1, None, {}, {"domid": True}, {"domid": "7"}, {"domid": 5, "config": []}]
    text = json.dumps([*records, {"config": {"c_info": {"name": "n"}}}])
    assert parse_domain_details(text) == (Domain(id=5, name=""), Domain(id=None, name="n"))


def test_the_table_says_what_is_now_and_the_details_say_the_type(tmp_path: Path) -> None:
    domains = read_domains(report(tmp_path, {"xl list": XL_LIST, "xl list -l": XL_LIST_L}))
    assert domains is not None
    assert [(domain.name, domain.type, domain.memory_bytes) for domain in domains] == [
        ("Domain-0", "pv", 2 << 30),
        ("web server 1", "hvm", 512 << 20),
        ("broken", None, 512 << 20),
    ]


def test_details_alone_are_a_list(tmp_path: Path) -> None:
    assert read_domains(report(tmp_path, {"xl list -l": XL_LIST_L})) == parse_domain_details(XL_LIST_L)


def test_xm_answers_where_xl_does_not(tmp_path: Path) -> None:
    assert read_domains(report(tmp_path, {"xm list": XM_LIST})) == parse_domain_table(XM_LIST)


def test_no_toolstack_is_no_list(tmp_path: Path) -> None:
    assert read_domains(tree(tmp_path)) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_in_a_table_raises_nothing(text: str) -> None:
    assert parse_domain_table(XL_LIST + text) is not None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["domid", "config", "c_info", "b_info", "name", "max_memkb"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(_JSON, max_size=4).map(json.dumps), st.text(max_size=60).map("[".__add__)))
def test_any_details_raise_nothing(text: str) -> None:
    found = parse_domain_details(text)
    assert found is None or all(isinstance(domain, Domain) for domain in found)
