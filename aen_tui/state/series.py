"""Histories of samples in arrays: bounded rings of time and value, one a node and metric."""

from __future__ import annotations

from array import array
from collections import defaultdict

from aen_tui.model.node import NodeName

METRICS = ("cpu_percent", "memory_percent", "disk_percent", "rx_bytes_per_second", "tx_bytes_per_second", "load")
"""What is kept of every node."""

CAPACITY_SAMPLES = 1800
"""One hour at the ordinary interval of 2 s."""


class Series:
    """A ring of (monotonic seconds, value); 8 + 4 bytes a sample."""

    __slots__ = ("_next", "_times", "_values", "count")

    def __init__(self) -> None:
        self._times = array("d")
        self._values = array("f")
        self._next = 0
        self.count = 0
        """Samples ever added; tells whether something is new."""

    def add(self, at: float, value: float) -> None:
        """Append a sample; the oldest makes room."""
        if len(self._times) < CAPACITY_SAMPLES:
            self._times.append(at)
            self._values.append(value)
        else:
            self._times[self._next] = at
            self._values[self._next] = value
        self._next = (self._next + 1) % CAPACITY_SAMPLES
        self.count += 1

    def samples(self, since: float) -> tuple[list[float], list[float]]:
        """Times and values since a monotonic second, oldest first."""
        start = self._next if len(self._times) == CAPACITY_SAMPLES else 0
        times = [*self._times[start:], *self._times[:start]]
        values = [*self._values[start:], *self._values[:start]]
        first = next((index for index, at in enumerate(times) if at >= since), len(times))
        return times[first:], values[first:]

    def recent(self, points: int) -> list[float]:
        """The last values, oldest first, at most `points`."""
        size = len(self._times)
        take = min(points, size)
        return [self._values[(self._next - take + i) % size] for i in range(take)]


class SeriesStore:
    """The histories of all nodes."""

    def __init__(self) -> None:
        self._series: defaultdict[tuple[NodeName, str], Series] = defaultdict(Series)

    def of(self, node: NodeName, metric: str) -> Series:
        """The history of one metric of a node; empty where nothing came yet."""
        return self._series[node, metric]
