# SPDX-License-Identifier: Apache-2.0
"""Every action of the terminal UI: bindings, footer, help and palette are made from these tables, nothing else spells
a key. One module for each part of the screen; ``registry`` holds them all."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """One thing a key does: ``name`` is the action method, ``id`` lets a user's keymap change the keys.

    ``text`` is what the footer shows, ``about`` a sentence for the help and the palette; ``show`` puts it in the
    footer, ``palette`` lists it among the commands of Ctrl-P.
    """

    id: str
    name: str
    keys: str
    text: str
    show: bool = True
    priority: bool = False
    about: str = ""
    palette: bool = True


class Group(NamedTuple):
    """The actions of one part of the screen: its title, and the selector of the widget that carries them out."""

    title: str
    selector: str
    actions: tuple[Action, ...]


def bindings(actions: tuple[Action, ...]) -> list[Binding]:
    """The bindings of a widget or screen for its part of the table."""
    return [
        Binding(action.keys, action.name, action.text, show=action.show, priority=action.priority, id=action.id)
        for action in actions
    ]
