"""Memory: whoever looks at lines as they come, chunks that get no more lie packed but for a bounded few."""

from __future__ import annotations

import pytest

from aen_tui.model.logs import Level
from aen_tui.state import groups, records
from aen_tui.state.book import CHUNK_BYTES, INDEXED_BYTES, LogBook
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import MergedStream
from aen_tui.state.selection import Criteria
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG
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


def test_what_was_looked_at_goes_with_its_chunk() -> None:
    books, feeder = fresh()
    book = books.book(SERVER_LOG)
    feeder.feed(SERVER_LOG, b"".join(stamped(n, "x" * 120) for n in range(6000)))
    for chunk in list(book.chunks):
        assert book.line(chunk.first_line) is not None
    while book.drop_oldest(10_000):
        pass
    assert set(book._indexed) <= set(book.chunks)
    assert book._indexed_bytes == sum(book._indexed.values())


def test_orders_are_remembered_of_few_groups_and_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "KEPT_ORDERS", 4)
    books, feeder = fresh()
    base = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    for n in range(100):
        for part, key in enumerate((SERVER_LOG, GATEWAY_LOG)):
            feeder.feed(key, b"".join(stamped(n + m * 0.01 + part * 0.003, "x") for m in range(50)))
        base.sync(feeder.wall)
        assert base.line(base.line_count - 1) is not None
    assert len(base.groups) > 6
    shown = [base.ref(index) for index in range(base.line_count)]
    assert sum(group._order is not None for group in base.groups) <= 4
    assert [base.index_of(ref) for ref in shown[::97]] == list(range(0, len(shown), 97))
    assert len({*shown}) == len(shown) == 10_000


def test_what_is_known_of_records_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_CACHED_LINES", 5_000)
    books, feeder = fresh()
    stacks = MergedStream.over(books, (SERVER_LOG,), TIMES).sources[0].records
    for _ in range(20):
        feeder.feed(
            SERVER_LOG, b"ERROR x\n" + b"  at y.js\n" * 1000 + b"." * CHUNK_BYTES + b"\n", chunk=CHUNK_BYTES * 2
        )
        found = [stacks.followers(chunk) for chunk in books.book(SERVER_LOG).chunks]
        assert sum(map(len, found)) == len(found) * 1000
        assert stacks._known_lines == sum(len(lines) for _, lines in stacks._known.values()) <= 5_000
