"""A new process that stays, answers, and whose data center says ok of itself."""

from __future__ import annotations

from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.model.facts import HttpState, NodeState, ServiceState
from aen_tui.model.plans import ActionName, Result, Step
from aen_tui.runtime.proofs.watching import (
    COMING,
    DEAD,
    IN_FLIGHT_SECONDS,
    SYSV_GRACE_SECONDS,
    Verdict,
    WatchingOne,
    words,
)

_NOT_ASKED = "was not asked since"


class NewPid(WatchingOne):
    """A pid other than before, RUNNING for `hold_seconds` of frames; what answered before answers after it was seen.

    A URL that was never seen to answer, and a status document that was not ok when it came last, are not asked: see
    `Step.not_asked`.
    """

    def __init__(self, step: Step, acted_at: float) -> None:
        super().__init__(step, acted_at)
        self._running_since: float | None = None
        self._pid_seen_at = acted_at

    def judged(self, node: NodeState, service: ServiceState, now: float) -> Verdict | None:
        """Dead at any time is failed."""
        if service.state in DEAD:
            grace = IN_FLIGHT_SECONDS if service.manager == SUPERVISOR else SYSV_GRACE_SECONDS
            return self.failed(words(service), service) if self.pid or self.is_settled(service, grace) else None
        if service.pid is None or service.pid == self.step.before.pid:
            return None
        if self.pid is not None and service.pid != self.pid:
            return self.failed(f"pid {self.pid} died, pid {service.pid} took its place: {words(service)}", service)
        if self.pid is None:
            self.pid, self._pid_seen_at = service.pid, service.seen_at or now
        return self._running(node, service)

    def _running(self, node: NodeState, service: ServiceState) -> Verdict | None:
        if service.state != "RUNNING" or service.seen_at is None:
            if self._running_since is not None:
                return self.failed(f"pid {self.pid} was RUNNING, now it is {words(service)}", service)
            return None
        if self._running_since is None:
            self._running_since = service.seen_at
        held = service.seen_at - self._running_since
        if held < self.step.hold_seconds or self._missing(node) is not None:
            return None
        return self._not_known_before() or Verdict(Result.VERIFIED, self.pid, rests_on=self._proof(node, held))

    def _proof(self, node: NodeState, held: float) -> tuple[str, ...]:
        before = self.step.before.pid
        found = [f"pid {'none' if before is None else before} → {self.pid}", f"RUNNING for {held:.1f} s"]
        answer, document = self._entry(node, self.step.answers), self._entry(node, self.step.document)
        if answer is not None:
            found.append(f"{answer.url} answered {answer.status_code}")
        if self.step.listens is not None:
            found.append(f"something listens on port {self.step.listens}")
        if self.step.store is not None:
            found.append(f"{self.step.store} answered on {node.stores[self.step.store].address}")
        if document is not None:
            found.append(f"status document of {document.name} ok")
        return tuple(found)

    def _not_known_before(self) -> Verdict | None:
        """A pid may be the one from before where that could not be seen."""
        if self.step.action is ActionName.RESTART and self.step.before.state == "unknown" and not self.step.is_hollow:
            return self.unverified(f"pid {self.pid} is RUNNING; which it was before is not known")
        return None

    def _missing(self, node: NodeState) -> str | None:
        """What does not yet count as answering; None where all does, or nothing is wanted."""
        return self._silence(node) or self._deaf(node) or self._mute(node) or self._bad_document(node)

    def _silence(self, node: NodeState) -> str | None:
        if self.step.answers is None:
            return None
        answer = self._entry(node, self.step.answers)
        if answer is None or not self._is_since(answer):
            return f"{self.step.answers_url} {_NOT_ASKED}"
        if answer.status_code is None:
            return f"{answer.url} does not answer: {answer.error or 'nothing came'}"
        return None

    def _deaf(self, node: NodeState) -> str | None:
        if self.step.listens is None:
            return None
        port = node.ports.get(self.step.listens)
        if port is None or port.seen_at <= self._pid_seen_at:
            return f"port {self.step.listens} {_NOT_ASKED}"
        return None if port.listens else f"nothing listens on port {self.step.listens}"

    def _mute(self, node: NodeState) -> str | None:
        """A store is asked seldom: what it said to the process of before is no answer of this one."""
        if self.step.store is None:
            return None
        state = node.stores.get(self.step.store)
        if state is None or state.seen_at is None or state.seen_at <= self._pid_seen_at:
            return f"{self.step.store} {_NOT_ASKED}"
        has_answered = state.answered_at is not None and state.answered_at > self._pid_seen_at
        return None if has_answered else f"{self.step.store} {state.silence}"

    def _bad_document(self, node: NodeState) -> str | None:
        if self.step.document is None:
            return None
        answer = self._entry(node, self.step.document)
        if answer is None or not self._is_since(answer):
            return f"the status document of {self.step.document} {_NOT_ASKED}"
        if answer.document is None:
            return f"the status document of {answer.name} did not come: {answer.error or answer.status_code}"
        if answer.document.status != "ok":
            said = "; ".join((answer.document.status, *answer.document.messages))
            return f"the status document of {answer.name} says {said}"
        return None

    def _is_since(self, answer: HttpState) -> bool:
        return answer.seen_at is not None and answer.seen_at > self._pid_seen_at

    @staticmethod
    def _entry(node: NodeState, name: str | None) -> HttpState | None:
        return next((answer for answer in node.http if answer.name == name), None)

    def too_late(self, node: NodeState) -> Verdict:
        """Unverified where it was not seen, failed where it was and is not so."""
        unseen = self.unseen(node)
        service = self.fresh(node)
        if unseen is not None or service is None:
            return unseen or self.unverified("the probe has not shown it since")
        if self.pid is None:
            if service.state in COMING and service.pid is not None:
                return self.failed(f"pid {service.pid} is the same as before", service)
            return self.failed(words(service), service)
        if self._running_since is None:
            return self.unverified(f"pid {self.pid} is still {service.state}")
        missing = self._missing(node)
        if missing is not None and missing.endswith(_NOT_ASKED):
            return self.unverified(f"pid {self.pid} is RUNNING; {missing}")
        if missing is not None:
            return self.failed(f"pid {self.pid} is RUNNING, but {missing}", service)
        return self.unverified(f"pid {self.pid} was not seen RUNNING for {self.step.hold_seconds:g} s")
