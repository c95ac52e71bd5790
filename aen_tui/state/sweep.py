"""A walk over all chunks of some books from the newest to the oldest, for one or more patterns.

It is cut in jobs that a thread can do: RE2 lets the loop run meanwhile. A job holds all that it
needs; what it found is put back on the loop.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from copy import copy
from itertools import accumulate
from typing import NamedTuple

from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import TimedLog
from aen_tui.state.selection import Hits

BATCH_BYTES = 32 * 1024 * 1024
"""What is given to a thread at a time."""

JOINED_BYTES = 4 * 1024 * 1024


class Job(NamedTuple):
    """A part of a chunk that is to be looked at."""

    hits: Hits
    source: int
    chunk: Chunk
    """As it was when the job was made."""
    first: int
    """The first line to look at."""


class Sweep:
    """What is still to be looked at.

    Args:
        hits: what is looked for, all over the same sources.
    """

    def __init__(self, hits: Sequence[Hits]) -> None:
        self.hits = tuple(hits)
        self.sources: Sequence[TimedLog] = self.hits[0].sources if self.hits else ()
        self._twins = [source.twin() for source in self.sources]
        self._waiting: list[tuple[float, int, Chunk]] = []
        self._firsts = [source.book.next_line for source in self.sources]
        self._seen = list(self._firsts)

    def _collect(self) -> None:
        """Note what came since the last time: at the end, and before the beginning."""
        older: list[tuple[float, int, Chunk]] = []
        for index, source in enumerate(self.sources):
            book = source.book
            if book.first_line < self._firsts[index]:
                known = self._firsts[index]
                older += [(chunk.monotonic, index, chunk) for chunk in book.chunks if chunk.first_line < known]
            self._firsts[index] = book.first_line
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
        if chunk.first_line < self.sources[index].book.first_line:
            return []
        first = [hits.known_until(index, chunk) for hits in self.hits]
        if all(number >= chunk.end_line for number in first):
            return []
        frozen = copy(chunk) if chunk is self.sources[index].book.chunks[-1] else chunk
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
                job.hits.of(index, chunk)
            if clock() > deadline:
                break
        return not self._waiting

    def take(self, limit_bytes: int = BATCH_BYTES) -> list[Job]:
        """Jobs for a thread, newest first; what it does not get done is given back with `put`."""
        self._collect()
        jobs: list[Job] = []
        size = 0
        while self._waiting and size < limit_bytes:
            run: list[Job] = []
            end = size + JOINED_BYTES
            while self._waiting and size < end:
                _, index, chunk = self._waiting.pop()
                run += self._jobs_of(index, chunk)
                size += len(chunk.data)
            # those for the same thing side by side: they are looked at together
            jobs += [job for hits in self.hits for job in run if job.hits is hits]
        return jobs

    def scan(self, jobs: Sequence[Job], clock: Callable[[], float], seconds: float) -> list[array[int]]:
        """In the thread: what the first jobs find, as many as there is time for; at least some.

        Every call of RE2 gives the interpreter away and has to wait for it again, so chunks are first
        looked at many at a time, and one by one only where something is.
        """
        deadline = clock() + seconds
        found: list[array[int]] = []
        at = 0
        while at < len(jobs):
            run = _run(jobs, at)
            for job, has_any in zip(run, _where(run), strict=True):
                criteria = job.hits.criteria
                found.append(criteria.lines(job.chunk, job.first, self._twins[job.source]) if has_any else array("q"))
                if clock() > deadline:
                    return found
            at += len(run)
        return found

    def put(self, jobs: Sequence[Job], found: Sequence[array[int]]) -> None:
        """Take what a thread found; the jobs that it did not get to wait again."""
        for job, numbers in zip(jobs, found, strict=False):
            job.hits.put(job.source, job.chunk, job.first, job.chunk.end_line, numbers)
        left = jobs[len(found) :]
        self._waiting += [(job.chunk.monotonic, job.source, job.chunk) for job in reversed(left)]


def _run(jobs: Sequence[Job], at: int) -> Sequence[Job]:
    """The jobs from one on that look for the same thing, up to a size."""
    hits, size, end = jobs[at].hits, 0, at
    while end < len(jobs) and jobs[end].hits is hits and size < JOINED_BYTES:
        size += len(jobs[end].chunk.data)
        end += 1
    return jobs[at:end]


def _where(run: Sequence[Job]) -> list[bool]:
    """Which jobs of a run may find something."""
    pattern = run[0].hits.criteria.needed
    if pattern is None or len(run) == 1:
        return [True] * len(run)
    data = b"\n".join(job.chunk.data for job in run)
    starts = list(accumulate((len(job.chunk.data) + 1 for job in run), initial=0))
    found = [job.chunk.seam is not None for job in run]
    at = 0
    while at < len(data) and (match := pattern.search(data, at)) is not None:
        index = min(bisect_right(starts, match.start()) - 1, len(run) - 1)
        found[index] = True
        at = starts[index + 1]
    return found


def _arrival(entry: tuple[float, int, Chunk]) -> float:
    return entry[0]
