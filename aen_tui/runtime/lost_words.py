"""Steps whose command's own words never came: the link went, or it did not end in time. They are never repeated.

What became of one is observed: at once for as long as an ordinary proof may take, and once more when the link is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aen_tui.actions.status_text import unknown
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Proof, Result, Step
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.verifier import VERIFY_SECONDS, Ask, Verifier
from aen_tui.state.store import Store

RECHECK_SECONDS = 900.0
"""A link that does not come back within this time is not waited for any more."""
_OBSERVABLE = frozenset({Proof.NEW_PID, Proof.PID_GONE})


class LostWords:
    """Looks what became of such steps.

    Args:
        store: what is seen.
        clock: now.
        verifier: judges it.
        look: asks a step's proof command over the link there is at that moment; None while there is none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        verifier: Verifier,
        look: Callable[[Step], Ask | None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._verifier = verifier
        self._look = look

    async def observe(self, step: Step, why: str) -> Verdict:
        """What is seen within the time of an ordinary proof.

        Args:
            step: what was on its way.
            why: what is known of the loss, in words.
        """
        verdict = await self._seen(step, self._clock.monotonic())
        if verdict.result is Result.VERIFIED:
            return verdict
        words = why if verdict.error is None else f"{why}; {verdict.error}"
        return Verdict(verdict.result, verdict.pid, words)

    async def recheck(self, step: Step) -> Verdict | None:
        """What is seen once the link is back; None where it stays away, or nothing more is known then."""
        if step.proof not in _OBSERVABLE:
            return None
        lost_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(RECHECK_SECONDS):
                await self._store.wait_for(lambda state: _is_up(state, step.target.node))
        except TimeoutError:
            return None
        verdict = await self._seen(step, lost_at)
        return None if verdict.result is Result.UNVERIFIED else verdict

    async def _seen(self, step: Step, lost_at: float) -> Verdict:
        if step.proof not in _OBSERVABLE:
            return Verdict(Result.UNVERIFIED)
        ask = self._ask(step) if step.proof_argv else None
        return await self._verifier.observe(step, lost_at=lost_at, seconds=VERIFY_SECONDS, ask=ask)

    def _ask(self, step: Step) -> Ask:
        async def ask() -> ServiceState:
            look = self._look(step)
            if look is None:
                return unknown(step.target, f"{step.target.node} is not up", self._clock.monotonic())
            return await look()

        return ask


def _is_up(state: ClusterState, node: NodeName) -> bool:
    return state.nodes[node].connection.state is LinkState.UP
