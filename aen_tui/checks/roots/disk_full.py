"""A filesystem that is full or read-only: logs end, programs give up, stores stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of, finding_trouble
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.severity import Severity

_FOLLOWS = (
    "log-readable",
    "mongod-answers",
    "mongo-journal-space",
    "elasticsearch-answers",
    "elasticsearch-disk",
    "elasticsearch-health",
)
_GIVES_UP = ("BACKOFF", "FATAL", "EXITED")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for one in scene.findings.get(node.name, ()):
            if one.check == "disk-free" and one.severity is Severity.CRITICAL and not _is_of_projects(node, one):
                yield cause_of(finding_trouble(node.name, one), _follows(scene, node, one))


def _is_of_projects(node: NodeState, finding: Finding) -> bool:
    """A filesystem of its own for projects, full: users suffer, and no program of AEN's ends."""
    return finding.message.startswith(f"{node.spec.projects_root}:")


def _follows(scene: Scene, node: NodeState, full: Finding) -> Iterator[Trouble]:
    yield from scene.told(node.name, *_FOLLOWS)
    for one in scene.findings.get(node.name, ()):  # what is full says that it fills, too
        if one.check == "disk-filling" and one.subject == full.subject:
            yield finding_trouble(node.name, one)
    yield from scene.services(node, _gave_up)


def _gave_up(service: ServiceState) -> bool:
    return service.state in _GIVES_UP


CAUSE = Rule("disk-free", _find)
