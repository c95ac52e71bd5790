"""One job: its state, who listens to it, and what may be said to it while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aen_tui.model.clock import Clock
from aen_tui.model.jobs import JobPhase, JobState, MemberPhase
from aen_tui.model.plans import Plan, PlanEvent, Result
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line
from aen_tui.runtime.job_fold import first_state, fold, member_of, with_expected

Listener = Callable[[PlanEvent], None]
BY_HAND = "skipped by hand"
_PAUSED, _ABORTS = "paused", "aborts after what runs"


class Job:
    """A plan on its way. Everything here is called on the loop; nothing here carries anything out.

    Args:
        work: what it does.
        clock: for ages.
        reason: why, for who looks at it.
        changed: told after each change.
    """

    def __init__(
        self, work: Plan | RollingPlan, clock: Clock, *, reason: str | None, changed: Callable[[Job], None]
    ) -> None:
        self.work = work
        self._clock = clock
        self._changed = changed
        self._listeners: list[Listener] = []
        self._state = first_state(work, clock.monotonic(), clock.wall(), reason=reason)
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._is_paused = False
        self.is_aborted = False
        """Nothing further may begin."""

    @property
    def id(self) -> str:
        """The plan's id."""
        return self._state.id

    @property
    def plan(self) -> Plan:
        """Its steps."""
        return self.work.plan if isinstance(self.work, RollingPlan) else self.work

    @property
    def is_held(self) -> bool:
        """Whether nothing may begin: it is paused or aborted."""
        return self._is_paused or self.is_aborted

    @property
    def state(self) -> JobState:
        """As it is; the same object while nothing changes."""
        return self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell somebody each event; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def wait(self) -> Result:
        """Wait for its end."""
        await self._ended.wait()
        return self._state.result or Result.UNVERIFIED

    # -- what is said to it ------------------------------------------------------------------------

    def pause(self, note: str = _PAUSED) -> None:
        """Let nothing further begin until `resume`; what runs goes on to its end."""
        if self._state.is_rolling and not self._state.has_ended and not self.is_aborted:
            self._is_paused = True
            self._set(replace(self._state, phase=JobPhase.PAUSED, note=note))

    def resume(self) -> None:
        """Go on."""
        if self._is_paused and not self.is_aborted:
            self._is_paused = False
            self._set(replace(self._state, phase=JobPhase.RUNNING, note=""))
            self._wake.set()

    def skip(self, number: int | None = None) -> int | None:
        """Pass over a member that has not begun, the next one where none is named; its number, None: there is none."""
        if not isinstance(self.work, RollingPlan) or self._state.has_ended:
            return None
        members = [one for one in self._state.members if number in (None, one.number)]
        waiting = next((one for one in members if one.phase is MemberPhase.WAITING), None)
        if waiting is None:
            return None
        self.pass_over(waiting.number, BY_HAND)
        return waiting.number

    def abort(self) -> None:
        """End after what runs; what has not begun is left."""
        if not self._state.has_ended:
            self.is_aborted, self._is_paused = True, False
            self._set(replace(self._state, phase=JobPhase.RUNNING, note=_ABORTS))
            self._wake.set()

    # -- what becomes of it ------------------------------------------------------------------------

    async def may_go_on(self) -> bool:
        """Wait while it is paused; False where it is aborted."""
        while self._is_paused and not self.is_aborted:
            self._wake.clear()
            await self._wake.wait()
        return not self.is_aborted

    def pass_over(self, number: int, why: str) -> None:
        """A member is not begun."""
        assert isinstance(self.work, RollingPlan)
        place = self.work.place(number - 1, skipped=True)
        self.take(PlanEvent("verified", Result.REFUSED, self.plan.steps[number - 1], error=why, place=place))

    def take(self, event: PlanEvent) -> None:
        """Count an event in and tell it; the end is told by `end`."""
        number = member_of(self._state, self.plan, event)
        if number is not None and event.event != "planned":
            self._set(fold(self._state, number, event, self._clock.monotonic()))
        for listener in list(self._listeners):
            listener(event)

    def remark(self, sentence: str) -> None:
        """Something worth saying that changes nothing."""
        if sentence not in self._state.remarks:
            self._set(replace(self._state, remarks=(*self._state.remarks, visible_line(sentence, 300))))

    def expect(self, seconds: dict[int, float | None]) -> None:
        """What each member is expected to take, by its number."""
        self._set(with_expected(self._state, seconds, self._clock.monotonic()))

    def end(
        self,
        phase: JobPhase,
        result: Result,
        error: str | None,
        *,
        left: tuple[str, ...] = (),
        commands: tuple[str, ...] = (),
    ) -> None:
        """It is over; tells a `finished`. Once only: what ended first holds."""
        if self._ended.is_set():
            return
        now = self._clock.monotonic()
        self._set(
            replace(
                self._state,
                phase=phase,
                result=result,
                error=error,
                note="",
                ended_at=now,
                left=left,
                commands=commands,
                expected_seconds=None,
            )
        )
        for listener in list(self._listeners):
            listener(PlanEvent("finished", result, error=error))
        self._ended.set()

    def _set(self, state: JobState) -> None:
        self._state = state
        self._changed(self)
