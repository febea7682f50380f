# SPDX-License-Identifier: Apache-2.0
"""Which guest of a machine's dump is shown, from what the hypervisor's view lists."""

from __future__ import annotations

import pytest

from xcrash.errors import MemorySourceError
from xcrash.guests import choose_guest
from xcrash.parse import doms

HEAD = "   DID       DOMAIN      ST T  MAXPAGE  TOTPAGE VCPU     SHARED_I          P2M_MFN    \n"
IDLE = "> 32767 ffff83005fdfa000 RU I     0        0      2          0              ----      \n"
DOM0 = ">*    0 ffff83005fdd2000 RU 0   28000    28000    2  ffff83005fdd0000       48ba6     \n"
PV = "      1 ffff83005f50d000 RU U   8100     8000     1  ffff83005f50c000       22765     \n"
PVH = "      2 ffff83005f60f000 RU U   8100     8010     1  ffff83005f601000         0       \n"
OTHER = "      7 ffff83005f60f000 PA U   8100     8010     1  ffff83005f601000       12965     \n"


def chosen(*rows: str, wanted: int | None = None) -> tuple[int | None, str | None]:
    found = choose_guest(doms.parse("".join((HEAD, IDLE, DOM0, *rows))).domains, wanted)
    return found.domain_id, found.p2m_mfn


def test_the_only_guest_with_a_p2m_needs_no_name() -> None:
    assert chosen(PV) == chosen(PVH, PV) == chosen(OTHER, PV, wanted=1) == (1, "0x22765")
    assert chosen(PV, OTHER, wanted=7) == (7, "0x12965")


@pytest.mark.parametrize(
    ("rows", "wanted", "code", "says"),
    [
        ((PV, PVH, OTHER), None, "several-guests", "several guests could be shown: 1, 7"),
        ((PV, PVH), 3, "no-such-guest", "the dump has no guest 3; it has: 1, 2"),
        ((), 3, "no-such-guest", "it has: none"),
        ((PV, PVH), 2, "guest-not-pv", "guest 2 has no P2M_MFN"),
        ((PVH,), None, "guest-not-pv", "no guest (there are: 2) has a P2M_MFN"),
        ((), None, "guest-not-pv", "no guest (there are: none)"),
    ],
)
def test_what_cannot_be_chosen_says_what_there_is(
    rows: tuple[str, ...], wanted: int | None, code: str, says: str
) -> None:
    with pytest.raises(MemorySourceError) as caught:
        chosen(*rows, wanted=wanted)
    assert caught.value.code == code
    assert says in caught.value.message
