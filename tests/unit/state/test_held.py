"""Levels with duration and hysteresis: they come when they have lasted, go when they are over, and never flap."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aen_tui.model.severity import Severity
from aen_tui.state.held import GAP_SECONDS, Held, Rule

RULE = Rule(85.0, 95.0, 10.0, 60.0, 60.0)
VALUES = st.lists(st.floats(0, 100), min_size=1, max_size=400)
STEP = 2.0


def levels(rule: Rule, values: list[float], step: float = STEP, gap: float = GAP_SECONDS) -> list[Severity]:
    held = Held(rule)
    return [held.look(value, number * step, gap) for number, value in enumerate(values)]


@given(VALUES)
def test_it_never_changes_its_mind_within_the_time_that_it_takes(values: list[float]) -> None:
    for limit in (Severity.WARNING, Severity.CRITICAL):
        is_on = [level >= limit for level in levels(RULE, values)]
        changes = [number for number, (was, now) in enumerate(pairwise(is_on), 1) if was != now]
        assert all((after - before) * STEP >= 60 for before, after in pairwise(changes))


@given(VALUES)
def test_nothing_is_raised_that_was_not_over_the_limit_that_long(values: list[float]) -> None:
    found = levels(RULE, values)
    for limit, name in ((85.0, Severity.WARNING), (95.0, Severity.CRITICAL)):
        first = next((number for number, level in enumerate(found) if level >= name), None)
        if first is not None:
            assert sum(value >= limit for value in values[: first + 1]) * STEP >= 60


@given(st.lists(st.floats(85, 94.9), min_size=32, max_size=100), st.lists(st.floats(0, 74.9), min_size=32, max_size=99))
def test_what_lasts_is_raised_and_what_is_over_is_cleared(high: list[float], low: list[float]) -> None:
    found = levels(RULE, high + low)
    assert found[30] is Severity.WARNING
    assert found[29] is Severity.OK
    assert Severity.CRITICAL not in found
    assert found[-1] is Severity.OK


@given(st.lists(st.floats(75, 84.9), min_size=1, max_size=300))
def test_between_the_limits_it_stays_what_it_was(values: list[float]) -> None:
    assert set(levels(RULE, values)) == {Severity.OK}
    assert set(levels(RULE, [90.0] * 40 + values)[40:]) == {Severity.WARNING}


def test_one_peak_a_minute_is_nothing() -> None:
    assert set(levels(RULE, ([99.0] + [80.0] * 29) * 20)) == {Severity.OK}


def test_the_first_value_counts_where_nobody_knows_how_long() -> None:
    rule = Rule(85.0, 95.0, 3.0, 20.0, 30.0, at_once=True)
    assert levels(rule, [96.0]) == [Severity.CRITICAL]
    assert levels(rule, [10.0, 96.0]) == [Severity.OK, Severity.OK]
    assert levels(Rule(80.0, 90.0, 2.0), [10.0, 96.0, 85.0]) == [Severity.OK, Severity.CRITICAL, Severity.WARNING]


def test_what_was_not_seen_has_not_lasted() -> None:
    assert set(levels(RULE, [99.0] * 50, step=GAP_SECONDS + 1)) == {Severity.OK}
    assert levels(RULE, [99.0] * 50, step=GAP_SECONDS - 1)[-1] is Severity.CRITICAL


def test_who_looks_seldom_sees_what_lasts_all_the_same() -> None:
    found = levels(RULE, [99.0] * 5 + [10.0] * 5, step=120.0, gap=360.0)
    assert found == [Severity.OK, *[Severity.CRITICAL] * 4, *[Severity.OK] * 5]


def test_less_may_be_worse() -> None:
    hours = Rule(-24.0, -4.0, 2.0)
    assert levels(hours, [-1e6, -23.0, -25.0, -3.0, -27.0]) == [
        Severity.OK,
        Severity.WARNING,
        Severity.WARNING,
        Severity.CRITICAL,
        Severity.OK,
    ]
