"""Time until full: said of what falls in a line, and of nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.state.free_space import LONGEST_SECONDS, FreeSpace

GIB = 1024**3
TOTAL = 100 * GIB


def watched(values: list[float], step: float = 30.0) -> FreeSpace:
    space = FreeSpace()
    for number, value in enumerate(values):
        assert space.look(value, 1000.0 + number * step)
    return space


@given(st.integers(32, 120), st.floats(1.0, 60.0), st.integers(0, 10_000))
def test_a_steady_fall_is_said_whatever_the_noise(samples: int, gib_an_hour: float, seed: int) -> None:
    noise = random.Random(seed)
    rate = gib_an_hour * GIB / 3600
    values = [90 * GIB - rate * 30 * number + noise.uniform(-1, 1) * rate * 20 for number in range(samples)]
    found = watched(values).fall(TOTAL)
    assert found is not None
    assert found[1] == pytest.approx(rate, rel=0.2)
    assert found[0] == pytest.approx(values[-1] / rate, rel=0.25)


@pytest.mark.parametrize(
    "values",
    [
        [50.0 * GIB] * 120,
        [50 * GIB + number * GIB / 10 for number in range(120)],
        [50 * GIB - number * 100_000 for number in range(120)],
        [50 * GIB - number * GIB for number in range(20)],
        [50 * GIB - min(number, 60) * GIB / 4 for number in range(120)],
        [50 * GIB - (number % 30) * GIB for number in range(120)],
        [60 * GIB if number < 100 else 40 * GIB for number in range(120)],
    ],
    ids=["still", "freed", "next to nothing", "too short", "over since half an hour", "up and down", "one large file"],
)
def test_what_is_no_line_says_nothing(values: list[float]) -> None:
    assert watched(values).fall(TOTAL) is None


def first_said(values: list[float]) -> int | None:
    """Minutes after which something is said."""
    space = FreeSpace()
    for number, value in enumerate(values):
        space.look(value, number * 30.0)
        if space.fall(TOTAL) is not None:
            return number // 2
    return None


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_what_runs_away_after_a_quiet_hour_is_said_within_a_quarter_of_an_hour(noise: float) -> None:
    dice = random.Random(1)
    values = [40 * GIB - max(0, number - 120) * GIB / 2 + dice.uniform(-noise, noise) * GIB for number in range(160)]
    said = first_said(values)
    assert said is not None
    assert 60 < said <= 75


def test_after_a_clean_up_it_is_said_again_within_a_quarter_of_an_hour() -> None:
    values = [60 * GIB - number * GIB / 4 + (30 * GIB if number > 120 else 0) for number in range(240)]
    assert first_said(values) == 15
    assert watched(values[:125]).fall(TOTAL) is None  # nobody knows yet
    for end in range(155, 240):
        found = watched(values[:end]).fall(TOTAL)
        assert found is not None
        assert found[0] == pytest.approx(values[end - 1] / (GIB / 4) * 30, rel=0.1)


@given(st.integers(6, 38), st.integers(0, 37), st.integers(1, 4))
def test_what_is_freed_again_and_again_does_not_fill(period: int, phase: int, steps: int) -> None:
    """A clean-up may take some samples."""
    fall = [50.0 * GIB - number * GIB for number in range(period)]
    rise = [fall[-1] + (fall[0] - fall[-1]) * step / steps for step in range(1, steps)]
    tooth = fall + rise
    values = [tooth[(number + phase) % len(tooth)] for number in range(121)]
    assert watched(values).fall(TOTAL) is None


@given(st.floats(1.0, 50.0), st.integers(0, 10_000))
def test_the_last_minutes_alone_say_nothing_of_the_day(days: float, seed: int) -> None:
    noise = random.Random(seed)
    rate = 50 * GIB / (days * 86_400)
    values = [50 * GIB - max(0, number - 90) * 30 * rate + noise.uniform(-1, 1) * rate for number in range(121)]
    assert watched(values).fall(TOTAL) is None


def test_what_is_weeks_away_is_not_said() -> None:
    slow = 90 * GIB / (LONGEST_SECONDS * 2)
    assert watched([90 * GIB - slow * 30 * number for number in range(120)]).fall(10 * GIB) is None


def test_an_hour_is_kept_and_a_look_sooner_is_none() -> None:
    space = FreeSpace()
    assert space.look(1.0, 0.0)
    assert not space.look(1.0, 29.0)
    assert space.look(1.0, 30.0)
