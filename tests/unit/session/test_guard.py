# SPDX-License-Identifier: Apache-2.0
"""What a command would do, as crash reads it, and who has to agree to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.session.command import LONGEST, check_command
from xcrash.session.command_line import BUILTIN_ALIASES, learnt, read_line, split_words
from xcrash.session.guard import ALLOWANCES, Guard, Risk, classify_command, guarded, risks_of
from xcrash.session.risk import ORDER
from xcrash.session.shell_line import only_filters, takes_terminal

KINDS: dict[str, list[str]] = {
    "read": [
        *["", "   ", "ps", "bt -a", "task_struct ffff88", "list_head", "jiffies", "p jiffies", "px 1", "p a == b"],
        *["p (a >= b)", "p $x = 1", "struct task_struct.pid -o", "rd ffff 4", "rd -x ffff", "sys -c"],
        *["mod", "mod -t", "set", "set -v", "alias", "alias man", "extend", "kmem -i", "kmem -s", "log", "gdb bt"],
        *["gdb print jiffies", "gdb x/2x &jiffies", "x/2x &jiffies", "gdb info line schedule"],
        *["gdb p -pretty -- a"],
        *['gdb printf "%d=%d\\n", 1, 2', "gdb echo a=b", "gdb ptype struct page", "gdb list schedule"],
        *["dis -l schedule"],
        *["ls", "ls -la /tmp", "cat /proc/version", "pwd", "echo hello", "grep -r x /etc/hosts", "# a remark"],
        *["// one"],
        *["ps | grep -c init", "log | tail -20", "ps | sort -k2 | uniq -c | head", "bt | grep 'a|b'"],
        *['log | grep "a b"'],
        *["p (1 | 2)", "ps | wc -l", "ps | /usr/bin/head -3", "p a->b", "whatis task_struct", "sym -l"],
        *["dev -d", "dev -v 1", "p {int}(1)", "eval 1+1", "?", "man bt", "dmesg", "last", "lsmod"],
        *["size list_head"],
    ],
    "slow": [
        *["search deadbeef", "search -k 1", "kmem -S", "kmem -p", "kmem -Sp", "foreach bt", "for bt"],
        *["foreach UN bt"],
        *["gdb info types", "info types task", "gdb info functions", "g info types", "repeat -1 ps", "repeat ps"],
        *["mod -S", "mod -s ext4", "fuser /tmp", "whatis -r 64", "foreach files | head", "gdb info variables x"],
    ],
    "changes-session": [
        *["set 1", "set radix 16", "hex", "dec", "alias a bt", "mod -d ext4", "extend -u trace.so", "set debug 1"],
        *["gdb set print pretty on", "gdb set $x = 1", "gdb set listsize 3", "gdb directory /tmp", "gdb cd /"],
        "gdb add-symbol-file /tmp/x 0",
    ],
    "writes-file": [
        *["ps > /tmp/x", "ps >> /tmp/x", "p 1>2", "rd -r /tmp/x ffff 10", "dump value /tmp/x 1"],
        *["gdb dump value /t 1"],
        *["dev -v 1 /tmp/x", "gdb save breakpoints /tmp/x", "gdb maint print symbols /tmp/x"],
        *["gdb generate-core-file"],
        *["set console /dev/pts/1", "s390dbf -s dir", "gdb append value /tmp/x 1", "# remark > /tmp/x"],
    ],
    "loads-code": [
        *["extend trace.so", "extend /tmp/x.so", "gdb source /tmp/x", "source /tmp/x", "gdb python print(1)"],
        *["python print(1)", "gdb py print(1)", "gdb pyth print(1)", "gdb guile (a)", "gdb compile code 1"],
        *["sour /tmp/x"],
    ],
    "runs-shell": [
        *["!ls", "! ls", "ps | sh -c cat", "ps | tee /tmp/x", "p a != b", "p !1", "# remark | touch x"],
        *["!grep a b"],
        *["ps | grep x; touch y", "ps | grep $(touch y)", 'ps | grep "`touch y`"', "ps | grep x > /tmp/y"],
        *["ps | xargs rm"],
        *["ps | sort -o /tmp/x", "ps | sort --compress-program=/tmp/x", "ps | uniq a b", "ps | awk 1"],
        *["ps | head & ls"],
        *["echo x ; touch y", "ls ;touch y", "echo $(touch y)", "cat x `touch y`", "pwd $(touch y)", "ls || x"],
        *["gdb shel touch y", "shel touch y", "gdb !touch y", "gdb make", "gdb pipe -d @ p 1 @ touch y"],
        *["pipe -d @ p @ x"],
        *["gdb with print pretty on -- shell touch y", "with print pretty on -- shell x", "gdb faas p 1"],
        *["gdb thread apply all shell x", "gdb frame apply all shell x", "gdb thr a all p 1", 'gdb eval "shell x"'],
        *['gdb interpreter-exec console "shell x"', 'p $_shell("x")', 'px $_shell("x")', 'x/i $_shell("x")'],
        *['gdb info line *$_shell("x")', 'gdb p $_shell("x")', 'whatis $_shell("x")', "gdb zz touch y", "gdb -x"],
        *["p 'it\" | touch x", "p \"a' | touch x", "p ((1)|touch x", "\\!touch y", "gdb shell", "p 'a | touch x'"],
    ],
    "writes-memory": [
        *["wr ffff 1", "\\wr ffff 1", '"wr" ffff 1', "  wr -u ffff 1", "sys -panic", "repeat -1 wr ffff 1"],
        *["wr a 1 | cat"],
        *["p jiffies=1", "px jiffies = 1", "p jiffies++", "p --jiffies", "p a += 1", "p a <<= 1", 'p "jiffies=1"'],
        *["gdb set var jiffies=1", "gdb set jiffies=1", "gdb set variable a = 1", "gdb call x()", "call x()"],
        *["gdb p a=1"],
        *["p/x jiffies=1", "print jiffies=1", "gdb restore /tmp/x", "gdb x/x a=1"],
        *["gdb with print pretty on -- set var a=1"],
        *["p $x=jiffies=1", "gdb set $x=jiffies=1", "p *$x = 1", "gdb output a=1", "gdb print -pretty -- a=1"],
        *["g call f()"],
    ],
}  # fmt: skip
CASES = [(kind, line) for kind, lines in KINDS.items() for line in lines]


def nothing(path: str) -> str | None:
    return None


@pytest.mark.parametrize(("kind", "line"), CASES)
def test_a_line_is_judged_by_the_worst_it_does(kind: str, line: str) -> None:
    risk = classify_command(line, read=nothing)
    assert risk.kind == kind
    assert bool(risk.reason) == (kind != "read")


def test_the_kinds_are_those_of_the_table() -> None:
    assert set(KINDS) == set(ORDER) - {"ends-crash"}, "which no line tells, only what became of it"


def test_a_line_tells_everything_it_does() -> None:
    assert risks_of("wr ffff 1 | tee /tmp/x") == (
        Risk("runs-shell", "it runs in a shell of this machine: tee /tmp/x"),
        Risk("writes-memory", "it writes into memory"),
    )
    assert risks_of("foreach bt > /tmp/x") == (
        Risk("writes-file", "it writes the file /tmp/x"),
        Risk("slow", "it runs a command for every task"),
    )


@pytest.mark.parametrize(
    ("definition", "line", "kind"),
    [
        ("alias poke wr", "poke ffff 1", "writes-memory"),
        ("alias poke wr", "repeat poke ffff 1", "writes-memory"),
        ('alias zq "p 1 | touch /tmp/x"', "zq", "runs-shell"),
        ("alias g2 gdb", "g2 call f()", "writes-memory"),
        ("alias man wr", "man ffff 1", "writes-memory"),
        ('alias man ""', "man ffff 1", "read"),
        ("alias poke wr", "\\poke ffff 1", "read"),
    ],
)
def test_aliases_of_the_session_are_followed(definition: str, line: str, kind: str) -> None:
    assert classify_command(line, learnt(definition, BUILTIN_ALIASES)).kind == kind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ps\nbt\n", {"slow"}),
        ("# wr\nwr ffff 1\n", {"slow", "writes-memory"}),
        ("alias poke wr\npoke ffff 1", {"slow", "changes-session", "writes-memory"}),
        ("ps\n< other\n", {"slow", *ALLOWANCES}),
        (None, set(ALLOWANCES)),
    ],
)
@pytest.mark.parametrize("line", ["< /etc/x", "</etc/x", "repeat < /etc/x"])
def test_a_file_of_commands_is_judged_by_what_it_holds(text: str | None, kinds: set[str], line: str) -> None:
    found = {risk.kind for risk in risks_of(line, read=lambda path: text if path == "/etc/x" else None)}
    if line.startswith("repeat"):  # a file in a file is never read: crash would not, either
        assert found == {"slow", *ALLOWANCES}
    else:
        assert found == kinds


def test_a_file_of_arguments_is_read_for_what_gdb_would_do() -> None:
    for line in ("gdb print < /tmp/x", "gdb < /tmp/x", "p < /tmp/x"):
        assert classify_command(line, read=lambda path: 'p $_shell("touch x")\n').kind == "runs-shell"
        assert classify_command("p < /tmp/x", read=lambda path: "jiffies\ninit_task\n").kind == "read"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ps -a 1", ["ps", "-a", "1"]),
        ('"wr" a', ["wr", "a"]),
        ('p "a b" c', ["p", "a b", "c"]),
        ("p (a b (c d)) e", ["p", "(a b (c d))", "e"]),
        ("p (a b", ["p", "(a", "b"]),
        ("p 'a b'", ["p", "'a", "b'"]),
        ("", []),
    ],
)
def test_words_are_cut_as_crash_cuts_them(line: str, words: list[str]) -> None:
    assert split_words(line) == words


def test_quotes_of_either_kind_close_each_other_as_in_crash() -> None:
    (one,) = read_line("""p 'it"|x'|y""").redirections
    assert (one.kind, one.target, one.at) == ("shell", "x'|y", 6)
    assert [one.target for one in read_line("p 'a|b' | c").redirections] == ["c", "b' | c"]
    assert read_line("p (1 | 2)").redirections == ()
    assert [one.target for one in read_line("p ((1)|2)").redirections] == ["2)"]


@pytest.mark.parametrize("name", ALLOWANCES.values())
def test_on_a_running_system_consent_is_needed_and_named(name: str) -> None:
    line = {"write-memory": "wr ffff 1", "run-shell": "!id", "load-code": "extend x.so"}[name]
    with pytest.raises(UsageError) as caught:
        guarded(line, live=True, allowed=())
    assert caught.value.code == "consent-needed"
    assert caught.value.exit_status == 2
    assert caught.value.hint == f"allow it: --allow {name}"
    assert line in caught.value.message
    guarded(line, live=True, allowed=(name,))
    guarded(line, live=False, allowed=())


def test_every_consent_a_line_lacks_is_named_at_once() -> None:
    with pytest.raises(UsageError, match="running system") as caught:
        guarded("wr ffff 1 | tee /tmp/x", live=True, allowed=())
    assert caught.value.hint == "allow it: --allow run-shell --allow write-memory"
    with pytest.raises(UsageError):
        guarded("wr ffff 1 | tee /tmp/x", live=True, allowed=("run-shell",))


@pytest.mark.parametrize("line", ["ps | grep init", "foreach bt", "ps > /tmp/x", "set 1", "log | head"])
def test_reading_needs_no_consent_on_a_running_system(line: str) -> None:
    guarded(line, live=True, allowed=())


def test_a_guard_follows_the_aliases_of_its_session() -> None:
    guard = Guard(live=True)
    guard.check("alias poke wr")
    with pytest.raises(UsageError):
        guard.check("poke ffff 1")
    guard.begin()
    guard.check("poke ffff 1")


def test_aliases_from_files_and_repeated_definitions_are_followed() -> None:
    for line in ("< /etc/x", "repeat -1 alias poke wr"):
        guard = Guard(live=True, read=lambda path: "ps\nalias poke wr\n")
        guard.check(line)
        with pytest.raises(UsageError):
            guard.check("poke ffff 1")


def test_consent_given_to_a_line_is_for_that_line_once() -> None:
    guard = Guard(live=True)
    asked = guard.questions("wr ffff 1")
    assert [risk.kind for risk in asked] == ["writes-memory"]
    guard.grant("wr ffff 1", asked)
    with pytest.raises(UsageError):
        guard.check("wr ffff 2")
    guard.grant("wr ffff 1", asked)
    guard.check("wr ffff 1")
    with pytest.raises(UsageError):
        guard.check("wr ffff 1")
    assert guard.questions("wr ffff 1") == asked


def test_on_a_dump_each_kind_is_asked_once_and_nothing_is_refused() -> None:
    guard = Guard(live=False)
    asked = guard.questions("!id")
    assert [risk.kind for risk in asked] == ["runs-shell"]
    guard.grant("!id", asked)
    assert guard.questions("!uname") == ()
    assert [risk.kind for risk in guard.questions("ps > /tmp/x")] == ["writes-file"]
    assert guard.questions("wr ffff 1") == ()
    guard.check("wr ffff 1")


def test_what_the_command_line_allowed_is_not_asked() -> None:
    guard = Guard(live=True, allowed=("run-shell",))
    assert guard.questions("!id") == ()
    guard.check("!id")


@pytest.mark.parametrize(
    "line",
    [
        *["bash --norc", "bash -l", "python3", "python3.11", "perl", "ipython", "sudo -i bash"],
        *["env A=1 python3 -i x.py"],
        *["ls; vi x", "true && top", "sudo su", "gdb", "(sh)", "$(vi)", "cat", "sort", "tr a b c | vi"],
        *["ssh host", "dash -x"],
        *["grep x", "", "nohup watch ls", "/usr/bin/env python3", "x | python3 -i -", "busybox", "timeout 3 top"],
    ],
)  # fmt: skip
def test_programs_that_take_the_terminal_are_recognised(line: str) -> None:
    assert takes_terminal(line)
    with pytest.raises(UsageError) as caught:
        check_command(f"!{line}")
    assert caught.value.code == "command-terminal"


@pytest.mark.parametrize(
    "line",
    [
        *["bash -c 'vi x'", "python3 -c 'print(1)'", "python3 x.py", "bash --version", "perl -e 1", "ls 2>&1"],
        *["sh < /tmp/x"],
        *["grep -r x", "grep x y", "cat x", "cat < x", "echo vi", "ls | cat", "sort x", "gdb -batch -x y"],
        *["echo '; vi'"],
    ],
)  # fmt: skip
def test_programs_that_only_run_may_run(line: str) -> None:
    assert not takes_terminal(line)
    assert check_command(f"!{line}")


def test_an_interpreter_behind_a_pipe_may_read_it_but_not_the_terminal() -> None:
    assert check_command("ps | bash -c cat")
    for line in ("ps | python3 -i", "ps | sh", "ps | less", "ps | cat | vi -"):
        with pytest.raises(UsageError, match="terminal"):
            check_command(line)


DISGUISED = {
    "command-setting": [
        *["alias echo help", 'alias echo ""', "alias x set gdb on", "set core on", "gdb set logging enabled on"],
        *["gdb set log on", "gdb alias zz = shell", "gdb with logging enabled on -- p 1", "repeat set gdb on", "sf"],
        "g quit",
    ],
    "command-terminal": ["gdb python", "gdb pi", "gdb edit", "gdb tui enable", "python", "cat", "grep x"],
    "command-redirection": ["< commands", "<commands", "ps >> x", "p 1 > 2"],
    "command-endless": ["repeat echo x", "repeat -1 ls", "repeat pwd"],
    "command-control": ["a\x85b", "a\u2028b", "a\u2029b", "a\x0bb", "a\x00", "p \ud800"],
}


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in DISGUISED.items() for line in lines])
def test_lines_that_lose_the_session_in_disguise_are_refused(code: str, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_command(line)
    assert caught.value.code == code


def test_an_alias_cannot_smuggle_what_is_refused() -> None:
    aliases = learnt("alias x set", BUILTIN_ALIASES)
    assert check_command("x gdb on")
    with pytest.raises(UsageError):
        check_command("x gdb on", aliases)


PIECES = """wr gdb p ps ! | > < " ' ( ) \\ = $_shell( set alias x repeat -1 # /tmp/x echo ; with -- r hi sh"""
COMMANDISH = st.lists(st.sampled_from([*PIECES.split(), " ", "\u00e9", "\udcff", "\u2028", "\n"]), max_size=12).map(
    "".join
)


