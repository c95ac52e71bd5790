"""No process any more."""

from __future__ import annotations

from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.plans import Result
from aen_tui.runtime.proofs.watching import GONE, Verdict, WatchingOne, words


class PidGone(WatchingOne):
    """The process is gone and none took its place."""

    def judged(self, node: NodeState, service: ServiceState, now: float) -> Verdict | None:
        """Gone counts at once; that it is still there only when time is up."""
        if service.state not in GONE or service.pid is not None:
            return None
        before = self.step.before.pid
        was = "" if before is None else f"pid {before} is gone, "
        return Verdict(Result.VERIFIED, rests_on=(f"{was}{service.state}",))

    def too_late(self, node: NodeState) -> Verdict:
        """Failed where it is still there."""
        unseen = self.unseen(node)
        service = self.fresh(node)
        if unseen is not None or service is None:
            return unseen or self.unverified("the probe has not shown it since")
        return self.failed(f"it is still there: {words(service)}", service)
