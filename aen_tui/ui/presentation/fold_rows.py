"""Folded messages and silent logs as rows of aligned spans; which come first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from pathlib import PurePosixPath

from aen_tui.config.nodesets import fold
from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.templates import message_of
from aen_tui.model.text import visible_line
from aen_tui.model.zones import local_offset
from aen_tui.state.folding import Fold
from aen_tui.state.silence import Silence
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.log_text import LEVEL_ROLES, level_glyph
from aen_tui.ui.presentation.severity import Glyphs

SAMPLE_CHARACTERS = 600
NEW_WORD = "NEW"
_WIDE = 100
"""From this width on both times of a row are shown."""
_HUGE = 160
"""From this width on the files are named too."""
_CLOCK_SECONDS = 20 * 3600
_YEAR_SECONDS = 300 * 86_400


class Order(Enum):
    """What stands on top."""

    NEWEST = "newest first"
    HEAVIEST = "heaviest first"

    @property
    def following(self) -> Order:
        """The other one."""
        return Order.HEAVIEST if self is Order.NEWEST else Order.NEWEST


@dataclass(frozen=True, slots=True, eq=False)
class FoldRow:
    """One row: a message, or logs of one name that are silent."""

    id: bytes
    """Names it, whatever it says."""
    level: Level
    """NONE for silence."""
    count: int
    """Lines; silent logs."""
    first: float
    """Epoch seconds."""
    last: float
    sources: tuple[LogKey, ...]
    text: str
    """What was said; safe to show."""
    whole: str
    """The whole line; safe to show."""
    is_new: bool = False
    begin: tuple[LogKey, int] | None = None
    """The log and the number of the line that was written first."""

    @property
    def is_silence(self) -> bool:
        """Whether it stands for lines that did not come."""
        return self.level is Level.NONE


def rows_of(folds: Iterable[Fold], silences: Iterable[Silence], wall: float, order: Order) -> list[FoldRow]:
    """All rows, in order.

    Args:
        folds: messages.
        silences: logs that are silent; those of one path are one row.
        wall: epoch seconds.
        order: what stands on top.
    """
    rows = [_of_fold(one, wall) for one in folds]
    by_path: dict[LogPath, list[Silence]] = {}
    for silence in silences:
        by_path.setdefault(silence.key.path, []).append(silence)
    rows += [_of_silences(path, group, wall) for path, group in by_path.items()]
    rows.sort(key=_time if order is Order.NEWEST else _weight, reverse=True)
    return rows


def _of_fold(one: Fold, wall: float) -> FoldRow:
    text, whole = _shown(one.sample, one.said)
    if one.earlier:
        text, whole = (f"{shown}  (+{one.earlier:,} before)" for shown in (text, whole))
    return FoldRow(
        one.template, one.level, one.lines, one.first, one.last, one.sources, text, whole, one.is_new(wall), one.begin
    )


@lru_cache(maxsize=1024)
def _shown(sample: bytes, said: int) -> tuple[str, str]:
    """What a line says and all of it, in one line each."""
    whole = " ".join(visible_line(sample, SAMPLE_CHARACTERS).split())
    text = " ".join(visible_line(message_of(sample, said), SAMPLE_CHARACTERS).split())
    return text.lstrip(" ]:-,;|") or whole, whole


def _of_silences(path: LogPath, group: Sequence[Silence], wall: float) -> FoldRow:
    since = min(silence.since for silence in group)
    usual = max(silence.usual_seconds for silence in group)
    text = f"silent since {clock(since, wall)}, {age_text(wall - since)}; one line every {_gap(usual)} is usual"
    keys = tuple(silence.key for silence in group)
    noticed = max(silence.noticed for silence in group)
    name = b"\0silent " + path.encode("utf-8", "surrogateescape")
    return FoldRow(name, Level.NONE, len(group), since, noticed, keys, text, text)


def _gap(seconds: float) -> str:
    return (
        f"{max(1, round(seconds))}s"
        if seconds < 120
        else f"{seconds / 60:.0f}m"
        if seconds < 7200
        else f"{seconds / 3600:.0f}h"
    )


def _time(row: FoldRow) -> tuple[float, bytes]:
    return row.last, row.id


def _weight(row: FoldRow) -> tuple[int, int, float, bytes]:
    return len({key.node for key in row.sources}), row.count, row.last, row.id


def clock(moment: float, wall: float) -> str:
    """When, in 8 cells: `14:03:22`, `  Oct 19`, ` 2016-10`; local time."""
    try:
        at = datetime.fromtimestamp(moment + local_offset(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return " " * 8
    if abs(wall - moment) < _CLOCK_SECONDS:
        return at.strftime("%H:%M:%S")
    return f"{at.strftime('%m-%d') if abs(wall - moment) < _YEAR_SECONDS else at.strftime('%Y-%m'):>8}"


@lru_cache(maxsize=512)
def node_set(nodes: frozenset[NodeName]) -> str:
    """Nodes as one node set: `compute1-[1-25]`."""
    return visible_line(fold(sorted(nodes)), 200)


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of each column; what does not fit is not there."""

    count: int
    times: int
    nodes: int
    files: int

    @classmethod
    def fitting(cls, width: int, rows: Sequence[FoldRow]) -> Columns:
        """For a width, no wider than what the rows hold."""
        count = min(7, max((len(count_text(row.count)) for row in rows), default=2))
        times = 17 if width >= _WIDE else 8
        room = max(10, min(36, width // 4))
        nodes = min(room, max((len(node_set(_nodes(row))) for row in rows), default=4))
        files = 0
        if width >= _HUGE:
            files = min(24, max((len(_files(row)) for row in rows), default=4))
        return cls(max(2, count), times, max(4, nodes), files)


def _nodes(row: FoldRow) -> frozenset[NodeName]:
    return frozenset(key.node for key in row.sources)


def _files(row: FoldRow) -> str:
    stems = sorted({visible_line(PurePosixPath(key.path).name.removesuffix(".log"), 24) for key in row.sources[:50]})
    return stems[0] + (f" +{len(stems) - 1}" if len(stems) > 1 else "")


def count_text(count: int) -> str:
    """`×25`, `×12k`: at most five cells."""
    return f"×{count}" if count < 10_000 else f"×{count // 1000}k" if count < 1_000_000 else f"×{count // 1_000_000}M"


def spans_of(row: FoldRow, columns: Columns, wall: float, glyphs: Glyphs) -> list[Span]:
    """A row as spans: glyph, NEW, count, times, nodes, files, what was said."""
    role = "stale" if row.is_silence else LEVEL_ROLES[row.level].removesuffix("!")
    glyph = glyphs.stale if row.is_silence else level_glyph(row.level, glyphs)
    times = clock(row.last, wall)
    if columns.times > 8:
        begun = clock(row.first, wall)
        times = f"{begun}{glyphs.ellipsis}{times}" if begun != times and not row.is_silence else f"{times:<17}"
    count = count_text(row.count).replace("×", "x" if glyphs.is_ascii else "×")
    spans: list[Span] = [
        (f"{glyph} ", role),
        (f"{NEW_WORD if row.is_new else '':<4}", "accent!"),
        (f"{count:>{columns.count}} ", "text" if row.count > 1 else "faint"),
        (f"{times} ", "muted"),
        (f"{_cut(node_set(_nodes(row)), columns.nodes, glyphs):<{columns.nodes}} ", "accent"),
    ]
    if columns.files:
        spans.append((f"{_cut(_files(row), columns.files, glyphs):<{columns.files}} ", "muted"))
    elif row.is_silence:
        spans.append((f"{_files(row)} ", role))
    spans.append((row.text, role))
    return spans


def _cut(text: str, width: int, glyphs: Glyphs) -> str:
    return text if len(text) <= width else text[: width - 1] + glyphs.ellipsis


def detail_of(row: FoldRow, wall: float, glyphs: Glyphs) -> tuple[list[Span], str]:
    """The whole of a row: who, where and when as one line, and what was said."""
    dot = f" {glyphs.dot} "
    when = clock(row.first, wall).strip()
    if not row.is_silence and (last := clock(row.last, wall).strip()) != when:
        when += f"{glyphs.ellipsis}{last}"
    count = count_text(row.count).replace("×", "x" if glyphs.is_ascii else "×")
    return [(node_set(_nodes(row)), "accent"), (f"{dot}{_files(row)}{dot}{count}{dot}{when}", "muted")], row.whole
