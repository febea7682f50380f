# SPDX-License-Identifier: Apache-2.0
"""Where a guest's memory is in the dump of the machine: the hypervisor's view is asked for its domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from xcrash.discovery.choices import LAST_DOMAIN, ViewWish
from xcrash.discovery.views import is_guests_own
from xcrash.errors import MemorySourceError, XcrashError
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.parse import doms
from xcrash.ssh import is_address
from xcrash.target import Choices, Target, check_openable, survey, survey_of_dump

_SECONDS = 120.0
"""``doms`` reads a list of a few structures."""


def with_guest(choices: Choices, tell: Callable[[str], None]) -> Choices:
    """The choices with the p2m frame of the guest that is asked for, where the target is the dump of its machine.

    For that the hypervisor's view is opened, asked ``doms`` and closed; ``tell`` is called before. Raises XcrashError:
    that of a view that cannot be opened, "no-such-guest", "several-guests", "guest-not-pv".
    """
    if not choices.wants_guest or choices.p2m_mfn is not None or not choices.target or is_address(choices.target):
        return choices
    machine = survey(_hypervisors(choices, "auto"), whole=False)
    if machine.kind != "dump" or machine.dump is None or machine.dump.xen is None or is_guests_own(machine.dump):
        return choices
    hypervisor = _hypervisors(choices, "xen")
    try:
        target = survey_of_dump(machine.dump, hypervisor)
        check_openable(target, hypervisor)
        tell("asking the hypervisor's view where the guest's memory is: doms")
        table = _ask(target, hypervisor)
    except XcrashError as error:
        raise type(error)(
            error.code,
            f"where the guest's memory is only the hypervisor's view tells: {error.message}",
            "; ".join(filter(None, (error.hint, "or name the frame of its p2m list: --p2m-mfn MFN"))),
        ) from error
    return showing(choices, choose_guest(table.domains, choices.domain))


def showing(choices: Choices, guest: doms.Domain) -> Choices:
    """The choices with this guest, whose P2M_MFN ``doms`` has told."""
    return msgspec.structs.replace(
        choices,
        domain=guest.domain_id,
        p2m_mfn=int(guest.p2m_mfn or "0", 16),
        p2m_from=f"the P2M_MFN of domain {guest.domain_id}, as the hypervisor's view lists it in doms",
    )


def choose_guest(domains: Iterable[doms.Domain], wanted: int | None) -> doms.Domain:
    """The guest with the ID ``wanted``, or the only PV guest there is; raises MemorySourceError."""
    guests = {one.domain_id: one for one in domains if one.domain_id and one.domain_id <= LAST_DOMAIN}
    shown = {number: one for number, one in guests.items() if int(one.p2m_mfn or "0", 16)}
    names = ", ".join(map(str, guests)) or "none"
    if wanted is not None and wanted not in guests:
        raise MemorySourceError("no-such-guest", f"the dump has no guest {wanted}; it has: {names}", "name one of them")
    if wanted is None and len(shown) > 1:
        raise MemorySourceError(
            "several-guests",
            f"several guests could be shown: {', '.join(map(str, shown))}",
            f"name one: --domain {next(iter(shown))}",
        )
    found = shown.get(wanted) if wanted is not None else next(iter(shown.values()), None)
    if found is None:
        which = f"no guest (there are: {names}) has a" if wanted is None else f"guest {wanted} has no"
        raise MemorySourceError(
            "guest-not-pv",
            f"{which} P2M_MFN in doms, by which crash finds the memory of a PV guest",
            "a PVH or HVM guest is not seen in the dump of its machine: xl dump-core dumps it while it runs",
        )
    return found


def _hypervisors(choices: Choices, view: ViewWish) -> Choices:
    return msgspec.structs.replace(choices, view=view, domain=None, record=False)


def _ask(target: Target, choices: Choices) -> doms.Domains:
    opened = OpenSession(target, choices)
    try:
        opened.bring_up()
        result = opened.run("doms", timeout=_SECONDS)
        text = opened.session.text(result.start, result.end)
        if result.exit != "ok":
            said = one_line(text.strip()) or result.exit
            raise MemorySourceError("doms-failed", f"doms did not answer: {said}", "look for yourself: --view xen")
        return doms.parse(text)
    finally:
        opened.close()
