"""A node as one line of a table (a strip) or as a heat cell of a few characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from aen_tui.checks import worse_first
from aen_tui.model.facts import LinkState, NodeState, ServiceState
from aen_tui.model.severity import Severity
from aen_tui.ui.presentation.format import latency_text, percent_text
from aen_tui.ui.presentation.rows import (
    PLANNED,
    Line,
    Look,
    cause_line,
    figures,
    is_old,
    is_planned,
    last_seen,
    old_data,
    remote,
    severity_prefix,
    tail_line,
)
from aen_tui.ui.presentation.severity import Sign, level_role, link_sign, service_sign, severity_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

STRIP_CELLS_AT_LEAST = 56
_STATE_CELLS = 14
"""`≈ PLANNED 42s`, and a blank."""
_NAME_LEAST = 3
"""Cells of a service's name, and a blank, below which it says nothing."""
_FIGURE_CELLS = 5
_SPARK_CELLS = 8


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of the columns of a strip; 0 where there is no room for one."""

    name: int
    services: int
    http: int
    spark: int
    last: int

    @classmethod
    def fit(cls, width: int, name: int) -> Columns:
        """Columns for a strip of `width` cells whose longest name has `name` cells."""
        name = min(name + 3, 26)
        left = width - name - _STATE_CELLS - 3 * _FIGURE_CELLS
        http = 10 if left >= 23 else 0
        left -= http
        services = min(left, 18)
        left -= services
        spark_cells = _SPARK_CELLS if left >= _SPARK_CELLS else 0
        left -= spark_cells
        more = min(18, max(0, left - 30))
        return cls(name, services + more, http, spark_cells, left - more if left - more >= 12 else 0)

    def heading(self) -> Line:
        """The titles, after the name's column."""
        text = f"{'state':<{_STATE_CELLS}}{'services':<{self.services}}"
        if self.http:
            text += f"{'http':<{self.http}}"
        text += f"{'cpu':>{_FIGURE_CELLS - 1}} " + " " * self.spark
        text += f"{'mem':>{_FIGURE_CELLS - 1}} {'disk':>{_FIGURE_CELLS - 1}} "
        return [(text, "faint"), ("  last" if self.last else "", "faint")]


def strip(node: NodeState, columns: Columns, look: Look) -> Line:
    """A node's line under `Columns.heading`."""
    line = _fit(
        [*severity_prefix(node, look, marked=False, blank="  "), (remote(node.name), "text!")], columns.name, look
    )
    line += _fit(_state(node, look), _STATE_CELLS, look)
    if node.connection.state is not LinkState.UP and not node.services:
        width = columns.services + columns.http + 3 * _FIGURE_CELLS + columns.spark
        if node.explained_by is not None:
            return [*line, *_fit(cause_line(node, look), width + columns.last, look)]
        why = remote(node.connection.error or node.connection.phase or "")
        return [*line, (_cut(why, width + columns.last, look), _error_role(node))]
    line += _fit(_services(node, columns.services, look), columns.services, look)
    if columns.http:
        line += _fit(_http(node), columns.http, look)
    line += _figures(node, columns, look)
    if columns.last:
        line += [("  ", "text"), *_fit(tail_line(node, look), columns.last - 2, look)]
    return line


def _error_role(node: NodeState) -> str:
    return "critical" if node.connection.error and not node.is_uncounted else "muted"


def cell(node: NodeState, width: int, look: Look, *, marked: bool = False) -> Line:
    """A heat cell: glyph of severity (for ok, the height of the CPU), then as much of the name as fits."""
    sign = severity_sign(node.severity, look.glyphs)
    if node.is_uncounted:
        sign = Sign(look.glyphs.planned, PLANNED, "accent")
    elif node.connection.state is not LinkState.UP:
        sign = link_sign(node.connection.state, look.glyphs)
    glyph = sign.glyph
    if width < 4:
        if node.severity is Severity.OK and sign.role == "ok":
            glyph = _heat(node, look)
        return [(look.glyphs.mark if marked else glyph, f"{sign.role}!"), (" " * (width - 1), "text")]
    role = "text" if sign.role == "ok" else f"{sign.role}!"
    cpu = figures(node)[0]
    load = (
        (_heat(node, look), level_role(cpu, node.spec.thresholds.cpu_percent)) if sign.role == "ok" else (" ", "text")
    )
    head = (f"{look.glyphs.mark if marked else glyph} ", "chip!" if marked else sign.role)
    tint = "series-1" if load[1] == "text" else load[1]
    return [head, (_cut(remote(node.name), width - 4, look), role), (load[0], tint), (" ", "text")]


