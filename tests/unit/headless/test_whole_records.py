"""`logs --level`: tracebacks and stacks come with their record, as in the view, however the bytes came."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aen_tui.headless.log_reading import LogReader
from aen_tui.model.logs import Level, Seam
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.lines import TimedLog
from aen_tui.state.merge import MergedStream
from aen_tui.state.patterns import compile_bytes
from aen_tui.state.selection import Criteria
from tests.support.log_stage import SERVER_LOG
from tests.unit.headless.test_logs import Stage
from tests.unit.headless.test_logs import stamped as stamped_now
from tests.unit.state.test_cut_chunks import filtered_lines
from tests.unit.state.test_merge import TIMES, Ticks, fresh, stamped

FRAMES = b'Traceback (most recent call last):\n  File "x.py", line 1, in go\n    go()\nKeyError: %d\n'
SEAM = b"a seam"
PIECES = st.lists(
    st.sampled_from(
        [stamped(1, "fine"), stamped(2, "WARN x").replace(b"INFO ", b""), stamped(3, "ERROR y").replace(b"INFO ", b""),
         FRAMES % 1, FRAMES % 2, b"  at one (x.js:1)\n", b"  at two (x.js:2)\n", b"plain\n",
         b"Exception\n", b"}\n", SEAM]
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


@settings(max_examples=200)
@given(
    PIECES,
    st.sets(st.integers(0, 40)),
    st.sampled_from([Level.INFO, Level.WARNING, Level.ERROR]),
    st.sampled_from([None, b"go", b"y$|2"]),
)
@example([b"ERROR y\n", b"fine\n", b"  at one\n"], {1}, Level.ERROR, None)
def test_the_same_lines_as_in_the_view(
    pieces: list[bytes], looks: set[int], level: Level, pattern: bytes | None
) -> None:
    books, feeder = fresh()
    book = books.book(SERVER_LOG)
    criteria = Criteria((compile_bytes(pattern),) if pattern else (), level=level)
    reader = LogReader(TimedLog(book, TIMES[SERVER_LOG.node]), criteria, None, None)
    given_: list[int] = []
    for at, piece in enumerate(pieces):
        seam = Seam("rotated", "renamed", 0) if piece is SEAM else None
        feeder.feed(SERVER_LOG, b"" if seam else piece, seam=seam, chunk=30)
        if at in looks:
            given_ += [line.number for _, line in reader.take()]
    given_ += [line.number for _, line in reader.take()]
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    base.sync(feeder.wall)
    view = FilteredStream(base, criteria)
    while not view.sync(Ticks(), 1.0):
        pass
    assert [book.line(number) for number in given_] == filtered_lines(view)
    assert given_ == sorted(set(given_))


async def test_a_traceback_is_printed_with_the_line_above_it() -> None:
    stage = Stage()
    record = stamped_now("handling /x", 50) + FRAMES % 1
    stage.feed(SERVER_LOG, stamped_now("fine", 60) + record + stamped_now("fine again", 40))
    printed = await stage.output([SERVER_LOG], level="error")
    assert printed.replace(f"{SERVER_LOG}| ".encode(), b"") == record


async def test_the_last_line_belongs_to_its_record_though_it_has_not_ended() -> None:
    for end in (b"KeyError: 1", b"  at x.js"):
        stage = Stage()
        head = stamped_now("handling /x", 50) if end[:1] != b" " else b"ERROR no\n"
        stage.feed(SERVER_LOG, stamped_now("fine", 60) + head + end)
        printed = await stage.output([SERVER_LOG], level="error")
        assert printed.replace(f"{SERVER_LOG}| ".encode(), b"") == head + end + b"\n"
