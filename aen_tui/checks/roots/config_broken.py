"""A configuration that cannot be read: what is in it is not known, and its program gives up (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.severity import Severity

_ROOTS = ("config-owner", "config-syntax")
_HIDDEN = (
    "config-merge",
    "anon-user",
    "anon-user-file",
    "gateway-registered",
    "install-name",
    "separate-ports",
    "project-sources",
    "project-root",
    "pam-accounts",
)
_GIVES_UP = ("BACKOFF", "FATAL", "EXITED")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, *_ROOTS):
            if root.name == "config-owner" and root.severity is Severity.UNKNOWN:
                continue  # of an owner that is not known nothing follows
            yield cause_of(root, _follows(scene, node, root))


def _follows(scene: Scene, node: NodeState, root: Trouble) -> Iterator[Trouble]:
    for one in scene.told(node.name, *_HIDDEN):
        if one.severity < root.severity or one.name == "config-merge":  # what is unknown because the file is
            yield one
    yield from scene.services(node, _gave_up)


def _gave_up(service: ServiceState) -> bool:
    return service.manager == "supervisor" and service.state in _GIVES_UP


CAUSE = Rule("config-broken", _find)
