"""`reload`: a whole supervisord begins anew; every program that ran must be back as another process."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from aen_tui.errors import AenError
from aen_tui.model.plans import ActionName, Result, Risk
from aen_tui.model.plans import Target as Resolved
from aen_tui.ui.commands import run_line
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.screens.action_menu import entries
from tests.integration.actions.supervisord import NODE, SUPERVISOR, Supervisord, rig
from tests.support.dying import DIES
from tests.support.side_by_side import side_by_side, together
from tests.support.states import FakeRuntime, cluster_state

__all__ = ["together"]

RUNS = "exec sleep 1000\n"
WHOLE = Resolved(NODE, SUPERVISOR, "supervisor", SUPERVISOR)


@side_by_side
async def test_all_come_back_with_new_pids() -> None:
    supervisord = Supervisord("4")
    supervisord.program("wk-server", RUNS)
    supervisord.program("worker", RUNS)
    supervisord.program("idle", RUNS, autostart="false")
    async with rig(supervisord) as made:
        before = [(await made.wait(name, "RUNNING")).pid for name in ("wk-server", "worker")]
        plan = made.executor.plan(ActionName.RELOAD, [WHOLE])
        assert (plan.risk, plan.word) == (Risk.WORD, NODE)
        assert plan.steps[0].argv[-1:] == ("reload",)
        assert [name for name, _ in plan.steps[0].programs] == ["wk-server", "worker"]
        assert await made.execute(plan) is Result.VERIFIED, made.events[-1].error
        after = [(await made.wait(name, "RUNNING")).pid for name in ("wk-server", "worker")]
        assert not set(before) & set(after)


@side_by_side
async def test_one_that_does_not_come_back_is_failed_by_name() -> None:
    supervisord = Supervisord("4")
    supervisord.program("wk-server", RUNS)
    supervisord.program("worker", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        await made.wait("worker", "RUNNING")
        await asyncio.to_thread(supervisord.script, "worker", DIES)
        assert await made.execute(made.executor.plan(ActionName.RELOAD, [WHOLE])) is Result.FAILED
        assert "worker is FATAL" in (made.events[-1].error or "")


@side_by_side
async def test_what_may_not_be_seen_is_unverified() -> None:
    supervisord = Supervisord("4")
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord, blind=True) as made:
        plan = made.executor.plan(ActionName.RELOAD, [WHOLE])
        assert await made.execute(plan) is Result.UNVERIFIED
        assert "which programs ran before is not known" in (made.events[-1].error or "")


def test_it_is_on_no_menu_and_typed_with_the_supervisords_name() -> None:
    state = cluster_state(problems=False)
    nodes = list(state.nodes)
    offered = {entry.action for entry in entries(state, nodes, [])} | {
        entry.action for entry in entries(state, [NODE], [WHOLE])
    }
    assert ActionName.RELOAD not in offered
    assert ActionName.RESTART in offered
    asked: list[ActionRequested] = []
    desk: Any = SimpleNamespace(backend=FakeRuntime(problems=False), views=(), post_message=asked.append)
    run_line(desk, f":reload {NODE}/{SUPERVISOR}")
    assert [(one.action, list(one.targets)) for one in asked] == [(ActionName.RELOAD, [WHOLE])]
    with pytest.raises(AenError):
        run_line(desk, f":reload {NODE}")
