"""A supervisord that applied its changed configuration: what it announced is so, and runs."""

from __future__ import annotations

from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.plans import Result, Step
from aen_tui.runtime.proofs.watching import UNSEEN_SECONDS, Verdict, Watching, words

_FAILED = frozenset({"FATAL", "BACKOFF", "EXITED"})
_NEVER_BEGUN = "Not started"
"""What supervisor says of a program that it never began (supervisor.rpcinterface, 3.0 to 4.3)."""


class Applied(Watching):
    """Programs of the announced groups; one that supervisor leaves alone has `autostart=false`.

    supervisord begins what is to begin by itself in the turn after it has answered, so what two frames show as
    never begun is not to.
    """

    def __init__(self, step: Step, acted_at: float) -> None:
        super().__init__(step, acted_at)
        self._announced = {name: what for name, _, what in (line.rpartition(": ") for line in step.applies)}
        self._before = dict(step.programs)
        self._idle_since: dict[str, float] = {}

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """What gave up is failed at once."""
        seen = self._seen(node)
        if any(service.state == "unknown" for service in seen):
            return self.too_late(node) if now > self.acted_at + UNSEEN_SECONDS else None
        for one in self._names(seen):
            if one.state in _FAILED:
                return self.failed(f"{one.name} is {words(one)}", one)
        self._note_idle(seen)
        return None if not seen or self._open(seen) is not None else self._verdict(seen)

    def too_late(self, node: NodeState) -> Verdict:
        """Not known where it is not seen, failed where it is and is not so."""
        seen = self._seen(node)
        closed = next((service for service in seen if service.state == "unknown"), None)
        if not seen or closed is not None:
            why = f": {words(closed)}" if closed is not None else ""
            return self.unverified(f"its programs were not seen since{why}")
        why_open = self._open(seen)
        if why_open is None:
            return self._verdict(seen)
        service, why = why_open
        if service is None or service.state in ("STARTING", "STOPPING", "RUNNING"):
            return self.unverified(why)
        return self.failed(why, service)

    def _verdict(self, seen: list[ServiceState]) -> Verdict:
        own = self._names(seen)
        running = ", ".join(one.name for one in own if one.state == "RUNNING")
        idle = ", ".join(one.name for one in own if one.state != "RUNNING")
        gone = ", ".join(name for name, what in self._announced.items() if what == "disappeared")
        found = (
            (running, f"RUNNING for {HOLD_SECONDS:g} s: {running}"),
            (idle, f"not begun by itself: {idle}"),
            (gone, f"not listed any more: {gone}"),
        )
        return Verdict(Result.VERIFIED, None, rests_on=tuple(text for names, text in found if names))

    def _seen(self, node: NodeState) -> list[ServiceState]:
        own = [service for service in node.services if service.supervisor == self.step.target.supervisor]
        return [service for service in own if self.is_settled(service)]

    def _names(self, seen: list[ServiceState]) -> list[ServiceState]:
        """Programs of the groups that are new or changed."""
        return [one for one in seen if self._announced.get(_group(one)) in ("available", "changed")]

    def _note_idle(self, seen: list[ServiceState]) -> None:
        for one in seen:
            if _is_idle(one):
                self._idle_since.setdefault(one.name, one.seen_at or 0.0)
            else:
                self._idle_since.pop(one.name, None)

    def _open(self, seen: list[ServiceState]) -> tuple[ServiceState | None, str] | None:
        """What is not yet as announced, in words; None where all is."""
        for group, what in self._announced.items():
            own = [one for one in seen if _group(one) == group]
            if what == "disappeared" and own:
                return own[0], f"{own[0].name} is still listed"
            if what != "disappeared" and not own:
                return None, f"{group} is not listed"
        for one in self._names(seen):
            if _is_idle(one):
                if (one.seen_at or 0.0) <= self._idle_since.get(one.name, 0.0):
                    return one, f"{one.name} is not begun"
            elif one.state != "RUNNING":
                return one, f"{one.name} is {words(one)}"
            elif one.pid == self._before.get(one.name):
                return one, f"{one.name} is the same process as before, pid {one.pid}"
            elif (one.uptime_seconds or 0.0) < HOLD_SECONDS:
                return one, f"{one.name} was not seen RUNNING for {HOLD_SECONDS:g} s"
        return None


def _group(service: ServiceState) -> str:
    return service.name.partition(":")[0]


def _is_idle(service: ServiceState) -> bool:
    return service.state == "STOPPED" and service.description.startswith(_NEVER_BEGUN)
