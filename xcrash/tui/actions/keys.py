# SPDX-License-Identifier: Apache-2.0
"""Keys as people write them, and as their configuration has them."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.dom import DOMNode

from xcrash.tui.actions import Action, Group

_SIGNS = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "ampersand": "&",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "full_stop": ".",
    "comma": ",",
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
}
_MODIFIERS = {"ctrl": "^", "shift": "S-", "alt": "M-"}


def keys_of(app: App[Any], action: Action) -> str:
    """The keys of an action now, as people write them."""
    # Textual keeps the user's keymap to itself.
    return shown_keys(app._keymap.get(action.id, action.keys))


def shown_keys(keys: str) -> str:
    """``ctrl+p,question_mark`` is ``^p ?``."""
    shown = []
    for key in filter(None, (one.strip() for one in keys.split(","))):
        *modifiers, last = key.split("+") if key != "+" else ["+"]
        name = _SIGNS.get(last, last.upper() if last[0] == "f" and last[1:].isdigit() else last)
        shown.append("".join(_MODIFIERS.get(one, one) for one in modifiers) + name)
    return " ".join(shown)


def belongs(group: Group, node: DOMNode) -> bool:
    """Does ``node`` carry out the actions of ``group``?"""
    if group.selector.startswith("#"):
        return node.id == group.selector[1:]
    return any(kind.__name__ == group.selector for kind in type(node).__mro__)
