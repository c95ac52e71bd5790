"""What all proofs have in common: when a frame counts, and what is said where nothing may be seen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Protocol

from aen_tui.actions.scene import find_service
from aen_tui.model.facts import LinkState, NodeState, ServiceState
from aen_tui.model.plans import Result, Step

UNSEEN_SECONDS = 12.0
"""How long a state that may not be seen is waited for."""
IN_FLIGHT_SECONDS = 0.3
"""A frame that was on its way when the command returned may still show what was before."""
SYSV_GRACE_SECONDS = 10.0
"""A daemon may write its pid file after its script has returned."""

DEAD = frozenset({"BACKOFF", "FATAL", "EXITED", "STOPPED"})
GONE = frozenset({"STOPPED", "EXITED", "FATAL", "absent"})
COMING = frozenset({"RUNNING", "STARTING"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen."""

    result: Result
    pid: int | None = None
    """The pid after the act, where there is one."""
    error: str | None = None
    rests_on: tuple[str, ...] = field(default=(), compare=False)
    """What was seen that proves it, in words; empty where nothing does."""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """What is not as it was before and proves nothing: another nice value, another limit."""

    @property
    def detail(self) -> dict[str, tuple[str, ...]]:
        """For an event: what it rests on, and what is to be warned of."""
        return {"rests_on": self.rests_on, "differs": self.warnings}


class Watcher(Protocol):
    """Judges one step from the states of its node, in the order they come."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """The verdict, or None where it is too early."""
        ...

    def too_late(self, node: NodeState) -> Verdict:
        """The verdict when time is up."""
        ...


class Watching:
    """What the watchers have in common."""

    def __init__(self, step: Step, acted_at: float) -> None:
        self.step = step
        self.acted_at = acted_at
        self.pid: int | None = None
        """The new pid, once it was seen."""

    def fresh(self, node: NodeState) -> ServiceState | None:
        """The service, where a frame since the act shows it."""
        service = find_service(node, self.step.target)
        if service is None or service.seen_at is None or service.seen_at <= self.acted_at:
            return None
        return service

    def is_settled(self, service: ServiceState, after: float = IN_FLIGHT_SECONDS) -> bool:
        """Whether the frame cannot have been on its way when the command returned."""
        return service.seen_at is not None and service.seen_at > self.acted_at + after

    def is_blind(self, service: ServiceState, now: float) -> bool:
        """Whether waiting for an unknown state is in vain: it was unknown before, or long enough."""
        was_blind = self.step.before.state == "unknown" and not self.step.is_hollow and self.is_settled(service)
        return was_blind or now > self.acted_at + UNSEEN_SECONDS

    def unlisted(self, node: NodeState) -> Verdict | None:
        """Unverified at once, where the probe never listed the target and does not after the act either."""
        if self.step.before.seen_at is not None or find_service(node, self.step.target) is not None:
            return None
        shown = [service for service in node.services if service.supervisor == self.step.target.supervisor]
        if not any(self.is_settled(service) for service in shown):
            return None
        errors = dict.fromkeys(service.error for service in shown if service.error)
        return self.unverified("the probe does not show it" + "".join(f": {error}" for error in errors))

    def unseen(self, node: NodeState) -> Verdict | None:
        """Unverified, where nothing may be or was seen."""
        link = node.connection
        if link.state is not LinkState.UP:
            return self.unverified(f"the link to {node.name} was lost: {link.error or link.state.value}")
        service = self.fresh(node)
        if service is None:
            return self.unverified("the probe has not shown it since")
        if service.state == "unknown":
            return self.unverified(f"its state may not be seen: {service.error or service.description or 'unknown'}")
        return None

    def unverified(self, why: str) -> Verdict:
        """It may or may not have had its effect."""
        return Verdict(Result.UNVERIFIED, self.pid, why)

    def failed(self, why: str, service: ServiceState) -> Verdict:
        """It was seen, and is not as it should be."""
        return Verdict(Result.FAILED, service.pid, why)


class WatchingOne(Watching, ABC):
    """Judges by the target's own service alone."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """The verdict of a frame since the act; where none shows the service, what is said of that."""
        service = self.fresh(node)
        if service is None:
            return self.unlisted(node)
        if service.state == "unknown":
            return self.unseen(node) if self.is_blind(service, now) else None
        return self.judged(node, service, now)

    @abstractmethod
    def judged(self, node: NodeState, service: ServiceState, now: float) -> Verdict | None:
        """The verdict of what is shown, or None where it is too early."""


def words(service: ServiceState) -> str:
    """`FATAL: Exited too quickly`."""
    detail = service.error or service.description
    return f"{service.state}: {detail}" if detail else service.state
