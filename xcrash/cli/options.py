# SPDX-License-Identifier: Apache-2.0
"""The options that commands share, and what they mean."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click
import msgspec

from xcrash.consent import CONSENTS
from xcrash.discovery.choices import LAST_DOMAIN, ViewWish
from xcrash.plan.lens import Wish
from xcrash.plan.memory import ORDER
from xcrash.target import Choices

R = TypeVar("R")
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to talk to the user; ``color`` is "auto", "always" or "never"."""

    json: bool
    quiet: bool
    verbose: bool
    color: str = "auto"


def _hex(text: str) -> int:
    """An address or frame number, hexadecimal with and without 0x, as crash takes them."""
    if not re.fullmatch(r"(?:0[xX])?[0-9a-fA-F]{1,16}", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is not a hexadecimal number of 64 bits, such as 0x4f800000")
    return int(text, 16)


_FILE = click.Path(readable=False)
_ROOT = click.option(
    "--root",
    metavar="DIR",
    type=_FILE,
    help="The root of the machine: a mounted disk, an unpacked report. [default: /]",
)
_DEBUG_DIR = click.option(
    "--debug-dir",
    "debug_dirs",
    metavar="DIR",
    type=_FILE,
    multiple=True,
    help="Look for debuginfo here, too; may be repeated. [env: XCRASH_DEBUG_DIRS]",
)
_CRASH = click.option("--crash", metavar="PATH", type=_FILE, help="The crash utility to start. [default: crash]")
_VMLINUX = click.option("--vmlinux", metavar="FILE", type=_FILE, help="The kernel with debug information.")
_FINDING: tuple[Option, ...] = (
    _ROOT,
    _VMLINUX,
    click.option("--debuginfo", metavar="FILE", type=_FILE, help="The separate debuginfo of a stripped vmlinux."),
    click.option("--xen-syms", metavar="FILE", type=_FILE, help="The hypervisor's symbols: open its view of a dump."),
    click.option(
        "--view",
        type=click.Choice(get_args(ViewWish)),
        default="auto",
        help="Whose memory a Xen dump shows: the Dom0's, the hypervisor's, a guest's. [default: auto]",
    ),
    click.option(
        "--xen-phys-start",
        "--xen_phys_start",
        metavar="ADDR",
        type=_hex,
        help="Where Xen was loaded, for an old dump that does not say it; hexadecimal.",
    ),
    click.option(
        "--p2m-mfn",
        "--p2m_mfn",
        metavar="MFN",
        type=_hex,
        help="The frame with a guest's list of p2m frames: its kernel is shown from the machine's dump; hexadecimal.",
    ),
    click.option(
        "--domain",
        metavar="ID",
        type=click.IntRange(1, LAST_DOMAIN),
        help="The guest of a Xen machine's dump to show: the hypervisor's view is asked where its memory is.",
    ),
    _DEBUG_DIR,
    click.option(
        "--memory",
        type=click.Choice(("auto", *ORDER)),
        default="auto",
        help="The source of live memory. [default: auto]",
    ),
    click.option(
        "--lens",
        type=click.Choice(get_args(Wish)),
        default="auto",
        help="Show a PV Dom0's memory to crash with the kernel's own frames. [default: auto]",
    ),
    _CRASH,
    click.option(
        "--crash-arg", "crash_args", metavar="ARG", multiple=True, help="One more argument for crash; may be repeated."
    ),
    click.option("--user-rc", is_flag=True, help="Let crash and gdb read your own .crashrc and .gdbinit."),
)
_SESSION: tuple[Option, ...] = (
    click.option(
        "--allow",
        "allowed",
        type=click.Choice(CONSENTS),
        multiple=True,
        help="Consent to a step that changes the host or downloads, or to such commands on a running kernel.",
    ),
    click.option("--no-record", is_flag=True, help="Do not record this session."),
    click.option(
        "--rescue",
        is_flag=True,
        help="If crash fails to start, try again with the options that skip what it failed at.",
    ),
)
_MANNER: tuple[Option, ...] = (
    click.option("--json", "json_", is_flag=True, help="Print one JSON document."),
    click.option("--no-input", is_flag=True, help="Never ask; what needs consent is not done."),
    click.option(
        "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colours. [default: auto]"
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say each phase of the start on stderr."),
)

ansi_option = click.option(
    "--ansi",
    is_flag=True,
    help="Draw for a serial console: the terminal's own 16 colours, no mouse, no animation.",
)
"""For the commands that show the terminal UI."""

VALUED = (
    "--root",
    "--vmlinux",
    "--debuginfo",
    "--xen-syms",
    "--view",
    "--xen-phys-start",
    "--xen_phys_start",
    "--p2m-mfn",
    "--p2m_mfn",
    "--domain",
    "--debug-dir",
    "--memory",
    "--lens",
    "--crash",
    "--crash-arg",
    "--allow",
    "--color",
)
"""The shared options that take a value, for finding the command word behind them."""


def session_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the options of one that opens a target; it is called with ``choices`` and ``manner``."""
    return _shared(command, (*_FINDING, *_SESSION, *_MANNER))


def planning_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the options of one that finds and plans, and starts nothing."""
    return _shared(command, (*_FINDING, *_MANNER))


def root_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the options of one that looks at a machine."""
    return _shared(command, (_ROOT, _DEBUG_DIR, _CRASH, *_MANNER))


def lens_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the options of one that reads the running kernel's memory by itself."""
    return _shared(command, (_ROOT, _VMLINUX, *_MANNER))


def _shared(command: Callable[..., R], options: tuple[Option, ...]) -> Callable[..., R]:
    @functools.wraps(command)
    def wrapped(**given: Any) -> R:
        manner = Manner(
            json=given.pop("json_"),
            quiet=given.pop("quiet"),
            verbose=given.pop("verbose"),
            color=given.pop("color"),
        )
        memory = given.pop("memory", "auto")
        choices = Choices(
            memory=None if memory == "auto" else memory,
            ask=not given.pop("no_input", False),
            record=not given.pop("no_record", False),
            **{name: given.pop(name) for name in _DIRECT if name in given},
        )
        return command(choices=choices, manner=manner, **given)

    result: Callable[..., Any] = wrapped
    for option in reversed(options):
        result = option(result)
    return result


_DIRECT = (
    "target",
    "root",
    "vmlinux",
    "debuginfo",
    "xen_syms",
    "view",
    "xen_phys_start",
    "p2m_mfn",
    "domain",
    "debug_dirs",
    "crash",
    "crash_args",
    "user_rc",
    "allowed",
    "rescue",
    "lens",
)
