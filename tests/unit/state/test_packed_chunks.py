"""Memory: whoever looks at lines as they come, chunks that get no more lie packed but for a bounded few."""

from __future__ import annotations

import pytest

from aen_tui.model.logs import Level
from aen_tui.state.book import CHUNK_BYTES, INDEXED_BYTES, LogBook
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import MergedStream
from aen_tui.state.selection import Criteria
from tests.support.log_stage import SERVER_LOG
from tests.unit.state.test_merge import TIMES, Ticks, fresh, stamped

CHUNKS = 24


def unpacked_bytes(book: LogBook) -> int:
    """Of chunks that get no more."""
    return sum(chunk.size for chunk in book.chunks[:-1] if chunk._data is not None)


@pytest.mark.parametrize("watcher", ["nobody", "followers", "filter", "last lines"])
def test_chunks_that_get_no_more_are_packed_whoever_looked(watcher: str) -> None:
    books, feeder = fresh()
    book = books.book(SERVER_LOG)
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    level = FilteredStream(base, Criteria(level=Level.WARNING))
    second = 0
    while len(book.chunks) <= CHUNKS:
        data = b"".join(stamped(second + n, "x" * 120) for n in range(100)) + stamped(second, "ERROR no")
        feeder.feed(SERVER_LOG, data, chunk=CHUNK_BYTES)
        second += 100
        if watcher == "followers":
            base.sources[0].records.followers(book.chunks[-1])
        elif watcher == "filter":
            base.sync(feeder.wall)
            level.sync(Ticks(), 1.0)
        elif watcher == "last lines":
            base.sync(feeder.wall)
            assert base.line(base.line_count - 1) is not None
    assert unpacked_bytes(book) <= (INDEXED_BYTES if watcher in ("filter", "last lines") else 0)
    assert book.read(0)[1] == 0
