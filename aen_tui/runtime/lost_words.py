"""Steps that a lost link hides: their command's own words never came, or nobody saw what became of them.

They are never repeated. What became of one is observed: at once for as long as an ordinary proof may take, and again
whenever the link is back, for as long as the program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aen_tui.actions.status_text import unknown
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import SPOKEN, Proof, Result
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.step_run import StepRun
from aen_tui.runtime.verifier import Ask, Verifier, proof_seconds
from aen_tui.state.store import Store
from aen_tui.transports import Link


class LostWords:
    """Looks what became of such steps.

    Args:
        store: what is seen.
        clock: now.
        verifier: judges it.
        link_of: a node's open link; None while there is none.
    """

    def __init__(
        self, store: Store, clock: Clock, verifier: Verifier, link_of: Callable[[NodeName], Link | None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._verifier = verifier
        self._link_of = link_of

    async def observe(self, run: StepRun, why: str) -> Verdict:
        """What is seen of a step whose command's words never came, within the time of an ordinary proof.

        Args:
            run: what was on its way.
            why: what is known of the loss, in words.
        """
        verdict = await self._seen(run, None, has_words=False)
        if verdict.result is Result.VERIFIED:
            return verdict
        words = why if verdict.error is None else f"{why}; {verdict.error}"
        return Verdict(verdict.result, verdict.pid, words)

    async def recheck(
        self, run: StepRun, *, pid: int | None, has_words: bool, is_current: Callable[[], bool]
    ) -> Verdict | None:
        """What is seen once the link is back; None where nothing more is known then, or something else was done.

        Args:
            run: what was done, or was on its way.
            pid: the new process, where it was seen.
            has_words: whether the command itself had answered.
            is_current: False where something else was done to the target.
        """
        node = run.step.target.node
        if run.step.proof in SPOKEN:
            return None
        while True:
            await self._store.wait_for(lambda _: self._is_up(node) or not is_current())
            if not is_current():
                return None
            since = self._store.node(node).connection.since
            verdict = await self._seen(run, pid, has_words=has_words)
            if verdict.result is not Result.UNVERIFIED:
                return verdict
            if self._is_up(node) and self._store.node(node).connection.since == since:
                return None

    def ask_of(self, run: StepRun) -> Ask | None:
        """Asks the step's proof command over the link there is at that moment; None for a step that has none."""
        if not run.step.proof_argv:
            return None
        node, asked = run.step.target.node, run

        async def ask() -> tuple[ServiceState, ...]:
            nonlocal asked
            link = self._link_of(node)
            if link is None:
                return (unknown(run.step.target, f"{node} is not up", self._clock.monotonic()),)
            asked = asked.over(link)
            return await asked.look()

        return ask

    def is_hidden(self, run: StepRun) -> bool:
        """Whether it may be the link that hides what became of a step."""
        node = run.step.target.node
        return run.was_cut or not self._is_up(node) or not run.is_over(self._link_of(node))

    async def _seen(self, run: StepRun, pid: int | None, *, has_words: bool) -> Verdict:
        step = run.step
        if step.proof in SPOKEN:
            return Verdict(Result.UNVERIFIED)
        verdict = await self._verifier.observe(
            step,
            lost_at=self._clock.monotonic(),
            seconds=proof_seconds(step),
            ask=self.ask_of(run),
            pid=pid,
            has_words=has_words,
        )
        if step.proof is not Proof.NEW_WORKERS or verdict.result is not Result.VERIFIED:
            return verdict
        link = self._link_of(step.target.node)
        if link is None:
            return Verdict(Result.UNVERIFIED, verdict.pid, f"{step.target.node} is not up")
        found = await run.over(link).new_workers(verdict)
        is_open = found.result is Result.FAILED and not has_words  # it may never have begun
        return replace(found, result=Result.UNVERIFIED) if is_open else found

    def _is_up(self, node: NodeName) -> bool:
        return self._store.node(node).connection.state is LinkState.UP
