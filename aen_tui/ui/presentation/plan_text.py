"""What a card says of a plan: pure, from plan and state to words. Every string of a node is made visible here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content

from aen_tui.model.command import shell_line
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.plans import ActionName, Known, Plan, Risk, Step, Target
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.durations import ago, span

MUTED = "$text-muted"
VERBS: Mapping[ActionName, str] = {
    ActionName.RESTART: "restart",
    ActionName.START: "start",
    ActionName.STOP: "stop",
    ActionName.RELOAD_NGINX: "reload nginx",
    ActionName.REREAD: "reread the configuration",
    ActionName.UPDATE: "update to the configuration",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled part of a card or page."""

    label: str
    value: Content


def find_service(state: ClusterState, target: Target) -> ServiceState | None:
    """The service a target names, as it is known; None where it is not listed (any more)."""
    node = state.nodes.get(target.node)
    if node is None:
        return None
    for service in node.services:
        if (service.name, service.manager) == (target.service, target.manager) and (
            target.supervisor is None or service.supervisor == target.supervisor
        ):
            return service
    return None


def _pid(pid: int | None) -> str:
    return "no pid" if pid is None else f"pid {pid}"


def _names_several(target: Target) -> bool:
    return "*" in target.service or target.service == "all"


def changes(plan: Plan, state: ClusterState) -> list[str]:
    """What is not as it was when the plan was made: one sentence a target, none where all is the same."""
    out: list[str] = []
    for step in plan.steps:
        if _names_several(step.target):
            continue
        name = visible_line(f"{step.target.node}/{step.target.service}")
        was = f"{visible_line(step.before.state)}, {_pid(step.before.pid)}"
        service = find_service(state, step.target)
        if service is None:
            if step.before.pid is not None:
                out.append(f"{name} was {was}; it is not listed any more")
            continue
        if (service.state, service.pid) != (step.before.state, step.before.pid):
            out.append(f"{name} was {was}; it is {visible_line(service.state)}, {_pid(service.pid)}")
    return out


def knowledge_age(step: Step, state: ClusterState, now: float) -> float | None:
    """Seconds since the target was last seen as the plan has it; None where it never was."""
    seen = [at for at in (step.before.seen_at,) if at is not None]
    service = find_service(state, step.target)
    if service is not None and service.seen_at is not None:
        if (service.state, service.pid) == (step.before.state, step.before.pid):
            seen.append(service.seen_at)
    return max(0.0, now - max(seen)) if seen else None


def _uptime(known: Known, now: float) -> str:
    if known.uptime_seconds is None or known.seen_at is None:
        return ""
    return f"up {span(known.uptime_seconds + max(0.0, now - known.seen_at))}"


def where(step: Step, state: ClusterState, now: float) -> Content:
    """Node, service, state, pid, uptime, and how old that knowledge is."""
    known = step.before
    node = state.nodes.get(step.target.node)
    age = knowledge_age(step, state, now)
    is_up = node is not None and node.connection.state is LinkState.UP
    parts: list[tuple[str, str]] = [
        (visible_line(step.target.node), "bold"),
        (f"/{visible_line(step.target.service)}", "bold"),
        (f"  {visible_line(known.state)}", ""),
        (f"  {_pid(known.pid)}", ""),
    ]
    if uptime := _uptime(known, now):
        parts.append((f"  {uptime}", ""))
    if age is None:
        parts.append(("  never seen", "$text-warning"))
    elif is_up and age < 10.0:
        parts.append((f"  seen {ago(age)}", MUTED))
    else:
        parts.append((f"  as of {ago(age)}", "bold $text-warning"))
    if node is not None and not is_up:
        parts.append((f"  node {node.connection.state.value}", "bold $text-error"))
    return Content.assemble(*parts)


def argv_line(step: Step) -> Content:
    """Exactly what is executed, quoted as a shell would need it."""
    try:
        line = shell_line(step.argv)
    except ValueError:
        line = repr(step.argv)
    return Content(visible_line(line))


def _as_user(step: Step) -> Content:
    user = "the login user" if step.user == "login" else visible_line(step.user)
    return Content.assemble((user, ""), ("" if step.sudo == "none" else f"  sudo: {visible_line(step.sudo)}", MUTED))


def title(plan: Plan, *, is_demo: bool = False) -> Content:
    """The head of a card: what, where, in which installation."""
    place = visible_line(plan.steps[0].target.node) if len(plan.steps) == 1 else f"{len(plan.steps)} targets"
    demo = "DEMO · " if is_demo else ""
    return Content(f" {demo}{VERBS[plan.action]} · {place} · {visible_line(plan.cluster)} ")


def what(plan: Plan) -> Content:
    """The sentence that says what will be done."""
    services = sorted({visible_line(step.target.service) for step in plan.steps})
    nodes = sorted({visible_line(step.target.node) for step in plan.steps})
    names = "" if plan.action is ActionName.RELOAD_NGINX else f" {', '.join(services)}"
    place = nodes[0] if len(nodes) == 1 else f"{len(nodes)} nodes"
    return Content.assemble((f"{VERBS[plan.action]}{names}", "bold"), (f"  on {place}", ""))


def fields(plan: Plan, state: ClusterState, now: float) -> list[Field]:
    """The whole card before it is confirmed. Several steps are numbered: they run in this order."""
    rows = [Field("what", what(plan))]
    single = len(plan.steps) == 1
    for number, step in enumerate(plan.steps, 1):
        mark = "" if single else f"{number} "
        rows.append(Field(f"{mark}where", where(step, state, now)))
        rows.append(Field("runs" if single else "  runs", argv_line(step)))
        rows.append(Field("as" if single else "  as", _as_user(step)))
    if not single:
        rows.append(Field("order", Content("as numbered; stops at the first that is not verified")))
    rows.extend(
        Field("hits" if index == 0 else "", Content(visible_line(sentence)))
        for index, sentence in enumerate(plan.blast_radius)
    )
    expected = list(dict.fromkeys(visible_line(step.expect) for step in plan.steps))
    rows.extend(Field("proof" if index == 0 else "", Content(text)) for index, text in enumerate(expected))
    return rows


def asks(plan: Plan) -> str:
    """What the card wants before it acts."""
    verb = VERBS[plan.action]
    if plan.risk is Risk.KEY:
        return f"y  {verb}"
    return f"type {visible_line(plan.word)} to {verb}"
