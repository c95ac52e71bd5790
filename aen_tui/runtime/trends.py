"""What a node's frames come to over time: levels with duration and hysteresis, disks that fill, what is slower."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import fmean, median

from aen_tui.checks import disk_free, memory_free
from aen_tui.model.facts import Disk, Metrics
from aen_tui.model.node import NodeSpec
from aen_tui.model.severity import Severity
from aen_tui.model.trends import Filling, Slower, Trends
from aen_tui.state.free_space import FreeSpace
from aen_tui.state.held import GAP_SECONDS, Held, Rule
from aen_tui.state.series import SeriesStore

MIB = 1024 * 1024
LATENCY = "latency_ms"
"""The series of how long the slowest of a node's URLs takes."""

DISKS_SECONDS = 10.0
"""How often disks are looked at that are as before."""
LOOK_SECONDS = 30.0
"""How often what needs the last hour is worked out."""
NOW_SECONDS, USUAL_SECONDS, LEAST_USUAL = 120.0, 3600.0, 26
"""The last two minutes, against the hour before of which there must be a quarter, in means of 30 s."""
SLOWER_TIMES = 1.5
"""Less is as always."""
_COMPARED = (("load", "load", 0.25), ("io wait", "iowait_percent", 5.0), ("latency", LATENCY, 50.0))
"""Word, series, and the least that counts (of load: a core)."""

# minutes for what jumps about, seconds for what does not
_IOWAIT = Rule(40.0, 70.0, 10.0, 120.0, 60.0)
_STEAL = Rule(10.0, 30.0, 3.0, 120.0, 60.0)
_SWAP = Rule(1.0 * MIB, 20.0 * MIB, 0.5 * MIB, 60.0, 60.0)
GAP_INTERVALS = 3.0
"""A node that is looked at seldom: two frames may be lost before what it said has not lasted."""
_NEVER_HOURS = -1e6
_FILLING = Rule(-24.0, -4.0, 2.0, 60.0, 120.0)
"""Hours until full, negative: the less the worse."""


def _floors(floors: Sequence[tuple[int, Severity]], margin: float, raises: float, *, at_once: bool = False) -> Rule:
    """What is left in bytes, negative: the less the worse."""
    limit = {severity: -float(floor) for floor, severity in floors}
    return Rule(limit[Severity.WARNING], limit[Severity.CRITICAL], margin, raises, 30.0, at_once=at_once)


_DISK_FLOORS = _floors(disk_free.FLOORS, 128.0 * MIB, 0.0)
_MEMORY_FLOORS = _floors(memory_free.FLOORS, 32.0 * MIB, 20.0, at_once=True)


