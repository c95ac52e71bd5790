"""The step that restart, start and stop have in common: one program, or one SysV service."""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.actions.commands import refuse_bad_program, supervisorctl, sysv
from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.actions.scene import Scene, find_service, known
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import HttpState, NodeState, ServiceState
from aen_tui.model.plans import ActionName, Proof, Step, Target
from aen_tui.model.stores import DAEMONS
from aen_tui.services import Service, services

NOT_RUNNING = frozenset({"STOPPED", "EXITED", "FATAL"})
"""What supervisor answers `stop` with "not running"."""

_HOLLOW = "active (exited)"
"""Of `systemctl status`: the start script ended with 0 once, and nothing of it runs."""

HOLD_SECONDS = 3.0
"""A new process is seen RUNNING for at least this long."""

PROGRAM_SECONDS = 180.0
"""A stop may take stopwaitsecs (90 s and more are in use), a start startsecs; the files may say more."""
MARGIN_SECONDS = 60.0
"""Beyond what supervisor itself waits for."""
MONGOD = "mongod"
MONGOD_SECONDS = 330.0
"""mongod flushes before it leaves; its own scripts wait this long, and it is never killed here."""


def service_step(scene: Scene, action: ActionName, target: Target) -> Step:
    """`restart`, `start` or `stop` of one target.

    Raises:
        PlanRefusedError: nothing could be done, or it may not be.
    """
    node = scene.node(target)
    service = find_service(node, target)
    before = known(node, target)
    refuse_without_effect(action, target, before.state, before.pid)
    verb, note = action.value, ""
    if action is ActionName.START and service is not None and is_hollow(service):
        verb = ActionName.RESTART.value
        note = f"systemd says active (exited): {target.service} has no process, and `start` would do nothing: restart"
    proof_argv: tuple[str, ...] = ()
    if target.manager == SUPERVISOR:
        refuse_bad_program(target.service)
        if before.state == "unknown":
            proof_argv = supervisorctl(node, target, "status", target.service).argv
        command = supervisorctl(node, target, action.value, target.service)
    else:
        command = sysv(scene, node, target.service, verb)
    is_stop = action is ActionName.STOP
    answer = None if is_stop else _answer(node, target)
    hold = max((service.startsecs if service else None) or 0.0, HOLD_SECONDS)
    expect = "its pid is gone" if is_stop else f"a new pid, RUNNING for {hold:g} s"
    if answer is not None:
        expect += f", {answer.url} answers"
    if target.service == MONGOD:
        expect += f", within {MONGOD_SECONDS:g} s; it is never killed"
    port = None if is_stop else _listening(node, target)
    if port is not None:
        expect += f", something listens on port {port}"
    store = None if is_stop or port is not None else _store(node, target)
    if store is not None:
        expect += f", {store} answers on {node.stores[store].address}"
    document = None if is_stop else _document(node, target)
    if document is not None:
        expect += ", status document ok"
    return Step(
        action=action,
        target=target,
        argv=command.argv,
        user=command.user,
        sudo=command.sudo,
        before=before,
        expect=expect,
        port=port_of(answer.url) if answer is not None else None,
        deadline_seconds=_deadline(target, service),
        hold_seconds=hold,
        proof=Proof.PID_GONE if is_stop else Proof.NEW_PID,
        answers=answer.name if answer is not None else None,
        answers_url=answer.url if answer is not None else None,
        asked_on=answer.asked_on if answer is not None else None,
        listens=port,
        store=store,
        document=document.name if document is not None else None,
        not_asked=() if is_stop else _not_asked(node, target, answer, document),
        proof_argv=proof_argv,
        note=note,
        is_hollow=service is not None and is_hollow(service),
    )


def is_hollow(service: ServiceState) -> bool:
    """Whether systemd calls a wrapped script active that left no process behind (EL7)."""
    return service.manager != SUPERVISOR and service.pid is None and _HOLLOW in service.description


def _deadline(target: Target, service: ServiceState | None) -> float:
    if target.service == MONGOD:
        return MONGOD_SECONDS
    waits = ((service.startsecs or 0.0) + (service.stopwaitsecs or 0.0)) if service is not None else 0.0
    return max(PROGRAM_SECONDS, waits + MARGIN_SECONDS)


