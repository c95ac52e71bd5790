"""Elasticsearch does not answer: its service that does not run is the same trouble; only the search needs it."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "elasticsearch-answers"):
            yield cause_of(root, scene.services(node, lambda one: one.name == "elasticsearch"))


CAUSE = Rule("elasticsearch-answers", _find)
