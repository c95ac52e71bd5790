"""Histories as curves of a chart: which metric, in which unit, of which nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.state.events import Events
from aen_tui.state.series import SeriesStore
from aen_tui.ui.presentation.axes import (
    GAP_SECONDS,
    LONG_WINDOWS_SECONDS,
    WINDOWS_SECONDS,
    Curve,
    Mark,
    Unit,
    window_seconds,
)
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
    gap_seconds: float = GAP_SECONDS
    """Samples further apart are not joined by a line."""
    is_sum: bool = True
    """Whether the directions of a node may be added up; else only the first is compared."""


CPU = Metric("cpu", "CPU", Unit.PERCENT, ("cpu_percent",))
MEMORY = Metric("memory", "memory", Unit.PERCENT, ("memory_percent",))
DISK = Metric("disk", "fullest disk", Unit.PERCENT, ("disk_percent",))
NETWORK = Metric(
    "network", "network", Unit.BYTES_PER_SECOND, ("rx_bytes_per_second", "tx_bytes_per_second"), ("in", "out")
)
METRICS = (CPU, MEMORY, DISK, NETWORK)
"""What every page charts."""
LOAD = Metric("load", "load", Unit.COUNT, ("load",))
WAIT = Metric("wait", "io wait", Unit.PERCENT, ("iowait_percent", "steal_percent"), ("waiting", "stolen"), is_sum=False)
CORE = Metric("core", "busiest core", Unit.PERCENT, ("core_percent",))
SWAP = Metric("swap", "swapped in and out", Unit.BYTES_PER_SECOND, ("swap_bytes_per_second",))
LATENCY = Metric("latency", "slowest URL", Unit.MILLISECONDS, ("latency_ms",), gap_seconds=35.0)
ALL_METRICS = (*METRICS, LOAD, WAIT, CORE, SWAP, LATENCY)
"""What the Metrics view goes through."""
WINDOWS = (*WINDOWS_SECONDS, *LONG_WINDOWS_SECONDS)
_MEANS_GAP_SECONDS = 95.0
_GAP_INTERVALS = 3.0
"""A node that is looked at seldom has no gap between two looks; nor where others make it half as often."""


def restarts_of(events: Events, nodes: Sequence[NodeName], now: float) -> list[Mark]:
    """The restarts and boots of some nodes as marks of a chart, oldest first; `now` in monotonic seconds."""
    found: list[Mark] = []
    for mark in sorted(events.marks(nodes, now - WINDOWS[-1]), key=lambda mark: mark.at_monotonic):
        what = "boot" if mark.service is None else f"restart of {visible_line(mark.service, 40)}"
        by = f" by {visible_line(mark.by, 40)}" if mark.by is not None else ""
        found.append(Mark(mark.at_monotonic - now, what + by))
    return found


def mark_of(moment: float | None, now: float) -> Mark | None:
    """The mark of a moment somebody went to; both epoch seconds."""
    return None if moment is None else Mark(moment - now, moment_text(moment, now))


def curves(
    store: SeriesStore,
    nodes: Sequence[NodeName],
    metric: Metric,
    now: float,
    *,
    has_names: bool = True,
    window: int | None = None,
) -> tuple[list[Curve], int]:
    """The curves of some nodes and how many seconds the chart should reach back.

    One node: a curve for each direction. Several: one curve a node, its directions added up.

    Args:
        store: the histories.
        nodes: whose.
        metric: what of them.
        now: monotonic seconds.
        has_names: whether a curve bears its node's name.
        window: seconds that are wanted; as many as the history of the last hour has where None.
    """
    is_long = window is not None and window > WINDOWS_SECONDS[-1]
    since = now - (window or WINDOWS_SECONDS[-1])
    least = max(metric.gap_seconds, _MEANS_GAP_SECONDS) if is_long else metric.gap_seconds

    def history(node: NodeName, name: str) -> tuple[list[float], list[float]]:
        series = store.of(node, name)
        return series.means(since) if is_long else series.samples(since)

    made: list[Curve] = []
    is_single = len(nodes) == 1
    for node in nodes[:CURVES_AT_MOST]:
        role = f"series-{len(made) + 1}"
        gap = max(least, _GAP_INTERVALS * store.interval_of(node))
        if is_single and metric.words:
            for word, name in zip(metric.words, metric.series, strict=True):
                times, values = history(node, name)
                role = f"series-{len(made) + 1}"
                made.append(Curve(word, [at - now for at in times], values, role, gap))
            continue
        times, values = history(node, metric.series[0])
        for name in metric.series[1:] if metric.is_sum else ():
            values = [one + other for one, other in zip(values, history(node, name)[1], strict=False)]
        label = visible_line(node) if has_names else ""
        made.append(Curve(label, [at - now for at in times[: len(values)]], values, role, gap))
    oldest = max((-curve.times[0] for curve in made if curve.times), default=0.0)
    return made, window or window_seconds(oldest)


def window_text(seconds: int) -> str:
    """`30 min`, `6 h`."""
    return f"{seconds // 3600} h" if seconds >= 3600 else f"{seconds // 60} min"
