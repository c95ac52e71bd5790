"""The merged stream: nothing lost, nothing twice, by time, whatever the chunks; the filtered one likewise."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.logs import Level, LogKey, Seam
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime, fixed_offset
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.logbook import LogBooks
from aen_tui.state.merge import SHARED_LINES, MergedStream, Stream
from aen_tui.state.patterns import compile_bytes, compile_typed
from aen_tui.state.seek import Seek
from aen_tui.state.selection import Criteria, Hits
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, Feeder

KEYS = (SERVER_LOG, WORKER_LOG, GATEWAY_LOG)
BEGIN = 1_476_885_600.0
UTC = NodeTime(0.0, fixed_offset(0))
TIMES = {key.node: UTC for key in KEYS}


def stamped(seconds: float, text: str) -> bytes:
    at = BEGIN + seconds
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(at))},{round(at % 1 * 1000):03d} INFO {text}\n".encode()


def texts(stream: Stream) -> list[bytes]:
    lines = [stream.line(index) for index in range(stream.line_count)]
    return [b"" if line is None else line.text for line in lines]


def fresh(limit_bytes: int = 64 * 1024 * 1024) -> tuple[LogBooks, Feeder]:
    books = LogBooks(limit_bytes=limit_bytes)
    return books, Feeder(books, BEGIN + 100_000)


APPENDS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 3), st.booleans()), min_size=1, max_size=60
)
"""(source, tenths of a second that passed, lines, whether the stream is synced after it)."""


@settings(max_examples=150)
@given(APPENDS, st.integers(1, 400))
def test_lines_stand_in_the_order_of_their_times(appends: list[tuple[int, int, int, bool]], chunk: int) -> None:
    books, feeder = fresh()
    stream = MergedStream.over(books, KEYS, TIMES)
    clocks = [0.0, 0.0, 0.0]
    written: list[tuple[float, int, int, bytes]] = []
    for source, tenths, count, syncs in appends:
        data = b""
        for _ in range(count):
            clocks[source] += tenths / 10
            line = stamped(clocks[source], f"{source}-{len(written)}")
            written.append((clocks[source], source, len(written), line[:-1]))
            data += line
        feeder.feed(KEYS[source], data, chunk=chunk)
        if syncs:
            stream.sync(feeder.wall)
            stream.line_count and stream.line(stream.line_count - 1)
    stream.sync(feeder.wall)
    shown = texts(stream)
    assert sorted(shown) == sorted(entry[3] for entry in written)
    moments = {entry[3]: round(entry[0], 3) for entry in written}
    assert [moments[text] for text in shown] == sorted(moments[text] for text in shown)
    for source in range(3):
        own = [entry[3] for entry in written if entry[1] == source]
        assert [text for text in shown if text in set(own)] == own
    for index in range(stream.line_count):
        assert stream.index_of(stream.ref(index)) == index


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-50, 50), st.booleans()), max_size=80),
    st.integers(1, 300),
)
def test_times_that_lie_lose_nothing_and_keep_the_order_of_each_file(
    lines: list[tuple[int, int, bool]], chunk: int
) -> None:
    books, feeder = fresh()
    stream = MergedStream.over(books, KEYS, TIMES)
    own: dict[int, list[bytes]] = {0: [], 1: [], 2: []}
    for number, (source, seconds, has_time) in enumerate(lines):
        text = stamped(seconds * 1000, f"n{number}") if has_time else b"  at something %d\n" % number
        own[source].append(text[:-1])
        feeder.feed(KEYS[source], text, chunk=chunk)
        if number % 7 == 0:
            stream.sync(feeder.wall)
    stream.sync(feeder.wall)
    shown = texts(stream)
    assert len(shown) == len(lines)
    for source in range(3):
        assert [text for text in shown if text in set(own[source])] == own[source]


def test_chunks_that_overlap_are_merged_line_by_line_and_cut_to_small_groups() -> None:
    books, feeder = fresh()
    data = [b"".join(stamped(n * 0.01 + s * 0.003, f"{s} {n}") for n in range(20_000)) for s in range(3)]
    for key, block in zip(KEYS, data, strict=True):
        feeder.feed(key, block)
    stream = MergedStream.over(books, KEYS, TIMES)
    stream.sync(feeder.wall)
    assert stream.line_count == 60_000
    assert max(group.count for group in stream.groups) <= SHARED_LINES
    shown = texts(stream)
    assert shown == sorted(shown, key=lambda text: text[:23])


def test_skew_and_zone_of_a_node_put_its_lines_in_place() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, stamped(10, "first") + stamped(30, "third"))
    feeder.feed(GATEWAY_LOG, stamped(3600 + 20 + 5, "second"))
    times = {NodeName("aen-server"): UTC, NodeName("gateway1"): NodeTime(5.0, fixed_offset(3600))}
    stream = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), times)
    stream.sync(feeder.wall)
    assert [text.rsplit(b" ", 1)[1] for text in texts(stream)] == [b"first", b"second", b"third"]


def test_a_late_line_is_inserted_and_marked_and_moves_no_name() -> None:
    books, feeder = fresh()
    stream = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    feeder.wall = BEGIN
    feeder.feed(SERVER_LOG, stamped(1, "a"))
    feeder.feed(GATEWAY_LOG, stamped(1.5, "b"))
    feeder.wall = BEGIN + 30
    feeder.feed(SERVER_LOG, stamped(29, "d"))
    stream.sync(feeder.wall)
    name, moves = stream.ref(2), stream.moves
    feeder.feed(GATEWAY_LOG, stamped(20, "late"))
    stream.sync(feeder.wall)
    assert stream.moves > moves
    late = stream.line(2)
    assert late is not None and late.late and late.text.endswith(b"late")
    assert stream.index_of(name) == 3
    assert not any(line.late for line in (stream.line(0), stream.line(1), stream.line(3)) if line)


def test_logs_of_unknown_format_count_by_arrival() -> None:
    books, feeder = fresh()
    stream = MergedStream.over(books, KEYS[:2], TIMES)
    for n in range(6):
        feeder.wall = BEGIN + n
        feeder.feed(KEYS[n % 2], b"plain %d\n" % n)
    stream.sync(feeder.wall)
    assert texts(stream) == [b"plain %d" % n for n in range(6)]


def test_a_traceback_stays_with_its_record() -> None:
    books, feeder = fresh()
    record = stamped(10, "boom") + b"Traceback (most recent call last):\n" + b"  File x\n" * 5 + b"KeyError: 1\n"
    feeder.feed(SERVER_LOG, stamped(1, "a") + record + stamped(50, "z"))
    feeder.feed(GATEWAY_LOG, b"".join(stamped(n, "g") for n in range(60)))
    stream = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    stream.sync(feeder.wall)
    shown = texts(stream)
    at = next(index for index, text in enumerate(shown) if text.endswith(b"boom"))
    assert shown[at : at + 8] == record[:-1].split(b"\n")


def test_what_the_books_drop_leaves_the_stream_and_names_stay() -> None:
    books, feeder = fresh(1024 * 1024)
    stream = MergedStream.over(books, KEYS[:2], TIMES)
    for n in range(60):
        for s in range(2):
            feeder.feed(KEYS[s], b"".join(stamped(n * 10 + m * 0.01 + s * 0.001, f"{s} {n} {m}") for m in range(1000)))
        stream.sync(feeder.wall)
        name = stream.ref(stream.line_count - 10)
        assert stream.ref(stream.index_of(name)) == name
    held = sum(book.next_line - book.first_line for book in books)
    assert stream.line_count == held < 120_000
    seams = [line for index in range(2) if (line := stream.line(index)) and line.seam]
    assert [seam.reason for line in seams if (seam := line.seam)] == ["dropped"] * len(seams) != []
    shown = [text for text in texts(stream) if text]
    assert shown == sorted(shown, key=lambda text: text[:23])


def test_an_unended_last_line_is_shown_after_a_while() -> None:
    books, feeder = fresh()
    stream = MergedStream.over(books, (SERVER_LOG,), TIMES)
    feeder.feed(SERVER_LOG, b"whole\nhal")
    stream.sync(feeder.wall)
    assert texts(stream) == [b"whole"]
    stream.sync(feeder.wall + 2)
    half = stream.line(1)
    assert half is not None and half.partial
    feeder.feed(SERVER_LOG, b"f\nmore\n")
    stream.sync(feeder.wall + 2)
    assert texts(stream) == [b"whole", b"half", b"more"]
    assert not any(line.partial for index in range(3) if (line := stream.line(index)))


def test_a_time_is_found_in_a_million_lines_by_halving() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, b"".join(stamped(n, f"{n}") for n in range(5000)))
    feeder.feed(GATEWAY_LOG, b"".join(stamped(n + 0.5, f"{n}") for n in range(5000)))
    stream = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    stream.sync(feeder.wall)
    assert stream.index_at(BEGIN - 1) == 0
    assert stream.index_at(BEGIN + 1234.2) == 1234 * 2 + 1
    assert stream.index_at(BEGIN + 99_999) == stream.line_count


class Ticks:
    """A clock on which every look takes a millisecond."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def come_to_rest(base: MergedStream, stream: FilteredStream, feeder: Feeder, clock: Callable[[], float]) -> None:
    """Both streams have seen all that there is."""
    base.sync(feeder.wall)
    while not stream.sync(clock, 0.004):
        pass
    stream.sync(clock, 0.004)


