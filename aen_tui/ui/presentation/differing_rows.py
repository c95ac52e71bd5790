"""Differences between nodes in lines: a row a part and group of odd nodes; one in full as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aen_tui.config.nodesets import fold
from aen_tui.model.differing import Comparison, Difference, Group
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.severity import Glyphs

_PART_CELLS = 34
_LIMIT = 400
_MOST = 2000


@dataclass(frozen=True, slots=True)
class OddRow:
    """Odd nodes and the part in which they are."""

    data_center: str
    difference: Difference
    group: Group


def odd_rows(comparisons: Sequence[Comparison]) -> list[OddRow]:
    """Every group that differs: the fewest nodes first."""
    found = [
        OddRow(one.data_center, difference, group)
        for one in comparisons
        for difference in one.differences
        for group in difference.odd
    ]
    return sorted(found, key=lambda row: len(row.group.nodes))


def summary(comparisons: Sequence[Comparison], away: int, failed: int, *, is_busy: bool) -> list[Span]:
    """`east: 24 computes, 2 parts differ, 9 alike`."""
    spans: list[Span] = [("asking the computes  ", "accent")] if is_busy else []
    for one in comparisons:
        count = len(one.differences)
        words = f"{len(one.nodes)} computes, {count} part{'s' if count != 1 else ''} differ{'' if count != 1 else 's'}"
        spans.append((f"{visible_line(one.data_center)}: ", "accent"))
        spans.append((f"{words}, {len(one.alike)} alike  ", "warning" if count else "ok"))
    if away:
        spans.append((f"{away} not up  ", "unknown"))
    if failed:
        spans.append((f"{failed} did not answer", "unknown"))
    return spans


def odd_row(row: OddRow, width: int, glyphs: Glyphs) -> list[Span]:
    """`compute1-7   packages of /opt/wakari/anaconda   -numpy 1.9.2  +numpy 1.10.1  2 lines`."""
    changed = [line for line in _diff(row) if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    where = visible_line(fold(row.group.nodes))
    part = visible_line(row.difference.part)
    if len(part) > _PART_CELLS - 1:
        part = glyphs.ellipsis + part[-(_PART_CELLS - 2) :]
    said = "is not there" if not row.group.lines else "  ".join(changed)
    more = f"{len(changed)} lines: " if len(changed) > 2 else ""
    cells = max(12, width // 6)
    return [
        (f"{_cut(where, cells - 1, glyphs):<{cells}}", "accent"),
        (f"{part:<{_PART_CELLS}}", "text!"),
        (f"{more}{visible_line(said, _LIMIT)}", "warning"),
    ]


def odd_details(row: OddRow) -> list[Field]:
    """The diff, from what is usual to what is odd."""
    usual = row.difference.usual
    fields = [
        Field("part", ((visible_line(row.difference.part), "text!"),)),
        Field("odd", ((visible_line(fold(row.group.nodes)), "warning"),)),
        Field("usual", ((visible_line(fold(usual.nodes)), "ok"),)),
        Field("", (("", "text"),)),
    ]
    for line in list(_diff(row))[:_MOST]:
        role = {"-": "ok", "+": "warning", "@": "accent"}.get(line[:1], "muted")
        fields.append(Field("", ((visible_line(line, _LIMIT), role),)))
    return fields


def _diff(row: OddRow) -> Iterator[str]:
    usual, odd = row.difference.usual, row.group
    return difflib.unified_diff(usual.lines, odd.lines, "usual", "odd", lineterm="", n=1)


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    return text if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis
