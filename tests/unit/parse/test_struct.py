# SPDX-License-Identifier: Apache-2.0
"""Structures and types: definitions, instances, members."""

from __future__ import annotations

import pytest

from tests.unit.parse import data_samples as samples
from xcrash.parse import bare, domain, p, struct, whatis
from xcrash.parse.c_value import Elements, Members, Pointer, Repeated, Text


def test_a_definition_has_offsets_and_nested_members() -> None:
    (page,) = struct.parse(samples.STRUCT_DEFINITION).definitions
    assert (page.keyword, page.name, page.size, page.truncated) == ("struct", "page", 64, False)
    flags, union, anonymous, comm = page.members
    assert (flags.name, flags.declaration, flags.offset) == ("flags", "unsigned long flags", 0)
    assert (union.name, union.declaration, union.offset) == (None, "union {...}", None)
    assert union.members is not None
    assert union.members[0].members is not None
    assert [(member.name, member.offset) for member in union.members[0].members] == [("lru", 8), ("mapping", 24)]
    assert (union.members[1].name, union.members[1].offset) == ("load_binary", 16)
    assert (anonymous.name, anonymous.declaration, anonymous.offset) == ("lru_gen", "struct {...} lru_gen", 40)
    assert anonymous.members is not None
    assert (anonymous.members[0].name, anonymous.members[0].declaration) == ("order", "unsigned int order : 4")
    assert (comm.name, comm.offset) == ("comm", 56)
    assert samples.STRUCT_DEFINITION[slice(*comm.span)] == "  [56] char comm[16];"


def test_old_versions_say_the_size_below_a_blank_line_and_in_hexadecimal_too() -> None:
    (union,) = struct.parse(samples.UNION_OLD).definitions
    assert (union.keyword, union.name, union.size) == ("union", "bdflush_param", 36)
    assert [member.name for member in union.members] == ["b_un", "data"]


def test_members_in_memory_have_addresses() -> None:
    (task,) = struct.parse(samples.STRUCT_PLACES).definitions
    assert [(member.name, member.address, member.offset) for member in task.members] == [
        ("state", "0xffff8100145d2080", None),
        ("run_list", "0xffff8100145d20b8", None),
    ]


def test_an_instance_has_the_values_of_its_members() -> None:
    (task,) = struct.parse(samples.STRUCT).instances
    values = {member.name: member.value for member in task.members if member.name}
    assert (task.keyword, task.name, task.truncated) == ("struct", "task_struct", False)
    assert values["stack"] == "0xffffffff8b800000"
    assert values["on_rq"] == 1
    assert values["restart"] == Pointer(address="0xffffffff80095a52", symbol="do_no_restart_syscall+16")
    bits = (1, 18446744073709551615, Repeated(value=0, times=12), 7)
    assert values["bits"] == Elements(elements=bits, truncated=True)
    assert values["comm"] == Text(string="swapper/0")
    assert values["vtime"] == "VTIME_INACTIVE"
    assert values["smt_active"] is False
    assert isinstance(values["queue"], Elements)
    assert samples.STRUCT[slice(*task.span)] == samples.STRUCT.rstrip("\n")


def test_several_instances_are_several() -> None:
    found = struct.parse(samples.STRUCT_OLD)
    assert [instance.line for instance in found.instances] == [1, 7]
    assert found.instances[1].members[1].value == Pointer(address="0xc01645b0", symbol="tcp_keepalive")


def test_members_are_grouped_by_blank_lines() -> None:
    first, second = struct.parse(samples.MEMBERS).instances
    assert (first.name, [member.name for member in first.members]) == (None, ["flags", "virtual"])
    assert [member.name for member in second.members] == ["se.on_rq", "pids[2]"]


def test_per_cpu_instances_know_their_cpu() -> None:
    found = struct.parse(samples.PER_CPU_STRUCT).instances
    assert [(instance.cpu, instance.address) for instance in found] == [
        (0, "0xffffe8fefe6026c8"),
        (1, "0xffffe8fefe8026c8"),
    ]
    (members,) = struct.parse("[1]: ffff8c185f335e80\n  nr_running = 2,\n  cpu = 1,\n").instances
    assert (members.cpu, members.line, members.span) == (1, 1, (0, 50))


def test_a_pointer_is_followed_to_its_target() -> None:
    (found,) = struct.parse(samples.POINTED).instances
    pointer, target = found.members
    assert (pointer.name, pointer.type, pointer.value) == ("parent", "struct task_struct *", "0xffffffff8b810940")
    assert (target.name, target.symbol) == ("->", "init_task")
    assert isinstance(target.value, Members)
    assert [member.name for member in target.value.members] == ["__state", "usage"]