def swept(base: MergedStream, criteria: Criteria, clock: Callable[[], float]) -> FilteredStream:
    stream = FilteredStream(base, criteria)
    for _ in range(10_000):
        if stream.sync(clock, 0.004):
            return stream
    raise AssertionError("the sweep never ends")


@settings(max_examples=60)
@given(APPENDS, st.sampled_from(["-1", "0-", "[0-9]*[05]$", "^2016", "nothing", "INFO 1", "x*"]), st.booleans())
def test_a_filter_keeps_exactly_the_lines_that_match(
    appends: list[tuple[int, int, int, bool]], pattern: str, is_out: bool
) -> None:
    books, feeder = fresh()
    base = MergedStream.over(books, KEYS, TIMES)
    compiled = compile_typed(pattern)
    criteria = Criteria(lacking=(compiled,)) if is_out else Criteria(having=(compiled,))
    stream = FilteredStream(base, criteria)
    clock, number, now = Ticks(), 0, 0.0
    for source, tenths, count, syncs in appends:
        now += tenths / 10
        number += count
        feeder.feed(KEYS[source], b"".join(stamped(now, f"{source}-{number - n}") for n in range(count)), chunk=100)
        if syncs:
            base.sync(feeder.wall)
            stream.sync(clock, 0.002)
    come_to_rest(base, stream, feeder, clock)
    wanted = [text for text in texts(base) if (compiled.search(text) is None) is is_out]
    assert texts(stream) == wanted
    for index in range(stream.line_count):
        assert stream.index_of(stream.ref(index)) == index


