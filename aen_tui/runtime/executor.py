"""Carries a plan out as it was shown, step by step, and records each step before and after.

A command runs in a channel of its own, never as a child of the probe (whose niceness it would inherit), and
is never repeated: where the link goes while it runs, what it did is unknown and stays so.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from aen_tui.actions.changes import change
from aen_tui.actions.claims import Claim, announcements, rests_on
from aen_tui.actions.planning import make_plan
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.rolling import conflict
from aen_tui.actions.scene import Announced, Scene
from aen_tui.actions.supervised import refuse_without_effect
from aen_tui.errors import AuditError, PlanRefusedError, TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Plan, PlanEvent, Proof, Result, Step, Target
from aen_tui.runtime.after_step import WATCHED, AfterStep
from aen_tui.runtime.aftermath import Aftermath, Around
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.before_after import LookAtProcess
from aen_tui.runtime.course import Course, StepEnd, Way
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.identity import identity
from aen_tui.runtime.lease import leases, node_group, plan_groups
from aen_tui.runtime.lost_words import LostWords
from aen_tui.runtime.plan_events import Emit, emit_all, finished, judged, telling
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.step_record import StepRecord
from aen_tui.runtime.step_run import StepRun
from aen_tui.runtime.sudo_preflight import SudoPreflight
from aen_tui.runtime.sudo_secrets import SudoSecrets
from aen_tui.runtime.verifier import Verifier
from aen_tui.state.store import Store
from aen_tui.transports import Link
from aen_tui.transports.credentials import Prompter

BACK_SECONDS = 60.0
"""How long a lost node is waited for where something is to be removed from it."""


class Executor:
    """Plans, and carries plans out.

    Args:
        inventory: what the plans are about.
        store: where the probe's facts arrive.
        clock: ages and deadlines.
        audit: where every step is recorded; what cannot be recorded is not done.
        read_only: nothing is carried out; nothing lifts it.
        link_of: the open link to a node, None where it is not up.
        poke: asks a node's probe for a sample now.
        settle_task: runs the watch that goes on after a plan has ended, in a task group that outlives it.
        guard: the session's rules; of inventory and `read_only` alone where none is given.
        prompter: who asks a person for sudo's password; None: nobody is there.
        aftermath: what is looked at around each step besides its proof; nothing where none is given.
        look: looks at a process; None: none can be looked at.
    """

    def __init__(
        self,
        *,
        inventory: Inventory,
        store: Store,
        clock: Clock,
        audit: AuditLog,
        read_only: bool,
        link_of: Callable[[NodeName], Link | None],
        poke: Callable[[NodeName], None],
        settle_task: Callable[[Coroutine[Any, Any, None]], None],
        guard: Guard | None = None,
        prompter: Prompter | None = None,
        aftermath: Aftermath | None = None,
        look: LookAtProcess | None = None,
    ) -> None:
        self.guard = guard or Guard(inventory, clock, audit, read_only=read_only)
        """What may be done in this run."""
        self._inventory = inventory
        self._store = store
        self._clock = clock
        self._audit = audit
        self._link_of = link_of
        self._verifier = Verifier(store, clock, poke, look)
        self._lost = LostWords(store, clock, self._verifier, link_of)
        self._settle_task = settle_task
        self._aftermath = aftermath or Aftermath(clock)
        seconds = inventory.actions.settle_seconds
        self._after = AfterStep(seconds, self._verifier, self._lost, self._aftermath, self._is_latest)
        self._sudo = SudoPreflight(clock, link_of)
        self._secrets = SudoSecrets(clock, prompter)
        self._busy: set[NodeName] = set()
        self._latest: dict[Target, str] = {}
        """Target -> id of the last step that touched it; a settle watch ends when another step does."""
        self._announced: dict[Target, Announced] = {}

    def plan(self, action: ActionName, targets: Sequence[Target], state: ClusterState | None = None) -> Plan:
        """Make a plan from a state, the present one where none is given; pure.

        Raises:
            PlanRefusedError: no such target, nothing that could be done, or it may not be.
        """
        now = self._clock.monotonic()
        scene = Scene(self._inventory, state or self._store.snapshot(), now, announced=self._announced)
        return make_plan(scene, action, targets, plan_id=uuid.uuid4().hex[:12])

    async def preflight(self, plan: Plan) -> Plan:
        """The plan with what sudo would ask of it, and the argv that sudo would then be given; runs nothing."""
        return await self._sudo.look(plan)

    async def execute(
        self,
        plan: Plan,
        emit: Emit,
        *,
        reason: str | None = None,
        settle: bool = False,
        syslog_only: bool = False,
        may_go_on: Callable[[], bool] = lambda: True,
        in_job: bool = False,
    ) -> Result:
        """Carry a plan out; stops at the first step that is not verified, or is cancelled, and cleans up all the same.

        Args:
            plan: as shown; refused where what it is about has changed since.
            emit: gets what happens, last a `finished`. A death while settling comes after it, as another
                `verified` with the result failed.
            reason: why, for the audit; the one it was armed with where none is given.
            syslog_only: somebody typed `SYSLOG-ONLY`: where the file takes no record, syslog's alone will do.
            settle: wait `settle_seconds` after each step's proof before it counts.
            may_go_on: asked before each step.
            in_job: it is a step of a rolling job, which holds the leases of its groups itself.
        """
        emit_all(plan, emit)
        nodes = [step.target.node for step in plan.steps]
        groups = [node_group(node) for node in nodes] if in_job else plan_groups(self._inventory, nodes)
        end = StepEnd(Result.REFUSED, self.refusal(plan))
        if end.error is None:
            with self._nodes_busy(plan):
                try:
                    end = await self._asked_and_done(plan, emit, groups, reason, settle, syslog_only, may_go_on)
                except PlanRefusedError as error:  # a rule, what is seen, or somebody else's lease
                    end = StepEnd(Result.REFUSED, error.whole)
        emit(PlanEvent("finished", end.result, error=end.error))
        return end.result

    async def _asked_and_done(
        self,
        plan: Plan,
        emit: Emit,
        groups: Sequence[str],
        reason: str | None,
        settle: bool,
        syslog_only: bool,
        may_go_on: Callable[[], bool],
    ) -> StepEnd:
        """Ask for sudo's password, for which a person may take a while, then look again, then go step by step.

        Raises:
            PlanRefusedError: nothing was done.
        """
        if (why := await self.without_password(plan) or self.refusal(plan, is_begun=True)) is not None:
            raise PlanRefusedError(why)
        audit = self._audit.falling_back() if syslog_only else self._audit
        async with leases(self._inventory, groups, identity().user, plan.id, what=plan.action.value) as held:
            emit = telling(emit, [one.note for one in held if one.is_real and one.note])
            course = Course(plan)
            way = Way(plan, course, emit, audit, self.guard.reason(reason), settle)
            try:
                await self._steps(way, may_go_on)
            except asyncio.CancelledError:
                course.stop(StepEnd(Result.UNVERIFIED))
                await self._steps(way, may_go_on)
                raise
            return course.end

    async def _steps(self, way: Way, may_go_on: Callable[[], bool]) -> None:
        """Carry out what is due of a plan."""
        steps = way.plan.steps
        for index, step in enumerate(steps):
            if not way.course.is_due(index):
                continue
            if not step.removes and not may_go_on():
                result = Result.UNVERIFIED if index else Result.REFUSED
                way.course.stop(StepEnd(result, f"ended by hand after {index} of {len(steps)} steps"))
                continue
            number = way.plan.first + index
            self._latest[step.target] = f"{way.plan.id}-{number}"
            way.course.begins(index)
            way.course.ended(index, await self._step(way, number, step))

    async def observe(self, step: Step, seconds: float) -> Verdict:
        """What became of a step that was on its way when the program was killed, by what is seen; runs no action.

        Args:
            step: as it was confirmed, with what was known before it.
            seconds: how long it is looked for.
        """
        link = self._link_of(step.target.node)
        if link is None:
            return Verdict(Result.UNVERIFIED, error=f"{step.target.node} is not up")
        run = StepRun(step, link, self._clock, self._secrets)
        ask = run.look if step.proof_argv else None
        return await self._verifier.observe(step, lost_at=self._clock.monotonic(), seconds=seconds, ask=ask)

    async def record_seen(self, plan: Plan, number: int, step: Step, verdict: Verdict, why: str) -> None:
        """Record what was seen of a step that an earlier run of the program left open.

        Raises:
            AuditError: it could not be recorded.
        """
        link = self._link_of(step.target.node)
        login = link.user if link is not None else step.user
        record = StepRecord(self._audit, self._clock, plan, number, step, login, self.guard.reason(None))
        await record.outcome_of(replace(verdict, rests_on=(why, *verdict.rests_on)), claimed=None)

    def refusal(self, plan: Plan, *, is_begun: bool = False) -> str | None:
        """Why a plan would not be carried out now; None where it would.

        Args:
            plan: what is meant.
            is_begun: it is the one that its nodes are busy with.
        """
        if (why := self.guard.refusal(plan) or refusal_of(plan)) is not None:
            return why
        for node in dict.fromkeys(step.target.node for step in plan.steps):
            other = next((busy for busy in self._busy if conflict(self._inventory, node, busy)), None)
            if other is not None and not is_begun:
                never = "" if other == node else ": never two gateways, nor the server and a gateway, at once"
                return f"another plan is being carried out on {other}{never}"
            if self._store.node(node).connection.state is not LinkState.UP or self._link_of(node) is None:
                return f"{node} is not up"
        return next((changed for step in plan.steps if (changed := self.changed(step)) is not None), None)

    def changed(self, step: Step) -> str | None:
        """What is not as it was when the plan was made, in words; None where all is the same."""
        found = change(step, self._store.node(step.target.node))
        return None if found is None else f"changed since the plan was made: {found}"

    async def without_password(self, plan: Plan) -> str | None:
        """Ask for what sudo will ask for, before the first step; why there is no password, None where all is well."""
        for login, nodes in self._asked_for(plan).items():
            if (why := await self._secrets.ask(login, nodes)) is not None:
                return f"{why}: nothing was done"
        return None

    def would_ask(self, plan: Plan) -> list[str]:
        """The login users whose password a person would have to type before a plan is carried out."""
        return [login for login in self._asked_for(plan) if not self._secrets.has(login)]

    def _asked_for(self, plan: Plan) -> dict[str, list[NodeName]]:
        wanted: dict[str, dict[NodeName, None]] = {}
        for step in plan.steps:
            link = self._link_of(step.target.node)
            if step.met is not None and step.met.wants_password and link is not None:
                wanted.setdefault(link.user, {})[step.target.node] = None
        return {login: list(nodes) for login, nodes in wanted.items()}

    @contextmanager
    def _nodes_busy(self, plan: Plan) -> Iterator[None]:
        nodes = {step.target.node for step in plan.steps}
        self._busy |= nodes
        try:
            yield
        finally:
            self._busy -= nodes

    async def _step(self, way: Way, number: int, step: Step) -> StepEnd:
        course, emit, settle = way.course, way.emit, way.settle
        link = self._link_of(step.target.node)
        if link is None and course.may_wait(step):
            link = await self._link_back(step.target.node)
        against = None if course.owes(step) else self.guard.refusal(way.plan) or self.changed(step)
        if link is None or against is not None:
            return StepEnd(Result.REFUSED, against or f"{step.target.node} is not up")
        record = StepRecord(way.audit, self._clock, way.plan, number, step, link.user, way.reason)
        try:
            await record.intent()
        except AuditError as error:
            return StepEnd(Result.REFUSED, error.message)
        around, run = Around(step), StepRun(step, link, self._clock, self._secrets)
        course.makes(step)
        try:
            verdict, said = await self._carry_out(record, run, emit, settle, around)
        except asyncio.CancelledError:
            emit(PlanEvent("verified", Result.UNVERIFIED, record.step, error=record.interrupted()))
            raise
        try:
            await record.outcome_of(verdict, claimed=said.is_ok)
        except AuditError as error:
            return StepEnd(Result.FAILED, f"{verdict.result.value}, but {error.message}")
        if verdict.result is Result.VERIFIED and is_watched(step) and not settle:
            self._settle_task(self._after.watch_on(record, run, verdict.pid, emit, around))
        elif verdict.result is Result.UNVERIFIED and (said.was_lost or self._lost.is_hidden(run)):
            has_words = not said.was_lost
            self._settle_task(self._after.recheck(record, run, emit, around, pid=verdict.pid, has_words=has_words))
        return StepEnd(verdict.result, verdict.error)

    async def _link_back(self, node: NodeName) -> Link | None:
        """The link to a node that was lost, once it is back; None where that takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BACK_SECONDS):
                await self._store.wait_for(lambda _: self._link_of(node) is not None)
        return self._link_of(node)

    async def _carry_out(
        self, record: StepRecord, run: StepRun, emit: Emit, settle: bool, around: Around
    ) -> tuple[Verdict, Claim]:
        """Run, judge what it said, look what became of it."""
        emit(PlanEvent("step-started", step=record.step))
        if record.step.proof_argv and record.step.proof in WATCHED:
            record.step = run.step = with_before(record.step, (await run.look())[0])
        step = record.step
        if step.proof_argv and (vain := without_effect(step)) is not None:
            return Verdict(Result.REFUSED, step.before.pid, vain), Claim(None, vain)
        await self._aftermath.begun(around, step)
        try:
            said = await run.command()
        except TransportError as error:
            said = Claim(None, f"{error.message}: whether it took effect is not known", was_lost=True)
        self._aftermath.returned(around)
        emit(finished(step, said, run.lines))
        verdict = await (self._lost.observe(run, said.error or "") if said.was_lost else self._proved(step, run, said))
        if verdict.result is Result.VERIFIED and settle and step.proof in WATCHED:
            verdict = await self._after.settled(run, verdict, around)
        verdict = await self._aftermath.judged(around, verdict)
        self._take_announcement(step, run, verdict)
        emit(judged(step, verdict))
        return verdict, said

    def _take_announcement(self, step: Step, run: StepRun, verdict: Verdict) -> None:
        """What a reread showed may be applied; whatever came of an update, what it was about is to be shown anew."""
        if step.action is ActionName.UPDATE:
            self._announced.pop(step.target, None)
        elif step.action is ActionName.REREAD and verdict.result is Result.VERIFIED:
            self._announced[step.target] = Announced(announcements(run.lines), self._clock.monotonic())

    def _is_latest(self, record: StepRecord) -> bool:
        return self._latest.get(record.step.target) == record.id

    async def _proved(self, step: Step, run: StepRun, said: Claim) -> Verdict:
        acted_at = self._clock.monotonic()
        if said.was_refused:
            self._sudo.forget(step.target.node)
            return Verdict(Result.REFUSED, step.before.pid, said.error)
        if step.proof in (Proof.OUTPUT, Proof.NOTHING_LEFT):
            result = {True: Result.VERIFIED, False: Result.FAILED, None: Result.UNVERIFIED}[said.is_ok]
            shown = rests_on(step, run.lines) if said.is_ok else ()
            return Verdict(result, step.before.pid, said.error, shown)
        gave_up, ask = self._gave_up(step, said), run.look if step.proof_argv else None
        verdict = await self._verifier.verify(step, acted_at=acted_at, gave_up=gave_up, ask=ask)
        if step.proof is Proof.NEW_WORKERS and verdict.result is Result.VERIFIED:
            return await run.new_workers(verdict)
        if verdict.result is not Result.VERIFIED and said.error:
            words = said.error if verdict.error is None else f"{said.error}; {verdict.error}"
            return Verdict(verdict.result, verdict.pid, words)
        return verdict

    def _gave_up(self, step: Step, said: Claim) -> bool:
        """Whether supervisor itself said that it failed: then nothing seen later makes it good."""
        return said.is_ok is False and step.target.supervisor is not None


def is_watched(step: Step) -> bool:
    """Whether a death is noticed after the plan has ended: no command is run then, so the probe must see it."""
    return step.proof in WATCHED and not step.proof_argv


def with_before(step: Step, service: ServiceState) -> Step:
    """The step with what its proof command says of the time before."""
    known = Known(service.state, service.pid, service.started_at, service.uptime_seconds, service.seen_at)
    return replace(step, before=known)


def without_effect(step: Step) -> str | None:
    """Why a step would change nothing, by what is known of the time before; None where it would."""
    try:
        refuse_without_effect(step.action, step.target, step.before.state, step.before.pid)
    except PlanRefusedError as error:
        return error.message
    return None
