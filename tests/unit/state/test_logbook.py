"""Books: any chunking of the same bytes gives the same lines, and memory is bounded."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.logs import Cursor, Level, LogKey, Seam
from aen_tui.state.logbook import KEPT_BYTES, LINE_LIMIT_BYTES, LogBook, LogBooks
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, Feeder

CURSOR = Cursor(1, 2, 3, "aa", 1, "bb", 1)


def fed(pieces: list[bytes]) -> LogBook:
    book = LogBook(SERVER_LOG)
    at = 0
    for number, piece in enumerate(pieces):
        book.append(piece, at=at, cursor=None, seam=None, monotonic=float(number), wall=float(number))
        at += len(piece)
    return book


def lines_of(book: LogBook) -> list[bytes | None]:
    return [book.line(number) for number in range(book.first_line, book.next_line + book.has_partial)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30)


@given(LINES, st.booleans(), st.lists(st.integers(min_value=0), max_size=20))
def test_any_chunking_of_the_same_bytes_gives_the_same_lines(lines: list[bytes], ends: bool, places: list[int]) -> None:
    data = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    whole, pieces = fed([data]), fed(cut(data, places))
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert lines_of(pieces) == lines_of(whole) == expected
    assert pieces.read(0) == (data, 0)
    assert [pieces.offset_of(n) for n in range(len(expected))] == [whole.offset_of(n) for n in range(len(expected))]


@given(LINES, st.lists(st.integers(min_value=0), max_size=8), st.integers(min_value=0, max_value=500))
def test_bytes_are_read_from_any_position(lines: list[bytes], places: list[int], position: int) -> None:
    data = b"\n".join(lines)
    position %= len(data) + 1
    assert fed(cut(data, places)).read(position) == (data[position:], 0)


def test_offsets_point_into_the_file() -> None:
    book = LogBook(SERVER_LOG)
    book.append(b"one\ntwo\n", at=1000, cursor=CURSOR, seam=None, monotonic=0, wall=0)
    book.append(b"three\n", at=1008, cursor=None, seam=None, monotonic=0, wall=0)
    assert [book.offset_of(n) for n in range(3)] == [1000, 1004, 1008]
    assert book.cursor == CURSOR


def test_a_half_line_waits_for_its_end_and_a_seam_ends_it() -> None:
    book = LogBook(SERVER_LOG)
    book.append(b"whole\nhal", at=0, cursor=None, seam=None, monotonic=0, wall=5)
    assert (book.next_line, book.has_partial, book.line(1)) == (1, True, b"hal")
    book.append(b"f\n", at=9, cursor=None, seam=None, monotonic=1, wall=6)
    assert (book.next_line, book.has_partial, book.line(1)) == (2, False, b"half")
    book.append(b"no end", at=11, cursor=None, seam=None, monotonic=2, wall=7)
    book.append(b"new file\n", at=0, cursor=None, seam=Seam("rotated", "renamed", 0), monotonic=3, wall=8)
    assert lines_of(book) == [b"whole", b"half", b"no end", b"", b"new file"]
    seam = book.chunk_of(3)
    assert seam is not None and seam.seam is not None and seam.seam.reason == "rotated"
    assert book.read(0) == (b"whole\nhalf\nno endnew file\n", 0)


def test_small_appends_share_chunks_and_keep_their_arrivals() -> None:
    book = fed([b"line %d\n" % n for n in range(1000)])
    assert len(book.chunks) == 1
    chunk = book.chunks[0]
    assert [chunk.wall_of(n) for n in (0, 1, 500, 999)] == [0.0, 1.0, 500.0, 999.0]


def test_an_endless_line_is_cut_and_memory_stays_bounded() -> None:
    books = LogBooks(limit_bytes=4 * 1024 * 1024)
    feeder = Feeder(books, 0.0)
    for _ in range(200):
        feeder.feed(SERVER_LOG, b"x" * 65_536)
    book = books.book(SERVER_LOG)
    assert books.size_bytes <= books.limit_bytes
    assert book.next_line == 200 * 65_536 // LINE_LIMIT_BYTES
    assert max(len(chunk.data) for chunk in book.chunks) <= LINE_LIMIT_BYTES + 65_536


def test_the_noisiest_pays_and_every_book_keeps_its_end() -> None:
    books = LogBooks(limit_bytes=2 * 1024 * 1024)
    feeder = Feeder(books, 0.0)
    quiet = b"".join(b"quiet %06d\n" % n for n in range(KEPT_BYTES // 13))
    feeder.feed(WORKER_LOG, quiet, chunk=8192)
    for n in range(100):
        feeder.feed(SERVER_LOG, b"".join(b"noisy %06d %06d\n" % (n, m) for m in range(4000)))
    assert books.size_bytes <= books.limit_bytes
    assert books.book(WORKER_LOG).read(0) == (quiet, 0)
    noisy = books.book(SERVER_LOG)
    assert noisy.size_bytes > 1024 * 1024
    assert noisy.next_line == 400_000
    head = noisy.chunks[0]
    assert head.seam is not None and head.seam.reason == "dropped"
    assert noisy.dropped_lines == noisy.first_line + 1
    assert noisy.line(noisy.first_line + 1) is not None
    assert noisy.line(noisy.first_line - 1) is None
    data, lost = noisy.read(0)
    assert data.endswith(b"noisy 000099 003999\n") and lost == noisy.dropped_bytes


def test_too_many_books_for_the_cap_share_it() -> None:
    books = LogBooks(limit_bytes=1024 * 1024)
    feeder = Feeder(books, 0.0)
    for _ in range(4):
        for n in range(40):
            feeder.feed(
                LogKey(SERVER_LOG.node, type(SERVER_LOG.path)(f"/log{n}")), b"y" * 999 + b"\n" + b"z\n" * 16_000
            )
    assert books.size_bytes <= books.limit_bytes
    assert all(book.size_bytes > 0 and book.line(book.next_line - 1) == b"z" for book in books)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 60_000)), max_size=60))
def test_what_the_books_cost_is_what_they_say(appends: list[tuple[int, int]]) -> None:
    books = LogBooks(limit_bytes=600_000)
    feeder = Feeder(books, 0.0)
    for which, size in appends:
        feeder.feed((SERVER_LOG, WORKER_LOG, GATEWAY_LOG)[which], (b"a" * (size % 99) + b"\n") * (size // 100 + 1))
    assert books.size_bytes == sum(book.size_bytes for book in books)
    assert books.size_bytes <= books.limit_bytes + 65_536


def test_listeners_hear_every_append_and_a_reader_can_stop_the_flow() -> None:
    books = LogBooks(limit_bytes=1024)
    heard: list[LogKey] = []
    told: list[bool] = []
    books.listeners.add(heard.append)
    books.on_hold = told.append
    Feeder(books, 0.0).feed(SERVER_LOG, b"a\n")
    books.hold()
    books.release()
    assert heard == [SERVER_LOG]
    assert told == [True, False]


class TestLastProblem:
    def problem(self, *lines: bytes) -> tuple[bytes, Level] | None:
        books = LogBooks(limit_bytes=64 * 1024 * 1024)
        Feeder(books, 0.0).feed(SERVER_LOG, b"".join(line + b"\n" for line in lines))
        found = books.last_problem(SERVER_LOG)
        return None if found is None else (found.text, found.level)

    def test_a_crash_that_supervisord_logs_at_info_is_an_error(self) -> None:
        crash = b"2016-10-19 14:03:23,001 INFO exited: wk-server (exit status 1; not expected)"
        assert self.problem(crash, b"2016-10-19 14:03:24,001 INFO spawned: 'wk-server' with pid 9") == (
            crash,
            Level.ERROR,
        )
        assert self.problem(b"2016-10-19 14:03:23,001 INFO exited: wk-server (exit status 0; expected)") is None

    def test_words_in_the_middle_of_a_message_are_no_problem(self) -> None:
        assert self.problem(b"2016-10-19 14:03:23,001 INFO GET /errors/ERROR-list 200") is None

    def test_an_answer_of_500_is_an_error(self) -> None:
        line = b'10.1.2.3 - - [10/Oct/2016:13:55:36 +0000] "GET / HTTP/1.1" 502 172 "-" "curl"'
        assert self.problem(line) == (line, Level.ERROR)

    def test_the_last_one_counts_and_only_new_bytes_are_looked_at(self) -> None:
        books = LogBooks(limit_bytes=64 * 1024 * 1024)
        feeder = Feeder(books, 0.0)
        feeder.feed(SERVER_LOG, b"2016-10-19 14:03:23,001 WARN one\n2016-10-19 14:03:23,002 ERRO two\n")
        first = books.last_problem(SERVER_LOG)
        assert first is not None and (first.text[-3:], first.number) == (b"two", 1)
        feeder.feed(SERVER_LOG, b"2016-10-19 14:03:24,000 INFO fine\n" * 10)
        assert books.last_problem(SERVER_LOG) == first
        feeder.feed(SERVER_LOG, b"2016-10-19 14:03:25,000 WARN three\n")
        last = books.last_problem(SERVER_LOG)
        assert last is not None and (last.text[-5:], last.number) == (b"three", 12)

    def test_a_burst_is_looked_at_in_several_calls(self) -> None:
        books = LogBooks(limit_bytes=64 * 1024 * 1024)
        feeder = Feeder(books, 0.0)
        feeder.feed(SERVER_LOG, b"2016-10-19 14:03:23,001 ERRO lost in the burst\n")
        feeder.feed(SERVER_LOG, b"2016-10-19 14:03:24,000 INFO fine\n" * 60_000)
        calls = 0
        while books.last_problem(SERVER_LOG) is None:
            calls += 1
            assert calls < 20
        assert calls >= 2


def test_packed_chunks_are_read_as_they_came() -> None:
    """What is packed, looked at, forgotten and joined gives the same bytes, lines and offsets."""
    books = LogBooks(limit_bytes=64 * 1024 * 1024)
    book = books.book(SERVER_LOG)
    data = b"".join(b"%06d a line that repeats what lines repeat %s\n" % (n, b"x" * (n % 70)) for n in range(20_000))
    for at in range(0, len(data), 50_000):
        books.append(SERVER_LOG, data[at : at + 50_000], at=at, cursor=None, seam=None, monotonic=0.0, wall=0.0)
    assert book.size_bytes < len(data) // 3, "logs are packed"
    assert book.log_bytes == len(data)
    assert books.size_bytes == book.size_bytes
    assert book.read(0) == (data, 0)
    lines = data.splitlines()
    for number in (*range(0, 20_000, 37), 19_999):
        assert book.line(number) == lines[number]
        offset = book.offset_of(number)
        assert offset is not None
        assert data[offset : offset + 6] == b"%06d" % number
    while book.drop_oldest(100_000):
        books.size_bytes = book.size_bytes
    rest, lost = book.read(0)
    assert data.endswith(rest)
    assert lost + len(rest) == len(data)
    assert 100_000 <= book.log_bytes == len(rest) < 300_000
    assert book.size_bytes == sum(chunk.kept_bytes for chunk in book.chunks) + 400 * len(book.chunks)


def test_a_log_of_nothing_but_newlines_stays_countable() -> None:
    books = LogBooks(limit_bytes=1024 * 1024)
    for n in range(100):
        books.append(SERVER_LOG, b"\n" * 1_000_000, at=n * 1_000_000, cursor=None, seam=None, monotonic=0.0, wall=0.0)
    book = books.book(SERVER_LOG)
    assert books.size_bytes <= books.limit_bytes
    assert book.next_line - book.first_line < 20_000_000
