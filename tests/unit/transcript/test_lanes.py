# SPDX-License-Identifier: Apache-2.0
"""Recordings of several views: two crashes write into one file, and each is read back by itself."""

from __future__ import annotations

import gzip
import itertools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from xcrash.transcript.asciicast import AGAIN, VIEW, Cast, Event, Facts, Header, ViewFacts, parse_cast, read_cast
from xcrash.transcript.lanes import parted, speakers
from xcrash.transcript.record import CastRecorder, Lane
from xcrash.transcript.recording import from_cast, read_recording, read_sessions, sessions_in, sessions_of_cast
from xcrash.transcript.save import save_copy
from xcrash.transcript.scrub import scrub_file

DOM0 = ViewFacts(view="dom0", argv=("crash", "vmlinux", "d"), namelist="/x/vmlinux", namelist_build_id="aa")
XEN = ViewFacts(view="xen", argv=("crash", "xen-syms", "d"), namelist="/x/xen-syms", namelist_build_id="bb")
BOTH = Facts(release="6.1", dump="/var/d", argv=DOM0.argv, view="dom0", views=(DOM0, XEN))

Said = tuple[str, str]
Step = Callable[[Lane], None]

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
MARKERS = st.sampled_from((f"{VIEW}domU", AGAIN))
SAID = st.one_of(
    st.tuples(st.just("o"), WORDS),
    st.tuples(st.just("i"), WORDS.map(lambda word: word.replace("\n", "").replace("\r", "") + "\r")),
    st.tuples(st.just("m"), WORDS | MARKERS),
    st.tuples(st.just("x"), st.sampled_from(("0", "", "1"))),
)


def mux(spoken: Sequence[tuple[str, Said]]) -> Cast:
    """What was said by whom, one second after the other, with a marker at each change of the speaker."""
    events: list[Event] = []
    speaker = "dom0"
    for second, (view, (code, data)) in enumerate(spoken):
        if view != speaker:
            events.append(Event(float(second), "m", f"{VIEW}{view}"))
            speaker = view
        events.append(Event(float(second), code, data))
    return Cast(header=Header(version=2, xcrash=BOTH), events=tuple(events), complete=True)


def test_a_guests_kernel_is_its_own() -> None:
    guest = ViewFacts(view="domU", release="5.10", build_id="cc")
    three = msgspec.structs.replace(BOTH, build_id="dd", views=(DOM0, XEN, guest))
    parts = parted(Cast(header=Header(version=2, xcrash=three), events=(), complete=True))
    told = [(one.header.xcrash.release, one.header.xcrash.build_id) for one in parts if one.header.xcrash]
    assert told == [("6.1", "dd"), (None, None), ("5.10", "cc")]


@given(st.lists(st.tuples(st.sampled_from(("dom0", "xen")), SAID)))
def test_each_view_gets_back_what_it_said_and_when(spoken: list[tuple[str, Said]]) -> None:
    for cast, view in zip(parted(mux(spoken)), (DOM0, XEN), strict=True):
        own = [Event(float(at), *said) for at, (speaker, said) in enumerate(spoken) if speaker == view.view]
        assert list(cast.events) == own
        assert cast.header.xcrash == msgspec.structs.replace(
            BOTH,
            view=view.view,
            views=(),
            release="6.1" if view == DOM0 else None,
            argv=view.argv,
            namelist=view.namelist,
            namelist_build_id=view.namelist_build_id,
        )


@given(st.lists(st.tuples(st.sampled_from(("dom0", "xen")), SAID)), st.data())
def test_a_recording_cut_off_anywhere_gives_every_whole_event(
    spoken: list[tuple[str, Said]], data: st.DataObject
) -> None:
    cast = mux(spoken)
    header, *lines = [msgspec.json.encode(line) + b"\n" for line in (cast.header, *cast.events)]
    at = data.draw(st.integers(0, len(b"".join(lines))))
    ends = list(itertools.accumulate(map(len, lines)))
    whole = sum(end <= at for end in ends)
    # An event whose line end alone is missing is whole, too.
    whole += any(end == at + 1 for end in ends)
    read = parse_cast(header + b"".join(lines)[:at], "x")
    assert read.events == cast.events[:whole]
    kept = msgspec.structs.replace(cast, events=cast.events[:whole], complete=read.complete)
    assert parted(read) == parted(kept)
    assert [one.view for one in sessions_of_cast("x", read)] == ["dom0", "xen"]


def write(path: Path) -> Path:
    """A recording of both views, whose crashes spoke in turn."""
    recorder = CastRecorder(path, BOTH)
    dom0, xen = recorder.lane("dom0"), recorder.lane("xen")
    dom0.output("crash 9.0.2 é".encode()[:-1])
    xen.output(b"crash 9.0.2\r\ncrash> ")
    dom0.output("é\r\ncrash> ".encode()[1:])
    xen.input("doms")
    dom0.input("p hostname\x1b")
    xen.output(b"   DID\r\ncrash> ")
    dom0.output(b"NODENAME: somehost\r\ncrash> ")
    xen.input("dumpinfo")
    xen.output(b" PCID\r\n")
    xen.ended(None)
    dom0.ended(0)
    xen.output(b"crash 9.0.2, again\r\ncrash> ")
    xen.input("pcpus")
    xen.output(b"   PCID\r\ncrash> ")
    xen.ended(0)
    recorder.close()
    xen.output(b"too late")
    return path


