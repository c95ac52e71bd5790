"""It failed by supervisor's own words; its state says more."""

from __future__ import annotations

from aen_tui.model.facts import NodeState
from aen_tui.model.plans import Result
from aen_tui.runtime.proofs.watching import Verdict, Watching, words


class GivenUp(Watching):
    """Failed, whatever is seen: what is seen only says how."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """The first state that cannot be from before."""
        service = self.fresh(node)
        if service is None:
            return Verdict(Result.FAILED) if self.unlisted(node) is not None else None
        if not self.is_settled(service) or service.state == "STARTING":
            return None
        return self.failed(words(service), service)

    def too_late(self, node: NodeState) -> Verdict:
        """Failed all the same."""
        return Verdict(Result.FAILED)