def refuse_without_effect(action: ActionName, target: Target, state: str, pid: int | None) -> None:
    """Refuse to start what runs and to stop what does not.

    Raises:
        PlanRefusedError: it is as it would be afterwards.
    """
    name = f"{target.node}/{target.service}"
    if action is ActionName.START and state in ("RUNNING", "STARTING"):
        raise PlanRefusedError(f"{name} is {state} already, pid {pid}", node=target.node, hint="restart it instead")
    if action is ActionName.START and state == "BACKOFF":
        raise PlanRefusedError(
            f"{name} is BACKOFF: supervisor starts it again by itself", node=target.node, hint="restart it instead"
        )
    if action is ActionName.STOP and state in NOT_RUNNING:
        raise PlanRefusedError(f"{name} is {state} already", node=target.node)
    if state == "absent":
        raise PlanRefusedError(f"{name} is not installed", node=target.node)


def _answer(node: NodeState, target: Target) -> HttpState | None:
    """The URL that shows that the service answers; None where there is none, or none that ever answered."""
    name = _http_name(target)
    for answer in node.http:
        if answer.name == name and answer.has_answered:
            return answer
    return None


def _listening(node: NodeState, target: Target) -> int | None:
    """The port that the service's daemon listened on; None where it has none, or nothing was ever seen there."""
    port = _own_port(target)
    seen = node.ports.get(port) if port is not None else None
    return port if seen is not None and seen.has_listened else None


def _store(node: NodeState, target: Target) -> str | None:
    """The store that the service is, where it has answered: its port may listen where nobody looks."""
    return next(
        (name for name, state in node.stores.items() if _is_store(name, target) and state.answered_at is not None), None
    )


def _is_store(name: str, target: Target) -> bool:
    return target.manager != SUPERVISOR and target.service == DAEMONS.get(name)


def _own_port(target: Target) -> int | None:
    if target.manager == SUPERVISOR:
        return None
    return next((service.port for service in services() if service.sysv == target.service), None)


def _document(node: NodeState, target: Target) -> HttpState | None:
    """The entry whose status document stands for the service's role; None where there is none, or it was not ok."""
    for answer in node.http:
        said = answer.last_document
        if answer.name in _names_of_role(target) and said is not None and said.status == "ok":
            return answer
    return None


def _not_asked(
    node: NodeState, target: Target, answer: HttpState | None, document: HttpState | None
) -> tuple[str, ...]:
    """What belongs to the service and never held here: no failed gate, and no proof either."""
    found: list[str] = []
    for one in node.http:
        if answer is None and one.name == _http_name(target):
            found.append(f"{one.url}: it was not seen to answer")
        said = one.last_document
        if document is None and said is not None and one.name in _names_of_role(target):
            found.append(f"status document of {one.name}: it was {said.status} before")
    port = _own_port(target)
    if port is not None and _listening(node, target) is None and _store(node, target) is None:
        found.append(f"port {port}: nothing was seen to listen there")
    return tuple(found)


def _names_of_role(target: Target) -> frozenset[str]:
    """Names of the `http` entries that carry the status document of the role that the service stands for."""
    for service in services():
        if service.supervisor is not None and service.supervisor in (target.supervisor, target.service):
            return frozenset(role.value for role in service.roles)
    return frozenset({"server"}) if target.service == "nginx" else frozenset()


def _http_name(target: Target) -> str | None:
    if target.manager != SUPERVISOR and target.service == "nginx":
        return "server"
    for service in services():
        if target.manager == SUPERVISOR and service.supervisor == target.supervisor:
            names = (target.service, target.service.partition(":")[0], target.service.rpartition(":")[2])
            return next((service.program_ports[name][0] for name in names if name in service.program_ports), None)
        if target.manager != SUPERVISOR and service.sysv == target.service:
            ports = service.program_ports or _ports_of_the_same(service)
            return next((word for word, _ in ports.values()), None)
    return None


def _ports_of_the_same(service: Service) -> Mapping[str, tuple[str, int]]:
    """Of AEN's supervised service of that role, where a script of AEN's own runs its program without supervisor."""
    if not service.name.startswith("wakari-"):
        return {}
    return next((one.program_ports for one in services() if one.supervisor and one.roles == service.roles), {})


def port_of(url: str) -> int | None:
    """The port of `http://host:port/path`; None where it names none (`unix:/path`)."""
    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].rpartition(":")
    if host and port.isdigit():
        return int(port)
    return {"http": 80, "https": 443}.get(scheme) if rest else None