def test_two_lanes_of_a_recorder_are_two_recordings(tmp_path: Path) -> None:
    dom0, xen = read_sessions(write(tmp_path / "a.cast"))
    assert (dom0.view, dom0.facts.argv, dom0.facts.namelist_build_id) == ("dom0", DOM0.argv, "aa")
    assert (xen.view, xen.facts.argv, xen.facts.release) == ("xen", XEN.argv, None)
    assert dom0.startup_text == "crash 9.0.2 é\r\ncrash> "
    assert [one.command for one in dom0.exchanges] == ["p hostname\x1b"]
    assert [one.command for one in xen.exchanges] == ["doms", "dumpinfo", "pcpus"]
    assert xen.answer_to("doms") == "   DID\r\n"
    assert (dom0.exit_status, xen.exit_status, xen.complete) == (0, 0, True)
    assert dom0.others == (xen,) and xen.others == ()
    assert read_recording(tmp_path / "a.cast") == dom0
    assert (dom0.label, xen.label) == ("crash[dom0]> ", "crash[xen]> ")


def test_another_crash_in_a_lane_is_told_by_a_marker_and_stands_behind_the_command(tmp_path: Path) -> None:
    _, xen = read_sessions(write(tmp_path / "a.cast"))
    assert xen.answer_to("dumpinfo") == " PCID\r\ncrash 9.0.2, again\r\n"
    cast = read_cast(tmp_path / "a.cast")
    (at,) = (number for number, event in enumerate(cast.events) if event.data == AGAIN)
    assert speakers(cast)[at] == "xen"
    assert cast.events[at + 1].data == "crash 9.0.2, again\r\ncrash> "


def test_a_command_cannot_pass_for_a_marker(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", BOTH)
    dom0 = recorder.lane("dom0")
    dom0.input(f"{VIEW}xen")
    dom0.output(b"crash: command not found: xcrash:\r\ncrash> ")
    recorder.close()
    first, xen = read_sessions(tmp_path / "a.cast")
    assert [one.command for one in first.exchanges] == [f"{VIEW}xen"]
    assert (xen.startup, xen.exchanges) == ((), ())


def test_lanes_may_be_written_from_two_threads_at_once(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", BOTH)
    together = threading.Barrier(2)

    def speak(lane: Lane) -> None:
        together.wait()
        for number in range(400):
            lane.input(f"p {number}")
            lane.output(f"{number}\r\n".encode())
        lane.ended(0)

    threads = [threading.Thread(target=speak, args=(recorder.lane(view),)) for view in ("dom0", "xen")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    for recording in read_sessions(tmp_path / "a.cast"):
        assert [one.command for one in recording.exchanges] == [f"p {number}" for number in range(400)]
        assert [one.output for one in recording.exchanges] == [f"{number}\r\n" for number in range(400)]
        assert (recording.exit_status, recording.complete) == (0, True)


def test_a_full_disk_is_told_once_for_both(tmp_path: Path) -> None:
    troubles: list[str] = []
    recorder = CastRecorder(tmp_path / "a.cast", BOTH, troubles.append)
    assert recorder._writer is not None
    recorder._writer.close()
    for view in ("dom0", "xen", "dom0"):
        recorder.lane(view).output(b"x")
    assert len(troubles) == 1 and "the recording stopped" in troubles[0]


def test_views_whose_names_are_none_are_one_session() -> None:
    for views in ((DOM0, DOM0), (DOM0, ViewFacts(view="\x1b[2J")), (DOM0, ViewFacts(view=""))):
        facts = msgspec.structs.replace(BOTH, views=views)
        cast = Cast(header=Header(version=2, xcrash=facts), events=(Event(0.0, "o", "crash> "),), complete=True)
        assert parted(cast) == (cast,)
        assert sessions_of_cast("x", cast) == (from_cast("x", cast),)


def test_a_file_of_one_session_is_read_as_before(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", Facts(view="xen"))
    recorder.output(b"crash> ")
    recorder.input(f"{VIEW}xen")
    recorder.ended(0)
    (recording,) = read_sessions(tmp_path / "a.cast")
    assert (recording.view, recording.others, len(recording.exchanges)) == ("xen", (), 1)


def test_the_text_of_a_copy_has_the_views_one_after_the_other(tmp_path: Path) -> None:
    save_copy(write(tmp_path / "a.cast"), tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_text()
    assert text.startswith("# view dom0\ncrash 9.0.2 é\n")
    assert "crash[dom0]> p hostname" in text and "\x1b" not in text
    assert text.index("# view dom0") < text.index("# view xen\n") < text.index("crash[xen]> doms\n   DID\n")


def test_names_are_scrubbed_in_each_view_and_the_views_stay_apart(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", msgspec.structs.replace(BOTH, views=(DOM0, XEN)))
    dom0, xen = recorder.lane("dom0"), recorder.lane("xen")
    dom0.output(b"    NODENAME: some")
    xen.output(b"crash> ")
    dom0.output(b"host.example.com\r\ncrash> ")
    xen.input("log")
    xen.output(b"(XEN) somehost.example.com\r\ncrash> ")
    recorder.close()
    scrub_file(tmp_path / "a.cast", tmp_path / "b.cast")
    assert b"somehost" not in (tmp_path / "b.cast").read_bytes()
    first, second = read_sessions(tmp_path / "b.cast")
    assert (first.view, second.view) == ("dom0", "xen")
    name = first.startup_text.split(": ")[1].split("\r")[0]
    assert second.answer_to("log") == f"(XEN) {name}\r\n"
    assert first.facts.scrubbed and second.facts.scrubbed
    before = [event.time for event in read_cast(tmp_path / "a.cast").events]
    assert [event.time for event in read_cast(tmp_path / "b.cast").events] == before


def test_a_damaged_compressed_file_has_no_complete_view(tmp_path: Path) -> None:
    data = gzip.compress(write(tmp_path / "a.cast").read_bytes(), mtime=0)
    found = sessions_in(data[:-10], "x")
    assert [one.complete for one in (*found, *found[0].others)] == [False] * 3
