"""Root causes: which trouble explains which, one rule a file, exporting `CAUSE`; pure, over the whole installation.

A rule says what follows from one trouble. What follows is still true and still counts in the severity, so the worst
severity stays as it is; it is only told once, and shown folded under its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from aen_tui.model.causes import Cause, Part, Trouble
from aen_tui.model.facts import ClusterState, Finding, HttpState, LinkState, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.shelf import shelved

Found = Mapping[NodeName, Sequence[Finding]]


@dataclass(frozen=True)
class Scene:
    """What a rule looks at."""

    state: ClusterState
    findings: Found

    @cached_property
    def bad(self) -> tuple[NodeState, ...]:
        """Nodes of which anything is not well."""
        return tuple(node for node in self.state.nodes.values() if self._is_bad(node))

    def _is_bad(self, node: NodeState) -> bool:
        return node.severity is not Severity.OK or any(
            one.severity is not Severity.OK for one in self.findings.get(node.name, ())
        )

    @cached_property
    def carried(self) -> Mapping[NodeName, Sequence[NodeState]]:
        """Lost nodes, by what carries their connection."""
        found: dict[NodeName, list[NodeState]] = {}
        for node in self.bad:
            if is_lost(node) and node.connection.via is not None:
                found.setdefault(node.connection.via, []).append(node)
        return found

    @cached_property
    def asked(self) -> Mapping[NodeName, Sequence[tuple[NodeState, HttpState]]]:
        """Answers that are not well, by the node that asks."""
        found: dict[NodeName, list[tuple[NodeState, HttpState]]] = {}
        for node in self.bad:
            for answer in node.http:
                if answer.severity is not Severity.OK:
                    found.setdefault(answer.asked_on, []).append((node, answer))
        return found

    def told(self, node: NodeName, *checks: str) -> Iterator[Trouble]:
        """A node's findings of some checks that are not ok."""
        for one in self.findings.get(node, ()):
            if one.check in checks and one.severity is not Severity.OK:
                yield finding_trouble(node, one)

    def not_known(self, node: NodeName) -> Iterator[Trouble]:
        """All that is not known of a node."""
        for one in self.findings.get(node, ()):
            if one.severity is Severity.UNKNOWN:
                yield finding_trouble(node, one)

    def services(self, node: NodeState, wanted: Callable[[ServiceState], bool]) -> Iterator[Trouble]:
        """Services that are not well, and what is found of them."""
        for one in node.services:
            if one.severity is not Severity.OK and wanted(one):
                yield service_trouble(node.name, one)
                yield from self._told_of(node.name, one)

    def _told_of(self, node: NodeName, service: ServiceState) -> Iterator[Trouble]:
        for trouble in self.told(node, "program-state"):
            if trouble.words.startswith(f"{service.name} is "):
                yield trouble

    def program_finding(self, node: NodeState, service: ServiceState) -> Trouble:
        """The finding that tells a service's state, or the service where none does."""
        return next(self._told_of(node.name, service), service_trouble(node.name, service))

    def answers(
        self, node: NodeState, *names: str, wanted: Callable[[HttpState], bool] = lambda _answer: True
    ) -> Iterator[Trouble]:
        """A node's URLs that are not well."""
        for answer in node.http:
            if answer.name in names and answer.severity is not Severity.OK and wanted(answer):
                yield http_trouble(node.name, answer)

    def documents_about(self, node: NodeState) -> Iterator[Trouble]:
        """Data centers' documents that complain of this node and of nothing else."""
        for asker in self.bad:
            if asker.name == node.name:
                continue
            for answer in asker.http:
                messages = answer.document.messages if answer.document is not None else ()
                if messages and all(_names(message, node) for message in messages):
                    yield http_trouble(asker.name, answer)


def _names(message: str, node: NodeState) -> bool:
    """Whether words speak of a node: compute1-1 is not in `compute1-10`."""
    return any(
        not message[at + len(name) : at + len(name) + 1].isalnum()
        for name in (node.name, node.spec.host)
        if (at := message.find(name)) >= 0
    )


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What follows from one kind of trouble."""

    id: str
    find: Callable[[Scene], Iterable[Cause]]


def is_lost(node: NodeState) -> bool:
    """Whether its connection is a trouble."""
    return node.connection.state not in (LinkState.UP, LinkState.CONNECTING)


def connection_trouble(node: NodeState) -> Trouble:
    """The way to a node."""
    return Trouble(node.name, Part.CONNECTION)


def service_trouble(node: NodeName, service: ServiceState) -> Trouble:
    """A service that is not well."""
    return Trouble(node, Part.SERVICE, service.name, service.supervisor or "", service.severity)


def http_trouble(node: NodeName, answer: HttpState) -> Trouble:
    """A URL that is not well."""
    return Trouble(node, Part.HTTP, answer.name, severity=answer.severity)


def finding_trouble(node: NodeName, finding: Finding) -> Trouble:
    """Something that a check found."""
    return Trouble(node, Part.FINDING, finding.check, finding.message, finding.severity)


def cause_of(root: Trouble, explains: Iterable[Trouble], *, check: str = "", message: str = "") -> Cause:
    """A cause that is told by a finding, of a check of the trouble's name unless `check` says another."""
    others = tuple(one for one in dict.fromkeys(explains) if one != root)
    return Cause(root, check or root.name or root.part.value, message or root.words, others)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the shelf.

    Raises:
        TypeError: a file of the shelf exports none.
    """
    return tuple(shelved(__name__, "CAUSE", Rule))


def explain(state: ClusterState, findings: Found | None = None) -> tuple[Cause, ...]:
    """Every cause that explains something, in the shelf's order.

    Args:
        state: the installation at one moment.
        findings: by node; the live ones where None. Preflight has more.
    """
    scene = Scene(state, findings if findings is not None else {n: one.findings for n, one in state.nodes.items()})
    if not scene.bad:
        return ()
    return tuple(cause for rule in rules() for cause in rule.find(scene) if cause.explains)


def troubles(node: NodeState) -> Iterator[Trouble]:
    """Everything of a node that is not well."""
    if is_lost(node):
        yield connection_trouble(node)
    for service in node.services:
        if service.severity is not Severity.OK:
            yield service_trouble(node.name, service)
    for answer in node.http:
        if answer.severity is not Severity.OK:
            yield http_trouble(node.name, answer)
    for finding in node.findings:
        if finding.severity is not Severity.OK:
            yield finding_trouble(node.name, finding)
