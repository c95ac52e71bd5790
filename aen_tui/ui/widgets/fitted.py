"""A part that is arranged for its size, once for every size that it has."""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.widget import Widget


class Fitted(Widget):
    """Arranged by `fit` when its size is another.

    Textual tells the size each time a part comes on screen, also where it is what it was: arranging everything
    for that would paint a view a second time whenever somebody looks at it.
    """

    _fitted: Size | None = None

    @property
    def room(self) -> Size:
        """Its size, and off the screen, where Textual gives it none, the size that it had there.

        What changes meanwhile is arranged for that: where the part comes back as large as it was, nothing tells it.
        """
        return self.size or self._fitted or self.size

    def on_resize(self, event: events.Resize) -> None:
        """The size is told, which may be the same."""
        if event.size != self._fitted:
            self._fitted = event.size
            self.fit(event.size)

    def fit(self, size: Size) -> None:
        """The part is this large, in cells, and was not before."""
        raise NotImplementedError
