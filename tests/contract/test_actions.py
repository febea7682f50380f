# SPDX-License-Identifier: Apache-2.0
"""The registry of actions: every identity once, every action there, no key twice where both would be heard."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter

import pytest
from textual.app import App
from textual.dom import DOMNode

import xcrash.tui
from xcrash.tui.actions import Action, Group
from xcrash.tui.actions.keys import shown_keys
from xcrash.tui.actions.registry import GROUPS
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views_screen import HYPERVISOR_VIEWS, VIEWS

ACTIONS = [action for group in GROUPS for action in group.actions]
TOLD_APART = ("start.rung",)
"""Their keys mean something else on the page of a start that failed."""


def classes() -> dict[str, type[DOMNode]]:
    """Every widget and screen of the terminal UI by its name."""
    found: dict[str, type[DOMNode]] = {}
    for module in pkgutil.walk_packages(xcrash.tui.__path__, "xcrash.tui."):
        for name, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(one, DOMNode) and one.__module__.startswith("xcrash.tui"):
                found[name] = one
    return found


def target(group: Group) -> type[DOMNode]:
    """The class that carries out the actions of a group."""
    if group.selector == "#prompt":
        return classes()["CommandInput"]
    if group.selector.startswith("#"):
        return next(view for view in (*VIEWS, *HYPERVISOR_VIEWS) if group.selector[1:] == view.NAME)
    return classes()[group.selector]


def test_an_identity_names_one_action() -> None:
    counted = Counter(action.id for action in ACTIONS)
    assert [one for one, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_every_action_is_there(group: Group) -> None:
    owner = target(group)
    for action in group.actions:
        name = action.name.partition("(")[0]
        scope, _, bare = name.rpartition(".")
        where = App if scope == "app" else SessionScreen if scope == "screen" else owner
        found = any(
            hasattr(one, f"action_{bare}") for one in (where, classes()["XcrashApp"] if scope == "app" else where)
        )
        assert found, f"{action.id}: {where.__name__} has no action_{bare}"


def keys(actions: tuple[Action, ...]) -> list[str]:
    return [key.strip() for one in actions if not one.id.startswith(TOLD_APART) for key in one.keys.split(",")]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_a_key_means_one_thing_in_a_group(group: Group) -> None:
    assert [key for key, count in Counter(keys(group.actions)).items() if count > 1] == []


@pytest.mark.parametrize("group", [one for one in GROUPS if one.selector.startswith("#") and one.title != "Prompt"])
def test_a_view_takes_no_key_that_works_everywhere(group: Group) -> None:
    everywhere = next(one for one in GROUPS if one.title == "Session")
    assert sorted(set(keys(group.actions)) & set(keys(everywhere.actions))) == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_says_what_it_does(action: Action) -> None:
    assert action.text and not action.text.endswith(".")
    assert not action.palette or action.about.endswith(".") or action.id.startswith("view."), "a sentence"


def test_keys_are_shown_as_people_write_them() -> None:
    assert shown_keys("ctrl+p,question_mark,f1,ctrl+shift+a,plus,G") == "^p ? F1 ^S-a + G"
