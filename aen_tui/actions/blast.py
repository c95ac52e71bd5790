"""What a plan hits, in sentences for the card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.actions.app_counts import app_sentence
from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.actions.scene import Scene
from aen_tui.config.nodesets import fold
from aen_tui.model.node import NodeName, Role
from aen_tui.model.plans import ActionName, Target
from aen_tui.services import services

_GENTLE = {
    ActionName.RELOAD_NGINX: "open connections are kept; new workers take the new ones",
    ActionName.REREAD: "nothing is restarted; supervisord reads its configuration",
    ActionName.TRY_ACL: "nothing that runs; for a moment there is a folder more where projects are",
    ActionName.TRY_CLONE: "gigabytes are written and removed again, which takes minutes and busies the disk",
}
_SERVER = "nobody can log in or open a project; running notebooks go on"
_SERVICE_SENTENCES = {
    "wakari-server-root": _SERVER,
    "nginx": "the web interface cannot be reached while nginx is down",
    "mongod": "the whole installation loses its database: nobody can log in or open a project",
    "elasticsearch": "the search for projects and files finds nothing",
}
_WORKER = "background jobs of the server wait"


def blast_radius(scene: Scene, action: ActionName, targets: Sequence[Target]) -> tuple[str, ...]:
    """Sentences, the widest first; none twice."""
    if action in _GENTLE:
        return (_GENTLE[action],)
    if action is ActionName.START:
        return (_begins(targets),)
    found: list[str] = []
    if action is ActionName.UPDATE:
        found.append("programs whose configuration changed are restarted, new ones started, vanished ones stopped")
    if action is ActionName.RELOAD:
        found += [f"every program of {target.supervisor} on {target.node} goes down" for target in targets]
    found += _gateways(scene, _nodes(targets, Role.GATEWAY))
    found += _servers(scene, targets)
    found += _computes(scene, _nodes(targets, Role.COMPUTE))
    found += _whole_supervisords(targets)
    for node in dict.fromkeys(target.node for target in targets):
        if len(scene.inventory.nodes[node].roles) > 1:
            roles = ", ".join(role.value for role in scene.inventory.nodes[node].roles)
            found.append(f"{node} is {roles} in one")
    if action is ActionName.STOP and found:
        found.append("until it is started again")
    return tuple(dict.fromkeys(found))


def _begins(targets: Sequence[Target]) -> str:
    """What a start does: the rest of what is told here is what a stop does, and that is over."""
    where: dict[str, list[NodeName]] = {}
    for target in targets:
        name = f"{target.service} with all its programs" if _is_whole_supervisord(target) else target.service
        where.setdefault(name, []).append(target.node)
    return "nothing that runs; begins " + ", ".join(f"{name} on {fold(nodes)}" for name, nodes in where.items())


def _role(target: Target) -> Role | None:
    """The role that a target serves; None for nginx, the stores and what no service file names."""
    for service in services():
        if service.supervisor and target.supervisor == service.supervisor:
            return service.roles[0]
        if target.manager != SUPERVISOR and service.sysv == target.service and service.supervisor:
            return service.roles[0]
    return None


def _nodes(targets: Iterable[Target], role: Role) -> list[NodeName]:
    return list(dict.fromkeys(target.node for target in targets if _role(target) is role))


def _of_all(scene: Scene, hit: Sequence[NodeName], role: Role) -> str:
    total = sum(1 for spec in scene.inventory.nodes.values() if role in spec.roles)
    return f"{len(hit)} of {total} {role.value}s" if total > 1 else f"the only {role.value}"


def _gateways(scene: Scene, hit: Sequence[NodeName]) -> list[str]:
    if not hit:
        return []
    centers = [scene.inventory.nodes[node].data_center or str(node) for node in hit]
    which = f"data center {centers[0]}" if len(centers) == 1 else "data centers " + ", ".join(centers)
    return [f"{_of_all(scene, hit, Role.GATEWAY)}: users of {which} lose their notebooks' connection"]


def _computes(scene: Scene, hit: Sequence[NodeName]) -> list[str]:
    if not hit:
        return []
    where = str(hit[0]) if len(hit) == 1 else f"{len(hit)} nodes"
    count = app_sentence(scene.state, hit, scene.now)
    return [f"{_of_all(scene, hit, Role.COMPUTE)}: apps running on {where} may die; {count}"]


def _servers(scene: Scene, targets: Sequence[Target]) -> list[str]:
    found: list[str] = []
    for target in targets:
        if target.manager != SUPERVISOR and target.service in _SERVICE_SENTENCES:
            found.append(_SERVICE_SENTENCES[target.service])
        elif _role(target) is Role.SERVER:
            if target.manager == SUPERVISOR and "worker" in target.service:
                found.append(_WORKER)
            else:
                found.append(f"{_of_all(scene, [target.node], Role.SERVER)}: {_SERVER}")
    return found


def _whole_supervisords(targets: Sequence[Target]) -> list[str]:
    return [
        f"the supervisord of {target.service} on {target.node} goes down with all its programs"
        for target in targets
        if _is_whole_supervisord(target)
    ]


def _is_whole_supervisord(target: Target) -> bool:
    return target.manager != SUPERVISOR and any(service.supervisor == target.service for service in services())