def test_raw_memory_and_errors() -> None:
    found = struct.parse('struct list_head struct: invalid user virtual address: 0  type: "x"\n' + samples.RD)
    assert [row.address for row in found.memory] == ["0xffffffff8ad51580", "0xffffffff8ad51590"]
    assert [remark.text for remark in found.remarks] == ['struct: invalid user virtual address: 0  type: "x"']
    assert found.unread == ()


def test_an_instance_that_is_cut_off_is_truncated() -> None:
    (task,) = struct.parse(samples.STRUCT[:200]).instances
    assert task.truncated
    assert task.members[0].name == "thread_info"


def test_types() -> None:
    (atomic,) = whatis.parse(samples.WHATIS).definitions
    assert (atomic.name, atomic.typedef, atomic.size) == (None, "atomic_t", 4)
    (pid_type,) = whatis.parse(samples.WHATIS_ENUM).definitions
    assert (pid_type.keyword, [(member.name, member.value) for member in pid_type.members]) == (
        "enum",
        [("PIDTYPE_PID", 0), ("PIDTYPE_TGID", 1)],
    )
    (inline,) = whatis.parse("enum state {MODULE_LIVE, MODULE_COMING = 5, MODULE_GOING}\n").definitions
    assert [(member.name, member.value) for member in inline.members] == [
        ("MODULE_LIVE", 0),
        ("MODULE_COMING", 5),
        ("MODULE_GOING", 6),
    ]
    assert [(row.size, row.name) for row in whatis.parse(samples.WHATIS_TYPES).types] == [
        (8, "irt_routing_table"),
        (2936, "task_struct"),
    ]


def test_declarations() -> None:
    for text, name, declaration, size in (
        ("typedef int pid_t;\nSIZE: 4\n", "pid_t", "typedef int pid_t", 4),
        ("ssize_t sys_read(unsigned int, char *, size_t);\n", "sys_read", None, None),
        ("struct rb_root vmap_area_root;\n", "vmap_area_root", "struct rb_root vmap_area_root", None),
        ("type = volatile unsigned long\n", None, "volatile unsigned long", None),
    ):
        (found,) = whatis.parse(text).declarations
        assert (found.declaration.name, found.size) == (name, size)
        assert found.declaration.declaration == (declaration or text.rstrip(";\n"))


def test_a_word_that_is_no_command_shows_what_it_names() -> None:
    assert isinstance(bare.parse("jiffies = $28 = 4294894131\n"), p.Print)
    assert isinstance(bare.parse("typedef int pid_t;\nSIZE: 4\n"), whatis.Whatis)
    assert isinstance(bare.parse("  pid = 0,\n"), struct.Struct)
    assert isinstance(bare.parse("struct: invalid data structure reference: task_struct.x\n"), struct.Struct)
    assert bare.parse("crash: command not found: zzz\n") is None
    assert bare.parse("/root\n") is None


def test_domain() -> None:
    found = domain.parse("domain: invalid domain or id value: 9\n\n" + samples.DOMAIN)
    assert [member.name for member in found.structs[0].members] == ["domain_id", "is_dying"]
    assert [remark.text for remark in found.remarks] == ["domain: invalid domain or id value: 9"]


@pytest.mark.parametrize(("text", "size"), [("184", 184), ("0xb8", 184), ("0184", 184)])
def test_a_size_is_in_the_radix_of_the_session(text: str, size: int) -> None:
    (definition,) = struct.parse(f"struct file {{\n    int a;\n}}\nSIZE: {text}\n").definitions
    assert definition.size == size


def test_what_grep_left_of_a_definition() -> None:
    found = struct.parse("   [0x860] struct wake_q_node wake_q;\n    char name[16];\nSIZE: 0x840\n")
    assert [(member.name, member.offset) for member in found.members] == [("wake_q", 0x860), ("name", None)]
    assert (found.size, found.unread) == (0x840, ())
    assert struct.parse("SIZE: 16 bytes\n").unread[0].line == 1


def test_a_note_in_brackets_behind_a_member() -> None:
    (found,) = struct.parse("  state = 0x5  (__LINK_STATE_START| __LINK_STATE_NOCARRIER)\n").instances
    assert [(member.name, member.value) for member in found.members] == [("state", "0x5")]
