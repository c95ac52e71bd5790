"""Shelf: the views. One file a view, found by listing this folder; each exports `PANEL`.

A panel draws a part of the cluster. It is given the backend when it is made, and then:

- `take(state)`: a new snapshot, at most ten a second, only while the panel is visible, and once
  when it is shown. Parts that did not change are the same objects: draw only what changed by
  identity (`node is not old_node`).
- `tick()`: once a second while visible: redraw ages, and nothing else.
- `aim(nodes, keys)`: what the user pointed at before coming here (marks on Fleet; logs of a node).
- `chip`: the active filter in a few words; the footer shows it.
- `seek(moment)`: the time that was gone to in another view, also while the panel is off screen.
- `save(file)`: `:w FILE`, where there is something to write.
- `reveal()` and `conceal()`: the panel comes on screen or leaves it (start and stop own wake-ups there).

What it wants from others it posts as a message of `ui.messages`. Its bindings have ids `<panel>.<verb>`
and tooltips. It is made when it is first shown, so a heavy import belongs inside `compose`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.reactive import var
from textual.widget import Widget

from aen_tui.model.shelf import shelved
from aen_tui.ui.messages import ChipChanged

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState
    from aen_tui.model.logs import LogKey
    from aen_tui.model.node import NodeName
    from aen_tui.ui.backend import Backend


class Panel(Widget):
    """A view. Subclasses compose or draw; the focus goes to the panel's first focusable part."""

    DEFAULT_CSS = """
    Panel { width: 1fr; height: 1fr; }
    """

    BLANK = True
    """Its parts cover it, or hide nothing but the background."""
    chip: var[str] = var("", init=False)
    """The active filter in a few words; empty where there is none."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self.backend = backend

    def take(self, state: ClusterState) -> None:
        """A new snapshot; the panel is visible."""

    def tick(self) -> None:
        """A second has passed; the panel is visible."""

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[LogKey] = ()) -> None:
        """Show these nodes (or exactly these logs); nothing means all."""

    def reveal(self) -> None:
        """The panel comes on screen; `take` follows."""

    def conceal(self) -> None:
        """The panel leaves the screen."""

    def seek(self, moment: float | None) -> None:
        """Somebody went to a time, epoch seconds, in another view; None = back to the present."""

    def save(self, file: Path | None) -> None:
        """Write what is shown to a file that is not there yet; None = to one of our own folder."""
        self.notify("nothing of this view can be written to a file", severity="warning", markup=False)

    def watch_chip(self, chip: str) -> None:
        """Tell the footer."""
        self.post_message(ChipChanged(chip))


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """What a file of this shelf exports as `PANEL`."""

    digit: int
    """The key of the view, 1 to 9."""
    title: str
    """One word: Fleet, Logs, Metrics, Connections …"""
    panel: type[Panel]


def find_panels() -> tuple[PanelEntry, ...]:
    """Every view of this folder, by digit.

    Raises:
        TypeError: a file without `PANEL`.
        RuntimeError: two views with one digit.
    """
    found: dict[int, PanelEntry] = {}
    for entry in shelved(__name__, "PANEL", PanelEntry):
        if entry.digit in found:
            raise RuntimeError(f"{entry.title} and {found[entry.digit].title} both want the key {entry.digit}")
        found[entry.digit] = entry
    return tuple(found[digit] for digit in sorted(found))
