"""How many errors a node's logs say in a span of time, over all of its followed logs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aen_tui.model.facts import LogPath
from aen_tui.model.node import NodeName
from aen_tui.runtime.node_times import node_time
from aen_tui.state.error_lines import error_lines
from aen_tui.state.logbook import LogBooks
from aen_tui.state.store import Store

WHAT_COUNTS = "lines of level error or worse in its followed logs"


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors of a node in a span."""

    lines: int
    per_minute: float
    """Each log's over what its book reaches back to, added up."""
    seconds: float
    """Of the span that the furthest reaching book holds."""
    worst: LogPath | None = None
    """The log that said most; None where none said anything."""


async def error_rate(books: LogBooks, store: Store, node: NodeName, since: float, until: float) -> ErrorRate:
    """Count, a log at a time, between which the loop runs.

    Args:
        books: what came.
        store: knows the node's clock.
        node: which.
        since: epoch seconds of the jump host.
        until: likewise.
    """
    time, lines, per_minute, seconds = node_time(store.node(node)), 0, 0.0, 0.0
    most, worst = 0, None
    for book in [book for book in books if book.key.node == node]:
        found = error_lines(book, time, since, until)
        lines += found.lines
        per_minute += found.per_minute
        seconds = max(seconds, found.seconds)
        if found.lines > most:
            most, worst = found.lines, book.key.path
        await asyncio.sleep(0)
    return ErrorRate(lines, per_minute, seconds, worst)
