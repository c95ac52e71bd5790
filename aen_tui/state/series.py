"""Histories of samples: an hour as they came and a day of means, in bounded memory.

What is sampled together shares its moments: a node's samples are rows of a table, one column a metric. Values are
half floats (11 bits: 71.4 % stays 71.4 %), rates of bytes scaled into their range; 53 nodes with ten metrics and
a full day take 6 MB. What comes by itself (an answer's time, a store's figures) has a table of its own.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from struct import Struct, unpack_from
from typing import Any

from aen_tui.model.node import NodeName

METRICS = (
    "cpu_percent",
    "iowait_percent",
    "steal_percent",
    "core_percent",
    "memory_percent",
    "swap_bytes_per_second",
    "disk_percent",
    "rx_bytes_per_second",
    "tx_bytes_per_second",
    "load",
)
"""What a node's frames bring together: its table's columns. `core_percent` is the busiest core's."""

INTERVAL_SECONDS = 2.0
"""The ordinary one."""
CAPACITY_SAMPLES = 1800
"""One hour of it."""
HOUR_SECONDS = 3600.0
MOST_SAMPLES = 7200
"""One hour at an interval of half a second; of a shorter one less is kept."""
DAY_SECONDS = 30.0
"""What a mean of the long history is made of."""
DAY_SAMPLES = 2880
"""One day of them."""

_LARGEST = {"e": 65504.0, "f": 3e38}
_TICKS_PER_SECOND = 100
_BYTES_SCALE = 65536.0
"""A node's rate of bytes is kept in units of so many: up to 4.2 GB/s, to 4 bytes/s."""


class _Ring:
    """A ring of rows: a moment in hundredths of a second, and values, NaN where nothing was said.

    Args:
        capacity: rows.
        width: values of a row.
        code: what a value is kept as: `e` a half float, `f` a float.
    """

    __slots__ = ("_capacity", "_code", "_columns", "_largest", "_nan", "_next", "_times", "_value", "count")

    def __init__(self, capacity: int, width: int, code: str) -> None:
        self._capacity = capacity
        self._code = code
        self._value = Struct(f"<{code}")
        self._nan = self._value.pack(math.nan)
        self._largest = _LARGEST[code]
        self._times = bytearray()
        self._columns = [bytearray() for _ in range(width)]
        self._next = 0
        self.count = 0
        """Rows that are there."""

    def append(self, ticks: int) -> int:
        """A row of NaN, where the oldest was once the ring is full; its place."""
        place = self._next
        moment, size = ticks.to_bytes(4, "little"), self._value.size
        if self.count < self._capacity:
            self._times += moment
            for column in self._columns:
                column.extend(self._nan)
            self.count += 1
        else:
            self._times[4 * place : 4 * place + 4] = moment
            for column in self._columns:
                column[size * place : size * place + size] = self._nan
        self._next = (place + 1) % self._capacity
        return place

    def put(self, place: int, column: int, value: float) -> None:
        """Set a value; what is too large is the largest."""
        largest = self._largest
        self._value.pack_into(self._columns[column], self._value.size * place, max(-largest, min(largest, value)))

    def moments(self, most: int) -> list[int]:
        """The last moments, oldest first."""
        return self._last("I", 4, self._times, most)

    def values(self, column: int, most: int) -> list[float]:
        """The last values of a column, oldest first."""
        return self._last(self._code, self._value.size, self._columns[column], most)

    def _last(self, code: str, size: int, data: bytearray, most: int) -> list[Any]:
        wanted = min(most, self.count)
        first = (self._next or self.count) - wanted
        if first >= 0:
            return list(unpack_from(f"<{wanted}{code}", data, size * first))
        end = unpack_from(f"<{-first}{code}", data, size * (self._capacity + first))
        return [*end, *unpack_from(f"<{self._next}{code}", data)]

    def place_of(self, ticks: int) -> int | None:
        """Where the row of a moment stands; None where there is none."""
        moments = self.moments(self.count)
        index = bisect_left(moments, ticks)
        if index == len(moments) or moments[index] != ticks:
            return None
        return ((self._next or self.count) - self.count + index) % self._capacity


