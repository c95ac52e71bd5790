"""Carries a plan out as it was shown, step by step, and records each step before and after.

A command runs in a channel of its own, never as a child of the probe (whose niceness it would inherit), and
is never repeated: where the link goes while it runs, what it did is unknown and stays so.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from aen_tui.actions.changes import change
from aen_tui.actions.claims import Claim, announcements
from aen_tui.actions.planning import make_plan
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.scene import Announced, Scene
from aen_tui.actions.supervised import refuse_without_effect
from aen_tui.errors import AuditError, PlanRefusedError, TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Plan, PlanEvent, Proof, Result, Step, Target
from aen_tui.runtime.aftermath import Aftermath, Around
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.identity import identity
from aen_tui.runtime.lease import leases, node_group
from aen_tui.runtime.lost_words import LostWords
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.step_record import StepRecord
from aen_tui.runtime.step_run import StepRun
from aen_tui.runtime.sudo_preflight import SudoPreflight
from aen_tui.runtime.sudo_secrets import SudoSecrets
from aen_tui.runtime.verifier import Ask, Verifier
from aen_tui.state.store import Store
from aen_tui.transports import Link
from aen_tui.transports.credentials import Prompter

Emit = Callable[[PlanEvent], None]
_WATCHED = frozenset({Proof.NEW_PID, Proof.PID_GONE})


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a step ended."""

    result: Result
    error: str | None = None


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
    ) -> None:
        self.guard = guard or Guard(inventory, clock, audit, read_only=read_only)
        """What may be done in this run."""
        self._inventory = inventory
        self._store = store
        self._clock = clock
        self._audit = audit
        self._link_of = link_of
        self._verifier = Verifier(store, clock, poke)
        self._lost = LostWords(store, clock, self._verifier, self._look_anew)
        self._settle_task = settle_task
        self._aftermath = aftermath or Aftermath(clock)
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
        self, plan: Plan, emit: Emit, *, reason: str | None = None, settle: bool = False, syslog_only: bool = False
    ) -> Result:
        """Carry a plan out; stops at the first step that is not verified.

        Args:
            plan: as shown; refused where what it is about has changed since.
            emit: gets what happens, last a `finished`. A death while settling comes after it, as another
                `verified` with the result failed.
            reason: why, for the audit; the one it was armed with where none is given.
            syslog_only: somebody typed `SYSLOG-ONLY`: where the file takes no record, syslog's alone will do.
            settle: wait `settle_seconds` after each step's proof before it counts.
        """
        emit_all(plan, emit)
        refusal = self.refusal(plan)
        if refusal is None:
            refusal = await self._without_password(plan)
        if refusal is not None:
            emit(PlanEvent("finished", Result.REFUSED, error=refusal))
            return Result.REFUSED
        audit = self._audit.falling_back() if syslog_only else self._audit
        groups = [node_group(step.target.node) for step in plan.steps]
        end = StepEnd(Result.REFUSED, "the plan has no step")
        try:
            with self._nodes_busy(plan):
                what = plan.action.value
                async with leases(self._inventory, groups, identity().user, plan.id, what=what) as held:
                    emit = _telling(emit, [one.note for one in held if one.is_real and one.note])
                    for number, step in enumerate(plan.steps, plan.first):
                        self._latest[step.target] = f"{plan.id}-{number}"
                        end = await self._step(plan, number, step, emit, audit, self.guard.reason(reason), settle)
                        if end.result is Result.REFUSED and number > plan.first:
                            end = StepEnd(Result.FAILED, end.error)
                        if end.result is not Result.VERIFIED:
                            break
        except PlanRefusedError as error:  # somebody else's lease
            end = StepEnd(Result.REFUSED, f"{error.message} ({error.hint})" if error.hint else error.message)
        emit(PlanEvent("finished", end.result, error=end.error))
        return end.result

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

    def refusal(self, plan: Plan) -> str | None:
        """Why a plan would not be carried out now; None where it would."""
        if (why := self.guard.refusal(plan) or refusal_of(plan)) is not None:
            return why
        for node in dict.fromkeys(step.target.node for step in plan.steps):
            if node in self._busy:
                return f"another plan is being carried out on {node}"
            if self._store.node(node).connection.state is not LinkState.UP or self._link_of(node) is None:
                return f"{node} is not up"
        return next((changed for step in plan.steps if (changed := self.changed(step)) is not None), None)

    def changed(self, step: Step) -> str | None:
        """What is not as it was when the plan was made, in words; None where all is the same."""
        found = change(step, self._store.node(step.target.node))
        return None if found is None else f"changed since the plan was made: {found}"

    async def _without_password(self, plan: Plan) -> str | None:
        """Ask for what sudo will ask for, before the first step; why there is no password, None where all is well."""
        wanted: dict[str, dict[NodeName, None]] = {}
        for step in plan.steps:
            link = self._link_of(step.target.node)
            if step.met is not None and step.met.wants_password and link is not None:
                wanted.setdefault(link.user, {})[step.target.node] = None
        for login, nodes in wanted.items():
            if (why := await self._secrets.ask(login, list(nodes))) is not None:
                return f"{why}: nothing was done"
        return None

    @contextmanager
    def _nodes_busy(self, plan: Plan) -> Iterator[None]:
        nodes = {step.target.node for step in plan.steps}
        self._busy |= nodes
        try:
            yield
        finally:
            self._busy -= nodes

    async def _step(
        self, plan: Plan, number: int, step: Step, emit: Emit, audit: AuditLog, reason: str | None, settle: bool
    ) -> StepEnd:
        link = self._link_of(step.target.node)
        changed = self.changed(step)
        if link is None or changed is not None:
            return StepEnd(Result.REFUSED, changed or f"{step.target.node} is not up")
        record = StepRecord(audit, self._clock, plan, number, step, link.user, reason)
        try:
            await record.intent()
        except AuditError as error:
            return StepEnd(Result.REFUSED, error.message)
        around = Around(step)
        try:
            verdict, said = await self._carry_out(record, link, emit, settle, around)
        except asyncio.CancelledError:
            record.outcome_now(Result.UNVERIFIED, "interrupted while it was carried out")
            raise
        try:
            await record.outcome_of(verdict, claimed=said.is_ok)
        except AuditError as error:
            return StepEnd(Result.FAILED, f"{verdict.result.value}, but {error.message}")
        if verdict.result is Result.VERIFIED and is_watched(step) and not settle:
            self._settle_task(self._watch_on(record, verdict.pid, emit, around))
        elif verdict.result is Result.UNVERIFIED and said.was_lost:
            self._settle_task(self._recheck(record, emit, around))
        return StepEnd(verdict.result, verdict.error)

    async def _carry_out(
        self, record: StepRecord, link: Link, emit: Emit, settle: bool, around: Around
    ) -> tuple[Verdict, Claim]:
        """Run, judge what it said, look what became of it."""
        emit(PlanEvent("step-started", step=record.step))
        run = StepRun(record.step, link, self._clock, self._secrets)
        if record.step.proof_argv:
            record.step = with_before(record.step, await run.look())
        step = record.step
        if step.proof_argv and (vain := without_effect(step)) is not None:
            return Verdict(Result.REFUSED, step.before.pid, vain), Claim(None, vain)
        await self._aftermath.begun(around, step)
        try:
            said = await run.command()
        except TransportError as error:
            said = Claim(None, f"{error.message}: whether it took effect is not known", was_lost=True)
        self._aftermath.returned(around)
        emit(PlanEvent("step-finished", _claimed(said), step, error=said.error, lines=run.lines))
        verdict = await (self._lost.observe(step, said.error or "") if said.was_lost else self._proved(step, run, said))
        if verdict.result is Result.VERIFIED and settle and step.proof in _WATCHED:
            verdict = await self._settled(step, run, verdict, around)
        verdict = await self._aftermath.judged(around, verdict)
        self._take_announcement(step, run, verdict)
        emit(_judged(step, verdict))
        return verdict, said

    def _take_announcement(self, step: Step, run: StepRun, verdict: Verdict) -> None:
        """What a reread showed may be applied; whatever came of an update, what it was about is to be shown anew."""
        if step.action is ActionName.UPDATE:
            self._announced.pop(step.target, None)
        elif step.action is ActionName.REREAD and verdict.result is Result.VERIFIED:
            self._announced[step.target] = Announced(announcements(run.lines), self._clock.monotonic())

    async def _recheck(self, record: StepRecord, emit: Emit, around: Around) -> None:
        """What is seen once the link is back corrects what was not known."""
        verdict = await self._lost.recheck(record.step)
        if verdict is None or self._latest.get(record.step.target) != record.id:
            return
        verdict = await self._aftermath.judged(around, verdict)
        with suppress(AuditError):
            await record.outcome_of(verdict, claimed=None)
        emit(_judged(record.step, verdict))

    def _look_anew(self, step: Step) -> Ask | None:
        link = self._link_of(step.target.node)
        return None if link is None else StepRun(step, link, self._clock, self._secrets).look

    async def _proved(self, step: Step, run: StepRun, said: Claim) -> Verdict:
        acted_at = self._clock.monotonic()
        if said.was_refused:
            self._sudo.forget(step.target.node)
            return Verdict(Result.REFUSED, step.before.pid, said.error)
        if step.proof in (Proof.OUTPUT, Proof.NOTHING_LEFT):
            result = {True: Result.VERIFIED, False: Result.FAILED, None: Result.UNVERIFIED}[said.is_ok]
            return Verdict(result, step.before.pid, said.error)
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

    async def _settled(self, step: Step, run: StepRun, verdict: Verdict, around: Around) -> Verdict:
        seconds, ask = self._inventory.actions.settle_seconds, run.look if step.proof_argv else None
        burst = self._aftermath.burst_of(around)
        broken = await self._verifier.settle(step, verdict.pid, seconds, is_current=lambda: True, ask=ask, burst=burst)
        return verdict if broken is None else Verdict(Result.FAILED, verdict.pid, f"while settling: {broken}")

    async def _watch_on(self, record: StepRecord, pid: int | None, emit: Emit, around: Around) -> None:
        step = record.step
        broken = await self._verifier.settle(
            step,
            pid,
            self._inventory.actions.settle_seconds,
            is_current=lambda: self._latest.get(step.target) == record.id,
            burst=self._aftermath.burst_of(around),
        )
        if broken is None:
            return
        error = f"while settling: {broken}"
        try:
            await record.outcome(Result.FAILED, error, pid=pid, claimed=True)
        except AuditError as failure:
            error = f"{error}; {failure.message}"
        emit(PlanEvent("verified", Result.FAILED, step, pid_after=pid, error=error))


def emit_all(plan: Plan, emit: Emit) -> None:
    """One `planned` a step."""
    for step in plan.steps:
        emit(PlanEvent("planned", Result.PLANNED, step))


def _telling(emit: Emit, notes: Sequence[str]) -> Emit:
    """The same, with the leases' notes beside the first step that is started."""
    left = list(notes)

    def told(event: PlanEvent) -> None:
        if left and event.event == "step-started":
            event = replace(event, detail={"lease": tuple(left)})
            left.clear()
        emit(event)

    return told


def is_watched(step: Step) -> bool:
    """Whether a death is noticed after the plan has ended: no command is run then, so the probe must see it."""
    return step.proof in _WATCHED and not step.proof_argv


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


def _judged(step: Step, verdict: Verdict) -> PlanEvent:
    return PlanEvent(
        "verified", verdict.result, step, pid_after=verdict.pid, error=verdict.error, detail=verdict.detail
    )


def _claimed(said: Claim) -> Result:
    if said.was_refused:
        return Result.REFUSED
    if said.was_lost:
        return Result.UNVERIFIED
    return Result.FAILED if said.is_ok is False else Result.CLAIMED
