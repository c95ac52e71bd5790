"""A node that is lost: what it carries is not reached, what it asks is not known, what it serves does not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of, connection_trouble, http_trouble, is_lost
from aen_tui.checks.roots.mongod_down import unserved
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_OF_THE_WAY = ("connection", "facts-current")
_STORES = ("mongod-answers", "elasticsearch-answers")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        if not is_lost(node):
            continue
        way = next(scene.told(node.name, "gateway-lost"), None)
        link = node.connection
        message = way.words if way is not None else f"{link.state.value}: {link.error or 'not answered yet'}"
        yield cause_of(connection_trouble(node), _follows(scene, node), message=message)


def _follows(scene: Scene, node: NodeState) -> Iterator[Trouble]:
    yield from scene.told(node.name, "facts-current", *_STORES)
    yield from scene.not_known(node.name)
    for carried in scene.carried.get(node.name, ()):
        yield connection_trouble(carried)
        yield from scene.told(carried.name, *_OF_THE_WAY)
    for other, answer in scene.asked.get(node.name, ()):
        yield http_trouble(other.name, answer)
    for answer in node.http:
        if answer.severity is not Severity.OK:
            yield http_trouble(node.name, answer)
    yield from scene.documents_about(node)
    if "mongodb" in node.stores and Role.SERVER not in node.spec.roles:
        yield from unserved(scene)


CAUSE = Rule("connection", _find)
