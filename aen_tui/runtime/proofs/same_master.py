"""The master that was there before goes on."""

from __future__ import annotations

from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.plans import Result
from aen_tui.runtime.proofs.watching import Verdict, WatchingOne, words


class SameMaster(WatchingOne):
    """RUNNING under the pid from before; its new workers are counted elsewhere."""

    def judged(self, node: NodeState, service: ServiceState, now: float) -> Verdict | None:
        """Another master is a restart, none a failure."""
        if not self.is_settled(service):
            return None
        if service.state != "RUNNING":
            return self.failed(words(service), service)
        before = self.step.before.pid
        if before is not None and service.pid != before:
            return self.failed(f"the master changed from pid {before} to pid {service.pid}", service)
        return Verdict(Result.VERIFIED, service.pid, rests_on=(f"the master is pid {service.pid} as before",))

    def too_late(self, node: NodeState) -> Verdict:
        """Nothing was seen."""
        return self.unseen(node) or self.unverified("the probe has not shown it since")
