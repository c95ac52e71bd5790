"""When a log's errors are a burst, when it is over, and what is none."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.error_bursts import (
    CALM_SECONDS,
    FACTOR,
    LATE_SECONDS,
    LEAST_LINES,
    LEAST_MINUTES,
    SETTLE_SECONDS,
    WORSE_FACTOR,
    Burst,
    ErrorBursts,
)
from aen_tui.state.fold_scan import Found

NODE = NodeName("gateway1")
KEY = LogKey(NODE, LogPath("/var/log/a.log"))
HOUR = 3600.0


class Stage:
    def __init__(self, begin: float = 1_000_000.0, since: float = 0.0) -> None:
        self.bursts, self.wall, self.since = ErrorBursts(), begin, since
        self.told: list[Burst] = []
        self.listens = {NODE}

    def say(self, many: int, seconds: float, level: Level = Level.ERROR, *, late: float = 0.0) -> list[Burst]:
        """So many lines, spread over so long; what is told meanwhile."""
        before = len(self.told)
        begin, said = self.wall, 0
        for _second in range(int(seconds)):
            self.wall += 1
            due = int(many * (self.wall - begin) / seconds)
            for n in range(due - said):
                written = self.wall - 1 + n / max(1, due - said) - late
                self.bursts.add(Found(KEY, b"t", level, written, b"x", 0, 0), self.wall, self.since)
            said = due
            self.told += self.bursts.look(self.wall, self.listens)
        return self.told[before:]


def test_a_burst_is_told_with_its_first_line_once_and_when_it_is_over() -> None:
    stage = Stage()
    stage.say(3, HOUR)
    first = stage.wall
    (burst,) = stage.say(300, 60)
    assert burst.first == pytest.approx(first, abs=1) and burst.usual == 0 and not burst.is_over
    assert burst.lines >= LEAST_LINES
    assert stage.say(600, 600) == [], "it goes on"
    (over,) = stage.say(0, CALM_SECONDS + 120)
    assert over.is_over
    assert len(stage.say(300, 60)) == 1, "what came once is not usual"


@pytest.mark.parametrize(("a_minute", "told"), [(LEAST_LINES - 2, 0), (2 * LEAST_LINES, 1)])
def test_the_floor(a_minute: int, told: int) -> None:
    assert len(Stage().say(a_minute, 60)) == told


def test_warnings_are_no_errors() -> None:
    assert Stage().say(600, 60, Level.WARNING) == []


def test_a_log_that_is_always_noisy_is_never_told() -> None:
    stage = Stage()
    stage.say(0, 1)
    for minute in range(60):  # what it holds when it is opened
        for n in range(100):
            written = stage.wall - HOUR + 60 * minute + 0.6 * n
            stage.bursts.add(Found(KEY, b"t", Level.ERROR, written, b"x", 0, 0), stage.wall, stage.since)
    assert stage.say(200 * 60, 2 * HOUR) == [], "twice what is usual"
    assert len(stage.say(200 * (FACTOR + 1), 60)) == 1


@pytest.mark.parametrize("begin", [1_000_000.0, 1_000_050.0])
def test_a_noisy_log_of_which_nothing_is_known_is_not_told_and_a_burst_in_it_later_is(begin: float) -> None:
    stage = Stage(begin, since=begin)
    assert stage.say(100 * 30, 30 * 60) == []
    assert len(stage.say(100 * (FACTOR + 1), 60)) == 1


def test_a_burst_is_told_once_enough_is_known() -> None:
    stage = Stage(since=1_000_000.0)
    stage.say(0, 60 * (LEAST_MINUTES + 2))
    assert len(stage.say(300, 60)) == 1


def test_what_comes_in_a_few_minutes_of_each_hour_does_not_hide_a_burst_and_what_comes_in_more_is_usual() -> None:
    for minutes_an_hour, told in ((6, 1), (12, 0)):
        stage = Stage()
        for _ in range(2 * minutes_an_hour):
            stage.say(100, 60)
            stage.say(0, HOUR / minutes_an_hour - 60)
        stage.say(0, CALM_SECONDS - 60)
        assert len([one for one in stage.say(150, 60) if not one.is_over]) == told, minutes_an_hour


def test_ten_times_as_many_as_it_began_with_are_told_again() -> None:
    stage = Stage()
    assert len(stage.say(600, 600)) == 1
    assert stage.say(60 * (WORSE_FACTOR - 2), 60) == []
    (worse,) = stage.say(2 * 60 * WORSE_FACTOR, 60)
    assert not worse.is_over and worse.lines >= 60 * WORSE_FACTOR


def test_while_its_node_is_not_heard_it_is_not_over() -> None:
    stage = Stage()
    stage.say(300, 60)
    stage.listens = set()
    assert stage.say(0, 2 * CALM_SECONDS) == []
    stage.listens = {NODE}
    (over,) = stage.say(0, CALM_SECONDS + 60)
    assert over.is_over


@pytest.mark.parametrize(("late", "told"), [(LATE_SECONDS / 2, 1), (2 * LATE_SECONDS, 0)])
def test_what_comes_late_is_told_and_what_is_old_is_history(late: float, told: int) -> None:
    assert len(Stage().say(300, 60, late=late)) == told


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(10, 600)), max_size=12), st.randoms(use_true_random=False))
def test_begin_and_end_take_turns_and_no_flood_is_untold(parts: list[tuple[int, int]], chance: random.Random) -> None:
    stage = Stage()
    for many, seconds in parts:
        stage.say(many, seconds)
        if chance.random() < 0.2:
            stage.listens ^= {NODE}
    stage.listens = {NODE}
    stage.say(0, SETTLE_SECONDS + CALM_SECONDS + 120)
    kinds = [one.is_over for one in stage.told]
    assert not kinds or kinds[-1], "it ends"
    assert all(not before for before, after in pairwise(kinds) if after), "an end needs a beginning"
    if any(many >= 2 * LEAST_LINES * max(1, seconds / 60) for many, seconds in parts[:1]):
        assert stage.told, "a flood in a log that was calm"
