# SPDX-License-Identifier: Apache-2.0
"""The session as a recording: what was asked when; playing it, and copies of it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from xcrash.errors import UsageError
from xcrash.output.save import named_file
from xcrash.timeline import Step, of_recording, of_session
from xcrash.transcript.save import save_copy
from xcrash.transcript.scrub import scrub_file
from xcrash.tui.actions import bindings
from xcrash.tui.actions.recording import RECORDING
from xcrash.tui.literal import literal
from xcrash.tui.messages import ResultWanted
from xcrash.tui.tables.page import shown, size
from xcrash.tui.views.view import View
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import UNKNOWN, Column, RowTable
from xcrash.tui.widgets.save_dialog import SaveDialog
from xcrash.tui.workbench import Workbench

_SIGNS = {"played": " ", "playing": "›", "to come": "·", "ok": " ", "error": "!"}
_GAUGE = 12


class RecordingView(View):
    """A recording that is played, or the one that is being made."""

    NAME = "recording"
    TITLE = "Recording"
    BINDINGS: ClassVar[list[Binding]] = bindings(RECORDING)  # type: ignore[assignment]
    DEFAULT_CSS = """
    RecordingView > #recording-head { height: auto; padding: 0 1; }
    RecordingView > FilteredTable { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._longest = 0.0
        self._panels = True
        self._drawn: object = None
        columns = (
            Column[Step](" ", lambda step: _SIGNS.get(step.state, "!"), width=1),
            Column[Step]("#", lambda step: str(step.number), lambda step: step.number, right=True, rank=2),
            Column[Step]("AT", lambda step: _clock(step.at), lambda step: step.at, width=8, right=True),
            Column[Step]("TOOK", lambda step: _seconds(step.seconds), lambda step: step.seconds, width=9, right=True),
            Column[Step]("", lambda step: self._gauge(step), lambda step: step.seconds, width=_GAUGE, rank=3),
            Column[Step]("SIZE", lambda step: size(step.bytes), lambda step: step.bytes, width=9, right=True, rank=1),
            Column[Step]("STATE", lambda step: f"{step.state}{' (panel)' if step.background else ''}", width=11),
            Column[Step]("COMMAND", lambda step: step.command, most=200),
        )
        table: RowTable[Step] = RowTable(
            columns, identity=lambda step: step.number, look=_look, order="as they were asked", id="timeline"
        )
        self.page: FilteredTable[Step] = FilteredTable(bench, table, "commands", tuple)

    def compose(self) -> ComposeResult:
        """What is recorded, and the timeline."""
        yield Static(id="recording-head", markup=False)
        yield self.page

    def on_mount(self) -> None:
        """Follow what happens while it is looked at."""
        self.set_interval(0.25, self.draw)

    def shown(self) -> None:
        """Draw it."""
        super().shown()
        self.draw()

    def draw(self) -> None:
        """Show the timeline if it changed."""
        bench, play = self.bench, self.bench.play
        state = (len(bench.ended), self._panels, play and (play.position, play.running, play.paused, play.speed))
        if state == self._drawn or not self.is_on_screen:
            return
        self._drawn = state
        recording = bench.opened.target.recording
        steps = of_recording(recording, play) if recording and play else of_session(bench.ended)
        steps = tuple(step for step in steps if self._panels or not step.background)
        self._longest = max((step.seconds or 0.0 for step in steps), default=0.0)
        self.page.table.show(steps)
        self.query_one("#recording-head", Static).update(self._head())

    def _head(self) -> Content:
        opened, play = self.bench.opened, self.bench.play
        rows = [("file", opened.recording or "this session is not recorded")]
        if opened.recording_stopped:
            rows.append(("stopped", "the recording could not be written on; what is in it is readable"))
        recording = opened.target.recording
        if recording and play:
            rows.append(("playing", _play_words(play.position, play.total, play.paused, play.speed)))
            facts = recording.facts
            about = filter(None, (facts.kind, facts.release, facts.dump_format, f"crash {facts.crash or UNKNOWN}"))
            rows.append(("of", " · ".join(about) + ("" if recording.complete else " · cut off at its end")))
        return Content("\n").join(literal(f"{label:>8}  ", "dim") + literal(text) for label, text in rows)

    def _gauge(self, step: Step) -> str:
        """Where the time went."""
        if not step.seconds or not self._longest:
            return ""
        return "=" * max(1, round(_GAUGE * step.seconds / self._longest))

    # playing

    @on(RowTable.Chosen)
    def step_chosen(self, message: RowTable.Chosen) -> None:
        """Show the answer; what was not played yet is played up to there."""
        step: Step = message.row
        if step.result is not None:
            self.post_message(ResultWanted(step.result))
        elif self.bench.play and step.state == "to come":
            self.bench.play.to(step.number - 1)
            self.notify(f"played up to command {step.number}, and paused", markup=False)
            self.draw()
        else:
            self.notify("crash was not asked this: it would have ended the session", markup=False)

    def action_pause(self) -> None:
        """Play, pause, or play again."""
        if self.bench.play is None:
            self.notify("this session is being recorded; a recording can be played", markup=False)
            return
        self.bench.play.pause()
        self.draw()

    def action_speed(self, steps: int) -> None:
        """Play faster or slower."""
        if self.bench.play:
            self.bench.play.faster(steps)
            self.draw()

    def action_panels(self) -> None:
        """Show or hide the commands of views."""
        self._panels = not self._panels
        self.draw()

    # copies

    def action_save(self) -> None:
        """Ask for a name and save a copy."""
        self._ask(scrub=False)

    def action_scrub(self) -> None:
        """Ask for a name and save a copy without names and addresses."""
        self._ask(scrub=True)

    def _ask(self, scrub: bool) -> None:
        if self.bench.opened.recording is None:
            self.notify("this session is not recorded", severity="warning", markup=False)
            return
        source = Path(self.bench.opened.recording)
        proposed = f"{source.stem}-scrubbed{source.suffix}" if scrub else source.name
        title = "Save a copy without names and addresses as" if scrub else "Save a copy as (.txt: as text)"

        def write(typed: str, _: bool) -> str:
            return _written(source, typed, scrub)

        self.app.push_screen(SaveDialog(title, proposed, write), self._saved)

    def _saved(self, words: str | None) -> None:
        if words:
            self.notify(words, title="Written", markup=False, timeout=10)

    # what every view does

    def focus_target(self) -> Widget:
        """The timeline."""
        return self.page.table

    def back(self) -> bool:
        """Escape takes the filter away."""
        return self.page.back()

    def copied(self) -> str | None:
        """The path of the recording."""
        return self.bench.opened.recording


def _written(source: Path, typed: str, scrub: bool) -> str:
    try:
        target = named_file(typed)
        if scrub:
            places = sum(scrub_file(source, target).changes.values())
            return f"{target}: {places:,} places changed; look through it before you give it away"
        return f"{target}: {save_copy(source, target):,} bytes"
    except OSError as error:
        raise UsageError("output-unwritable", f"not written: {typed}: {error}", "choose another place") from error


def _look(step: Step) -> str:
    if step.state in ("error", "died", "timeout"):
        return "bad"
    return "dim" if step.background or step.state == "to come" else ""


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:d}:{rest:02d}" if minutes < 60 else f"{minutes // 60:d}:{minutes % 60:02d}:{rest:02d}"


def _seconds(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else f"{seconds:,.2f} s"


def _play_words(position: int, total: int, paused: bool, speed: float) -> str:
    how = "at once" if not speed else f"speed {speed:g}"
    where = f"{shown(position)} of {shown(total)} commands"
    state = "paused" if paused and position < total else "all played" if position >= total else "playing"
    return f"{state}, {where}, {how}   (p plays and pauses, + and - change the speed)"
