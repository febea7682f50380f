# SPDX-License-Identifier: Apache-2.0
"""Does this vmlinux belong to this dump?"""

from __future__ import annotations

from typing import Literal

import msgspec

from xcrash.errors import NamelistError
from xcrash.images.identity import DumpIdentity
from xcrash.images.kernel import KernelImage
from xcrash.images.text import printable

Verdict = Literal["same-build", "same-release", "build-id-differs", "different-kernel", "different-machine", "unknown"]


LIVE = "live"
"""The format of the memory of the running kernel, where a dump's would stand."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict over a kernel and a dump, and the facts of both sides it rests on."""

    verdict: Verdict
    evidence: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether crash must not be started with this pair."""
        return self.verdict in ("different-kernel", "different-machine")


def compare(kernel: KernelImage, dump: DumpIdentity) -> Match:
    """Weigh build-ids first, then machines, then releases.

    Differing build-ids with one release are a warning and not a refusal: some distributions publish a vmlinux whose
    build-id is not that of the kernel they ship.
    """
    ids = _relation(kernel.build_id, dump.build_id)
    releases = _relation(kernel.release, dump.release)
    machines = _relation(_family(kernel.machine), _family(dump.machine))
    verdict: Verdict
    if ids == "equal":
        verdict = "same-build"
    elif machines == "differ":
        verdict = "different-machine"
    elif releases == "equal":
        verdict = "build-id-differs" if ids == "differ" else "same-release"
    elif releases == "differ" and (ids == "differ" or kernel.release_from != "BUILD_SALT"):
        # A salt alone refuses nothing: a kernel rebuilt with a distribution's configuration keeps the old text.
        verdict = "different-kernel"
    else:
        verdict = "build-id-differs" if ids == "differ" else "unknown"
    where = "in the running kernel" if dump.format == LIVE else "in the dump"
    evidence = [
        _fact("build-id", kernel.build_id, dump.build_id, where),
        _fact("release", kernel.release, dump.release, where),
        _fact("machine", kernel.machine, dump.machine, where),
    ]
    if kernel.version_text and dump.version and dump.version not in kernel.version_text:
        evidence.append(_fact("version", kernel.version_text, dump.version, where))
    return Match(verdict=verdict, evidence=tuple(evidence))


def require_match(kernel: KernelImage, dump: DumpIdentity) -> Match:
    """``compare``, refusing a pair that cannot work: NamelistError "namelist-mismatch" with both sides named."""
    match = compare(kernel, dump)
    if not match.refused:
        return match
    raise NamelistError(
        "namelist-mismatch",
        f"this vmlinux does not belong to this dump\n"
        f"  {printable(kernel.path)}: {_side(kernel.release, kernel.build_id, kernel.machine)}\n"
        f"  {printable(dump.path)}: {_side(dump.release, dump.build_id, dump.machine)}",
        f"the vmlinux with debug information of {_wanted(dump)} is needed: "
        "install that kernel's debuginfo package, or name the file with --vmlinux",
    )


def _relation(one: str | None, other: str | None) -> Literal["equal", "differ", "unknown"]:
    if not one or not other:
        return "unknown"
    return "equal" if one == other else "differ"


def _family(machine: str | None) -> str | None:
    """One name for the variants uname has: i386 to i686, armv6l and armv7l."""
    if machine is None:
        return None
    if len(machine) == 4 and machine[0] == "i" and machine.endswith("86"):
        return "i686"
    return "arm" if machine.startswith("armv") else machine


def _fact(what: str, kernel: str | None, dump: str | None, where: str) -> str:
    return f"{what}: {kernel or 'unknown'} in the vmlinux, {dump or 'unknown'} {where}"


def _side(release: str | None, build_id: str | None, machine: str | None) -> str:
    return f"release {release or 'unknown'}, build-id {build_id or 'unknown'}, {machine or 'unknown machine'}"


def _wanted(dump: DumpIdentity) -> str:
    parts = [dump.release or "the dumped kernel", dump.machine or ""]
    if dump.build_id:
        parts.append(f"(build-id {dump.build_id})")
    return " ".join(part for part in parts if part)
