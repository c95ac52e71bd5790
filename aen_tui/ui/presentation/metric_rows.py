"""A node's figures as one row: newest values, each with a strip of its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.text import visible_line
from aen_tui.state.series import SeriesStore
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import age_text, bytes_short, percent_text
from aen_tui.ui.presentation.severity import Glyphs, level_role, link_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

_GAP = "  "
_VALUE = 4
_RATE = 6
_SLOWER = 13
SLOW_TIMES = 3.0
"""From here on slower than in the last hour is worth a colour."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of the columns of a table of nodes, fitted to a width."""

    name: int
    strip: int
    """Cells of each history; 0 where there is no room."""
    has_network: bool
    has_slower: bool = False

    @classmethod
    def fit(cls, width: int, names: Sequence[str], *, has_slower: bool = False) -> Columns:
        """Names first, then what is slower, then network, then histories as wide as the rest allows."""
        name = max(4, min(22, max((len(visible_line(one)) for one in names), default=8)))
        fixed = 5 + name + 3 * (len(_GAP) + _VALUE)
        has_slower = has_slower and width >= fixed + len(_GAP) + _SLOWER
        fixed += (len(_GAP) + _SLOWER) * has_slower
        network = 2 * (len(_GAP) + _RATE)
        has_network = width >= fixed + network
        spare = width - fixed - (network if has_network else 0)
        strip = min(28, (spare - 2) // 2)
        return cls(name, strip if strip >= 3 else 0, has_network, has_slower)


def header(columns: Columns, chosen: str) -> tuple[Span, ...]:
    """What the columns are; the charted one stands out."""

    def head(word: str, width: int, metric: str) -> Span:
        return (f"{_GAP}{word:<{width}}", "accent!" if metric == chosen else "muted")

    wide = _VALUE + (columns.strip + 1 if columns.strip else 0)
    spans = [(f"     {'node':<{columns.name}}", "muted")]
    spans += [head("cpu", wide, "cpu"), head("mem", wide, "memory"), head("disk", _VALUE, "disk")]
    if columns.has_network:
        spans += [head(f"{word:>{_RATE}}", _RATE, "network") for word in ("in/s", "out/s")]
    if columns.has_slower:
        spans.append((f"{_GAP}{'slower':<{_SLOWER}}", "muted"))
    return tuple(spans)


def row(
    node: NodeState, series: SeriesStore, now: float, columns: Columns, glyphs: Glyphs, *, is_marked: bool
) -> tuple[Span, ...]:
    """`◆ ● compute1-1  12% ⣀⣀⣀  41% ⣀⣀⣀ …`; figures of a node that is not up are old and say so."""
    reading = node.metrics
    age = reading.age_seconds(now)
    is_fresh = node.connection.state is LinkState.UP and age is not None and age <= node.fresh_seconds
    sign = link_sign(node.connection.state, glyphs)
    spans: list[Span] = [
        (f"{glyphs.mark if is_marked else ' '} ", "accent"),
        (f"{sign.glyph} ", sign.role),
        (f"{visible_line(node.name):<{columns.name}.{columns.name}}", "text" if is_fresh else "stale"),
    ]
    known = reading.value
    if known is None:
        return (*spans, (f"{_GAP}{sign.word}", sign.role), (_why(node), "muted"))
    limits = node.spec.thresholds
    disk = max((one.used_percent for one in known.disks), default=None)
    memory = known.memory.used_percent if known.memory else None
    for percent, limit, name, color in (
        (known.cpu_percent, limits.cpu_percent, "cpu_percent", "series-1"),
        (memory, limits.memory_percent, "memory_percent", "series-2"),
        (disk, limits.disk_percent, "disk_percent", "text"),
    ):
        role = level_role(percent, limit) if is_fresh else "stale"
        spans.append((f"{_GAP}{percent_text(percent):>{_VALUE}}", role))
        if columns.strip and name != "disk_percent":  # a disk's history is a flat line
            values = series.of(node.name, name).recent(samples_wanted(columns.strip, glyphs))
            spans.append((" " + spark(values, columns.strip, glyphs=glyphs), color if is_fresh else "faint"))
    if columns.has_network and is_fresh:
        rates = (known.rx_bytes_per_second, known.tx_bytes_per_second)
        spans.extend((f"{_GAP}{bytes_short(rate):>{_RATE}}", "text") for rate in rates)
    elif not is_fresh:
        spans.append((f"{_GAP}{sign.word if sign.word != 'up' else 'old'} {age_text(age)}", "stale!"))
    slower = node.trends.slower
    if columns.has_slower and is_fresh and slower is not None:
        text = f"{min(slower.times, 99.9):.1f}x {slower.what}"
        spans.append((f"{_GAP}{text:<{_SLOWER}}", "warning" if slower.times >= SLOW_TIMES else "text"))
    return tuple(spans)


def _why(node: NodeState) -> str:
    return f"  {visible_line(node.connection.error)}" if node.connection.error else ""
