# SPDX-License-Identifier: Apache-2.0
"""``xcrash plan``: what would be started and why; starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from xcrash import explain
from xcrash.cli.diagnostics import tell
from xcrash.cli.documents import dump_entry, error_entry, plain
from xcrash.cli.options import Manner, planning_options
from xcrash.cli.output import write_document, write_painted
from xcrash.cli.text import Paper, render
from xcrash.plan import LaunchPlan
from xcrash.target import Choices, Target, dry_plan, survey_views


@click.command(short_help="Say what would be started and why.")
@click.argument("target", required=False, type=click.Path(readable=False))
@planning_options
def plan(choices: Choices, manner: Manner) -> None:
    """Say what a session on TARGET would start, and why: images, memory source, command line, what was rejected.

    \b
    xcrash plan                        for the running kernel
    xcrash plan DUMP                   for a dump
    xcrash plan DUMP --view all        for a Xen dump: every view, each with its reasons
    xcrash plan --root /mnt            for a machine whose disk is mounted there
    xcrash plan ssh://root@HOST        for the running kernel of another machine
    """
    targets = survey_views(choices, whole=True)
    target = targets[0]
    views = [(one, dry_plan(one, choices)) for one in targets]
    made = views[0][1]
    refusal = made.refusal.as_error() if made.refusal else None
    if manner.json:
        body = plan_document(target, made, views)
        write_document("plan", {**body, "error": error_entry(refusal)} if refusal else body)
    else:
        others = explain.plans_of_views(views[1:]) if choices.view == "all" else ()
        shown = views if target.view else ()
        write_painted(render((*explain.whole_plan(target, made, shown), *others), Paper(manner.color)))
    if refusal:
        raise refusal
    if made.warnings and not manner.quiet and manner.json:
        for warning in made.warnings:
            tell(f"xcrash: warning: {warning}")


def plan_document(target: Target, made: LaunchPlan, views: Sequence[explain.PlannedView]) -> dict[str, Any]:
    """The body of ``xcrash.plan/1``."""
    return {
        "host": plain(target.host),
        "target": {
            "kind": target.kind,
            "path": target.path,
            "address": str(target.far.address) if target.far else None,
            "dump": dump_entry(target.dump),
            "crash": {"path": target.crash, "version": target.crash_version},
        },
        "view": target.view,
        "views": [_view(*one) for one in views if one[0].view],
        "mode": made.mode,
        "argv": list(made.argv),
        "wrapper": list(made.wrapper),
        "env": made.env,
        "namelist": plain(made.namelist),
        "debuginfo": plain(made.debuginfo),
        "match": plain(made.match),
        "memory": plain(made.memory),
        "files": plain(made.files),
        "links": plain(made.links),
        "unpacking": plain(made.unpacking),
        "images": plain(target.found.xen_images) if target.found else [],
        "decisions": plain(made.decisions),
        "warnings": list(made.warnings),
        "steps": plain(made.steps),
        "ladder": plain(made.ladder),
    }


def _view(target: Target, made: LaunchPlan) -> dict[str, Any]:
    return {
        "view": target.view,
        "mode": made.mode,
        "argv": list(made.argv),
        "namelist": plain(made.namelist),
        "debuginfo": plain(made.debuginfo),
        "match": plain(made.match),
        "decisions": plain(made.decisions),
        "warnings": list(made.warnings),
        "steps": plain(made.steps),
        "refusal": error_entry(made.refusal.as_error()) if made.refusal else None,
    }
