"""Bursts of errors in a log that says no times: what was there when it was opened is history, however much it is."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime
from aen_tui.state.error_bursts import LEAST_LINES, Burst
from aen_tui.state.folding import Folding
from aen_tui.state.logbook import LogBooks

NODE = NodeName("compute1-1")
KEY = LogKey(NODE, LogPath("/var/log/undated.log"))
OPENED = 1_000_000.0
SKEW = 30.0
"""The node's clock is ahead."""
MINUTE = 60.0


class Stage:
    """A log without times, opened in its midst.

    Args:
        errors: how many lines of error it holds then.
        quiet: seconds since anybody wrote to it; None: nobody knows.
    """

    def __init__(self, errors: int, quiet: float | None) -> None:
        self.books, self.folding, self.wall = LogBooks(limit_bytes=8 << 20), Folding(), OPENED
        self.told: list[Burst] = []
        self.books.book(KEY).begins(None if quiet is None else OPENED + SKEW - quiet)
        self.at = 1_000
        self.say(errors)
        self.pass_by(1)

    def say(self, errors: int) -> None:
        data = b"ERROR something failed\n" * errors
        self.books.append(KEY, data, at=self.at, cursor=None, seam=None, monotonic=self.wall, wall=self.wall, eof=True)
        self.at += len(data)

    def pass_by(self, seconds: int, a_second: int = 0) -> list[Burst]:
        for _ in range(seconds):
            self.wall += 1
            if a_second:
                self.say(a_second)
            self.folding.scan(self.books.book(KEY))
            self.folding.begin({NODE: NodeTime(SKEW)})
            while self.folding.step(self.wall):
                pass
            self.told += self.folding.bursts.look(self.wall, {NODE})
        return self.told


@pytest.mark.parametrize("errors", [0, 50])
def test_a_flood_in_a_log_that_was_silent_is_told_at_once(errors: int) -> None:
    stage = Stage(errors, quiet=20 * MINUTE)
    stage.pass_by(30)
    (burst,) = stage.pass_by(30, a_second=3)
    assert burst.first == pytest.approx(OPENED + 31, abs=2) and burst.usual == 0 and burst.lines >= LEAST_LINES


@pytest.mark.parametrize("quiet", [None, 0.0, 2 * MINUTE])
def test_one_of_which_nobody_knows_what_is_usual_is_not_judged(quiet: float | None) -> None:
    assert Stage(50, quiet).pass_by(120, a_second=3) == []


@pytest.mark.parametrize("quiet", [None, 0.0, 20 * MINUTE])
def test_what_was_there_when_it_was_opened_is_never_a_burst(quiet: float | None) -> None:
    assert Stage(2_000, quiet).pass_by(400) == []


def test_what_a_later_look_says_changes_nothing() -> None:
    stage = Stage(50, quiet=None)
    stage.books.book(KEY).begins(0.0)
    assert stage.pass_by(120, a_second=3) == []


def test_a_time_of_the_future_or_of_nonsense_is_none() -> None:
    assert Stage(50, quiet=-1e6).pass_by(60, a_second=3) == []
    assert len(Stage(50, quiet=1e300).pass_by(60, a_second=3)) == 1
