"""What was found stays true while books drop their oldest lines, cut chunks in two and get older ones back."""

from __future__ import annotations

from array import array
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.logs import Level, Seam
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.logbook import LogBook, LogBooks
from aen_tui.state.merge import MergedStream
from aen_tui.state.patterns import compile_bytes
from aen_tui.state.selection import Criteria, Hits
from aen_tui.state.sweep import Job, Sweep
from aen_tui.ui.widgets.log_query import LogQuery
from tests.support.log_stage import SERVER_LOG, Feeder
from tests.unit.state.test_merge import TIMES, Ticks, come_to_rest, fresh, stamped, texts
from tests.unit.state.test_merge_older import put_before

HIT = compile_bytes(b"hit")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["feed", "feed", "seam", "drop", "look", "slow", "back"]), st.integers(1, 400), st.booleans()
    ),
    min_size=3,
    max_size=20,
)
"""(what happens, how many lines, whether the stream is synced after it)"""


def block(first: int, count: int) -> bytes:
    """Lines of which every third holds `hit` and every fifth is a warning."""
    return b"".join(
        stamped(n, f"{n:06d} {'hit' if n % 3 == 0 else 'not'} {'.' * 60}").replace(
            b"INFO", b"INFO" if n % 5 else b"WARN"
        )
        for n in range(first, first + count)
    )


def drop(books: LogBooks, book: LogBook, size: int) -> None:
    books.size_bytes -= book.drop_oldest(book.log_bytes - size)


def lines_here(book: LogBook) -> list[bytes]:
    return b"".join(chunk.data for chunk in book.chunks).splitlines()


def filtered_lines(stream: FilteredStream) -> list[bytes]:
    return [text for text in texts(stream) if text]


class Looks:
    """A sweep of which threads have jobs while the book goes on."""

    def __init__(self, hits: Hits) -> None:
        self._sweep = Sweep((hits,))
        self._shares: list[list[Job]] = []

    def end(self) -> None:
        found = [self._sweep.scan(share, monotonic, 60.0, at) for at, share in enumerate(self._shares)]
        self._sweep.put(self._shares, found)
        self._shares = []

    def begin(self) -> None:
        self.end()
        self._shares = self._sweep.take()


@settings(max_examples=60)
@given(STEPS, st.sampled_from(["having", "lacking", "level"]))
def test_a_filter_is_grep_over_what_is_in_memory(steps: list[tuple[str, int, bool]], kind: str) -> None:
    books, feeder = fresh()
    book = books.book(SERVER_LOG)
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    criteria = {
        "having": Criteria((HIT,)),
        "lacking": Criteria(lacking=(HIT,)),
        "level": Criteria(level=Level.WARNING),
    }[kind]
    stream = FilteredStream(base, criteria)
    hits = Hits(Criteria((HIT,)), base.sources)
    looks = Looks(hits)
    clock, file = Ticks(), block(0, 2000).splitlines(keepends=True)
    for what, count, syncs in steps:
        if what in ("feed", "seam"):
            seam = Seam("rotated", "renamed", 0) if what == "seam" else None
            data = block(len(file), count)
            file += data.splitlines(keepends=True)
            feeder.feed(SERVER_LOG, data, seam=seam, chunk=20_000)
        elif what == "drop":
            drop(books, book, count * 100)
        elif what == "back":
            end = len(file) - len(lines_here(book))
            put_before(books, SERVER_LOG, b"".join(file[max(0, end - count) : end]))
        elif what == "look":
            looks.begin()
        else:
            looks.end()
        if syncs:
            base.sync(feeder.wall)
            stream.sync(clock, 0.002)
    come_to_rest(base, stream, feeder, clock)
    here = lines_here(book)
    wanted = {
        "having": [line for line in here if b" hit " in line],
        "lacking": [line for line in here if b" hit " not in line],
        "level": [line for line in here if b" WARN " in line],
    }[kind]
    assert filtered_lines(stream) == wanted
    for _ in range(2):
        looks.begin()
    looks.end()
    hits.forget_dropped()
    assert hits.count == sum(b" hit " in line for line in here)
    seams = {chunk.first_line for chunk in book.chunks if chunk.seam is not None}
    found = [book.line(at) for at in hits.known(0) if at not in seams]
    assert found == [line for line in here if b" hit " in line]


