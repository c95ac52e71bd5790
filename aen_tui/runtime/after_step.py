"""What goes on once a step was judged: the time in which it settles, and the look again once a lost link is back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aen_tui.errors import AuditError
from aen_tui.model.plans import Proof, Result
from aen_tui.runtime.aftermath import Aftermath, Around
from aen_tui.runtime.lost_words import LostWords
from aen_tui.runtime.plan_events import Emit, judged
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.step_record import StepRecord
from aen_tui.runtime.step_run import StepRun
from aen_tui.runtime.verifier import Verifier

WATCHED = frozenset({Proof.NEW_PID, Proof.PID_GONE})
"""Proofs that may cease to hold while the step settles."""


class AfterStep:
    """Watches on after verdicts, and corrects them.

    Args:
        settle_seconds: of the inventory.
        verifier: sees.
        lost: looks again once a link is back.
        aftermath: what is looked at around each step besides its proof.
        is_latest: whether no other step has touched a record's target since.
    """

    def __init__(
        self,
        settle_seconds: float,
        verifier: Verifier,
        lost: LostWords,
        aftermath: Aftermath,
        is_latest: Callable[[StepRecord], bool],
    ) -> None:
        self._settle_seconds = settle_seconds
        self._verifier = verifier
        self._lost = lost
        self._aftermath = aftermath
        self._is_latest = is_latest

    async def settled(self, run: StepRun, verdict: Verdict, around: Around) -> Verdict:
        """The verdict once the step has settled, for which a plan waits."""
        found = await self._settling(run, verdict.pid, around, lambda: True)
        return verdict if found is None else found

    async def watch_on(self, record: StepRecord, run: StepRun, pid: int | None, emit: Emit, around: Around) -> None:
        """Settle after the plan has ended; what does not hold any more, or cannot be seen, corrects the record."""
        found = await self._settling(run, pid, around, lambda: self._is_latest(record))
        if found is None:
            return
        await self._correct(record, found, emit, claimed=True)
        if found.result is Result.UNVERIFIED:
            await self.recheck(record, run, emit, around, pid=pid, has_words=True)

    async def recheck(
        self, record: StepRecord, run: StepRun, emit: Emit, around: Around, *, pid: int | None, has_words: bool
    ) -> None:
        """What is seen once the link is back corrects what was not known.

        Args:
            record: of the step.
            run: what carried it out.
            emit: gets the correction.
            around: what was looked at before.
            pid: the new process, where it was seen.
            has_words: whether the command itself had answered.
        """
        verdict = await self._lost.recheck(
            run, pid=pid, has_words=has_words, is_current=lambda: self._is_latest(record)
        )
        if verdict is not None and self._is_latest(record):
            await self._correct(record, await self._aftermath.judged(around, verdict), emit, claimed=None)

    async def _settling(
        self, run: StepRun, pid: int | None, around: Around, is_current: Callable[[], bool]
    ) -> Verdict | None:
        found = await self._verifier.settle(
            run.step,
            pid,
            self._settle_seconds,
            is_current=is_current,
            ask=self._lost.ask_of(run),
            burst=self._aftermath.burst_of(around),
        )
        return None if found is None else replace(found, error=f"while settling: {found.error}")

    async def _correct(self, record: StepRecord, verdict: Verdict, emit: Emit, *, claimed: bool | None) -> None:
        try:
            await record.outcome_of(verdict, claimed=claimed)
        except AuditError as failure:
            verdict = replace(verdict, error="; ".join(filter(None, (verdict.error, failure.message))))
        emit(judged(record.step, verdict))
