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


def test_what_is_weeks_away_is_not_said() -> None:
    slow = 90 * GIB / (LONGEST_SECONDS * 2)
    assert watched([90 * GIB - slow * 30 * number for number in range(120)]).fall(10 * GIB) is None


def test_an_hour_is_kept_and_a_look_sooner_is_none() -> None:
    space = FreeSpace()
    assert space.look(1.0, 0.0)
    assert not space.look(1.0, 29.0)
    assert space.look(1.0, 30.0)
