"""Which changes of a node are drawn at once, and which wait for the next second."""

from __future__ import annotations

from aen_tui.model.facts import NodeState


def is_urgent(before: NodeState, after: NodeState) -> bool:
    """Whether a change is more than figures that moved: then it is drawn at once."""
    if before is after:
        return False
    if before.severity is not after.severity or before.complete is not after.complete:
        return True
    if (before.explained_by, before.explains, before.follows) != (after.explained_by, after.explains, after.follows):
        return True
    if before.planned is not after.planned or before.last_problem is not after.last_problem:
        return True
    was, now = before.connection, after.connection
    if was is not now and (was.state, was.phase, was.error) != (now.state, now.phase, now.error):
        return True
    if before.services is not after.services and _words(before) != _words(after):
        return True
    return [one.severity for one in before.http] != [one.severity for one in after.http]


def _words(node: NodeState) -> list[tuple[str, str, int | None]]:
    return [(one.name, one.state, one.pid) for one in node.services]
