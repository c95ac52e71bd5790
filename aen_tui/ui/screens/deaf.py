"""A dialog that takes no key from before it could be read: it may have been meant for what was there."""

from __future__ import annotations

import time

from textual import events
from textual.screen import ModalScreen, ScreenResultType

DEAF_SECONDS = 0.4
"""After its first paint it takes no key for this long."""


class DeafScreen(ModalScreen[ScreenResultType]):
    """Keys count from `DEAF_SECONDS` after `paint_anew` was seen on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._hears_from: float | None = None
        """Monotonic second; None where what is to be read was not painted yet."""

    @property
    def hears(self) -> bool:
        """Whether it has been on the screen long enough to be answered."""
        return self._hears_from is not None and time.monotonic() >= self._hears_from

    def paint_anew(self) -> None:
        """What is to be read is another: keys count from its first paint."""
        self._hears_from = None
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self._hears_from = time.monotonic() + DEAF_SECONDS

    def swallows(self, event: events.InputEvent | events.Paste) -> bool:
        """Whether an event came too early; then it goes nowhere."""
        if self._hears_from is not None and event.time >= self._hears_from:
            return False
        event.stop()
        event.prevent_default()
        return True
