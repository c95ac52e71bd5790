"""A stream to whose books older lines are put: the same as if it had been opened on all of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Cursor, LogKey, OlderEdge, OlderState
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import LogBook, LogBooks
from aen_tui.state.merge import MergedStream

KEYS = [LogKey(NodeName("n"), LogPath(f"/{name}.log")) for name in "abc"]
MORE = OlderEdge(OlderState.MORE, "")
NOON = 43_200


def line(second: int, text: str, *, stamped: bool = True) -> bytes:
    when = f"2016-10-19T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z "
    return f"{when if stamped else ''}{text}\n".encode()


def feed(books: LogBooks, key: LogKey, data: bytes) -> None:
    book = books.book(key)
    books.append(key, data, at=book.end_position, cursor=None, seam=None, monotonic=1.0, wall=2e9)


def put_before(books: LogBooks, key: LogKey, data: bytes) -> None:
    assert books.prepend(key, data, Cursor(1, 2, 0, "", 0, "", 0), MORE)


def refs(stream: MergedStream) -> list[tuple[int, int]]:
    return [stream.ref(index) for index in range(stream.line_count)]


def assert_whole(stream: MergedStream, books: LogBooks) -> None:
    """Every line once, every source in its own order, groups that do not lie in each other."""
    found = refs(stream)
    for index, key in enumerate(KEYS):
        book = books.book(key)
        assert [number for source, number in found if source == index] == list(range(book.first_line, book.next_line))
    assert all(one.high <= two.low for one, two in zip(stream.groups, stream.groups[1:], strict=False))
    for at in range(0, stream.line_count, 7):
        assert stream.index_of(found[at]) == at


pieces = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.booleans(),
        st.lists(st.tuples(st.integers(-300, 300), st.booleans()), min_size=1, max_size=300),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(pieces)
def test_nothing_is_lost_twice_or_out_of_its_sources_order(
    given_: list[tuple[int, bool, list[tuple[int, bool]]]],
) -> None:
    books = LogBooks(limit_bytes=1 << 24)
    stream = MergedStream.over(books, KEYS)
    for number, (source, is_older, moments) in enumerate(given_):
        data = b"".join(line(NOON + moment, f"{number}", stamped=stamped) for moment, stamped in moments)
        (put_before if is_older else feed)(books, KEYS[source], data)
        stream.sync(2e9)
        assert_whole(stream, books)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 700)), min_size=1, max_size=10), st.booleans())
def test_honest_times_come_out_as_if_all_had_been_there_from_the_start(
    steps: list[tuple[int, int]], steady: bool
) -> None:
    books = LogBooks(limit_bytes=1 << 24)
    for index, key in enumerate(KEYS):
        feed(books, key, b"".join(line(NOON + 3 * n + index, "new") for n in range(2000)))
    stream = MergedStream.over(books, KEYS)
    stream.sync(2e9)
    ends = [NOON + index for index in range(3)]
    for source, count in steps:
        ends[source] -= 3 * count
        put_before(books, KEYS[source], b"".join(line(ends[source] + 3 * n, "old") for n in range(count)))
        if steady:
            stream.sync(2e9)
    stream.sync(2e9)
    fresh = MergedStream.over(books, KEYS)
    fresh.sync(2e9)
    assert refs(stream) == refs(fresh)
    assert_whole(stream, books)


def oldest_dropped() -> tuple[LogBooks, MergedStream, LogBook]:
    """A stream of one log whose oldest chunk was dropped."""
    books = LogBooks(limit_bytes=1 << 24)
    for begin in range(0, 20_000, 2_000):
        feed(books, KEYS[0], b"".join(line(NOON + n, "x") for n in range(begin, begin + 2_000)))
    stream = MergedStream.over(books, KEYS)
    stream.sync(2e9)
    book = books.book(KEYS[0])
    books.size_bytes -= book.drop_oldest(0)
    return books, stream, book


def test_the_mark_of_dropped_lines_gives_its_number_back() -> None:
    books, stream, book = oldest_dropped()
    stream.sync(2e9)
    assert book.chunks[0].seam is not None
    first = book.chunks[1].first_line
    put_before(books, KEYS[0], b"".join(line(NOON + n, "back") for n in range(first - 500, first)))
    stream.sync(2e9)
    assert_whole(stream, books)
    assert stream.line_count == 20_000 - first + 500


def test_lines_dropped_and_fetched_between_two_looks() -> None:
    books, stream, book = oldest_dropped()
    first = book.chunks[1].first_line
    put_before(books, KEYS[0], b"".join(line(n, "older") for n in range(first + 3_000)))
    stream.sync(2e9)
    assert_whole(stream, books)


def test_our_own_old_requests_are_hidden_and_never_counted_as_new() -> None:
    books = LogBooks(limit_bytes=1 << 24)
    own = b'10.1.2.3 - - [19/Oct/2016:11:55:36 +0000] "GET / HTTP/1.1" 200 17 "-" "aen-tui/0.1.0"\n'
    feed(books, KEYS[0], own.replace(b"aen-tui/0.1.0", b"curl") * 10)
    stream = MergedStream.over(books, KEYS)
    stream.sync(2e9)
    put_before(books, KEYS[0], own * 5 + own.replace(b"aen-tui/0.1.0", b"curl"))
    stream.sync(2e9)
    assert (stream.hidden, stream.arrived, stream.line_count) == (5, 10, 11)
