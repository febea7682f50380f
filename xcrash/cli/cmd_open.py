# SPDX-License-Identifier: Apache-2.0
"""``xcrash [TARGET]`` and ``xcrash demo``: the terminal UI, or the plain overview where there is no terminal."""

from __future__ import annotations

import importlib.resources
import sys

import click
import msgspec

from xcrash import overview
from xcrash.cli.headless import opened_views
from xcrash.cli.options import Manner, ansi_option, session_options
from xcrash.cli.output import write_document, write_text
from xcrash.cli.overview_document import FirstLook, overview_document
from xcrash.hypervisor import of_answers
from xcrash.images.identity import View
from xcrash.open_views import OpenViews
from xcrash.sections import Section
from xcrash.target import Choices


@click.command("open", short_help="Open a dump, a recording, the running kernel.")
@click.argument("target", required=False, type=click.Path(readable=False))
@ansi_option
@session_options
def open_target(choices: Choices, manner: Manner, ansi: bool) -> None:
    """Open a dump, a recording, or the running kernel: the terminal UI, or a plain overview when stdout is no terminal.

    When nothing is named the terminal UI begins with the list of what can be opened here. It opens the running kernel
    at once with --no-input, --memory, --vmlinux, --debuginfo or --allow, and so does the plain overview.
    """
    show(choices, manner, ansi)


@click.command(short_help="Open the bundled recording of a real panic.")
@ansi_option
@session_options
def demo(choices: Choices, manner: Manner, ansi: bool) -> None:
    """Open the bundled recording of a real panic: needs neither crash nor a dump nor root."""
    bundled = importlib.resources.files("xcrash.transcript").joinpath("demo.cast")
    with importlib.resources.as_file(bundled) as path:
        show(msgspec.structs.replace(choices, target=str(path)), manner, ansi)


def show(choices: Choices, manner: Manner, ansi: bool) -> None:
    """The face that fits: the terminal UI on a terminal (Textual draws on stderr), text or JSON elsewhere."""
    if not manner.json and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        from xcrash.tui.app import run_app

        run_app(None, choices, picks=_picks(choices), ansi=ansi)
        return
    wanted = msgspec.structs.replace(choices, view="all") if choices.view == "auto" else choices
    with opened_views(wanted, manner) as views:
        main = views.main
        banner = overview.read_banner(main)
        looks = [_first_look(views, view) for view in views.sessions if view not in views.errors]
        own = next(look for look in looks if look.opened is main)
        beside = next((look for look in looks if look.view == "xen" and look.opened is not main), None)
        seen = overview.seen_of(main, banner, own.value)
        if beside:
            known = of_answers(overview.read_banner(beside.opened), beside.value)
            seen = msgspec.structs.replace(seen, hypervisor=known, hypervisor_view="xen")
        elif main.target.view == "dom0" and (error := views.errors.get("xen")):
            seen = msgspec.structs.replace(seen, hypervisor_why=error.message.splitlines()[0])
        if manner.json:
            write_document("run", overview_document(views, seen, looks))
            return
        write_text(_plain(overview.sections(main, banner, seen.tasks, seen)))


def _picks(choices: Choices) -> bool:
    """Is the user to choose? Not who named a target, or said something that is about the running kernel only."""
    named = (choices.target, choices.memory, choices.vmlinux, choices.debuginfo, choices.xen_syms)
    return choices.ask and not choices.allowed and not any(one is not None for one in named)


def _first_look(views: OpenViews, view: View) -> FirstLook:
    """Ask a view what the overview is made of, except what a recording does not hold."""
    opened = views.sessions[view]
    recording, wanted = opened.target.recording, overview.first_commands(opened)
    known = (one for one in wanted if recording is None or recording.answer_to(one) is not None)
    return FirstLook(view if views.several else opened.target.view, opened, [opened.run(one) for one in known])


def _plain(sections: tuple[Section, ...]) -> str:
    """Sections as text: labels right-aligned as crash prints them."""
    lines = []
    for section in sections:
        lines.append(f"{section.title}  ({section.command})" if section.command else section.title)
        for row in section.rows:
            lines.append(f"{row.label:>14}: {row.value}")
            lines.extend(f"{'':>16}{line}" for line in row.detail.splitlines())
        lines.append("")
    return "\n".join(lines[:-1])