def test_lines_that_come_before_others_of_a_filter_move_them_and_lines_after_them_do_not() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, stamped(10, "a hit"))
    base = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    base.sync(feeder.wall)
    stream = swept(base, Criteria((compile_bytes(b"hit"),)), Ticks())
    moves = stream.moves
    feeder.feed(SERVER_LOG, stamped(11, "another hit"))
    base.sync(feeder.wall)
    stream.sync(Ticks(), 1)
    assert (stream.line_count, stream.moves) == (2, moves)
    feeder.feed(GATEWAY_LOG, stamped(5, "a late hit"))  # into the only group, before what is there
    base.sync(feeder.wall)
    stream.sync(Ticks(), 1)
    assert texts(stream)[0].endswith(b"a late hit")
    assert stream.moves > moves


def test_filters_stack_and_seams_stay() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, stamped(1, "apple pie") + stamped(2, "apple cake") + stamped(3, "plum pie"))
    feeder.feed(SERVER_LOG, stamped(4, "apple pie cold"), seam=Seam("rotated", "renamed", 0))
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    base.sync(feeder.wall)
    criteria = Criteria((compile_bytes(b"apple"), compile_bytes(b"pie")), (compile_bytes(b"cold"),))
    assert [text[-9:] for text in texts(swept(base, criteria, Ticks()))] == [b"apple pie", b""]


def test_a_least_level_knows_what_supervisord_means() -> None:
    books, feeder = fresh()
    crash = b"2016-10-19 14:03:23,001 INFO exited: wk-server (exit status 1; not expected)"
    feeder.feed(SERVER_LOG, stamped(1, "fine WARN is no level here") + crash + b"\n")
    feeder.feed(SERVER_LOG, b"2016-10-19 14:04:23,001 WARN slow\n")
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    base.sync(feeder.wall)
    assert texts(swept(base, Criteria(level=Level.ERROR), Ticks())) == [crash]
    assert len(texts(swept(base, Criteria(level=Level.WARNING), Ticks()))) == 2


