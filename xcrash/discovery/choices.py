# SPDX-License-Identifier: Apache-2.0
"""What the user said on the command line."""

from __future__ import annotations

from typing import Literal

import msgspec

from xcrash.plan.lens import Wish

ViewWish = Literal["auto", "dom0", "xen", "domU", "all"]

LAST_DOMAIN = 0x7FEF
"""The highest ID of a guest (Xen's public/xen.h, DOMID_FIRST_RESERVED)."""


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The target and everything that shapes its discovery and its session; None where the user said nothing.

    ``allowed`` are the names of the steps the user consents to (``--allow``); ``rescue``: a start that fails is tried
    again on the next rung of the ladder. ``view`` is whose memory a Xen dump is to show; ``xen_phys_start`` is the
    physical address Xen was loaded at, ``p2m_mfn`` the machine frame of a kernel's list of p2m frames, learnt as
    ``p2m_from`` says; ``domain`` is the guest of the machine's dump that is to be shown.
    """

    target: str | None = None
    root: str | None = None
    vmlinux: str | None = None
    debuginfo: str | None = None
    xen_syms: str | None = None
    debug_dirs: tuple[str, ...] = ()
    memory: str | None = None
    crash: str | None = None
    crash_args: tuple[str, ...] = ()
    user_rc: bool = False
    allowed: tuple[str, ...] = ()
    ask: bool = True
    record: bool = True
    rescue: bool = False
    speed: float = 0.0
    lens: Wish = "auto"
    view: ViewWish = "auto"
    xen_phys_start: int | None = None
    p2m_mfn: int | None = None
    p2m_from: str = "named by the user"
    domain: int | None = None

    @property
    def wish(self) -> ViewWish:
        """The view asked for, by itself or with a guest of it."""
        return "domU" if self.view == "auto" and self.domain is not None else self.view

    @property
    def wants_guest(self) -> bool:
        """Is a guest of the machine to be shown?"""
        return self.view == "domU" or self.domain is not None
