"""The next matching line up or down from a place: group by group, in slices of time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from aen_tui.state.groups import Group
from aen_tui.state.merge import LineRef, Stream
from aen_tui.state.selection import Hits


class Seek:
    """A search on its way.

    Args:
        stream: what is searched; groups that come or go meanwhile are no matter.
        hits: what is looked for; found chunks are remembered there.
        start: index of the line where the eye is; that line itself does not count. One more than there is: all above.
        step: 1 = down, -1 = up.
        by_record: of the hits of one record only the first counts.
    """

    def __init__(self, stream: Stream, hits: Hits, start: int, step: int, *, by_record: bool = False) -> None:
        self._stream = stream
        self._hits = hits
        self._step = step
        self._by_record = by_record
        self._waiting: list[tuple[Group, int | None]] = []
        if 0 <= start < stream.line_count or start == stream.line_count > 0 > step:
            at, within = stream.place(min(start, stream.line_count - 1))
            within += start == stream.line_count
            groups = stream.groups[at:] if step > 0 else stream.groups[: at + 1][::-1]
            self._waiting = [(group, within if index == 0 else None) for index, group in enumerate(groups)]
            self._waiting.reverse()

    def run(self, clock: Callable[[], float], seconds: float) -> tuple[bool, LineRef | None]:
        """Search for a while: whether it is over, and the line where one was found."""
        deadline = clock() + seconds
        while self._waiting:
            group, within = self._waiting.pop()
            found = self._in(group, within)
            if found is not None:
                self._waiting.clear()
                return True, found
            if clock() > deadline:
                return not self._waiting, None
        return True, None

    def _in(self, group: Group, within: int | None) -> LineRef | None:
        sources = self._stream.sources
        hits: set[LineRef] = set()
        for part in group.parts:
            if not part.lines:
                continue
            first, last = part.lines[0], part.lines[-1]
            for chunk in sources[part.source].book.chunks_from(first):
                if chunk.first_line > last:
                    break
                found = self._hits.of(part.source, chunk)
                hits.update((part.source, number) for number in found[bisect_left(found, first) :] if number <= last)
        if not hits:
            return None
        indexes = range(group.count) if self._step > 0 else range(group.count - 1, -1, -1)
        if within is not None:
            indexes = range(within + 1, group.count) if self._step > 0 else range(within - 1, -1, -1)
        for index in indexes:
            ref = group.ref(index, sources)
            if ref in hits and not (self._by_record and self._has_earlier(ref)):
                return ref
        return None

    def _has_earlier(self, ref: LineRef) -> bool:
        """Whether the record of a hit has another one above it."""
        source, number = ref
        head = self._stream.sources[source].records.head(number)
        if head == number:
            return False
        for chunk in self._stream.sources[source].book.chunks_from(head):
            if chunk.first_line >= number:
                break
            found = self._hits.of(source, chunk)
            at = bisect_left(found, head)
            if at < len(found) and found[at] < number:
                return True
        return False