@pytest.mark.parametrize("step", [1, -1])
def test_seeking_finds_hits_one_after_the_other(step: int) -> None:
    books, feeder = fresh()
    for key, s in ((SERVER_LOG, 0), (GATEWAY_LOG, 1)):
        feeder.feed(key, b"".join(stamped(n + s * 0.3, "hit" if n % 997 == s else "miss") for n in range(9000)))
    base = MergedStream.over(books, (SERVER_LOG, GATEWAY_LOG), TIMES)
    base.sync(feeder.wall)
    wanted = [index for index, text in enumerate(texts(base)) if text.endswith(b"hit")]
    hits = Hits(Criteria((compile_bytes(b"hit$"),)), base.sources)
    found: list[int] = []
    at = wanted[0] if step > 0 else wanted[-1]
    while True:
        seek = Seek(base, hits, at, step)
        over, name = False, None
        while not over:
            over, name = seek.run(Ticks(), 0.002)
        if name is None:
            break
        at = base.index_of(name)
        found.append(at)
    assert found == (wanted[1:] if step > 0 else wanted[-2::-1])


def test_a_pattern_that_would_explode_does_not() -> None:
    books, feeder = fresh()
    feeder.feed(SERVER_LOG, b"a" * 50_000 + b"\n")
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    base.sync(feeder.wall)
    begin = time.process_time()  # of all threads, and not what others take of this machine
    assert texts(swept(base, Criteria((compile_bytes(b"(a+)+b$"),)), Ticks())) == []
    assert time.process_time() - begin < 2


def test_a_pattern_never_reaches_over_a_newline_and_a_bad_one_says_why() -> None:
    assert compile_bytes(rb"x\s+y").search(b"x\ny") is None
    assert compile_typed("Error").search(b"error") is None
    assert compile_typed("error").search(b"ERROR") is not None
    with pytest.raises(ValueError, match="missing"):
        compile_typed("(")


def test_two_keys_of_one_path_are_two_sources() -> None:
    books, feeder = fresh()
    other = LogKey(NodeName("gateway2"), GATEWAY_LOG.path)
    feeder.feed(GATEWAY_LOG, stamped(1, "one"))
    feeder.feed(other, stamped(2, "two"))
    stream = MergedStream.over(books, (GATEWAY_LOG, other), {**TIMES, other.node: UTC})
    stream.sync(feeder.wall)
    assert [line.key for index in range(2) if (line := stream.line(index))] == [GATEWAY_LOG, other]


def test_our_own_requests_are_hidden_and_not_counted() -> None:
    books, feeder = fresh()
    request = '10.1.2.3 - - [10/Oct/2016:13:55:%02d +0000] "GET / HTTP/1.1" %d 17 "-" "%s"\n'
    agents = ["Mozilla/5.0", "aen-tui/0.1.0", "curl aen-tui/0.1.0", "aen-tui/0.1.0", "Mozilla/5.0"]
    for n, agent in enumerate(agents):
        feeder.feed(GATEWAY_LOG, (request % (n, 502 if n == 3 else 200, agent)).encode())
    stream = MergedStream.over(books, (GATEWAY_LOG,), TIMES)
    stream.sync(feeder.wall)
    assert [text.rsplit(b'"', 2)[1] for text in texts(stream)] == [
        b"Mozilla/5.0",
        b"curl aen-tui/0.1.0",
        b"Mozilla/5.0",
    ]
    assert (stream.arrived, stream.hidden) == (3, 2)
    feeder.feed(GATEWAY_LOG, (request % (9, 200, "aen-tui/0.1.0") + request % (9, 200, "late")).encode())
    stream.sync(feeder.wall)
    assert stream.line_count == 4
    assert [stream.index_of(stream.ref(index)) for index in range(4)] == [0, 1, 2, 3]
    found = swept(stream, Criteria((compile_bytes(b"aen-tui"),)), Ticks())
    assert [text.rsplit(b'"', 2)[1] for text in texts(found)] == [b"curl aen-tui/0.1.0"]
    assert books.last_problem(GATEWAY_LOG) is None
    everything = MergedStream.over(books, (GATEWAY_LOG,), TIMES, hides_own=False)
    everything.sync(feeder.wall)
    assert everything.line_count == 7
