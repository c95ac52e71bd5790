"""A step whose command's own words never came: judged by what is seen, and slow to call it failed."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.model.facts import NodeState
from aen_tui.model.plans import Result, Step
from aen_tui.runtime.proofs import watcher_of
from aen_tui.runtime.proofs.watching import Verdict

BY_OBSERVATION = "by observation alone: the command's own words never came"
LINK_WAS_BACK = "seen once the link was back"
_STILL_AT_WORK_SECONDS = 10.0
"""Between its stop and its start a program that is restarted is dead for a moment."""


class Observed:
    """The step's own proof. What looks like a failure may be a command that is still at work on the node.

    Args:
        step: what was done, or was on its way.
        lost_at: monotonic seconds from which on it is looked for.
        pid: the new process, where it was seen before.
        has_words: whether the command had answered: then it is not at work any more.
    """

    def __init__(self, step: Step, lost_at: float, *, pid: int | None = None, has_words: bool = False) -> None:
        self._watcher = watcher_of(step, lost_at, pid)
        self._has_words = has_words
        self._dead_since: float | None = None

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """Verified by what is seen; dead only once it stays so."""
        verdict = self._watcher.look(node, now)
        if verdict is None or verdict.result is Result.UNVERIFIED:
            self._dead_since = None
            return None
        if verdict.result is Result.VERIFIED:
            rests_on = (*verdict.rests_on, LINK_WAS_BACK if self._has_words else BY_OBSERVATION)
            return replace(verdict, rests_on=rests_on)
        if self._dead_since is None:
            self._dead_since = now
        return verdict if self._has_words or now - self._dead_since >= _STILL_AT_WORK_SECONDS else None

    def too_late(self, node: NodeState) -> Verdict:
        """Not known where the command may still be at work, or may never have begun."""
        verdict = self._watcher.too_late(node)
        return verdict if self._has_words else Verdict(Result.UNVERIFIED, verdict.pid, verdict.error)
