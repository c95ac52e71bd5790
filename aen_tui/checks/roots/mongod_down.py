"""MongoDB does not answer: wk-server cannot work, nobody can log in (seed 000: it holds users, projects, all state)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.checks.roots.program_down import DOWN, explains, is_refused, served_by, unseen_license
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import HttpState, NodeState, ServiceState
from aen_tui.model.node import NodeName, Role

_STUCK = ("mongo-fsync-locked", "mongo-write-lock-held", "mongo-login")
_GIVES_UP = ("BACKOFF", "FATAL", "EXITED")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "mongod-answers"):
            yield cause_of(root, _follows(scene, node.name))
        for root in scene.told(node.name, *_STUCK):
            yield cause_of(root, unserved(scene))


def _follows(scene: Scene, carrier: NodeName) -> Iterator[Trouble]:
    yield from scene.services(scene.state.nodes[carrier], lambda one: one.name == "mongod")
    yield from scene.told(carrier, "mongodb-version", "mongo-version")
    yield from unserved(scene)


def unserved(scene: Scene) -> Iterator[Trouble]:
    """What users and the server's supervisord see without MongoDB; a program STOPPED was stopped by somebody.

    What a program of its own serves no more is laid at that one's door.
    """
    for node in scene.bad:
        if Role.SERVER not in node.spec.roles:
            continue
        yield from scene.services(node, _gave_up)
        yield from scene.answers(node, "server", "wk-server", wanted=partial(_is_without, node))
        if not _is_stopped(node, "server"):
            yield from scene.told(node.name, "server-page")
            yield from unseen_license(scene, node)


def _is_without(node: NodeState, answer: HttpState) -> bool:
    """Whether an answer is as it is for want of MongoDB: what refuses has a program that gave up without it."""
    down = [one for one in node.services if one.state in DOWN and explains(one, answer)]
    return all(_gave_up(one) for one in down) if down else not is_refused(answer)


def _is_stopped(node: NodeState, url: str) -> bool:
    """Whether a program that serves a URL is down, and not for want of MongoDB."""
    return any(one.state in DOWN and not _gave_up(one) and url in served_by(one) for one in node.services)


def _gave_up(service: ServiceState) -> bool:
    return service.supervisor == "wakari-server" and service.state in _GIVES_UP


CAUSE = Rule("mongod-answers", _find)