class NodeTrends:
    """Of one node.

    Args:
        spec: its thresholds.
        series: its histories.
    """

    def __init__(self, spec: NodeSpec, series: SeriesStore) -> None:
        limits = spec.thresholds
        self._spec = spec
        self._series = series
        self._disk_rule = Rule(*limits.disk_percent, 2.0, 0.0, 30.0)
        self._gap = GAP_SECONDS
        self._held = {
            "cpu": Held(Rule(*limits.cpu_percent, 10.0, 60.0, 60.0)),
            "memory": Held(Rule(*limits.memory_percent, 3.0, 20.0, 30.0, at_once=True)),
            "iowait": Held(_IOWAIT),
            "steal": Held(_STEAL),
            "swap": Held(_SWAP),
            "memory floor": Held(_MEMORY_FLOORS),
        }
        self._space: dict[str, FreeSpace] = {}
        self._filling: dict[str, Filling] = {}
        self._slower: Slower | None = None
        self._looked = -LOOK_SECONDS
        self._disks: tuple[Disk, ...] = ()
        self._disks_at = 0.0
        self._disk_levels: dict[str, Severity] = {}
        self._last = Trends()

    def look(self, metrics: Metrics, now: float, interval_seconds: float = 0.0) -> Trends:
        """Take what a frame said; the same object again while nothing is other than before.

        Args:
            metrics: what it said.
            now: monotonic seconds.
            interval_seconds: how often frames come.
        """
        self._gap = max(GAP_SECONDS, GAP_INTERVALS * interval_seconds)
        levels = {name: self._held[name].look(value, now, self._gap) for name, value in _figures(metrics)}
        floor = levels.pop("memory floor", Severity.OK)
        if "memory" in levels:
            levels["memory"] = max(levels["memory"], floor)
        is_new = False
        if metrics.disks is not self._disks or now - self._disks_at >= DISKS_SECONDS or now < self._disks_at:
            self._disks, self._disks_at = metrics.disks, now
            known = {disk.mount: disk for disk in metrics.disks if disk.error is None and disk.total_bytes}
            is_new |= self._forgets(known, metrics.disks)
            for mount, disk in known.items():
                is_new |= self._fills(mount, disk.available_bytes, disk.total_bytes, now)
            self._disk_levels = dict(self._levels_of_disks(metrics, now))
        if now - self._looked >= LOOK_SECONDS:
            self._looked, is_new = now, True
            self._slower = self._compared(now, metrics.cores or 1)
        levels |= self._disk_levels
        if is_new or levels != self._last.levels:
            self._last = Trends(levels, tuple(self._filling.values()), self._slower)
        return self._last

    def _levels_of_disks(self, metrics: Metrics, now: float) -> Iterator[tuple[str, Severity]]:
        for disk in metrics.disks:
            if disk.error is not None:
                continue
            mount, filling = disk.mount, self._filling.get(disk.mount)
            hours = -filling.full_in_seconds / 3600.0 if filling else _NEVER_HOURS
            space = self._level(f"disk:{mount}", disk.used_percent, self._disk_rule, now)
            if disk.total_bytes >= disk_free.LEAST_TOTAL:
                space = max(space, self._level(f"disk floor:{mount}", -disk.available_bytes, _DISK_FLOORS, now))
            yield f"disk:{mount}", space
            if disk.inodes_used_percent is not None:
                name = f"inodes:{mount}"
                yield name, self._level(name, disk.inodes_used_percent, self._disk_rule, now)
            yield f"filling:{mount}", self._level(f"filling:{mount}", hours, _FILLING, now)

    def _level(self, name: str, value: float, rule: Rule, now: float) -> Severity:
        held = self._held.get(name)
        if held is None:
            held = self._held[name] = Held(rule)
        return held.look(value, now, self._gap)

    def _forgets(self, known: Collection[str], disks: Sequence[Disk]) -> bool:
        """What is said of mounts that cannot be seen any more, and their history once they are gone."""
        mounts = {disk.mount for disk in disks}
        for mount in [mount for mount in self._space if mount not in mounts]:
            del self._space[mount]
        lost = [mount for mount in self._filling if mount not in known]
        for mount in lost:
            del self._filling[mount]
        return bool(lost)

    def _fills(self, mount: str, available: int, total: int, now: float) -> bool:
        space = self._space.get(mount)
        if space is None:
            space = self._space[mount] = FreeSpace()
        if not space.look(available, now):
            return False
        before = self._filling.pop(mount, None)
        found = space.fall(total)
        if found is not None:
            self._filling[mount] = Filling(mount, *found)
        return found is not None or before is not None

    def _compared(self, now: float, cores: int) -> Slower | None:
        """The worst of what is slower than in the node's own last hour."""
        found: list[Slower] = []
        for what, name, least in _COMPARED:
            times, values = self._series.of(self._spec.name, name).means(now - USUAL_SECONDS - NOW_SECONDS)
            recent = [value for at, value in zip(times, values, strict=True) if at >= now - NOW_SECONDS]
            before = values[: len(values) - len(recent)]
            if len(before) < LEAST_USUAL or not recent:
                continue
            floor = least * cores if what == "load" else least
            usual, mean = median(before), fmean(recent)
            ratio = mean / max(usual, floor)
            if ratio >= SLOWER_TIMES:
                found.append(Slower(what, mean, usual, ratio))
        return max(found, key=lambda one: one.times, default=None)


def _figures(metrics: Metrics) -> Iterator[tuple[str, float]]:
    """What is held of every frame; a figure that was not seen has no level."""
    if metrics.cpu_percent is not None:
        yield "cpu", metrics.cpu_percent
    if metrics.memory is not None:
        yield "memory", metrics.memory.used_percent
        if metrics.memory.total_bytes >= memory_free.LEAST_TOTAL:
            yield "memory floor", -metrics.memory.available_bytes
    if metrics.iowait_percent is not None:
        yield "iowait", metrics.iowait_percent
    if metrics.steal_percent is not None:
        yield "steal", metrics.steal_percent
    if metrics.swap_in_bytes_per_second is not None:
        yield "swap", metrics.swap_in_bytes_per_second + (metrics.swap_out_bytes_per_second or 0.0)
