"""Error lines of a span, by the time at which they were written."""

from __future__ import annotations

import time

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime, fixed_offset
from aen_tui.state.error_lines import error_lines
from aen_tui.state.logbook import LogBook

NOW = 1_700_000_000.0
UTC = NodeTime(0.0, fixed_offset(0.0))


def line(seconds_ago: float, level: str = "ERROR", text: str = "no") -> bytes:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S,000", time.gmtime(NOW - seconds_ago))
    return f"{stamp} {level} wakari: {text}\n".encode()


def book_of(*parts: bytes, wall: float = NOW) -> LogBook:
    book = LogBook(LogKey(NodeName("aen-server"), LogPath("/var/log/x.log")))
    at = 0
    for part in parts:
        book.append(part, at=at, cursor=None, seam=None, monotonic=1.0, wall=wall)
        at += len(part)
    return book


def test_what_was_written_in_the_span_counts_whenever_it_came() -> None:
    book = book_of(line(900), line(200), line(100, "INFO"), line(50), line(10, "CRITICAL"))
    assert error_lines(book, UTC, NOW - 300, NOW - 20).lines == 2
    assert error_lines(book, UTC, NOW - 20, NOW + 1).lines == 1


def test_the_rate_is_of_what_the_book_reaches_back_to() -> None:
    found = error_lines(book_of(line(60, "INFO"), line(30), line(20)), UTC, NOW - 300, NOW)
    assert (found.lines, found.seconds) == (2, 60.0)
    assert found.per_minute == pytest.approx(2.0)


def test_a_traceback_counts_once() -> None:
    trace = b'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: ERROR\n'
    assert error_lines(book_of(line(30) + trace), UTC, NOW - 60, NOW).lines == 1


def test_a_log_without_times_counts_by_arrival() -> None:
    book = book_of(b"ERROR one\nfine\nERROR two\n", wall=NOW - 10)
    assert error_lines(book, UTC, NOW - 60, NOW).lines == 2
    assert error_lines(book, UTC, NOW - 5, NOW).lines == 0


def test_a_log_of_nothing_has_no_rate() -> None:
    found = error_lines(book_of(), UTC, NOW - 60, NOW)
    assert (found.lines, found.per_minute) == (0, 0.0)
