"""A link that is cut in the middle of a step: what became of it is unknown, and known once the link is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result, Target
from aen_tui.runtime import verifier
from aen_tui.runtime.audit import read_lines
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.proofs.observed import BY_OBSERVATION, LINK_WAS_BACK
from aen_tui.runtime.proofs.watching import Verdict
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NAME = NodeName("compute1-1")
COMPUTE = Target(NAME, "wk-compute", "supervisor", "wakari-compute")
WHOLE = Target(NAME, "wakari-compute", "supervisor", "wakari-compute")


class Stage:
    """A node whose link goes at a moment of a step."""

    def __init__(self, lab: Lab, runtime: Runtime, audit: Path) -> None:
        self.node = lab.nodes[NAME]
        self.runtime = runtime
        self.events: list[PlanEvent] = []
        self._audit = audit

    async def act(
        self,
        cut: str | None,
        action: ActionName = ActionName.RESTART,
        target: Target = COMPUTE,
        *,
        settle: bool = False,
    ) -> Result:
        """Carry a plan out; the link is cut when an event comes."""

        def emit(one: PlanEvent) -> None:
            self.events.append(one)
            if one.event == cut:
                self.node.cut_link()

        async with asyncio.timeout(180):
            return await self.runtime.execute(self.runtime.plan(action, [target]), emit, settle=settle)

    async def back(self) -> PlanEvent:
        """The link is back; what is told of the step then."""
        told = len(self.events)
        self.node.restore_link()
        async with asyncio.timeout(120):
            while len(self.events) == told:
                self.runtime.retry_now(NAME)
                await asyncio.sleep(0.2)
        return self.events[-1]

    async def cut_while_it_starts(self) -> None:
        """Cut once the old process is gone; supervisorctl then waits for startsecs."""
        before = self.node.supervisor_pid("wk-compute")
        while self.node.supervisor_pid("wk-compute") == before:
            await asyncio.sleep(0.02)
        self.node.cut_link()

    @property
    def recorded(self) -> list[str | None]:
        told = [fields for _, fields in read_lines(self._audit) if fields is not None]
        return [fields["result"] for fields in told if fields["action"] in tuple(ActionName)]


@pytest.fixture
async def stage(
    lab: Lab, watching: Watching, own_state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Proofs are awaited for as long as it takes to see that a link is lost, and no longer."""
    monkeypatch.setattr(verifier, "VERIFY_SECONDS", 15.0)
    file = lab.write_inventory(tmp_path / "lost.toml", actions={"settle_seconds": 4})
    async with watching(file) as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
        try:
            yield Stage(lab, runtime, own_state / "aen-tui" / "audit.jsonl")
        finally:
            lab.nodes[NAME].restore_link()


@pytest.mark.parametrize(("action", "target"), [(ActionName.RESTART, COMPUTE), (ActionName.RELOAD, WHOLE)])
async def test_a_link_that_goes_after_the_command_had_answered(
    stage: Stage, action: ActionName, target: Target
) -> None:
    assert await stage.act("step-finished", action, target) is Result.UNVERIFIED
    seen = await stage.back()
    assert (seen.event, seen.result) == ("verified", Result.VERIFIED), seen.error
    assert seen.detail["rests_on"][-1] == LINK_WAS_BACK
    assert stage.recorded == [None, "unverified", "verified"]


async def test_a_link_that_goes_while_the_command_is_at_work(stage: Stage) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stage.cut_while_it_starts())
        assert await stage.act(None) is Result.UNVERIFIED
    assert "whether it took effect is not known" in (stage.events[-1].error or "")
    seen = await stage.back()
    assert (seen.result, seen.detail["rests_on"][-1]) == (Result.VERIFIED, BY_OBSERVATION), seen.error
    assert seen.pid_after == stage.node.supervisor_pid("wk-compute")
    assert [one.event for one in stage.events].count("step-started") == 1, "and it was not repeated"


async def test_a_link_that_goes_while_a_plan_waits_for_it_to_settle(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = verifier.Verifier.settle

    async def settling(self: Any, *words: Any, **named: Any) -> Verdict | None:
        stage.node.cut_link()
        return await settle(self, *words, **named)

    monkeypatch.setattr(verifier.Verifier, "settle", settling)
    assert await stage.act(None, settle=True) is Result.UNVERIFIED
    assert "while settling: " in (stage.events[-1].error or "")
    seen = await stage.back()
    assert (seen.result, seen.pid_after) == (Result.VERIFIED, stage.node.supervisor_pid("wk-compute")), seen.error
    assert stage.recorded == [None, "unverified", "verified"]
