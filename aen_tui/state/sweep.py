"""A walk over all chunks of some books from the newest to the oldest, for one or more patterns.

It is cut in jobs that a thread can do: RE2 lets the loop run meanwhile. A job holds all that it
needs; what it found is put back on the loop.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import TimedLog
from aen_tui.state.records import followers_in
from aen_tui.state.selection import Hits

BATCH_BYTES = 256 * 1024 * 1024
"""What is given to threads at a time."""
THREADS = min(2, os.cpu_count() or 1)
"""RE2 works without the interpreter, so two of them are twice as fast."""

JOINED_BYTES = 4 * 1024 * 1024
"""How much is joined for one call where the loop is busy."""
SMALLEST_JOINED_BYTES = 256 * 1024
QUICK_SECONDS = 0.001
SLOW_SECONDS_PER_BYTE = 3e-9
"""A look that takes longer than these two say had to wait for the interpreter."""


class Job(NamedTuple):
    """A part of a chunk that is to be looked at."""

    hits: Hits
    source: int
    chunk: Chunk
    """As it was when the job was made."""
    first: int
    """The first line to look at."""


class Found(NamedTuple):
    """What a job found."""

    lines: array[int]
    followers: array[int] | None = None
    """The lines of the chunk that belong to the line before them, where somebody will ask for them."""


@dataclass(slots=True)
class Flag:
    """Set by one thread, read by others."""

    is_set: bool = False


class Sweep:
    """What is still to be looked at.

    Args:
        hits: what is looked for, all over the same sources.
        with_records: whole records will be shown, so which lines belong together is found on the way.
    """

    def __init__(self, hits: Sequence[Hits], *, with_records: bool = False) -> None:
        self.hits = tuple(hits)
        self.sources: Sequence[TimedLog] = self.hits[0].sources if self.hits else ()
        self._with_records = with_records
        self._twins = [[source.twin() for source in self.sources] for _ in range(THREADS)]
        self._waiting: list[tuple[float, int, Chunk]] = []
        self._seen = [source.book.next_line for source in self.sources]
        """A source: what is before this was collected, as often as older lines came."""
        self._prepends = [-1] * len(self.sources)

    def _collect(self) -> None:
        """Note what came since the last time: at the end, and before the beginning."""
        older: list[tuple[float, int, Chunk]] = []
        for index, source in enumerate(self.sources):
            book = source.book
            if book.prepends != self._prepends[index]:
                self._prepends[index], seen = book.prepends, self._seen[index]
                older += [(chunk.monotonic, index, chunk) for chunk in book.chunks if chunk.first_line < seen]
            if book.next_line > self._seen[index]:
                begin = self._seen[index]
                self._waiting += [(chunk.monotonic, index, chunk) for chunk in book.chunks_from(begin)]
                self._seen[index] = book.next_line
        if older:
            older.sort(key=_arrival)
            self._waiting[:0] = older

    @property
    def is_done(self) -> bool:
        """Whether everything was looked at."""
        self._collect()
        return not self._waiting

    def _jobs_of(self, index: int, chunk: Chunk) -> list[Job]:
        book = self.sources[index].book
        if chunk.first_line < book.oldest_line:  # it waited while it was dropped, or a part of it
            rest = book.chunk_at(book.oldest_line)
            if rest is None or chunk.end_line <= rest.first_line:
                return []
            chunk = rest
        first = [hits.known_until(index, chunk) for hits in self.hits]
        if all(number >= chunk.end_line for number in first):
            return []
        frozen = copy(chunk) if chunk is book.chunks[-1] else chunk
        return [
            Job(hits, index, frozen, number)
            for hits, number in zip(self.hits, first, strict=True)
            if number < chunk.end_line
        ]

    def run(self, clock: Callable[[], float], seconds: float) -> bool:
        """Look at chunks here and now for a while; whether all is done.

        Args:
            clock: monotonic seconds.
            seconds: how long it may take; one chunk is always looked at.
        """
        deadline = clock() + seconds
        self._collect()
        while self._waiting:
            _, index, chunk = self._waiting.pop()
            for job in self._jobs_of(index, chunk):
                job.hits.of(index, job.chunk)
            if clock() > deadline:
                break
        return not self._waiting

    def take(self, limit_bytes: int = BATCH_BYTES) -> list[list[Job]]:
        """Jobs for each thread, newest first; what they do not get done is given back with `put`."""
        self._collect()
        shares: list[list[Job]] = [[] for _ in range(THREADS)]
        size, turn = 0, 0
        while self._waiting and size < limit_bytes:
            run: list[Job] = []
            end = size + JOINED_BYTES // THREADS
            while self._waiting and size < end:
                _, index, chunk = self._waiting.pop()
                run += self._jobs_of(index, chunk)
                size += chunk.size
            # those for the same thing side by side: they are looked at together
            for hits in self.hits:
                shares[turn] += [job for job in run if job.hits is hits]
            turn = (turn + 1) % THREADS
        return shares

    def scan(
        self, jobs: Sequence[Job], clock: Callable[[], float], seconds: float, share: int = 0, first: Flag | None = None
    ) -> list[Found]:
        """In a thread: what the first jobs find, as many as there is time for; at least some.

        With `first` it ends as soon as this thread or another one has found anything.

        Every call of RE2 gives the interpreter away and has to wait for it again, 5 ms where the loop is
        busy. So chunks are looked at one by one while that is quick, and many joined while it is not.
        """
        began = clock()
        deadline = began + seconds
        found: list[Found] = []
        at = joined = 0
        while at < len(jobs) and began < deadline:
            run = _run(jobs, at, joined)
            for job, has_any in zip(run, _where(run), strict=True):
                found.append(self._looked(job, share) if has_any else Found(array("q")))
                if first is not None and has_any and job.chunk.seam is None:
                    first.is_set = True
            at += len(run)
            if first is not None and first.is_set:
                break
            now = clock()
            waited = now - began > QUICK_SECONDS + sum(job.chunk.size for job in run) * SLOW_SECONDS_PER_BYTE
            joined = min(max(SMALLEST_JOINED_BYTES, joined * 4), JOINED_BYTES) if waited else joined // 2
            began = now
        return found

    def _looked(self, job: Job, share: int) -> Found:
        lines = job.hits.criteria.lines(job.chunk, job.first, self._twins[share][job.source])
        return Found(lines, followers_in(job.chunk, job.chunk.first_line) if self._with_records and lines else None)

    def put(self, shares: Sequence[Sequence[Job]], found: Sequence[Sequence[Found]]) -> None:
        """Take what threads found, each of its share; the jobs that they did not get to wait again."""
        left: dict[Chunk, tuple[float, int, Chunk]] = {}
        for jobs, results in zip(shares, found, strict=True):
            for job, result in zip(jobs, results, strict=False):
                if result.followers is not None:
                    self.sources[job.source].records.put(job.chunk, result.followers)
                job.hits.put(job.source, job.chunk, job.first, job.chunk.end_line, result.lines)
            left.update((job.chunk, (job.chunk.monotonic, job.source, job.chunk)) for job in jobs[len(results) :])
        self._waiting += sorted(left.values(), key=_arrival)


def _run(jobs: Sequence[Job], at: int, joined_bytes: int) -> Sequence[Job]:
    """The jobs from one on that look for the same thing, up to a size; at least one."""
    hits, size, end = jobs[at].hits, jobs[at].chunk.size, at + 1
    while end < len(jobs) and jobs[end].hits is hits and size < joined_bytes:
        size += jobs[end].chunk.size
        end += 1
    return jobs[at:end]


def _where(run: Sequence[Job]) -> list[bool]:
    """Which jobs of a run may find something."""
    pattern = run[0].hits.criteria.needed
    if pattern is None:
        return [True] * len(run)
    if len(run) == 1:
        return [run[0].chunk.seam is not None or pattern.search(run[0].chunk.data) is not None]
    data = b"\n".join(job.chunk.data for job in run)
    starts = list(accumulate((job.chunk.size + 1 for job in run), initial=0))
    found = [job.chunk.seam is not None for job in run]
    at = 0
    while at < len(data) and (match := pattern.search(data, at)) is not None:
        index = min(bisect_right(starts, match.start()) - 1, len(run) - 1)
        found[index] = True
        at = starts[index + 1]
    return found


def _arrival(entry: tuple[float, int, Chunk]) -> float:
    return entry[0]
