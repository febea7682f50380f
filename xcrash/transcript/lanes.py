# SPDX-License-Identifier: Apache-2.0
"""Which of several views speaks in the events of a recording, and each view as a recording of its own.

The header's ``xcrash`` key lists the views. The first one has the word until a marker, ``xcrash: view NAME``, gives it
to another; a player shows the markers as chapters.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.transcript.asciicast import VIEW, Cast, Event, Facts, ViewFacts

_NAME = re.compile(r"[A-Za-z0-9]{1,16}")


def views_of(facts: Facts | None) -> tuple[ViewFacts, ...]:
    """The views of a recording in their order; none for one of a single session, or if their names are none."""
    views = facts.views if facts and not facts.terminal else ()
    names = {view.view for view in views}
    return views if len(names) == len(views) and all(map(_NAME.fullmatch, names)) else ()


def speakers(cast: Cast) -> tuple[str | None, ...]:
    """The view that each event is of; a marker that gives the word away is of the view it gives it to."""
    names = [view.view for view in views_of(cast.header.xcrash)]
    speaker, found = names[0] if names else None, []
    for event in cast.events:
        speaker = named if (named := given_to(event)) in names else speaker
        found.append(speaker)
    return tuple(found)


def given_to(event: Event) -> str | None:
    """The view that a marker gives the word to; None for every other event."""
    return event.data[len(VIEW) :] if event.code == "m" and event.data.startswith(VIEW) else None


def parted(cast: Cast) -> tuple[Cast, ...]:
    """Each view as a recording with facts of its own, the times kept; the recording itself where it has no views.

    Of one that was cut off no view is complete: nobody knows whose event is missing.
    """
    facts, names = cast.header.xcrash, {view.view for view in views_of(cast.header.xcrash)}
    if facts is None or not names:
        return (cast,)
    events: dict[str | None, list[Event]] = {name: [] for name in names}
    for event, speaker in zip(cast.events, speakers(cast), strict=True):
        if given_to(event) not in names:
            events[speaker].append(event)
    return tuple(
        msgspec.structs.replace(
            cast,
            header=msgspec.structs.replace(cast.header, xcrash=_own(facts, view)),
            events=tuple(events[view.view]),
        )
        for view in facts.views
    )


def _own(facts: Facts, view: ViewFacts) -> Facts:
    # Recordings that do not say it of each view say it of the Dom0's kernel.
    known = facts if view.view == "dom0" else view
    return msgspec.structs.replace(
        facts,
        view=view.view,
        views=(),
        release=view.release or known.release,
        build_id=view.build_id or known.build_id,
        argv=view.argv,
        namelist=view.namelist,
        namelist_build_id=view.namelist_build_id,
    )
