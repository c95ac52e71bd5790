"""A link that is lost in the middle of a trial: what was made is removed once it is back, or said to be left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aen_tui.actions.trials import trial_target
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result
from aen_tui.runtime import executor
from aen_tui.runtime.cluster import Runtime
from tests.lab.machine import LabNode
from tests.whole.conftest import Watching
from tests.whole.test_trials import CLONE, CONDA, NAME, SLOW_CONDA, folders, node, programs

__all__ = ["node", "programs"]

HANGS = "#!/bin/sh\nexec sleep 300\n"


class Trial:
    """A trial whose link goes in a step."""

    def __init__(self, node: LabNode, runtime: Runtime) -> None:
        self.node = node
        self.runtime = runtime
        self.events: list[PlanEvent] = []

    async def run(self, action: ActionName, cut: str, until: str, *, back: bool) -> Result:
        """Carry it out; the link is lost in the step `cut`, once the path `until` is there.

        Args:
            action: which.
            cut: what a step does.
            until: a path on the node.
            back: whether the link is given back once that step is known to be lost.
        """
        cuts: list[asyncio.Task[None]] = []

        async def lose() -> None:
            while not self.node.path(until).exists():
                await asyncio.sleep(0.02)
            self.node.cut_link()

        def emit(one: PlanEvent) -> None:
            self.events.append(one)
            if one.step is None or one.step.does != cut:
                return
            if one.event == "step-started":
                cuts.append(tasks.create_task(lose()))
            elif one.event == "verified" and back:
                self.node.restore_link()

        async with asyncio.timeout(200), asyncio.TaskGroup() as tasks:
            plan = await self.runtime.preflight(self.runtime.plan(action, [trial_target(action, NodeName(NAME))]))
            return await self.runtime.execute(plan, emit)

    @property
    def results(self) -> dict[str, str]:
        """Step -> what became of it."""
        told = [(one.step, one.result) for one in self.events if one.event == "verified"]
        return {step.does: result.value for step, result in told if step is not None and result is not None}

    @property
    def error(self) -> str:
        return self.events[-1].error or ""

    def run_what_is_said(self) -> None:
        """What the end says is to be run on the node, as somebody would who reads it."""
        self.node.restore_link()
        command = self.error.partition(f"to be run on {NAME}: ")[2]
        assert command, self.error
        done = self.node.run(["sh", "-c", command])
        assert done.returncode == 0, (command, done)


@pytest.fixture
async def trial(node: LabNode, watching: Watching) -> AsyncIterator[Trial]:
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.nodes[NodeName(NAME)].complete)
        try:
            yield Trial(node, runtime)
        finally:
            node.restore_link()


def is_at_work(node: LabNode) -> bool:
    return bool(node.run(["pgrep", "-f", f"create -p {CLONE}"]).stdout)


async def test_the_folder_is_removed_once_the_link_is_back(trial: Trial, node: LabNode, programs: Any) -> None:
    programs("/usr/bin/setfacl", HANGS)
    assert await trial.run(ActionName.TRY_ACL, "give it an ACL", "/projects", back=True) is Result.UNVERIFIED
    assert trial.results == {
        "make a folder": "verified",
        "give it an ACL": "unverified",
        "remove the folder": "verified",
    }
    assert folders(node) == []


async def test_half_a_clone_is_removed_once_the_link_is_back(trial: Trial, node: LabNode, programs: Any) -> None:
    programs(CONDA, SLOW_CONDA)
    assert await trial.run(ActionName.TRY_CLONE, "clone", f"{CLONE}/bin/5", back=True) is Result.UNVERIFIED
    assert trial.results["look for what is left"] == "verified", trial.error
    assert not node.path(CLONE).exists()
    assert not is_at_work(node)


async def test_a_folder_on_a_node_that_stays_away_is_said_to_be_left(
    trial: Trial, node: LabNode, programs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "BACK_SECONDS", 1.0)
    programs("/usr/bin/setfacl", HANGS)
    assert await trial.run(ActionName.TRY_ACL, "give it an ACL", "/projects", back=False) is Result.FAILED
    (folder,) = folders(node)
    assert f"/projects/{folder} may be left on {NAME}: remove the folder: " in trial.error
    trial.run_what_is_said()
    assert folders(node) == []


async def test_a_clone_on_a_node_that_stays_away_is_said_to_be_left(
    trial: Trial, node: LabNode, programs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "BACK_SECONDS", 1.0)
    programs(CONDA, SLOW_CONDA)
    assert await trial.run(ActionName.TRY_CLONE, "clone", f"{CLONE}/bin/5", back=False) is Result.FAILED
    assert f"{CLONE} may be left on {NAME}: " in trial.error
    assert is_at_work(node)
    trial.run_what_is_said()
    assert not node.path(CLONE).exists()
    assert not is_at_work(node)
