"""What lies in MongoDB and Elasticsearch, as tables that can be ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aen_tui.model.stores import MongoCollection, MongoContents, SearchIndex
from aen_tui.ui.presentation.format import UNKNOWN, bytes_short
from aen_tui.ui.presentation.rows import Line
from aen_tui.ui.presentation.severity import Glyphs

T = TypeVar("T")
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of figures right of the name."""

    word: str
    cells: int
    text: Callable[[T], str]
    key: Callable[[T], Any]


@dataclass(frozen=True, slots=True)
class StoreTable(Generic[T]):
    """A table: names at the left, figures at the right, the columns that fit."""

    name_word: str
    name: Callable[[T], str]
    sign: Callable[[T, Glyphs], tuple[str, str]] | None
    columns: tuple[Column[T], ...]
    """The more important first; what does not fit is left out from the end."""

    @property
    def orders(self) -> tuple[str, ...]:
        """What it can be ordered by; the first is how it begins."""
        return (*(column.word for column in self.columns), self.name_word)

    def sorted(self, rows: Sequence[T], order: str) -> list[T]:
        """Largest first, or by name."""
        found = sorted(rows, key=lambda row: self.name(row).lower())
        for column in self.columns:
            if column.word == order:
                found.sort(key=column.key, reverse=True)
        return found

    def _fitting(self, width: int) -> tuple[tuple[Column[T], ...], int]:
        least, used, fitting = 16, 0, []
        for column in self.columns:
            if used + len(_GAP) + column.cells + least > width:
                break
            used += len(_GAP) + column.cells
            fitting.append(column)
        return tuple(fitting), max(least, min(60, width - used))

    def header(self, width: int, order: str) -> Line:
        """The words above; the one it is ordered by stands out."""
        columns, name = self._fitting(width)

        def role(word: str) -> str:
            return "accent!" if word == order else "muted"

        line: Line = [(f" {self.name_word:<{name}}", role(self.name_word))]
        return [*line, *((f"{_GAP}{one.word:>{one.cells}}", role(one.word)) for one in columns)]

    def line(self, row: T, width: int, glyphs: Glyphs) -> Line:
        """One row."""
        columns, name = self._fitting(width)
        text, line = self.name(row), []
        if self.sign is not None:
            sign, role = self.sign(row, glyphs)
            line = [(f"{sign} ", role)]
            name -= 2
        if len(text) > name:
            text = text[: name - 1] + glyphs.ellipsis
        line.append((f"{text:<{name}}", "text"))
        return [*line, *((f"{_GAP}{one.text(row):>{one.cells}}", "text") for one in columns)]


def _index_sign(index: SearchIndex, glyphs: Glyphs) -> tuple[str, str]:
    if index.health is None:
        return glyphs.absent, "faint"
    return (glyphs.critical, "critical") if index.health == "red" else (glyphs.ok, "ok")


COLLECTIONS: StoreTable[MongoCollection] = StoreTable(
    "collection",
    lambda one: f"{one.database}.{one.name}",
    None,
    (
        Column("size", 6, lambda one: bytes_short(one.data_bytes), lambda one: one.data_bytes),
        Column("count", 11, lambda one: f"{one.count:,}", lambda one: one.count),
        Column("index", 6, lambda one: bytes_short(one.index_bytes), lambda one: one.index_bytes),
        Column("disk", 6, lambda one: bytes_short(one.storage_bytes), lambda one: one.storage_bytes),
    ),
)
INDICES: StoreTable[SearchIndex] = StoreTable(
    "index",
    lambda one: one.name,
    _index_sign,
    (
        Column("size", 6, lambda one: bytes_short(one.size_bytes), lambda one: one.size_bytes or 0),
        Column(
            "documents", 11, lambda one: UNKNOWN if one.documents is None else f"{one.documents:,}",
            lambda one: one.documents or 0,
        ),
        Column(
            "health", 6, lambda one: one.health or "closed",
            lambda one: {"red": 2, "yellow": 1, "green": 0}.get(one.health or "", -1),
        ),
        Column("shards", 6, lambda one: f"{one.shards}", lambda one: one.shards),
    ),
)  # fmt: skip


def contents_words(contents: MongoContents) -> str:
    """`3 databases, 2,015 objects, 48M of files`."""
    objects = sum(one.objects for one in contents.databases)
    files = sum(one.file_bytes for one in contents.databases)
    more = f", {contents.left_out} collections not counted" if contents.left_out else ""
    more += f", {contents.databases_left_out} databases not looked into" if contents.databases_left_out else ""
    many = len(contents.databases)
    return f"{many} database{'' if many == 1 else 's'}, {objects:,} objects, {bytes_short(files)} of files{more}"
