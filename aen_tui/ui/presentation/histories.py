"""Histories as curves of a chart: which metric, in which unit, of which nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.state.events import Events
from aen_tui.state.series import SeriesStore
from aen_tui.ui.presentation.axes import WINDOWS_SECONDS, Curve, Mark, Unit, window_seconds
from aen_tui.ui.presentation.log_text import moment_text

CURVES_AT_MOST = 6
"""As many as a theme has series colours."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What can be charted."""

    name: str
    title: str
    unit: Unit
    series: tuple[str, ...]
    """Names in the series store; two where a metric has two directions."""
    words: tuple[str, ...] = ()
    """What the directions are called."""


CPU = Metric("cpu", "CPU", Unit.PERCENT, ("cpu_percent",))
MEMORY = Metric("memory", "memory", Unit.PERCENT, ("memory_percent",))
DISK = Metric("disk", "fullest disk", Unit.PERCENT, ("disk_percent",))
NETWORK = Metric(
    "network", "network", Unit.BYTES_PER_SECOND, ("rx_bytes_per_second", "tx_bytes_per_second"), ("in", "out")
)
METRICS = (CPU, MEMORY, DISK, NETWORK)


def restarts_of(events: Events, nodes: Sequence[NodeName], now: float) -> list[Mark]:
    """The restarts and boots of some nodes as marks of a chart, oldest first; `now` in monotonic seconds."""
    found: list[Mark] = []
    for mark in sorted(events.marks(nodes, now - WINDOWS_SECONDS[-1]), key=lambda mark: mark.at_monotonic):
        what = "boot" if mark.service is None else f"restart of {visible_line(mark.service, 40)}"
        by = f" by {visible_line(mark.by, 40)}" if mark.by is not None else ""
        found.append(Mark(mark.at_monotonic - now, what + by))
    return found


def mark_of(moment: float | None, now: float) -> Mark | None:
    """The mark of a moment somebody went to; both epoch seconds."""
    return None if moment is None else Mark(moment - now, moment_text(moment, now))


def curves(
    store: SeriesStore, nodes: Sequence[NodeName], metric: Metric, now: float, *, has_names: bool = True
) -> tuple[list[Curve], int]:
    """The curves of some nodes and how many seconds the chart should reach back.

    One node: a curve for each direction. Several: one curve a node, its directions added up.
    """
    since = now - WINDOWS_SECONDS[-1]
    made: list[Curve] = []
    is_single = len(nodes) == 1
    for node in nodes[:CURVES_AT_MOST]:
        halves = [store.of(node, name).samples(since) for name in metric.series]
        if is_single and metric.words:
            for word, (times, values) in zip(metric.words, halves, strict=True):
                made.append(Curve(word, [at - now for at in times], values, f"series-{len(made) + 1}"))
            continue
        times, values = halves[0]
        for _, more in halves[1:]:
            values = [one + other for one, other in zip(values, more, strict=False)]
        label = visible_line(node) if has_names else ""
        made.append(Curve(label, [at - now for at in times[: len(values)]], values, f"series-{len(made) + 1}"))
    oldest = max((-curve.times[0] for curve in made if curve.times), default=0.0)
    return made, window_seconds(oldest)