def test_a_command_that_ended_crash_is_sent_again_only_to_who_insists() -> None:
    guard = Guard(live=False, read=nothing)
    guard.check("dumpinfo -r")
    guard.ended_by("dumpinfo  -r", "signal 11")
    guard.begin()
    with pytest.raises(UsageError) as caught:
        guard.check(" dumpinfo -r")
    assert caught.value.code == "command-deadly"
    assert "crash ended over it in this session (signal 11)" in caught.value.message
    assert "--allow end-crash" in caught.value.hint
    guard.check("dumpinfo")
    (risk,) = guard.questions("dumpinfo -r")
    assert risk.kind == "ends-crash"
    guard.grant("dumpinfo -r", (risk,))
    guard.check("dumpinfo -r")
    with pytest.raises(UsageError):
        guard.check("dumpinfo -r")


def test_who_allowed_it_beforehand_is_not_asked_about_an_end_of_crash() -> None:
    guard = Guard(live=False, allowed=("end-crash",), read=nothing)
    guard.ended_by("dumpinfo", "signal 11")
    assert guard.questions("dumpinfo") == ()
    guard.check("dumpinfo")


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=60), COMMANDISH, st.text(max_size=5).map(lambda text: text * 400)))
def test_what_is_sent_is_one_bounded_line_and_judging_never_fails(line: str) -> None:
    assert classify_command(line, read=lambda path: line).kind in ORDER
    only_filters(line)
    learnt(line, BUILTIN_ALIASES)
    try:
        data = check_command(line)
    except UsageError as refusal:
        assert refusal.exit_status == 2
        return
    assert len(data) <= LONGEST
    assert all(byte >= 0x20 and byte != 0x7F for byte in data)
    assert len(line.splitlines()) <= 1


@settings(deadline=None, max_examples=200)
@given(COMMANDISH, st.sampled_from([" | touch x", "\\wr f 1", ""]))
def test_what_is_refused_live_is_refused_behind_any_beginning(line: str, end: str) -> None:
    risks = risks_of(line + end, read=lambda path: None)
    missing = [risk for risk in risks if risk.kind in ALLOWANCES]
    try:
        guarded(line + end, live=True, allowed=(), read=lambda path: None)
    except UsageError:
        assert missing
    else:
        assert not missing
