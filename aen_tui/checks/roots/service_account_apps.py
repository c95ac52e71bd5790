"""What the service account starts in a project goes past start-project, which sets owner and permissions (seed 002)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import NodeState

_RUNS = re.compile(r" runs \d+ processes in (.+) \(pid [\d ]+\)$")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "service-account-apps"):
            place = _RUNS.search(root.words)
            if place and place.group(1).startswith(f"{node.spec.projects_root}/"):
                yield cause_of(root, _follows(scene, node, place.group(1).removeprefix(f"{node.spec.projects_root}/")))


def _follows(scene: Scene, node: NodeState, project: str) -> Iterator[Trouble]:
    """What is said of the folder of that project alone."""
    for one in scene.told(node.name, "project-folder"):
        if one.words.startswith("1 projects ") and one.words.endswith(f": {project}"):
            yield one


CAUSE = Rule("service-account-apps", _find)
