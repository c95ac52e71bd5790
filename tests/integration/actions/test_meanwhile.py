"""What changes while a plan waits, or goes from step to step: rules, an end by hand, an interrupt, a full disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from aen_tui.errors import AuditError
from aen_tui.model.plans import ActionName, AuditRecord, Plan, PlanEvent, Result
from aen_tui.runtime.audit_verify import verify
from aen_tui.runtime.step_record import INTERRUPTED, NOT_BEGUN
from tests.integration.actions.supervisord import Rig
from tests.integration.actions.test_guarded import guard

BOTH = ("wk-server", "worker")


def asked(made: Rig, meanwhile: Callable[[], object]) -> None:
    """Somebody types a password, and this happens before he has."""

    async def ask(plan: Plan) -> str | None:
        meanwhile()
        return None

    made.executor.without_password = ask  # type: ignore[method-assign]


async def test_what_is_locked_while_a_password_is_typed_is_not_done(made: Rig) -> None:
    rules = guard(made, arming=True)
    rules.arm(15, "ticket 123")
    asked(made, rules.disarm)
    assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
    assert "locked" in (made.events[-1].error or "")
    assert (made.link.ran, made.records()) == ([], [])


async def test_a_node_is_busy_while_a_password_is_typed(made: Rig) -> None:
    second = made.plan(ActionName.RESTART, "worker")
    said: list[str | None] = []
    asked(made, lambda: said.append(made.executor.refusal(second)))
    assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
    assert said == ["another plan is being carried out on aen-server"]


def after_the_first(made: Rig, then: Callable[[], object]) -> Callable[[PlanEvent], None]:
    def emit(event: PlanEvent) -> None:
        made.events.append(event)
        if event.event == "verified" and len(made.link.ran) == 1:
            then()

    return emit


async def test_the_guard_is_asked_before_each_step(made: Rig) -> None:
    rules = guard(made, arming=True)
    rules.arm(15, "ticket 123")
    emit = after_the_first(made, rules.disarm)
    assert await made.executor.execute(made.plan(ActionName.RESTART, *BOTH), emit) is Result.FAILED
    assert "locked" in (made.events[-1].error or "")
    assert [argv[-1] for argv, _ in made.link.ran] == ["wk-server"]


async def test_a_plan_of_several_steps_ends_between_them(made: Rig) -> None:
    is_ended = threading.Event()
    emit = after_the_first(made, is_ended.set)
    plan = made.plan(ActionName.RESTART, *BOTH)
    assert await made.executor.execute(plan, emit, may_go_on=lambda: not is_ended.is_set()) is Result.UNVERIFIED
    assert made.events[-1].error == "ended by hand after 1 of 2 steps"
    assert [argv[-1] for argv, _ in made.link.ran] == ["wk-server"]
    assert [record["result"] for record in made.records()] == [None, "verified"]


async def test_an_interrupt_while_the_intent_is_written_leaves_no_intent_alone(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = made.executor._audit
    append, is_writing, may_write = audit.append, threading.Event(), threading.Event()

    def slow(record: AuditRecord) -> AuditRecord:
        if record.kind == "intent":
            is_writing.set()
            may_write.wait(60)
        return append(record)

    monkeypatch.setattr(audit, "append", slow)
    job = asyncio.create_task(made.executor.execute(made.plan(ActionName.RESTART, "wk-server"), made.events.append))
    await asyncio.to_thread(is_writing.wait, 30)
    job.cancel()
    await asyncio.sleep(0)
    job.cancel()
    may_write.set()
    with pytest.raises(asyncio.CancelledError):
        await job
    ends = [(record["kind"], record["result"], record["error"]) for record in made.records()]
    assert ends == [("intent", None, None), ("outcome", "refused", NOT_BEGUN)]
    assert (made.link.ran, verify(made.audit_path, None).faults) == ([], ())


async def test_an_interrupt_with_a_full_disk_stays_an_interrupt(made: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = made.executor._audit
    append = audit.append

    def full(record: AuditRecord) -> AuditRecord:
        if record.kind == "outcome":
            raise AuditError("no space left on device")
        return append(record)

    monkeypatch.setattr(audit, "append", full)
    is_begun = asyncio.Event()

    def emit(event: PlanEvent) -> None:
        made.events.append(event)
        if event.event == "step-started":
            is_begun.set()

    job = asyncio.create_task(made.executor.execute(made.plan(ActionName.RESTART, "wk-server"), emit))
    await is_begun.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert made.last.result is Result.UNVERIFIED
    assert made.last.error == f"{INTERRUPTED}; no space left on device"
