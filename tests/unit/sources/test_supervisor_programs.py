"""Programs of a supervisord as services: since when one is stopped is told by this machine's clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from aen_tui.model.zones import NodeTime, fixed_offset
from aen_tui.sources.frames import ProgramRow, SupervisorEntry
from aen_tui.sources.supervisor_programs import decode

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=UTC).timestamp()


@pytest.fixture
def two_hours_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "EET-2")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("said", "hours_east", "shown"),
    [
        ("Nov 21 11:45 PM", 0, "since 11-22 01:45"),
        ("Nov 21 06:45 PM", -5, "since 11-22 01:45"),
        ("Nov 22 12:05 AM", 0, "since 11-22 02:05"),
        ("Dec 31 10:30 PM", 0, "since 01-01 00:30"),
        ("Feb 30 10:30 PM", 0, "Feb 30 10:30 PM"),
        ("Not started", 0, "Not started"),
        ("Exited too quickly (process log may have details)", 0, "Exited too quickly (process log may have details)"),
        ("21. Nov. 23:45", 0, "21. Nov. 23:45"),
    ],
)
@pytest.mark.usefixtures("two_hours_east")
def test_since_when_it_is_stopped_is_told_by_our_clock(said: str, hours_east: int, shown: str) -> None:
    entry = SupervisorEntry("wakari-server", programs=[ProgramRow("wk-server", "STOPPED", description=said)])
    (found,) = decode(entry, NOW, 1.0, time=NodeTime(offset=fixed_offset(hours_east * 3600.0)))
    assert found.description == shown


@pytest.mark.parametrize(("skew", "shown"), [(7200.0, "23:45"), (0.003, "01:45"), (-0.4, "01:45"), (-7200.0, "03:45")])
@pytest.mark.usefixtures("two_hours_east")
def test_a_clock_that_is_wrong_is_put_right(skew: float, shown: str) -> None:
    entry = SupervisorEntry("w", programs=[ProgramRow("wk-server", "STOPPED", description="Nov 21 11:45 PM")])
    (found,) = decode(entry, NOW, 1.0, time=NodeTime(skew, fixed_offset(0.0)))
    assert found.description.endswith(shown), found.description
