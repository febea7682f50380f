# SPDX-License-Identifier: Apache-2.0
"""A guest of a machine's dump: the hypervisor's crash is asked where its memory is, then the guest's own is started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pty import views as xen
from tests.pty.casts import GDB, GPL, PS, Script
from tests.unit.images import builders, xen_builders
from xcrash.errors import MemorySourceError, StartError, XcrashError
from xcrash.guests import with_guest
from xcrash.open_views import OpenViews
from xcrash.target import Choices, survey_views

FRAME = 9
DOMS = xen.DOMS.replace("12965", "    9")
FATAL = Script(None).says(f"{GPL}{GDB}crash: vmcore: not a supported file format\r\n").exits(1)


def choices(directory: Path, hypervisor: Script, domain: int | None = None, **more: object) -> Choices:
    """A dump in which domain 1 has its p2m in FRAME and its kernel is the vmlinux beside it."""
    wanted = {"dom0": Script().command("ps", PS), "view": "domU", "domain": domain, **more}
    made = xen.choices(directory, xen=hypervisor, **wanted)  # type: ignore[arg-type]
    (directory / "vmcore").write_bytes(xen_builders.dump(banner=b"\0" + builders.BANNER.encode() + b"\0", guest=FRAME))
    return made


def said_by(script: Script, directory: Path, domain: int | None = None) -> XcrashError:
    with pytest.raises(XcrashError) as caught:
        with_guest(choices(directory, script, domain), lambda _: None)
    return caught.value


def test_the_hypervisor_is_asked_once_and_the_guest_opened_by_its_answer(tmp_path: Path) -> None:
    told: list[str] = []
    found = with_guest(choices(tmp_path, Script(xen.XEN_STARTUP).command("doms", DOMS)), told.append)
    assert (found.domain, found.p2m_mfn) == (1, FRAME)
    assert told == ["asking the hypervisor's view where the guest's memory is: doms"]
    ((asked, _),) = xen.started(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(asked, 0)
    views = OpenViews(survey_views(found)[:1], found)
    try:
        views.bring_up()
        assert (views.main_view, views.run("ps").exit) == ("domU", "ok")
        plan = views.main.plan
        assert plan and plan.argv[1:3] == ("--p2m_mfn", f"{FRAME:#x}")
        reason = next(one.reason for one in plan.decisions if one.what == "--p2m_mfn")
        assert reason.endswith("the P2M_MFN of domain 1, as the hypervisor's view lists it in doms")
    finally:
        views.close()
    assert with_guest(found, told.append) is found and len(told) == 1


def test_a_frame_that_was_named_is_not_asked_for(tmp_path: Path) -> None:
    named = choices(tmp_path, FATAL, p2m_mfn=FRAME)
    assert with_guest(named, lambda _: None) is named
    assert xen.started(tmp_path) == []


def test_a_hypervisor_that_cannot_be_asked_says_why(tmp_path: Path) -> None:
    error = said_by(FATAL, tmp_path)
    assert isinstance(error, StartError)
    assert "only the hypervisor's view tells" in error.message and "not a supported file format" in error.message
    assert "--p2m-mfn MFN" in error.hint


@pytest.mark.parametrize(
    ("answer", "domain", "code"),
    [
        ("doms: invalid structure member offset: domain_x\r\n", None, "doms-failed"),
        ("", None, "guest-not-pv"),
        (DOMS, 4, "no-such-guest"),
        (DOMS + DOMS.splitlines(True)[-1].replace("      1", "      3"), None, "several-guests"),
    ],
)
def test_what_doms_says_has_to_name_one_guest(tmp_path: Path, answer: str, domain: int | None, code: str) -> None:
    error = said_by(Script(xen.XEN_STARTUP).command("doms", answer), tmp_path, domain=domain)
    assert isinstance(error, MemorySourceError) and error.code == code
