# SPDX-License-Identifier: Apache-2.0
"""The only way dump text reaches a widget: as an object, never as markup, without control characters."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.content import Content

from xcrash.literal import visible


def literal(text: str, style: str = "") -> Content:
    """``text`` exactly as it is, for widgets that take Textual content: square brackets, backslashes and all."""
    return Content.styled(visible(text), style) if style else Content(visible(text))


def literal_cell(text: str, style: Style | None = None) -> Text:
    """``text`` exactly as it is, for Rich tables; a word too long for its column is folded, not cut."""
    return Text(visible(text), style=style or Style.null(), overflow="fold")
