# SPDX-License-Identifier: Apache-2.0
"""What Ctrl-P offers: every action that can be carried out now, and every command of crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from xcrash.tui.actions import Action, Group
from xcrash.tui.actions.keys import belongs, keys_of
from xcrash.tui.actions.registry import GROUPS
from xcrash.tui.literal import literal
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.widgets.command_input import CommandInput


class _Offer(NamedTuple):
    """A line of the palette: what is matched, what is shown behind it, what it does."""

    text: str
    about: str
    run: Callable[[], object]


class Offers(Provider):
    """Offers are matched by their text and their explanation; both are shown as they are, never as markup.

    The actions come first, then the commands of crash: of several providers Textual mixes the answers.
    """

    async def discover(self) -> Hits:
        """Everything, before something is typed."""
        for offer in self._offers():
            yield DiscoveryHit(_shown(offer), offer.run, text=offer.text)

    async def search(self, query: str) -> Hits:
        """What matches: its text more than its explanation."""
        matcher = self.matcher(query)
        for offer in self._offers():
            score = max(matcher.match(offer.text), 0.5 * matcher.match(offer.about))
            if score > 0:
                yield Hit(score, _shown(offer), offer.run, text=offer.text)

    def _offers(self) -> Iterator[_Offer]:
        yield from self._actions()
        yield from self._commands()

    def _actions(self) -> Iterator[_Offer]:
        """The actions of the screen and of the view that is shown, with their keys: those that can be done now."""
        for group in GROUPS:
            target = _target(self.screen, group)
            for action in group.actions if target else ():
                if target and action.palette and _may(target, action):
                    about = f"{action.about or action.text}  ({keys_of(self.app, action)})"
                    yield _Offer(f"{group.title}: {action.text}", about, partial(_run, target, action))

    def _commands(self) -> Iterator[_Offer]:
        """Every command of crash, with what it is for: it is put into the prompt, to be completed there."""
        screen = self.screen
        if not isinstance(screen, SessionScreen) or screen.bench.names is None:
            return
        for found in screen.bench.names.complete("", 0):
            yield _Offer(f"crash> {found.text}", found.detail, partial(_type, screen, found.text))


class Palette(CommandPalette):
    """Textual's palette; keys that come before its list has its size wait for nothing and do nothing."""

    def _action_command_list(self, action: str) -> None:
        # OptionList looks for the line of an option among lines that are made with the size.
        if self.query_one(CommandList).size.height:
            super()._action_command_list(action)


def _shown(offer: _Offer) -> Content:
    return literal(offer.text) + literal(f"   {offer.about}", "dim") if offer.about else literal(offer.text)


def _target(screen: Screen[Any], group: Group) -> Widget | Screen[Any] | None:
    """The widget that carries out the actions of a group: the one that has the focus, or the first that is seen."""
    focused = screen.focused
    around = focused.ancestors_with_self if focused else [screen]
    seen = (node for node in screen.query(group.selector) if node.is_on_screen and node.region.area)
    return next((node for node in (*around, *seen) if isinstance(node, Widget) and belongs(group, node)), None)


def _may(target: Widget, action: Action) -> bool:
    name, _, arguments = action.name.partition("(")
    values = tuple(arguments.rstrip(")").replace("'", "").split(",")) if arguments else ()
    return target.check_action(name.removeprefix("app.").removeprefix("screen."), values) is True


async def _run(target: Widget, action: Action) -> None:
    await target.run_action(action.name)


def _type(screen: SessionScreen, name: str) -> None:
    screen.action_prompt()
    prompt = screen.query_one(CommandInput)
    prompt.value = f"{name} "
    prompt.cursor_position = len(prompt.value)
