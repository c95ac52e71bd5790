"""`logs --grep RE --since TIME`: what lies before the lines at hand is searched on the node, and only hits are shipped.

Exactly the lines that fetching everything would print, or nothing: where a cap was reached or the node would read the
pattern otherwise, the caller fetches.
"""

from __future__ import annotations

from math import inf

from aen_tui.model.log_formats import Recogniser
from aen_tui.model.logs import Cursor
from aen_tui.model.searches import RawHit, Searched
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.errands import rows_of
from aen_tui.runtime.log_search import may_be_raised, since_there
from aen_tui.sources import log_hits
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.node_patterns import NodePattern

MOST_HITS = 50_000
"""Of one log; with more of them, fetching is no slower."""
MOST_BYTES = 16 * 1024 * 1024
LINE_BYTES = 32 * 1024
"""A hit as long as this may be cut."""
READ_BYTES = 64 << 30
SEARCH_SECONDS = 600.0


async def hits_before(
    runtime: Runtime, source: TimedLog, place: Cursor, pattern: NodePattern, since: float
) -> list[tuple[float, DrawnLine]] | None:
    """Lines of a log that match, written since a time and before a place of it: time to sort by, line; oldest first.

    None where not all of them could be had.

    Raises:
        AenError: the node is away, or could not search.
    """
    key = source.book.key
    order = log_hits.order(
        [key],
        pattern.text,
        literal=pattern.literal,
        since=since_there(since, source.time),
        before=place,
        most_hits=MOST_HITS,
        most_bytes=READ_BYTES,
        text_bytes=LINE_BYTES,
    )
    rows = await rows_of(
        runtime.errand,
        key.node,
        log_hits.NAME,
        order,
        log_hits.raw_hit,
        seconds=SEARCH_SECONDS,
        most_bytes=MOST_BYTES,
        raised=may_be_raised(runtime.inventory, key),
    )
    hits = [row for row in rows if isinstance(row, RawHit)]
    ends = [row for row in rows if isinstance(row, Searched) and row.is_ended]
    if len(ends) != 1 or ends[0].error or ends[0].capped or any(len(hit.text) >= LINE_BYTES // 4 for hit in hits):
        return None
    return _lines(source, hits, since, runtime.clock.wall())


def _lines(source: TimedLog, hits: list[RawHit], since: float, now: float) -> list[tuple[float, DrawnLine]]:
    found: list[tuple[float, DrawnLine]] = []
    recogniser, floor = Recogniser(), -inf
    for number, hit in enumerate(reversed(hits), source.book.first_line - len(hits)):
        text = hit.text.encode("utf-8", "replace")
        parsed = recogniser.parse(text, now)
        head = recogniser.parse(hit.head.encode("utf-8", "replace"), now) if hit.head is not None else parsed
        stamp = parsed.stamp or head.stamp
        moment = source.time.ours(stamp.seconds, zoned=stamp.zoned) if stamp is not None else floor
        floor = max(floor, moment)  # lines of one file never change their order
        if floor < since:
            continue
        line = DrawnLine(
            source.book.key,
            number,
            text,
            moment if parsed.stamp is not None else None,
            moment if moment > -inf else now,
            max(parsed.level, head.level),
            hit.offset,
        )
        found.append((floor, line))
    return found
