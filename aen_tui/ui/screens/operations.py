"""All that is in progress in MongoDB, in full, as it is at each moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.screens.check_finding import CheckFindingScreen


class OperationsScreen(CheckFindingScreen):
    """Reads operations; the same keys as for a check.

    Args:
        fields: what they are, asked anew every second.
    """

    TITLES = ("in progress", "Esc close")

    def __init__(self, fields: Callable[[], Sequence[Field]]) -> None:
        super().__init__(fields(), fields)