class Table:
    """The histories of metrics that are sampled together.

    Args:
        names: the columns.
        capacity: rows of the short history.
        is_exact: whether values are kept as floats, twice as large.
    """

    def __init__(self, names: Sequence[str], capacity: int = CAPACITY_SAMPLES, *, is_exact: bool = False) -> None:
        self._scales = [_BYTES_SCALE if "bytes" in name and not is_exact else 1.0 for name in names]
        self._rows = _Ring(capacity, len(names), "f" if is_exact else "e")
        self._means = _Ring(DAY_SAMPLES, len(names), "f" if is_exact else "e")
        self._capacity = capacity
        self._began: float | None = None
        self._newest = -1
        """Ticks of the newest row."""
        self._place = 0
        self._bucket = 0
        self._in_bucket = 0
        """Rows of the bucket that is being filled."""
        self.counts = [0] * len(names)

    def add(self, column: int, at: float, value: float) -> None:
        """Keep a value; a later moment begins a row, one before it is kept only where there is a row of it."""
        if self._began is None:
            self._began = math.floor(at) - 2 * DAY_SAMPLES * DAY_SECONDS
        ticks = round((at - self._began) * _TICKS_PER_SECOND)
        if ticks > self._newest:
            self._begin_row(ticks)
        elif ticks < self._newest:
            place = self._rows.place_of(ticks)
            if place is None:
                return
            self._rows.put(place, column, value / self._scales[column])
            self.counts[column] += 1
            return
        self._rows.put(self._place, column, value / self._scales[column])
        self.counts[column] += 1

    def add_row(self, at: float, values: Sequence[float | None]) -> None:
        """Keep what was sampled at a moment, a value a column; None where nothing was."""
        first = next((column for column, value in enumerate(values) if value is not None), None)
        if first is None:
            return
        newest = self._newest
        self.add(first, at, values[first] or 0.0)
        is_row = self._newest > newest
        for column in range(first + 1, len(values)):
            value = values[column]
            if value is not None and is_row:
                self._rows.put(self._place, column, value / self._scales[column])
                self.counts[column] += 1
            elif value is not None:
                self.add(column, at, value)

    def _begin_row(self, ticks: int) -> None:
        bucket = int(ticks // (DAY_SECONDS * _TICKS_PER_SECOND))
        if bucket != self._bucket and self._in_bucket:
            place = self._means.append(round((self._bucket + 0.5) * DAY_SECONDS * _TICKS_PER_SECOND))
            for column in range(len(self._scales)):
                known = [value for value in self._rows.values(column, self._in_bucket) if not math.isnan(value)]
                if known:
                    self._means.put(place, column, sum(known) / len(known))
            self._in_bucket = 0
        self._bucket = bucket
        self._in_bucket = min(self._in_bucket + 1, self._capacity)
        self._place = self._rows.append(ticks)
        self._newest = ticks

    def samples(self, column: int, since: float, *, long: bool) -> tuple[list[float], list[float]]:
        """Times and values, oldest first; of the long history where asked for, and the newest sample after it."""
        if self._began is None:
            return [], []
        if not long:
            return self._of(self._rows, column, since, self._capacity)
        newest_at = self._began + self._newest / _TICKS_PER_SECOND
        rows = int(min(float(DAY_SAMPLES), max(0.0, newest_at - since) / DAY_SECONDS + 2))
        times, values = self._of(self._means, column, since, rows)
        last, newest = self._of(self._rows, column, since, 1)
        return times + last, values + newest

    def _of(self, ring: _Ring, column: int, since: float, most: int) -> tuple[list[float], list[float]]:
        began, scale = self._began or 0.0, self._scales[column]
        pairs = [
            (began + ticks / _TICKS_PER_SECOND, value * scale)
            for ticks, value in zip(ring.moments(most), ring.values(column, most), strict=True)
            if value == value and began + ticks / _TICKS_PER_SECOND >= since  # NaN is not itself
        ]
        return [at for at, _ in pairs], [value for _, value in pairs]

    def recent(self, column: int, points: int) -> list[float]:
        """The last values, oldest first, at most `points`."""
        scale = self._scales[column]
        return [value * scale for value in self._rows.values(column, points) if not math.isnan(value)]


class Series:
    """The history of one metric: a column of a table."""

    __slots__ = ("_column", "_table")

    def __init__(self, table: Table, column: int = 0) -> None:
        self._table = table
        self._column = column

    @property
    def count(self) -> int:
        """Samples ever added; tells whether something is new."""
        return self._table.counts[self._column]

    def add(self, at: float, value: float) -> None:
        """Append a sample of a monotonic second; the oldest makes room."""
        self._table.add(self._column, at, value)

    def samples(self, since: float) -> tuple[list[float], list[float]]:
        """Times and values since a monotonic second, oldest first; an hour of them at most."""
        return self._table.samples(self._column, since, long=False)

    def means(self, since: float) -> tuple[list[float], list[float]]:
        """Times and means of 30 s each, a day of them at most, and then the newest sample."""
        return self._table.samples(self._column, since, long=True)

    def recent(self, points: int) -> list[float]:
        """The last values, oldest first, at most `points`."""
        return self._table.recent(self._column, points)


class SeriesStore:
    """The histories of all nodes.

    Args:
        intervals: seconds between a node's frames, where it is not the ordinary interval.
    """

    def __init__(self, intervals: Mapping[NodeName, float] | None = None) -> None:
        self._intervals = dict(intervals or {})
        self._hosts: dict[NodeName, Table] = {}
        self._series: dict[tuple[NodeName, str], Series] = {}

    def of(self, node: NodeName, metric: str) -> Series:
        """The history of one metric of a node; empty where nothing came yet."""
        known = self._series.get((node, metric))
        if known is None:
            is_host = metric in METRICS
            made = (
                Series(self._host(node), METRICS.index(metric)) if is_host else Series(Table((metric,), is_exact=True))
            )
            known = self._series[node, metric] = made
        return known

    def record(self, node: NodeName, at: float, values: Mapping[str, float | None]) -> None:
        """Keep what a frame said; what it did not say is missing at that moment."""
        self._host(node).add_row(at, [values.get(name) for name in METRICS])

    def interval_of(self, node: NodeName) -> float:
        """Seconds between two samples of a node, as the inventory asks for them."""
        return self._intervals.get(node, INTERVAL_SECONDS)

    def _host(self, node: NodeName) -> Table:
        table = self._hosts.get(node)
        if table is None:
            hour = math.ceil(HOUR_SECONDS / self.interval_of(node))
            table = self._hosts[node] = Table(METRICS, min(MOST_SAMPLES, max(CAPACITY_SAMPLES, hour)))
        return table
