# SPDX-License-Identifier: Apache-2.0
"""The options that every command which opens a target has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from xcrash.target import Choices

R = TypeVar("R")


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to talk to the user."""

    json: bool
    quiet: bool
    verbose: bool


_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option("--vmlinux", metavar="FILE", type=click.Path(), help="The kernel with debug information."),
    click.option("--crash", metavar="PATH", type=click.Path(), help="The crash utility to start. [default: crash]"),
    click.option(
        "--crash-arg", "crash_args", metavar="ARG", multiple=True, help="One more argument for crash; may be repeated."
    ),
    click.option("--no-record", is_flag=True, help="Do not record this session."),
    click.option("--json", "json_", is_flag=True, help="Print one JSON document."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say each phase of the start on stderr."),
)

VALUED = ("--vmlinux", "--crash", "--crash-arg")
"""The shared options that take a value, for finding the command word behind them."""


def session_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the shared options; it is called with ``choices`` and ``manner`` instead of them."""

    @functools.wraps(command)
    def wrapped(
        *,
        target: str | None = None,
        vmlinux: str | None,
        crash: str | None,
        crash_args: tuple[str, ...],
        no_record: bool,
        json_: bool,
        quiet: bool,
        verbose: bool,
        **rest: Any,
    ) -> R:
        choices = Choices(target=target, vmlinux=vmlinux, crash=crash, crash_args=crash_args, record=not no_record)
        return command(choices=choices, manner=Manner(json=json_, quiet=quiet, verbose=verbose), **rest)

    result: Callable[..., Any] = wrapped
    for option in reversed(_OPTIONS):
        result = option(result)
    return result
