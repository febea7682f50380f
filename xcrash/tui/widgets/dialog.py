# SPDX-License-Identifier: Apache-2.0
"""What all screens have in common that lie over another one and are closed with an answer."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """Closes itself only: a key for it may be handled when another screen, the palette perhaps, lies over it."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with ``result``; does nothing unless it is on top, because Textual closes whatever is."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
