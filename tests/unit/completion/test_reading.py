# SPDX-License-Identifier: Apache-2.0
"""Names in what crash 9.0.2 printed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.completion import reading
from xcrash.completion.known import Task

HELP = """
*              files          mod            rustfilt       tree
alias          foreach        mount          sbitmapq       union

crash version: 9.0.2    gdb version: 16.3
For help on any command above, enter "help <command>".
"""
PAGE = """
NAME
  mod - module information and loading of symbols and debugging data

SYNOPSIS
  mod -s module [objfile] | -d module | -S [directory] [-D|-t|-r|-R|-o|-g]

DESCRIPTION
  With no arguments, this command displays basic information of the currently

       -s module [objfile]  Loads symbolic and debugging data
"""
SYMBOLS = """0 (D) __per_cpu_start
1000 (D) cpu_debug_store
ffffffff8b23eb3c (R) __start_BTF
ffffffff89e32140 (t) ret_stack_init_task_vars
ffffffff89e32141 (t) twice
ffffffff89e32142 (t) twice
ffffffffc0421fff MODULE RODATA END: bridge
ffffffff89e32143 (t) bad\x1b[0m
"""
MODULES = """     MODULE       NAME               TEXT_BASE        SIZE  OBJECT FILE
ffffffffc0350340  qemu_fw_cfg     ffffffffc034e000   20480  (not loaded)  [CONFIG_KALLSYMS]
ffffffffc035b5c0  virtio_blk      ffffffffc0357000   32768  /lib/modules/virtio_blk.ko.debug
"""
PS = """      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM
>       0       0   0  ffffffff8b810940  RU   0.0        0        0  [swapper/0]
        1       0   1  ffff8c1841231840  IN   0.3     2304     1512  init
"""


def test_the_table_of_help_holds_the_commands() -> None:
    names = ("*", "alias", "files", "foreach", "mod", "mount", "rustfilt", "sbitmapq", "tree", "union")
    assert reading.command_names(HELP) == names


def test_a_help_page_holds_the_options() -> None:
    assert reading.options_of(PAGE) == ("-D", "-R", "-S", "-d", "-g", "-o", "-r", "-s", "-t")
    assert reading.options_of("no page") == ()


def test_letters_of_a_synopsis_are_options_of_their_own() -> None:
    assert reading.options_of("SYNOPSIS\n  struct name[.member][-o][-l offset][-rfu]\n\n") == tuple(
        f"-{letter}" for letter in "florsu" if letter != "s"
    )


def test_symbols_are_read_once_without_marks_and_terminal_codes() -> None:
    assert reading.symbols_in(SYMBOLS) == (
        *("__per_cpu_start", "__start_BTF", "cpu_debug_store", "ret_stack_init_task_vars", "twice"),
    )
    assert reading.address_of(SYMBOLS, "__start_BTF") == 0xFFFFFFFF8B23EB3C
    assert reading.address_of(SYMBOLS, "__stop_BTF") is None


def test_modules_are_read_with_their_file() -> None:
    assert reading.modules_in(MODULES) == (
        ("qemu_fw_cfg", "not loaded"),
        ("virtio_blk", "/lib/modules/virtio_blk.ko.debug"),
    )


def test_tasks_are_read_with_pid_address_and_comm() -> None:
    assert reading.tasks_in(PS) == (
        Task("0", "ffffffff8b810940", "swapper/0"),
        Task("1", "ffff8c1841231840", "init"),
    )


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200), st.sampled_from([HELP, PAGE, SYMBOLS, MODULES, PS]), st.integers(0, 200))
def test_any_text_gives_names_that_can_be_typed(text: str, before: str, cut: int) -> None:
    given_text = before[:cut] + text + before[cut:]
    names = [
        *reading.command_names(given_text),
        *reading.options_of(given_text),
        *reading.symbols_in(given_text),
        *(name for name, _ in reading.modules_in(given_text)),
        *(task.pid for task in reading.tasks_in(given_text)),
    ]
    for name in names:
        assert name.isascii()
        assert name.isprintable()
        assert not set(name) & set(" |!<>'\"\\;&`")
