"""Books to which older lines are put: numbers, places, what was dropped before."""

from __future__ import annotations

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Cursor, LogKey, OlderEdge, OlderState, Seam
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import LogBooks
from aen_tui.state.merge import MergedStream

KEY = LogKey(NodeName("n"), LogPath("/a.log"))
MORE = OlderEdge(OlderState.MORE, "a.log from byte 0")


def cursor(offset: int, inode: int = 7, head: str = "aa", head_bytes: int = 256) -> Cursor:
    return Cursor(1, inode, offset, head, head_bytes, "bb", 256)


def lines(first: int, last: int) -> bytes:
    return b"".join(b"%06d\n" % number for number in range(first, last))


def feed(books: LogBooks, data: bytes, at: int, place: Cursor | None = None, seam: Seam | None = None) -> None:
    end = place or cursor(at + len(data))
    books.append(KEY, data, at=at, cursor=end, seam=seam, monotonic=1.0, wall=1000.0)


def test_older_lines_get_the_numbers_before_the_first_and_nothing_moves() -> None:
    books = LogBooks(limit_bytes=1 << 20)
    feed(books, lines(100, 200), 700)
    book = books.book(KEY)
    stream = MergedStream.over(books, [KEY])
    stream.sync(2000.0)
    name = stream.ref(5)
    assert book.begin() == cursor(700)
    assert books.prepend(KEY, lines(40, 100), cursor(280), MORE)
    assert (book.first_line, book.next_line, book.line(-60), book.line(0)) == (-60, 100, b"000040", b"000100")
    assert book.begin() == cursor(280)
    assert (book.offset_of(-60), book.offset_of(-1)) == (280, 693)
    assert stream.sync(2000.0)
    assert stream.index_of(name) == 65
    assert [line.text for n in (0, 159) if (line := stream.line(n)) is not None] == [b"000040", b"000199"]
    assert book.read(book.chunks[0].position) == (lines(40, 200), 0)
    assert books.size_bytes == book.size_bytes


def test_what_was_dropped_comes_back_under_its_own_numbers() -> None:
    books = LogBooks(limit_bytes=1 << 20)
    for begin in range(0, 100_000, 50_000):
        feed(books, lines(begin, begin + 50_000), begin * 7)
    book = books.book(KEY)
    books.size_bytes -= book.drop_oldest(0)
    first = book.chunks[1].first_line
    assert book.line(first) == b"%06d" % first
    assert book.begin() == cursor(first * 7)
    books.prepend(KEY, lines(first - 1000, first), cursor((first - 1000) * 7), MORE)
    assert book.first_line == first - 1000
    assert book.line(first - 1000) == b"%06d" % (first - 1000)
    assert book.edge == MORE
    books.size_bytes -= book.drop_oldest(0)
    assert book.edge.state is OlderState.UNKNOWN


def test_each_file_of_a_stream_is_known_by_its_place() -> None:
    books = LogBooks(limit_bytes=1 << 20)
    feed(books, lines(0, 10), 0, cursor(70, head="a1", head_bytes=70))
    feed(books, lines(10, 50), 70, cursor(350))
    feed(books, lines(0, 10), 0, cursor(70, inode=8, head="cc"))
    feed(books, lines(500, 510), 0, cursor(70, inode=8, head="dd"), Seam("truncated", "", None))
    book = books.book(KEY)
    assert book.begin() == cursor(0)
    books.size_bytes -= book.drop_oldest(0)
    assert book.begin() == cursor(0, inode=8, head="cc")
    books.size_bytes -= book.drop_oldest(0)
    assert book.begin() == cursor(0, inode=8, head="dd")


def test_older_lines_push_nothing_out() -> None:
    books = LogBooks(limit_bytes=10_000)
    feed(books, lines(100, 200), 700)
    assert not books.prepend(KEY, lines(0, 2000), cursor(0), MORE)
    book = books.book(KEY)
    assert book.edge.state is OlderState.FULL and "memory" in book.edge.message
    assert book.first_line == 0 and book.read(0) == (lines(100, 200), 0)
