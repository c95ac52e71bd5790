"""A sweep over books: what threads find, in which order, and when they stop."""

from __future__ import annotations

from array import array
from time import monotonic

from aen_tui.state.lines import TimedLog
from aen_tui.state.logbook import LogBooks
from aen_tui.state.patterns import compile_typed
from aen_tui.state.selection import Criteria, Hits
from aen_tui.state.sweep import THREADS, Flag, Sweep
from tests.support.log_stage import SERVER_LOG

LINES = 40_000
CHUNK_LINES = 500


def sweep_for(text: str) -> tuple[Sweep, Hits]:
    """Over one book of many chunks, in which every line has its number."""
    books = LogBooks(limit_bytes=64 * 1024 * 1024)
    at = 0
    for first in range(0, LINES, CHUNK_LINES):
        data = b"".join(b"line %06d of a log that goes on and on like this%s\n" % (n, b"." * 80)
                        for n in range(first, first + CHUNK_LINES))  # fmt: skip
        books.append(SERVER_LOG, data, at=at, cursor=None, seam=None, monotonic=float(first), wall=float(first))
        at += len(data)
    hits = Hits(Criteria((compile_typed(text),)), [TimedLog(books.book(SERVER_LOG))])
    return Sweep((hits,)), hits


def done(sweep: Sweep, seconds: float) -> None:
    while not sweep.is_done:
        shares = sweep.take()
        sweep.put(shares, [sweep.scan(jobs, monotonic, seconds, at) for at, jobs in enumerate(shares)])


def test_all_is_found_however_often_it_is_given_back() -> None:
    for seconds in (0.0001, 10.0):
        sweep, hits = sweep_for("line [0-9]*77 of")
        done(sweep, seconds)
        assert hits.known(0) == array("q", range(77, LINES, 100))
        assert hits.count == LINES // 100


def test_it_begins_with_the_newest_and_ends_with_the_first_hit_when_that_is_wanted() -> None:
    sweep, hits = sweep_for("line 020000")
    shares = sweep.take()
    assert len(shares) == THREADS
    assert shares[0][0].chunk.end_line == LINES
    first = Flag()
    found = [sweep.scan(jobs, monotonic, 60.0, at, first) for at, jobs in enumerate(shares)]
    assert first.is_set
    assert sum(map(len, found)) < sum(map(len, shares)), "it went on although something was found"
    sweep.put(shares, found)
    assert hits.known(0) == array("q", [20_000])
    assert not sweep.is_done
    done(sweep, 60.0)
    assert hits.count == 1


def test_with_records_the_followers_of_what_was_found_are_known() -> None:
    _, hits = sweep_for("line 039999")
    sweep = Sweep((hits,), with_records=True)
    done(sweep, 60.0)
    records, chunk = hits.sources[0].records, hits.sources[0].book.chunks[-1]
    assert chunk.first_line in records._known
    assert not records.followers(chunk)
