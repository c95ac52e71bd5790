"""A list of many rows, each made when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

from textual.geometry import Size

from aen_tui.ui.widgets.rows import Row, Rows

T = TypeVar("T")


class _Made(Sequence[Row]):
    """Things as rows."""

    def __init__(self, things: Sequence[T], make: Callable[[T], Row]) -> None:
        self._length = len(things)
        self._row: Callable[[int], Row] = lambda index: make(things[index])

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self._row(one) for one in range(*index.indices(self._length))]
        return self._row(index)

    def __iter__(self) -> Iterator[Row]:
        return (self._row(index) for index in range(self._length))


class LazyRows(Rows):
    """Rows for ten thousands of things."""

    def show_lazily(self, things: Sequence[T], make: Callable[[T], Row]) -> None:
        """Show a row for each thing; those in sight are made."""
        before, self._rows = len(self._rows), _Made(things, make)
        if before != len(things):
            self.virtual_size = Size(0, len(things))
            self.cursor = self.validate_cursor(self.cursor)
        self.refresh()