@pytest.mark.parametrize("is_out", [False, True])
def test_the_rest_of_a_chunk_that_is_cut_keeps_what_was_found(is_out: bool) -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, block(0, 1000))
    book = books.book(SERVER_LOG)
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    stream = FilteredStream(base, Criteria(lacking=(HIT,)) if is_out else Criteria((HIT,)))
    for size in (0, 10_000, 10_000):
        drop(books, book, size)
        base.sync(feeder.wall)
        stream.sync(Ticks(), 1.0)
        assert filtered_lines(stream) == [line for line in lines_here(book) if (b" hit " in line) is not is_out]
    assert book.dropped_lines > 100 and len(book.chunks) == 2


def test_a_chunk_that_waits_is_looked_at_though_it_was_cut() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, block(0, 1000))
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    hits = Hits(Criteria((HIT,)), base.sources)
    sweep = Sweep((hits,))
    assert not sweep.is_done  # it took note of the chunk
    drop(books, books.book(SERVER_LOG), 20_000)
    assert sweep.run(Ticks(), 1.0)
    assert hits.count == sum(b" hit " in line for line in lines_here(books.book(SERVER_LOG)))


def test_jobs_that_are_given_back_wait_once() -> None:
    books, feeder = fresh()
    for n in range(10):
        feeder.feed(SERVER_LOG, block(n * 4000, 4000))
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    looks = tuple(Hits(Criteria((compile_bytes(word),)), base.sources) for word in (b"hit", b"not", b"WARN"))
    sweep = Sweep(looks)
    for _ in range(4):
        shares = sweep.take()
        assert sum(map(len, shares)) == len(looks) * len(books.book(SERVER_LOG).chunks)
        sweep.put(shares, [[] for _ in shares])


async def test_nothing_is_remembered_of_what_left_memory() -> None:
    books = LogBooks(limit_bytes=512 * 1024)
    feeder = Feeder(books, 0.0)
    book = books.book(SERVER_LOG)
    query = LogQuery(MergedStream.over(books, (SERVER_LOG,), TIMES), monotonic)
    query.search("hit")
    query.level_hits(Level.INFO)
    dropped, seen = 0, 0
    while dropped < 50:
        seen += 4000
        feeder.feed(SERVER_LOG, block(seen - 4000, 4000), seam=Seam("rotated", "renamed", 0))
        dropped += book.first_line > 0
        while await query.survey(1.0):
            pass
        while not query.refresh():
            pass
    here = lines_here(book)
    assert book.dropped_lines > 5 * len(here)
    assert query.hit_count == sum(b" hit " in line for line in here)
    assert query.level_hits(Level.WARNING).count == sum(b" WARN " in line for line in here)
    assert query.level_hits(Level.ERROR).count == 0
    for hits in (query.level_hits(Level.WARNING), query.level_hits(Level.ERROR), query.hits):
        assert hits is not None and len(hits._found[0]) <= len(book.chunks)
        assert hits.known(0) == array("q", sorted({*hits.known(0)})) and min(hits.known(0)) >= book.first_line


def test_a_reader_that_sleeps_collects_no_heap_of_news() -> None:
    books, feeder = fresh()
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    hits = Hits(Criteria((HIT,)), base.sources)
    hits.is_watched = True
    sweep = Sweep((hits,))
    for _ in range(2000):
        feeder.feed(SERVER_LOG, b"a hit\n")
        sweep.run(Ticks(), 1.0)
    assert len(hits.fresh) == len(books.book(SERVER_LOG).chunks) == 1


def test_frames_are_shown_as_soon_as_the_head_of_their_record_comes() -> None:
    books, feeder = fresh()
    frames = b"  at one\n  at two\n"
    feeder.feed(SERVER_LOG, frames + block(0, 10_000).replace(b"hit", b"not"))
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    stream = FilteredStream(base, Criteria((HIT,)))
    head = stamped(0, "a hit")
    for has_head in (False, True):
        if has_head:
            put_before(books, SERVER_LOG, head)
        base.sync(feeder.wall)
        while not stream.sync(Ticks(), 1.0):
            pass
        assert filtered_lines(stream) == ((head + frames).splitlines() if has_head else [])


def test_a_seam_that_left_memory_counts_as_no_line() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, block(0, 100))
    feeder.feed(SERVER_LOG, block(100, 100), seam=Seam("rotated", "renamed", 0))
    feeder.feed(SERVER_LOG, block(200, 100), seam=Seam("rotated", "renamed", 0))
    book = books.book(SERVER_LOG)
    while book.drop_oldest(9_000):
        pass
    assert book.dropped_lines == 300 - len(lines_here(book))
