"""A program that does not run: its URL is dead, and so is what stands before it (seed 002)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import HttpState, NodeState, ServiceState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_TOLD_OF = {"server": ("server-page",), "gateway": ("status-document",)}
"""URL -> what is found of what it shows."""
_SERVES = {"wk-server": ("server", "wk-server"), "nginx": ("server",)}
_FRONT = {"server": "nginx"}
"""Who takes a URL's connections; what stands behind it makes no port refuse."""
_SUPERVISORS = {
    "wakari-server": (),
    "wakari-server-root": ("server", "wk-server"),
    "wakari-gateway": ("gateway",),
    "wakari-compute": ("compute",),
}
"""Names of programs differ; whose supervisord they belong to does not."""
DOWN = ("STOPPED", "EXITED", "FATAL", "BACKOFF", "STOPPING")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for service in node.services:
            if service.state in DOWN and service.severity >= Severity.WARNING:
                yield cause_of(scene.program_finding(node, service), _follows(scene, node, service))


def _follows(scene: Scene, node: NodeState, service: ServiceState) -> Iterator[Trouble]:
    yield from scene.services(node, lambda one: one is service)
    is_daemon = service.manager == "sysv" and service.name in _SUPERVISORS
    if is_daemon:
        yield from scene.told(node.name, "supervisor-readable")
        yield from scene.services(node, lambda one: one.supervisor == service.name)
    urls = served_by(service)
    if not urls:
        return
    yield from scene.answers(node, *urls, wanted=partial(explains, service))
    yield from told_of(scene, node, urls)
    if Role.COMPUTE in node.spec.roles:
        yield from scene.documents_about(node)


def told_of(scene: Scene, node: NodeState, urls: Iterable[str]) -> Iterator[Trouble]:
    """What is found of URLs that are dead; a node may serve others beside them."""
    yield from scene.told(node.name, "ports-listening", *(check for url in urls for check in _TOLD_OF.get(url, ())))
    if "server" in urls:
        yield from unseen_license(scene, node)


def unseen_license(scene: Scene, node: NodeState) -> Iterator[Trouble]:
    """That nobody sees whether there is a license; one that is missing or expired is so whoever serves the page."""
    yield from (one for one in scene.not_known(node.name) if one.name == "license")


def served_by(service: ServiceState) -> tuple[str, ...]:
    """Names of the URLs that are dead without a service."""
    if service.manager == "sysv" and service.name == "wakari-server":
        return _SERVES["wk-server"]
    return _SERVES.get(service.name) or _SUPERVISORS.get(service.supervisor or service.name, ())


def is_refused(answer: HttpState) -> bool:
    """Whether nothing took the connection."""
    return answer.status_code is None and "refused" in (answer.error or "").lower()


def explains(service: ServiceState, answer: HttpState) -> bool:
    """Whether an answer can be as it is because a service is down."""
    is_front = _FRONT.get(answer.name, service.name) == service.name
    return answer.name in served_by(service) and (is_front or not is_refused(answer))


CAUSE = Rule("program-state", _find)
