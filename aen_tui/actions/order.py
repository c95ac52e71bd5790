"""The whole installation, or some of its nodes, in the order of dependence.

Stop computes, gateways, nginx, wakari-server, then start in the reverse order (ops 28); elasticsearch and mongod
go down last and come up first, and only where somebody named them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aen_tui.actions.planning import make_plan, plan_of
from aen_tui.actions.resolve import SUPERVISOR, SYSV
from aen_tui.actions.rolling import assemble, batches_of, check_settings
from aen_tui.actions.scene import Scene, find_service, known
from aen_tui.actions.supervised import refuse_without_effect
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Step, Target
from aen_tui.model.rolling import Batch, RollingPlan
from aen_tui.services import Service, services

EVERYTHING = "everything"
"""SERVICE of a target that means AEN's own services of those nodes, in their order."""
_ORDER = (("computes", "wakari-compute"), ("gateways", "wakari-gateway"), ("nginx", "nginx"),
          ("server", "wakari-server"), ("elasticsearch", "elasticsearch"), ("mongod", "mongod"))  # fmt: skip
"""What goes down first stands first."""
ONLY_NAMED = frozenset({"elasticsearch", "mongod"})
_ACTIONS = {
    ActionName.RESTART: (ActionName.STOP, ActionName.START),
    ActionName.STOP: (ActionName.STOP,),
    ActionName.START: (ActionName.START,),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Services of one kind, on all their nodes."""

    action: ActionName
    label: str
    """`stop computes`."""
    targets: tuple[Target, ...]

    @property
    def is_nginx_start(self) -> bool:
        """Whether nginx comes up with it."""
        return self.action is ActionName.START and any(target.service == "nginx" for target in self.targets)


def make_whole_plan(
    scene: Scene,
    name: ActionName,
    nodes: Sequence[NodeName],
    settings: RollingSettings,
    *,
    plan_id: str,
    also: Sequence[Target] = (),
) -> RollingPlan:
    """Stop, start or restart everything on some nodes; a stage is over before the next begins.

    Args:
        scene: what is known.
        name: restart, start or stop.
        nodes: whose services are meant.
        settings: how many nodes of a stage at once; there is no canary.
        plan_id: the job's id.
        also: mongod and elasticsearch, where they are meant.

    Raises:
        PlanRefusedError: another action, something else named beside it, nothing that could be done.
    """
    if name not in _ACTIONS:
        raise PlanRefusedError(f"{name.value} cannot be done to {EVERYTHING}", hint="restart, stop or start can")
    check_settings(settings)
    if settings.idle_only:
        raise PlanRefusedError("the whole installation goes down with what runs on it", hint="without --idle-only")
    wrong = [target for target in also if target.service not in ONLY_NAMED]
    if wrong:
        raise PlanRefusedError(
            f"{wrong[0].node}/{wrong[0].service} beside {EVERYTHING}",
            hint=f"only {' and '.join(sorted(ONLY_NAMED))} are named beside it",
        )
    down, missing = _stages(scene, nodes, also)
    stages = [
        replace(stage, action=action, label=f"{action.value} {stage.label}")
        for action in _ACTIONS[name]
        for stage in (down if action is ActionName.STOP else list(reversed(down)))
    ]
    return _planned(scene, name, stages, settings, plan_id, [*missing, *_unnamed(also)])


def _planned(
    scene: Scene, name: ActionName, stages: Sequence[Stage], settings: RollingSettings, plan_id: str, notes: list[str]
) -> RollingPlan:
    chunks: list[tuple[str, list[Step]]] = []
    follows: list[bool] = []
    hits: dict[str, None] = {}
    for stage in stages:
        is_after_stop = name is ActionName.RESTART and stage.action is ActionName.START
        at = _before_nginx(after_stop(scene, stage.targets), stages, stage) if is_after_stop else scene
        plan = _stage_plan(at, stage, plan_id, notes)
        if plan is None:
            continue
        hits |= dict.fromkeys(sentence for sentence in plan.blast_radius if not is_after_stop)
        for _, steps in batches_of(plan.steps, scene.inventory, replace(settings, canary=0)):
            chunks.append((stage.label, steps))
            follows.append(is_after_stop)
    steps = [step for _, members in chunks for step in members]
    if not steps:
        raise PlanRefusedError("; ".join(notes) or "nothing of AEN is known there", hint="see `aen-tui status`")
    whole = plan_of(scene, name, plan_id, steps, hits)
    rolling = assemble(whole, steps, chunks, replace(settings, canary=0), scene, notes)
    return replace(rolling, batches=tuple(map(_gated, rolling.batches, follows)))


def _gated(batch: Batch, follows: bool) -> Batch:
    return replace(batch, follows=follows, settles=not batch.label.startswith(ActionName.STOP.value))


def _stage_plan(scene: Scene, stage: Stage, plan_id: str, notes: list[str]) -> Plan | None:
    """The stage as an ordinary plan; None where everything in it is as wanted already, which `notes` is told."""
    targets: list[Target] = []
    for target in stage.targets:
        before = known(scene.node(target), target)
        try:
            refuse_without_effect(stage.action, target, before.state, before.pid)
        except PlanRefusedError as error:
            notes.append(f"{error.message}: left as it is")
        else:
            targets.append(target)
    return make_plan(scene, stage.action, targets, plan_id=plan_id) if targets else None


def _stages(scene: Scene, nodes: Sequence[NodeName], also: Sequence[Target]) -> tuple[list[Stage], list[str]]:
    """What there is, in the order in which it goes down; and what should be there and is not known."""
    found: list[Stage] = []
    missing: list[str] = []
    by_name = {service.name: service for service in services()}
    for label, word in _ORDER:
        targets: list[Target] = []
        if word in ONLY_NAMED:
            targets = [target for target in also if target.service == word]
        else:
            for node in nodes:
                ours = _targets(scene.state.nodes[node], by_name[word])
                targets += ours or []
                if ours is None:
                    missing.append(f"no {word} is known on {node}")
        if targets:
            found.append(Stage(ActionName.STOP, label, tuple(dict.fromkeys(targets))))
    return found, missing


def _targets(node: NodeState, service: Service) -> list[Target] | None:
    """The SysV service, or where there is none the programs of its supervisord; None where neither is known."""
    if not set(service.roles) & set(node.spec.roles):
        return []
    for one in node.services:
        if (one.manager, one.name) == (SYSV, service.sysv) and one.state != "absent":
            return [Target(node.name, service.sysv, SYSV)]
    programs = [
        Target(node.name, one.name, SUPERVISOR, one.supervisor)
        for one in node.services
        if one.manager == SUPERVISOR and service.supervisor and one.supervisor == service.supervisor
        if not (one.state == "unknown" and one.name == one.supervisor)
    ]
    return programs or None


def after_stop(scene: Scene, targets: Sequence[Target]) -> Scene:
    """The scene as it will be once the targets were stopped."""
    nodes = dict(scene.state.nodes)
    for target in targets:
        node = nodes[target.node]
        now = find_service(node, target)
        if now is not None:
            nodes[target.node] = replace(
                node, services=tuple(_stopped(one) if one is now else one for one in node.services)
            )
    return replace(scene, state=replace(scene.state, nodes=nodes))


def _before_nginx(scene: Scene, stages: Sequence[Stage], stage: Stage) -> Scene:
    """The scene in which the server's own URL does not answer, as long as nginx, its way in, is not up again."""
    later = {target.node for one in stages[stages.index(stage) + 1 :] for target in one.targets if one.is_nginx_start}
    nodes = dict(scene.state.nodes)
    for name in later:
        http = tuple(
            replace(one, status_code=None, document=None) if one.name == "server" else one for one in nodes[name].http
        )
        nodes[name] = replace(nodes[name], http=http)
    return replace(scene, state=replace(scene.state, nodes=nodes))


def _stopped(service: ServiceState) -> ServiceState:
    if service.state == "unknown":
        return service
    return replace(service, state="STOPPED", pid=None, started_at=None, uptime_seconds=None)


def _unnamed(also: Sequence[Target]) -> list[str]:
    left = sorted(ONLY_NAMED - {target.service for target in also})
    return [f"{' and '.join(left)} stay as they are; name them to include them"] if left else []
