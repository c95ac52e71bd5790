"""Jobs of earlier runs of the program that are not over, as the Jobs view shows them; nothing is carried out here."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from aen_tui.actions.rolling_text import target_word
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory
from aen_tui.model.jobs import ENDED, JobPhase, JobState, MemberPhase
from aen_tui.model.plans import Plan, Result, Risk
from aen_tui.model.rolling import RollingPlan
from aen_tui.runtime.job_file import JobFolder, JobRecord
from aen_tui.runtime.job_fold import first_state
from aen_tui.runtime.job_left import commands_for

BROKEN_OFF = "the program ended in the middle"
ON_ITS_WAY = "on its way when the program ended: what it did is not known"
ELSEWHERE = "carried out by another process"
_OPEN = frozenset({MemberPhase.RUNNING, MemberPhase.CLAIMED})


def left_over(folder: JobFolder, inventory: Inventory, clock: Clock, without: Collection[str]) -> list[JobState]:
    """Jobs of this installation that left something, oldest first; blocks a little, so call it in a thread.

    Args:
        folder: where they are.
        inventory: whose.
        clock: for ages.
        without: ids that are known otherwise.
    """
    found: list[JobState] = []
    for job in folder.open_ids():
        if job in without:
            continue
        with suppress(PlanRefusedError, AuditError, OSError):
            record, saved_at = folder.load(job), folder.saved_at(job)
            if record.cluster == inventory.name:
                found.append(past_state(record, inventory, clock, saved_at, is_running=folder.is_running(job)))
    return found


def past_state(record: JobRecord, inventory: Inventory, clock: Clock, saved_at: float, *, is_running: bool) -> JobState:
    """A job as its file has it.

    Args:
        record: the file.
        inventory: for the command lines that go on with it.
        clock: for ages.
        saved_at: when it was last written, epoch seconds.
        is_running: whether a process is at it.
    """
    steps = tuple(member.step for member in record.members)
    plan = Plan(record.id, record.action, record.cluster, steps, Risk.WORD, record.cluster)
    rolling = RollingPlan(plan, record.batches, record.settings, 0.0, left_out=record.left_out)
    started = _epoch(record.started_at, saved_at)
    began = clock.monotonic() - (clock.wall() - started)
    state = first_state(rolling, began, started, reason=record.reason)
    phases = {
        number: MemberPhase.UNVERIFIED if member.phase in _OPEN and not is_running else member.phase
        for number, member in enumerate(record.members, 1)
    }
    errors = {
        number: ON_ITS_WAY if member.phase in _OPEN and not is_running else member.error
        for number, member in enumerate(record.members, 1)
    }
    pids = {number: member.pid_after for number, member in enumerate(record.members, 1)}
    batches = tuple(
        replace(
            batch,
            members=tuple(
                replace(one, phase=phases[one.number], error=errors[one.number], pid_after=pids[one.number])
                for one in batch.members
            ),
        )
        for batch in state.batches
    )
    state = replace(state, batches=batches, expected_seconds=None)
    if is_running:
        return replace(state, note=ELSEWHERE)
    left = [
        member.step for number, member in enumerate(record.members, 1) if phases[number] is not MemberPhase.VERIFIED
    ]
    is_whole = record.phase in ENDED
    is_failed = any(phase is MemberPhase.FAILED for phase in phases.values())
    return replace(
        state,
        phase=record.phase if is_whole else JobPhase.ABORTED,
        result=Result.FAILED if is_failed else Result.UNVERIFIED,
        error=None if is_whole else BROKEN_OFF,
        ended_at=began + max(0.0, saved_at - started),
        left=(*(target_word(step.target) for step in left), *record.left_out),
        commands=commands_for(rolling, left, inventory),
    )


def _epoch(text: str, otherwise: float) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return otherwise
