"""The parts of the bench do what its figures rest on; no timing is judged."""

from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from tests.bench.figures import OURS, Figure, percentile, table
from tests.bench.processes import cost, tree
from tests.bench.terminal import NotSeenError, Terminal
from tests.bench.writing import block, word

ENV = {"PATH": os.environ["PATH"]}
ASK = (
    "import sys,tty; tty.setraw(0); print('\\x1b[?2026$p', end='', flush=True); print('said', repr(sys.stdin.read(11)))"
)


def test_a_text_is_found_with_the_time_it_was_written_and_only_after_the_place_asked_for() -> None:
    argv = [sys.executable, "-uc", "print('one'); input(); print('two three')"]
    with Terminal(argv, env=ENV) as terminal:
        first = terminal.wait_for("one")
        place = terminal.written
        assert terminal.started < first < terminal.send("\n")
        assert terminal.wait_for("three", since=place) > first
        assert b"one" not in terminal.output(place)


def test_what_never_comes_is_said_with_what_came_instead() -> None:
    with Terminal([sys.executable, "-c", "print('other')"], env=ENV) as terminal:
        with pytest.raises(NotSeenError, match="other"):
            terminal.wait_for("wanted", seconds=5)


def test_a_query_is_answered_and_the_terminal_is_the_controlling_one_of_its_size() -> None:
    with Terminal([sys.executable, "-c", ASK], env=ENV) as terminal:
        assert terminal.wait_for("said")
        terminal.wait_for("2026;2")
    with Terminal(["sh", "-c", "stty size < /dev/tty"], env=ENV, columns=77, rows=11) as terminal:
        terminal.wait_for("11 77")


def test_more_than_is_kept_passes_through() -> None:
    script = "import sys\nfor n in range(100000): print('x' * 200)\nprint('the ' + 'end')"
    with Terminal([sys.executable, "-c", script], env=ENV) as terminal:
        terminal.wait_for("the end", seconds=30)
        assert terminal.written > 20_000_000


def test_what_a_terminal_ran_is_gone_after_it() -> None:
    with Terminal(["sh", "-c", "sleep 100 & sleep 100"], env=ENV) as terminal:
        deadline = time.monotonic() + 5
        while len(processes := tree(terminal.process.pid)) < 3:
            assert time.monotonic() < deadline
        assert cost(processes).rss_megabytes > 0
    left = psutil.wait_procs(processes, timeout=5)[1]
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_block_holds_its_lines_and_ends_with_its_word() -> None:
    marker = word()
    lines = block(1000, last_word=marker).splitlines()
    assert len(lines) == 1000
    assert lines[-1].endswith(marker.encode())
    assert marker != word()
    assert 80 < sum(map(len, lines)) / 1000 < 120


def test_the_table_sets_ours_against_peers_and_budget() -> None:
    figures = [
        Figure("delay", OURS, "ms", [30.0, 10.0, 20.0], 15.0),
        Figure("delay", "lnav", "ms", [80.0]),
        Figure("delay", "other", "ms", note="not installed"),
    ]
    text = table(figures)
    assert "20.0 ms" in text and "10.0..30.0" in text and "MISSED" in text
    assert "0.25" in text.splitlines()[2]
    assert text.splitlines()[3].rstrip().endswith("not installed")
    assert percentile([5.0, 1.0, 3.0], 50) == 3.0
