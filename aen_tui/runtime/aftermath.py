"""What is looked at around a step besides its proof: who did it, what differs, what bursts, how it is later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aen_tui.model.clock import Clock
from aen_tui.model.plans import Result, Step
from aen_tui.runtime.before_after import Before, BeforeAfter
from aen_tui.runtime.identity import identity
from aen_tui.runtime.markers import Markers
from aen_tui.runtime.proofs.watching import Verdict


@dataclass(slots=True)
class Around:
    """One step on its way."""

    step: Step
    before: Before | None = None
    acted_at: float = 0.0
    """Epoch seconds at which its command returned; errors count from here."""


class Aftermath:
    """Told of each step before its command goes out and after it was judged.

    Args:
        clock: now.
        markers: learns which restarts are ours.
        measures: what is compared; None: nothing is.
    """

    def __init__(self, clock: Clock, markers: Markers | None = None, measures: BeforeAfter | None = None) -> None:
        self._clock = clock
        self._markers = markers
        self._measures = measures

    async def begun(self, around: Around, step: Step) -> None:
        """Look how it is before a step's command goes out.

        Args:
            around: filled in.
            step: as it will be carried out.
        """
        around.step = step
        if self._measures is not None:
            around.before = await self._measures.before(step)
        if self._markers is not None:
            self._markers.begun(step, identity().user)

    def returned(self, around: Around) -> None:
        """The command has returned, or its words will never come."""
        around.acted_at = self._clock.wall()

    def burst_of(self, around: Around) -> Callable[[], Awaitable[str | None]] | None:
        """What asks for a burst of errors since the act; None where nothing is compared."""
        measures, before = self._measures, around.before
        if measures is None or before is None:
            return None
        return lambda: measures.burst(before, around.acted_at)

    async def judged(self, around: Around, verdict: Verdict) -> Verdict:
        """The verdict with what differs; the look five minutes later is made sure of."""
        if self._markers is not None:
            self._markers.ended(around.step, verdict.pid if verdict.result is Result.VERIFIED else None)
        if self._measures is None or around.before is None or verdict.result is not Result.VERIFIED:
            return verdict
        warnings = await self._measures.differs(around.before, verdict.pid)
        self._measures.later(around.before, verdict.pid)
        unread = self._measures.unread(around.before)
        not_asked = [f"not asked: {one}" for one in (*around.step.not_asked, *filter(None, (unread,)))]
        return replace(verdict, warnings=warnings, rests_on=(*verdict.rests_on, *not_asked))
