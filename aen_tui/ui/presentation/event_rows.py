"""Events in lines: a row each, and what there is of them in one. Pure; every text of a node was made visible before."""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline
from aen_tui.ui.presentation.event_filter import node_set, word_of
from aen_tui.ui.presentation.event_order import Under
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.severity import Glyphs, severity_sign

Line = list[Span]

_WIDE = 110
"""From this width on the day and the kind are shown, and longer node sets."""
_WORD = 8
_KIND = 12


@dataclass(frozen=True, slots=True)
class Widths:
    """Cells of the columns."""

    when: int
    node: int
    kind: int
    """0: not shown."""

    @classmethod
    def of(cls, width: int) -> Widths:
        """Those that a width allows."""
        if width >= _WIDE:
            return cls(14, max(22, min(40, width // 5)), _KIND)
        return cls(8, 12 if width < 76 else 16, 0)


def heading(width: int) -> Line:
    """The titles over `event_row`."""
    columns = Widths.of(width)
    kind = f"{'kind':<{columns.kind}} " if columns.kind else ""
    text = f"   {'severity':<{_WORD}} {'time':<{columns.when}} {'node':<{columns.node}} {kind}what"
    return [(text[:width], "faint")]


def event_row(row: EventRow, width: int, glyphs: Glyphs, *, is_marked: bool, under: Under | None = None) -> Line:
    """Severity, time of the last, nodes, how often, what.

    Args:
        row: the row.
        width: cells.
        glyphs: of the theme.
        is_marked: whether somebody marked it.
        under: what it follows from; None where it stands for itself.
    """
    columns, event = Widths.of(width), row.event
    is_read = row.acknowledged
    mark = glyphs.mark if is_marked else glyphs.ok if is_read and glyphs.is_ascii else "✓" if is_read else " "
    sign = severity_sign(event.severity, glyphs)
    is_quiet = event.is_planned or (under is not None and under.is_quiet)
    role = "faint" if is_read else "muted" if is_quiet else sign.role
    bold = "" if is_read or is_quiet or event.severity is Severity.OK else "!"
    text = "faint" if is_read else "muted" if is_quiet else "text"
    words = visible_line(row.words)
    if under is not None:
        follows = f"{words} {glyphs.right} follows from {visible_line(under.words)}"
        words = follows if under.words else f"{glyphs.right} {words}"
    times = f"{'x' if glyphs.is_ascii else '×'}{row.times} " if row.times > 1 else ""
    kind = [(f"{_cut(event.kind, columns.kind, glyphs)} ", "faint" if is_read else "muted")] if columns.kind else []
    return [
        (mark, "accent!" if is_marked else "faint"),
        (f"{sign.glyph} ", role + bold),
        (f"{word_of(row):<{_WORD}} ", role + bold),
        (f"{clock(row.last, columns.when)} ", "faint" if is_read else "muted"),
        (f"{_cut(nodes_of(row, columns.node), columns.node, glyphs)} ", text if is_read else f"{text}!"),
        *kind,
        (times, "faint" if is_read else "accent!"),
        (words, text),
    ]


def nodes_of(row: EventRow, cells: int) -> str:
    """The node, the node set, or how many there are where that is too long."""
    names = list(row.nodes)
    if not names:
        return ""
    text = visible_line(node_set(names))
    return text if len(names) == 1 or len(text) <= cells else f"{len(names)} nodes"


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    return text.ljust(cells) if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis


def clock(epoch_seconds: float, cells: int = 8) -> str:
    """Local time in 8 or 14 cells."""
    return time.strftime("%H:%M:%S" if cells < 14 else "%m-%d %H:%M:%S", time.localtime(epoch_seconds))


def state_line(
    rows: Sequence[EventRow], quiet: Container[int], total: int, following: str, width: int, glyphs: Glyphs
) -> Line:
    """`FOLLOW  ✖ 2 critical  ▲ 3 warning  12 of 40 events  3 planned  4 read`; the words that count come first."""
    found: Line = [(f"{following}  ", "ok!" if following == "FOLLOW" else "warning!")]
    unread = [row for row in rows if not row.acknowledged and not row.event.is_planned and row.number not in quiet]
    for severity in (Severity.CRITICAL, Severity.WARNING):
        many = sum(1 for row in unread if row.event.severity is severity)
        sign = severity_sign(severity, glyphs)
        found.append((f"{sign.glyph} {many} {sign.word}  ", f"{sign.role}!" if many else "muted"))
    count = f"{total} event{'' if total == 1 else 's'}" if len(rows) == total else f"{len(rows)} of {total} events"
    found.append((f"{count}  ", "muted"))
    planned, read = sum(row.event.is_planned for row in rows), sum(row.acknowledged for row in rows)
    found += [(f"{many} {word}  ", "muted") for many, word in ((planned, "planned"), (read, "acknowledged")) if many]
    return _fitted(found, width)


def _fitted(line: Line, width: int) -> Line:
    """Parts that do not fit whole are left out."""
    shown: Line = []
    for text, role in line:
        width -= len(text.rstrip())
        if width < 0:
            break
        shown.append((text, role))
        width -= len(text) - len(text.rstrip())
    return shown


def plain_lines(rows: Iterable[EventRow], timeline: Timeline) -> list[str]:
    """The rows as text, for the clipboard and for files."""
    return [
        "  ".join(
            filter(
                None,
                (
                    time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(row.last)),
                    word_of(row),
                    visible_line(node_set(list(row.nodes))),
                    row.event.kind,
                    f"x{row.times}" if row.times > 1 else "",
                    visible_line(row.words),
                    f"follows from {visible_line(above.event.short)}" if (above := timeline.above(row)) else "",
                    "acknowledged" if row.acknowledged else "",
                ),
            )
        )
        for row in rows
    ]
