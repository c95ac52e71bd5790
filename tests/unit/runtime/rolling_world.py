"""Jobs over a made-up installation, with an executor that does what a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.actions.app_counts import apps_on
from aen_tui.actions.planning import make_plan
from aen_tui.actions.rolling import make_rolling_plan
from aen_tui.actions.scene import Scene
from aen_tui.model.inventory import ActionSettings, RollingSettings
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.model.rolling import RollingPlan
from aen_tui.runtime.audit_book import AuditBook
from aen_tui.runtime.jobs import Jobs
from tests.support.states import NOW_MONOTONIC, StoppedClock, cluster_state, inventory

COMPUTES = ("compute1-1", "compute1-2", "compute1-3", "compute2-1", "compute2-2", "compute2-3")


class FakeGuard:
    """Rules that a test bends."""

    def __init__(self) -> None:
        self.is_locked = False
        self.why: str | None = None

    def refusal(self, plan: Plan) -> str | None:
        return self.why

    def reason(self, given: str | None) -> str | None:
        return given


class FakeExecutor:
    """Every step waits until it is let through; its result is a test's."""

    def __init__(self, world: World) -> None:
        self.guard = FakeGuard()
        self.results: dict[str, Result] = {}
        self.refusals: dict[str, str] = {}
        self.began: list[str] = []
        self.done: list[tuple[str, str]] = []
        self._world = world
        self._through: dict[str, asyncio.Event] = {}
        self.holds = False
        self.locks_at: str | None = None
        """The node before whose step it locks."""
        self.has_password = True
        """False: somebody must type it."""
        self.answers: list[str | None] = []
        """What comes of asking: None, or why there is none."""

    def let(self, *nodes: str) -> None:
        for node in nodes:
            self._through.setdefault(node, asyncio.Event()).set()

    def refusal(self, plan: Plan) -> str | None:
        return self.refusals.get(plan.steps[0].target.node)

    def would_ask(self, plan: Plan) -> list[str]:
        return [] if self.has_password else ["ops"]

    async def without_password(self, plan: Plan) -> str | None:
        why = self.answers.pop(0)
        self.has_password = why is None
        return why

    def plan(self, action: ActionName, targets: list[Target]) -> Plan:
        return make_plan(self._world.scene(), action, targets, plan_id="again")

    async def execute(self, plan: Plan, emit: Callable[[PlanEvent], None], **options: Any) -> Result:
        (step,) = plan.steps
        node = step.target.node
        if node == self.locks_at:
            self.guard.is_locked = True
            emit(PlanEvent("finished", Result.REFUSED, error="locked"))
            return Result.REFUSED
        self.began.append(node)
        emit(PlanEvent("planned", Result.PLANNED, step))
        emit(PlanEvent("step-started", step=step))
        if self.holds:
            await self._through.setdefault(node, asyncio.Event()).wait()
        emit(PlanEvent("step-finished", Result.CLAIMED, step, lines=("wk-compute: stopped", "\x1b[31mstarted")))
        result = self.results.get(node, Result.VERIFIED)
        self.done.append((step.action.value, node))
        emit(PlanEvent("verified", result, step, pid_after=7, error=None if result is Result.VERIFIED else "it died"))
        emit(PlanEvent("finished", result))
        return result


class World:
    """Jobs over a made-up installation."""

    def __init__(self, tmp_path: Path, tasks: asyncio.TaskGroup) -> None:
        self.inventory = replace(inventory(), actions=ActionSettings(settle_seconds=5, lease_dir=tmp_path / "none"))
        self.state = cluster_state(of=self.inventory, problems=False)
        self.clock = StoppedClock()
        self.executor = FakeExecutor(self)
        self.tasks: list[asyncio.Task[None]] = []
        self.folder = tmp_path / "jobs"
        self.changes: list[str] = []
        self.apps: dict[str, int | None] = {}
        """How many apps a look sees on a node; none where nothing is said."""

        async def apps_now(node: NodeName) -> int | None:
            return self.apps.get(node, 0)

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            self.tasks.append(tasks.create_task(work))

        self.jobs = Jobs(
            inventory=self.inventory,
            executor=self.executor,  # type: ignore[arg-type]
            store=self,  # type: ignore[arg-type]
            clock=self.clock,
            book=AuditBook(tmp_path / "audit.jsonl", tmp_path / "none"),
            folder=self.folder,
            spawn=spawn,
            apps_now=apps_now,
        )
        self.jobs.on_change(self.changes.append)

    def snapshot(self) -> object:
        return self.state

    def scene(self) -> Scene:
        return Scene(self.inventory, self.state, NOW_MONOTONIC)

    def plan(self, **sizes: Any) -> RollingPlan:
        targets = [Target(NodeName(name), "wk-compute", "supervisor", "wakari-compute") for name in COMPUTES]
        settings = RollingSettings(**sizes)
        apps = (lambda _state, _node: 0) if settings.idle_only else apps_on
        plan_id = "0123456789ab"
        return make_rolling_plan(self.scene(), ActionName.RESTART, targets, settings, plan_id=plan_id, apps=apps)

    def order(self, rolling: RollingPlan) -> list[str]:
        return [step.target.node for step in rolling.plan.steps]

    def filed(self) -> dict[str, str]:
        record = json.loads((self.folder / "0123456789ab.json").read_text())
        return {one["step"]["target"]["node"]: one["phase"] for one in record["members"]}
