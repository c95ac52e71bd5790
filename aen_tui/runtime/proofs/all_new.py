"""A supervisord that began anew: every program that ran before runs again, as another process."""

from __future__ import annotations

from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.plans import Result
from aen_tui.runtime.proofs.watching import Verdict, Watching, words

_LOST_FOR_GOOD = frozenset({"FATAL"})
"""While it begins anew everything is STOPPED for a while; only this one stays."""


class AllNew(Watching):
    """Programs are compared with `step.programs`; their names may be no more than those."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """Verified once all are back for `HOLD_SECONDS`; what gave up is failed at once."""
        if not self.step.programs:
            return self.unverified("which programs ran before is not known")
        for name, pid in self.step.programs:
            service = self._program(node, name)
            if service is None:
                return None
            if service.state in _LOST_FOR_GOOD and self.is_settled(service):
                return self.failed(f"{name} is {words(service)}", service)
            if service.state != "RUNNING" or service.pid in (None, pid):
                return None
            if (service.uptime_seconds or 0.0) < HOLD_SECONDS:
                return None
        names = ", ".join(name for name, _ in self.step.programs)
        return Verdict(Result.VERIFIED, None, rests_on=(f"RUNNING with new pids for {HOLD_SECONDS:g} s: {names}",))

    def _program(self, node: NodeState, name: str) -> ServiceState | None:
        for service in node.services:
            if (service.name, service.supervisor) == (name, self.step.target.supervisor):
                return service if (service.seen_at or 0.0) > self.acted_at else None
        return None

    def too_late(self, node: NodeState) -> Verdict:
        """What is not back, by name; not known where it is not seen."""
        seen = {name: self._program(node, name) for name, _ in self.step.programs}
        before = dict(self.step.programs)
        unseen = [name for name, service in seen.items() if service is None or service.state == "unknown"]
        if unseen:
            return self.unverified(f"the probe has not shown since: {', '.join(unseen)}")
        for name, service in seen.items():
            assert service is not None
            if service.state != "RUNNING":
                return self.failed(f"{name} is {words(service)}", service)
            if service.pid == before[name]:
                return self.failed(f"{name} is the same process as before, pid {service.pid}", service)
        return self.unverified(f"not all were seen RUNNING for {HOLD_SECONDS:g} s")
