"""How many lines of a log say `error` or worse in a span of time; counted when somebody asks, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from aen_tui.model.log_formats import HEAD_BYTES, Recogniser
from aen_tui.model.log_levels import CANDIDATE
from aen_tui.model.logs import Level
from aen_tui.model.zones import NodeTime
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import FUTURE_SECONDS
from aen_tui.state.logbook import LogBook
from aen_tui.state.own_requests import OWN_REQUEST
from aen_tui.state.patterns import compile_bytes

ENOUGH_LINES = 500
"""What is counted of one log; of one that says more the rest of the span is taken for the same."""
_CANDIDATE = compile_bytes(CANDIDATE)


@dataclass(frozen=True, slots=True)
class ErrorLines:
    """What was counted of one log."""

    lines: int
    seconds: float
    """Of the span that was looked at: what the book reaches back to."""

    @property
    def per_minute(self) -> float:
        """Their rate; 0 where nothing could be looked at."""
        return 60.0 * self.lines / self.seconds if self.seconds > 0 else 0.0


def error_lines(book: LogBook, time: NodeTime, since: float, until: float) -> ErrorLines:
    """Lines written in a span of which level is error or worse, our own requests left out.

    A line without a time of its own belongs to the record above it (a traceback) and counts with that; in a log
    that has no times at all a line counts by its arrival.

    Args:
        book: the log.
        time: the node's clock.
        since: epoch seconds of the jump host.
        until: likewise.
    """
    recogniser, counted, reach = Recogniser(), 0, until
    for chunk in reversed(book.chunks):
        if chunk.seam is not None:
            continue
        if chunk.wall_of(chunk.end_line - 1) < since - FUTURE_SECONDS:  # nothing is written after it arrived
            reach = since
            break
        moments = _moments(chunk, recogniser, time)
        counted += sum(since <= moment < until for moment in moments)
        reach = min(reach, _first(chunk, recogniser, time))
        if reach <= since or counted >= ENOUGH_LINES:
            break
    return ErrorLines(counted, max(0.0, until - max(reach, since)))


def _moments(chunk: Chunk, recogniser: Recogniser, time: NodeTime) -> list[float]:
    """When each error of a chunk was written."""
    data, found, at = chunk.data, list[float](), 0
    has_times = _stamp(chunk, data[:HEAD_BYTES].split(b"\n", 1)[0], chunk.first_line, recogniser, time) is not None
    while (match := _CANDIDATE.search(data, at)) is not None and match.start() < len(data):
        begin = data.rfind(b"\n", 0, match.start()) + 1
        end = data.find(b"\n", match.start())
        end = len(data) if end < 0 else end
        line = data[begin:end]
        number = chunk.line_at(begin)
        if recogniser.parse(line[:HEAD_BYTES], chunk.wall_of(number)).level >= Level.ERROR:
            moment = _stamp(chunk, line[:HEAD_BYTES], number, recogniser, time)
            if OWN_REQUEST.search(line) is None and (moment is not None or not has_times):
                found.append(chunk.wall_of(number) if moment is None else moment)
        at = end + 1
        if at >= len(data):
            break
    return found


def _first(chunk: Chunk, recogniser: Recogniser, time: NodeTime) -> float:
    """When a chunk begins: its first line's time, else its arrival."""
    stamp = _stamp(chunk, chunk.data[:HEAD_BYTES].split(b"\n", 1)[0], chunk.first_line, recogniser, time)
    return chunk.wall_of(chunk.first_line) if stamp is None else stamp


def _stamp(chunk: Chunk, line: bytes, number: int, recogniser: Recogniser, time: NodeTime) -> float | None:
    arrived = chunk.wall_of(number)
    stamp = recogniser.parse(line, arrived).stamp
    return None if stamp is None else min(time.ours(stamp.seconds, zoned=stamp.zoned), arrived + FUTURE_SECONDS)
