"""Facts -> severity and findings; pure: no I/O, no clock of its own. One check a file, exporting `CHECK`.

A check sees one node. It says nothing where all is well; preflight, which lists what passed too, is
another matter. `rate` is the one entry: it gives every service and answer its severity and the node
its findings and its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from aen_tui.model.facts import Finding, HttpState, LinkState, NodeState, ServiceState
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.severity import Severity, worst
from aen_tui.model.shelf import shelved
from aen_tui.model.stores import DAEMONS
from aen_tui.services import weight_of

Rated = TypeVar("Rated", ServiceState, HttpState)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with a stable id."""

    id: str
    evaluate: Callable[[NodeState], Iterable[Finding]]
    passed: str | Callable[[NodeState], str | Finding]
    """What preflight, which lists what passed too, says where it finds nothing; of the node where that differs.

    A finding where it could not look: that is no pass, and not worth more than what says why it could not.
    """
    seed: str | None = None
    covers: tuple[str, ...] = ()
    """Words of the seeds that it looks after (services/__init__.py says how), for `info --coverage`."""
    roles: tuple[Role, ...] = ()
    """Whom it concerns; empty: every node."""
    store: str | None = None
    """The store that it is about (mongodb, elasticsearch): it concerns the node that carries one."""
    weight: int = 25
    """How much goes wrong by it, as `Service.weight` counts; of a store's checks its daemon's holds."""
    after_reboot: bool = False
    """Whether it is about what a reboot left behind: it concerns a node that was asked after one."""

    def passed_by(self, node: NodeState) -> Finding:
        """What is said of a node where it finds nothing."""
        words = self.passed if isinstance(self.passed, str) else self.passed(node)
        return words if isinstance(words, Finding) else Finding(self.id, Severity.OK, words, seed=self.seed)

    def concerns(self, node: NodeState) -> bool:
        """Whether it is worth saying of a node that this was looked at."""
        if self.after_reboot and (node.reboot is None or node.reboot.facts is None):
            return False
        if self.store is not None:
            store = node.stores.get(self.store)
            return store is not None and store.state == "up"
        return not self.roles or any(role in node.spec.roles for role in self.roles)


@cache
def checks() -> tuple[Check, ...]:
    """Every check of the shelf.

    Raises:
        TypeError: a file of the shelf exports none.
    """
    return tuple(shelved(__name__, "CHECK", Check))


@cache
def _evaluated(*, has_stores: bool, was_rebooted: bool) -> tuple[Check, ...]:
    """The checks that may find something: most of the shelf is about what most nodes do not have."""
    return tuple(
        check for check in checks() if (has_stores or check.store is None) and (was_rebooted or not check.after_reboot)
    )


_NOT_SHELVED = {"connection": 60, "http": 35}
"""What is said of a node that no file of the shelf says."""


@cache
def _weights() -> dict[str, int]:
    return _NOT_SHELVED | {
        one.id: weight_of(DAEMONS[one.store]) if one.store is not None else one.weight for one in checks()
    }


def finding_weight(finding: Finding) -> int:
    """How much goes wrong by what was found; a program that does not run weighs what the program does."""
    if finding.check == "program-state":
        return weight_of(finding.subject)
    return _weights().get(finding.check, 0)


def or_auto(spec: NodeSpec) -> str:
    """The end of a remedy: sudo, where nothing is read under it yet."""
    return "" if spec.become.reads else ', or set become = "auto"'


def graver_first(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first; of these what stands for itself, of these what weighs most."""
    return sorted(findings, key=lambda one: (-one.severity, one.explained_by is not None, -finding_weight(one)))


def worse_first(services: Iterable[ServiceState]) -> list[ServiceState]:
    """The worst first; of these the one without which most goes wrong."""
    return sorted(services, key=lambda one: (-one.severity, -weight_of(one.name)))


_SERVICE_SEVERITY = {
    "RUNNING": Severity.OK,
    "STARTING": Severity.OK,
    "STOPPING": Severity.WARNING,
    "STOPPED": Severity.WARNING,
    "EXITED": Severity.WARNING,
    "BACKOFF": Severity.CRITICAL,
    "FATAL": Severity.CRITICAL,
    "absent": Severity.OK,
}


def service_severity(service: ServiceState) -> Severity:
    """FATAL, BACKOFF critical; STOPPED, EXITED warning; what may not be seen unknown; absent ok."""
    return _SERVICE_SEVERITY.get(service.state, Severity.UNKNOWN)


def http_severity(answer: HttpState) -> Severity:
    """A dead port, a 5xx or a document that is not ok is critical; any other answer means alive (aen.md 7)."""
    if answer.seen_at is None:
        return Severity.UNKNOWN
    if answer.error is not None or answer.status_code is None or answer.status_code >= 500:
        return Severity.CRITICAL
    if answer.document is not None and (answer.document.status != "ok" or answer.document.messages):
        return Severity.CRITICAL
    return Severity.OK


def rate(node: NodeState) -> NodeState:
    """The node with every severity set; called once a change, for the changed node only."""
    services, http = _severe(node.services, service_severity), _severe(node.http, http_severity)
    if services is not node.services or http is not node.http:
        node = replace(node, services=services, http=http)
    asked = _evaluated(has_stores=bool(node.stores), was_rebooted=node.reboot is not None)
    planned = node.planned
    if planned is None:
        findings = tuple(finding for check in asked for finding in check.evaluate(node))
        return _with(node, findings, _severity(node, findings))
    counted = _counted(node, planned)
    findings = tuple(
        finding
        for check in asked
        if check.store is None or planned.is_whole or not planned.covers_store(check.store)
        for finding in check.evaluate(counted)
    )
    severity = Severity.OK if planned.is_whole else _severity(counted, findings)
    return _with(node, (_announced(planned), *findings), severity)


def _severe(rated: tuple[Rated, ...], severity_of: Callable[[Rated], Severity]) -> tuple[Rated, ...]:
    """Each with its severity; the same object where all have theirs."""
    if all(one.severity is severity_of(one) for one in rated):
        return rated
    return tuple(replace(one, severity=severity_of(one)) for one in rated)


def _with(node: NodeState, findings: tuple[Finding, ...], severity: Severity) -> NodeState:
    if not findings and not node.findings and node.severity is severity:
        return node
    return replace(node, findings=findings, severity=severity)


def _severity(node: NodeState, findings: Iterable[Finding]) -> Severity:
    severity = worst(
        [
            *(service.severity for service in node.services),
            *(answer.severity for answer in node.http),
            *(finding.severity for finding in findings),
        ]
    )
    link = node.connection.state
    if link is LinkState.CONNECTING:
        return max(severity, Severity.UNKNOWN)
    return severity if link is LinkState.UP else Severity.CRITICAL


def _counted(node: NodeState, planned: Planned) -> NodeState:
    """What of a node counts while some of its services are under maintenance."""
    if planned.is_whole:
        return node
    return replace(
        node,
        services=tuple(one for one in node.services if not planned.covers(one.name, one.supervisor)),
        http=tuple(answer for answer in node.http if not planned.covers_answer(answer.name)),
    )


def _announced(planned: Planned) -> Finding:
    what = "the node" if planned.is_whole else ", ".join(sorted(planned.services))
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(planned.until))
    message = f"planned until {until}: {what} is not counted in the severity ({planned.reason})"
    return Finding("maintenance", Severity.OK, message, "`:maintenance TARGET off` ends it")
