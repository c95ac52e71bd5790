"""What a merged stream is made of: groups of lines whose times overlap, put in order when looked at."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Sequence

from aen_tui.state.lines import TimedLog

Order = list[tuple[float, int, int]]
"""(time, source, line number), ascending."""
KEPT_ORDERS = 64
"""Of so many groups the order is remembered, those looked at last: it costs 120 bytes a line, more than the line."""


class Part:
    """Lines of one source, ascending; all of a group's time."""

    __slots__ = ("high", "lines", "low", "source")

    def __init__(self, source: int, lines: Sequence[int], low: float, high: float) -> None:
        self.source = source
        """Which of the stream's sources."""
        self.lines = lines
        """Their numbers in the book."""
        self.low = low
        """Time of the first, epoch seconds."""
        self.high = high
        """Time of the last."""


class Group:
    """Parts whose times overlap; no other group of the stream lies in its time."""

    __slots__ = ("_order", "count", "high", "low", "parts", "revision", "split_at")

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.low = min(part.low for part in parts)
        self.high = max(part.high for part in parts)
        self.count = sum(len(part.lines) for part in parts)
        self.revision = 0
        """Grows with each change."""
        self.split_at = 0
        """Splitting failed at this many lines: all have one time."""
        self._order: Order | None = None

    def has(self, source: int) -> bool:
        """Whether lines of a source are in here: later ones of it may not go before."""
        return any(part.source == source for part in self.parts)

    def _touch(self) -> None:
        self.revision += 1
        self.count = sum(len(part.lines) for part in self.parts)

    def add(self, new: Part, sources: Sequence[TimedLog]) -> None:
        """Take lines that follow the source's lines here, or come before them, wherever their times lie."""
        known = next((part for part in self.parts if part.source == new.source), None)
        in_order = len(self.parts) > 1 or known is None
        if self._order is not None:
            for moment, number in zip(sources[new.source].times(new.lines, new.low, new.high), new.lines, strict=True):
                entry = (moment, new.source, number)
                if self._order and self._order[-1] > entry:
                    insort(self._order, entry)
                else:
                    self._order.append(entry)
        if known is None:
            self.parts.append(new)
        else:
            is_older = new.lines[-1] < known.lines[0]
            known.lines = _joined(new.lines, known.lines) if is_older else _joined(known.lines, new.lines)
            known.low, known.high = min(known.low, new.low), max(known.high, new.high)
        if not in_order:
            self._order = None
        self.low, self.high = min(self.low, new.low), max(self.high, new.high)
        self._touch()

    def trim(self, source: int, first: int) -> int:
        """Forget lines of a source before `first`; how many they were."""
        for index, part in enumerate(self.parts):
            if part.source == source and part.lines[0] < first:
                gone = bisect_left(part.lines, first)
                part.lines = part.lines[gone:]
                if not part.lines:
                    del self.parts[index]
                if self._order is not None:
                    self._order = [entry for entry in self._order if entry[1] != source or entry[2] >= first]
                self._touch()
                return gone
        return 0

    def order(self, sources: Sequence[TimedLog]) -> Order:
        """All lines by time; parsed once, while the group is among those looked at last."""
        _remember(self)
        if self._order is None:
            order: Order = []
            for part in self.parts:
                times = sources[part.source].times(part.lines, part.low, part.high)
                order.extend(zip(times, (part.source,) * len(times), part.lines, strict=True))
            order.sort()
            self._order = order
        return self._order

    def forget_order(self) -> None:
        """Nobody looks at it any more."""
        self._order = None

    def ref(self, index: int, sources: Sequence[TimedLog]) -> tuple[int, int]:
        """Source and line number of the n-th line by time."""
        if len(self.parts) == 1:
            part = self.parts[0]
            return part.source, part.lines[index]
        _, source, number = self.order(sources)[index]
        return source, number

    def index(self, source: int, number: int, sources: Sequence[TimedLog]) -> int | None:
        """Where a line stands in the group, or the next one of its source; None where there is none."""
        part = next((part for part in self.parts if part.source == source), None)
        if part is None:
            return None
        at = bisect_left(part.lines, number)
        if at == len(part.lines):
            return None
        if len(self.parts) == 1:
            return at
        wanted = part.lines[at]
        return next(
            index for index, entry in enumerate(self.order(sources)) if entry[2] == wanted and entry[1] == source
        )

    def halves(self, sources: Sequence[TimedLog]) -> tuple[Group, Group] | None:
        """The group cut at a time near its middle; None where that is not possible."""
        largest = max(self.parts, key=lambda part: len(part.lines))
        middle = largest.lines[len(largest.lines) // 2 :][:1]
        moment = sources[largest.source].times(middle, largest.low, largest.high)[0]
        before: list[Part] = []
        after: list[Part] = []
        for part in self.parts:
            cut = sources[part.source].split(part.lines, moment, part.low)
            if cut:
                before.append(Part(part.source, part.lines[:cut], part.low, max(part.low, min(part.high, moment))))
            if cut < len(part.lines):
                after.append(Part(part.source, part.lines[cut:], min(part.high, max(part.low, moment)), part.high))
        if not before or not after:
            return None
        left, right = Group(before), Group(after)
        return (left, right) if left.high <= right.low else None


_ordered: OrderedDict[Group, None] = OrderedDict()


def _remember(group: Group) -> None:
    _ordered[group] = None
    _ordered.move_to_end(group)
    if len(_ordered) > KEPT_ORDERS:
        _ordered.popitem(last=False)[0].forget_order()


def _joined(lines: Sequence[int], more: Sequence[int]) -> Sequence[int]:
    """Two runs of line numbers as one: a range where there is no gap."""
    if isinstance(lines, range) and isinstance(more, range) and lines.stop == more.start:
        return range(lines.start, more.stop)
    return array("q", (*lines, *more))
