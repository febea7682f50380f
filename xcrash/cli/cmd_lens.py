# SPDX-License-Identifier: Apache-2.0
"""``xcrash lens``: hold the lens over a PV Dom0's memory against the memory itself."""

from __future__ import annotations

import os
from pathlib import Path

import click

from xcrash.cli.documents import plain
from xcrash.cli.options import Manner, lens_options
from xcrash.cli.output import write_document, write_painted
from xcrash.cli.text import Paper, render
from xcrash.errors import LensError, UsageError
from xcrash.lens.check import Comparison, LensReport, LevelCounts, check_lens
from xcrash.lens.kcore import open_kcore
from xcrash.lens.opening import open_lens
from xcrash.sections import Row, Section
from xcrash.target import Choices


@click.command(short_help="Check the view of a PV Dom0's memory.")
@click.option("--check", is_flag=True, help="Walk all page tables, compare samples with a second path.")
@click.option(
    "--samples",
    metavar="N",
    type=click.IntRange(1, 100000),
    default=200,
    help="Symbols and frames to compare. [default: 200]",
)
@click.option("--seed", metavar="N", type=int, default=0, help="Draw another sample. [default: 0]")
@lens_options
def lens(choices: Choices, manner: Manner, check: bool, samples: int, seed: int) -> None:
    """Check what crash is shown of this PV Dom0: its page tables, against what the processor sees. Mounts nothing.

    \b
    xcrash lens --check                as root, in the Dom0
    """
    if not check:
        raise UsageError("lens-nothing", "nothing to do", "xcrash lens --check; sessions use the lens by themselves")
    root = Path(choices.root or "/")
    kallsyms = root / "proc/kallsyms"
    descriptor = open_kcore(root / "proc/kcore")
    try:
        vmlinux = Path(choices.vmlinux) if choices.vmlinux else None
        report = check_lens(open_lens(descriptor, kallsyms, vmlinux), kallsyms, samples, seed)
    finally:
        os.close(descriptor)
    if manner.json:
        write_document("lens", plain(report))
    else:
        write_painted(render(lens_sections(report), Paper(manner.color)))
    if not report.ok:
        raise LensError(
            "lens-differs",
            "the lens does not show what the processor sees",
            "do not trust a session behind it: --lens off --crash-arg=--minimal",
        )


def lens_sections(report: LensReport) -> tuple[Section, ...]:
    """The report for people."""
    frames = (
        Row("p2m", f"{report.p2m} of {report.p2m_frames:,} frames"),
        Row(
            "extents",
            f"{report.extents:,} of {report.extents_frames:,} frames, {report.extents_bytes:,} bytes, "
            f"built in {report.extents_seconds:.2f} s",
        ),
        Row("page tables", f"{report.levels} levels, top level in frame {report.root:#x}"),
    )
    return (
        Section("frames", "Frames", "", frames),
        Section("tables", "Tables", "", tuple(map(_level, report.tables))),
        Section("compared", "Compared with the processor's own view", "", tuple(map(_comparison, report.comparisons))),
    )


def _level(one: LevelCounts) -> Row:
    walked = "" if one.walked == one.tables else f", {one.walked:,} of them walked"
    xen = f", {one.hypervisor} of the hypervisor" if one.hypervisor else ""
    read_only = one.read_only == one.walked
    return Row(
        f"level {one.level}",
        f"{one.tables:,}{walked}; entries: {one.translated:,} translated, {one.untranslatable:,} cleared{xen}",
        "plain" if read_only else "bad",
        "" if read_only else f"{one.walked - one.read_only:,} are writable in the direct map: no tables of a PV kernel",
    )


def _comparison(one: Comparison) -> Row:
    unreadable = f", {one.unreadable} not readable" if one.unreadable else ""
    return Row(
        one.what,
        f"{one.same} of {one.tried} the same{unreadable}",
        "good" if one.ok else "bad",
        f"different: {', '.join(one.different)}" if one.different else "",
    )