def _heat(node: NodeState, look: Look) -> str:
    cpu = figures(node)[0] or 0.0
    levels = look.glyphs.levels
    return levels[max(1, min(len(levels) - 1, 1 + int(cpu / 100 * (len(levels) - 1))))]


def _state(node: NodeState, look: Look) -> Line:
    sign = link_sign(node.connection.state, look.glyphs)
    is_up, planned = node.connection.state is LinkState.UP, [(PLANNED, "accent!")] if node.is_uncounted else []
    if is_up:
        blank = " " if planned else ""
        return [(f"{sign.glyph} ", sign.role), (f"{sign.word}{blank}", "muted"), *(planned or old_data(node, look))]
    line: Line = [(f"{sign.glyph} ", f"{sign.role}!"), *(planned or [(sign.word, f"{sign.role}!")])]
    if (seen := last_seen(node)) is not None:
        line.append((f" {look.age(seen)}", sign.role))
    return line


def _bad_services(bad: Sequence[ServiceState], width: int, look: Look) -> Line:
    """`■ mongod STOPPED +2`; where that is too long, how many there are before the name of the first.

    Of one alone the name is cut: its state is what matters.
    """
    first, sign = bad[0], service_sign(bad[0].state, look.glyphs)
    more = f" +{len(bad) - 1}" if len(bad) > 1 else ""
    name, state = remote(first.name), remote(first.state)
    if cell_len(f"{sign.glyph} {name} {state}{more}") < width:
        return [(f"{sign.glyph} {name} {state}{more}", sign.role)]
    if more:
        down = sum(one.severity >= Severity.WARNING for one in bad)
        return [(f"{sign.glyph} {down or len(bad)} {'down' if down else 'unknown'}: {name}", sign.role)]
    room = width - cell_len(f"{sign.glyph} {state}") - 1
    return [
        (f"{sign.glyph} ", sign.role),
        (_cut(name, room, look) if room > _NAME_LEAST else "", sign.role),
        (state, sign.role),
    ]


def _services(node: NodeState, width: int, look: Look) -> Line:
    shown = [one for one in node.services if one.state != "absent" and not is_planned(node, one)]
    bad = worse_first(one for one in shown if one.severity > Severity.OK)
    if bad:
        return _bad_services(bad, width, look)
    role = "ok" if node.connection.state is LinkState.UP else "stale"
    if node.planned is not None and not node.planned.is_whole:
        services = ", ".join(sorted(node.planned.services))
        return [(f"{look.glyphs.planned} {PLANNED} ", "accent!"), (remote(services), "muted")]
    if len(shown) == 1:
        return [(f"{look.glyphs.ok} ", role), (remote(shown[0].name), "muted")]
    return [(f"{look.glyphs.ok} ", role), (f"{len(shown)} running", "muted")] if shown else []


def _http(node: NodeState) -> Line:
    shown = max(node.http, key=lambda one: one.severity, default=None)
    if shown is None:
        return []
    role = "muted" if shown.severity is Severity.OK else f"{shown.severity.word}!"
    if shown.document is not None and shown.document.status != "ok":
        return [(f"{shown.status_code} {remote(shown.document.status)}", role)]
    if shown.status_code is None:
        return [("no answer" if shown.error else "-", role)]
    return [(f"{shown.status_code}", role), (f" {latency_text(shown.latency_ms)}", "faint")]


def _figures(node: NodeState, columns: Columns, look: Look) -> Line:
    limits = node.spec.thresholds
    cpu, memory, disk = figures(node)
    old = is_old(node, look)
    line = [_figure(cpu, limits.cpu_percent, old=old)]
    if columns.spark:
        cells = columns.spark - 1
        values: Sequence[float] = look.history(node.name, "cpu_percent", samples_wanted(cells, look.glyphs))
        line.append((spark(values, cells, glyphs=look.glyphs) + " ", "faint" if old else "series-1"))
    return [*line, _figure(memory, limits.memory_percent, old=old), _figure(disk, limits.disk_percent, old=old)]


def _figure(value: float | None, limits: tuple[float, float], *, old: bool) -> tuple[str, str]:
    role = level_role(value, limits)
    text = f"{percent_text(value):>{_FIGURE_CELLS - 1}} "
    return (text, "stale" if old else role if role == "text" else f"{role}!")


def _cut(text: str, width: int, look: Look) -> str:
    """Text in exactly `width` cells, the last of them blank."""
    if cell_len(text) < width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 2)) + look.glyphs.ellipsis + " "


def _fit(line: Line, width: int, look: Look) -> Line:
    """A line of exactly `width` cells, the last of them blank."""
    out: Line = []
    left = width
    for text, role in line:
        cells = cell_len(text)
        if cells >= left:
            return [*out, (_cut(text, left, look), role)]
        out.append((text, role))
        left -= cells
    return [*out, (" " * left, "text")]
