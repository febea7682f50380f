# SPDX-License-Identifier: Apache-2.0
"""What works in the view Recording."""

from __future__ import annotations

from xcrash.tui.actions import Action

RECORDING = (
    Action("recording.pause", "pause", "p", "Play, pause", about="Play on or pause; at the end, play again."),
    Action("recording.faster", "speed(1)", "plus", "Faster", show=False, about="Play faster, at last all at once."),
    Action("recording.slower", "speed(-1)", "minus", "Slower", show=False, about="Play slower."),
    Action("recording.panels", "panels", "b", "Panels", show=False, about="Show or hide what views asked for."),
    Action("recording.save", "save", "w", "Save as", about="Save a copy; a name that ends in .txt makes it a text."),
    Action("recording.scrub", "scrub", "x", "Scrub", about="Save a copy without names and addresses."),
)
