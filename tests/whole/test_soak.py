"""Ten minutes of 5,000 lines a second in the real view: memory is flat, every line is shown or said to be gone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.bench.soak import GROWTH_BUDGET, growth, run
from tests.bench.stage import stage_of
from tests.bench.steady import MEMORY_BUDGET
from tests.lab.lab import Lab


@dataclass(frozen=True, slots=True)
class Length:
    minutes: float
    is_judged: bool
    """Whether it is long enough to say something of memory."""


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(Length(0.25, False), id="15 s"),
        pytest.param(Length(10, True), id="10 min", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
def test_five_thousand_lines_a_second(lab: Lab, length: Length) -> None:
    with stage_of(lab, tries=1) as stage:
        soak = run(stage, length.minutes)
    assert soak.written > 1000 * length.minutes
    assert soak.kept > 0
    assert soak.dropped > 0 or not length.is_judged  # a short one fits into the smallest cap
    assert soak.lost == 0 and soak.seams == []
    assert soak.keys
    if length.is_judged:
        assert growth(soak.rss) < GROWTH_BUDGET, soak.rss[:: len(soak.rss) // 20]
        assert max(soak.pss) < MEMORY_BUDGET
