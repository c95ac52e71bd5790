"""Collections and indices are counted when somebody looks at them, and not at the first look of a `status`."""

from __future__ import annotations

import asyncio

import pytest

from aen_tui.model.facts import StoreState
from tests.support.store_watch import Answers, watched


async def test_they_are_counted_as_soon_as_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(StoreState("up"))
    async with watched(answers, monkeypatch) as watch, asyncio.timeout(60):
        assert [await answers.looks.get() for _ in range(2)] == [False, False], "two stores"
        watch.attend(True)
        assert [await answers.looks.get() for _ in range(2)] == [True, True]
        watch.ask_soon()
        assert [await answers.looks.get() for _ in range(2)] == [False, False], "no time has passed"
