"""Typed passwords: fifteen minutes, one node first, one failure stops all."""

from __future__ import annotations

import asyncio

import pytest

from aen_tui.model.node import NodeName
from aen_tui.model.secret import Secret
from aen_tui.runtime.sudo_secrets import KEPT_SECONDS, LASTS_SECONDS, SudoSecrets
from tests.support.states import StoppedClock

N1, N2 = NodeName("n1"), NodeName("n2")


class Typist:
    """Types the same word each time."""

    def __init__(self, text: str | None = "word") -> None:
        self.text = text
        self.asked: list[str] = []

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        assert secret
        self.asked.append(node)
        return None if self.text is None else Secret(self.text)


async def test_it_is_forgotten_after_fifteen_minutes() -> None:
    clock, typist = StoppedClock(), Typist()
    secrets = SudoSecrets(clock, typist)
    assert await secrets.ask("ops", [N1, N2]) is None
    clock.advance(KEPT_SECONDS - LASTS_SECONDS - 1)
    assert await secrets.ask("ops", [N1]) is None
    clock.advance(LASTS_SECONDS)
    async with secrets.lent("ops", N1) as loan:
        assert loan.secret == Secret("word")
    clock.advance(1)
    async with secrets.lent("ops", N1) as loan:
        assert loan.secret is None
        assert "forgotten" in loan.why_not
    assert await secrets.ask("ops", [N1]) is None
    assert typist.asked == ["2 nodes", "n1"]


async def test_others_wait_for_the_first_and_have_nothing_after_its_refusal() -> None:
    secrets = SudoSecrets(StoppedClock(), Typist())
    await secrets.ask("ops", [N1, N2])
    order: list[str] = []

    async def second() -> None:
        async with secrets.lent("ops", N2) as loan:
            order.append(f"second {loan.secret}")
            assert "refused on n1: it is not tried elsewhere" in loan.why_not

    async with asyncio.TaskGroup() as group:
        async with secrets.lent("ops", N1) as loan:
            group.create_task(second())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            order.append("first")
            loan.was_taken = False
    assert order == ["first", "second None"]


async def test_proven_once_it_is_lent_to_many_at_a_time() -> None:
    secrets = SudoSecrets(StoppedClock(), Typist())
    await secrets.ask("ops", [N1, N2])
    async with secrets.lent("ops", N1) as loan:
        loan.was_taken = True
    async with secrets.lent("ops", N1) as one, secrets.lent("ops", N2) as other:
        assert one.secret == other.secret == Secret("word")


async def test_a_link_that_goes_says_nothing_of_it() -> None:
    secrets = SudoSecrets(StoppedClock(), Typist())
    await secrets.ask("ops", [N1, N2])
    async with secrets.lent("ops", N1) as loan:
        assert loan.secret is not None
    async with secrets.lent("ops", N2) as loan:
        assert loan.secret is not None


async def test_nobody_to_ask_and_nothing_typed() -> None:
    assert "nobody to ask" in (await SudoSecrets(StoppedClock(), None).ask("ops", [N1]) or "")
    assert "none was given" in (await SudoSecrets(StoppedClock(), Typist(None)).ask("ops", [N1]) or "")
    assert "none was given" in (await SudoSecrets(StoppedClock(), Typist("")).ask("ops", [N1]) or "")


async def test_one_that_is_about_to_be_forgotten_is_asked_for_anew() -> None:
    clock, typist = StoppedClock(), Typist()
    secrets = SudoSecrets(clock, typist)
    assert not secrets.has("ops")
    await secrets.ask("ops", [N1])
    assert secrets.has("ops")
    clock.advance(KEPT_SECONDS - LASTS_SECONDS)
    assert not secrets.has("ops")
    await secrets.ask("ops", [N1])
    assert len(typist.asked) == 2


async def test_a_question_that_nobody_answers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("aen_tui.runtime.sudo_secrets.ANSWER_SECONDS", 0.01)
    secrets = SudoSecrets(StoppedClock(), Away())
    assert "nobody answered within" in (await secrets.ask("ops", [N1]) or "")
    assert not secrets.has("ops")
