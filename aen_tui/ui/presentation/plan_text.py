"""What a card says of a plan: pure, from plan and state to words. Every string of a node is made visible here."""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.model.command import shell_line
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.plans import ActionName, Known, Plan, Risk, Step, Target
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text, duration_text
from aen_tui.ui.presentation.severity import service_sign

FRESH_SECONDS = 10.0
"""Younger knowledge of a node that is up is not called old."""

VERBS: Mapping[ActionName, str] = {
    ActionName.RESTART: "restart",
    ActionName.START: "start",
    ActionName.STOP: "stop",
    ActionName.RELOAD_NGINX: "reload nginx",
    ActionName.REREAD: "reread the configuration",
    ActionName.UPDATE: "update to the configuration",
}


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
        if not step.before.state or _names_several(step.target):
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
    service = find_service(state, step.target)
    same = service is not None and (service.state, service.pid) == (step.before.state, step.before.pid)
    times = [step.before.seen_at, service.seen_at if service is not None and same else None]
    seen = [at for at in times if at is not None]
    return max(0.0, now - max(seen)) if seen else None


def _uptime(known: Known, now: float) -> str:
    if known.uptime_seconds is None or known.seen_at is None:
        return ""
    return f"up {duration_text(known.uptime_seconds + max(0.0, now - known.seen_at))}"


def where(step: Step, state: ClusterState, now: float) -> tuple[Span, ...]:
    """Node, service, state, pid, uptime, and how old that knowledge is."""
    known = step.before
    node = state.nodes.get(step.target.node)
    age = knowledge_age(step, state, now)
    is_up = node is not None and node.connection.state is LinkState.UP
    parts: list[Span] = [
        (visible_line(f"{step.target.node}/{step.target.service}"), "text!"),
        (f"  {visible_line(known.state)}", service_sign(known.state).role),
        (f"  {_pid(known.pid)}", "text"),
    ]
    if uptime := _uptime(known, now):
        parts.append((f"  {uptime}", "text"))
    if age is None:
        parts.append(("  never seen", "warning!"))
    elif is_up and age < FRESH_SECONDS:
        parts.append((f"  seen {age_text(age)} ago", "muted"))
    else:
        parts.append((f"  as of {age_text(age)} ago", "warning!"))
    if node is not None and not is_up:
        parts.append((f"  node is {node.connection.state.value}", "critical!"))
    return tuple(parts)


def argv_line(step: Step) -> str:
    """Exactly what is executed, quoted as a shell would need it."""
    try:
        line = shell_line(step.argv)
    except ValueError:
        line = repr(step.argv)
    return visible_line(line)


def _as_user(step: Step) -> tuple[Span, ...]:
    user = "the login user" if step.user == "login" else visible_line(step.user)
    sudo = "" if step.sudo in ("", "none") else f"  sudo: {visible_line(step.sudo)}"
    return ((user, "text"), (sudo, "muted"))


def title(plan: Plan, *, is_demo: bool = False) -> str:
    """The head of a card: what, where, in which installation."""
    place = visible_line(plan.steps[0].target.node) if len(plan.steps) == 1 else f"{len(plan.steps)} targets"
    demo = "DEMO · " if is_demo else ""
    return f" {demo}{VERBS[plan.action]} · {place} · {visible_line(plan.cluster)} "


def what(plan: Plan) -> tuple[Span, ...]:
    """The sentence that says what will be done."""
    services = sorted({visible_line(step.target.service) for step in plan.steps})
    nodes = sorted({visible_line(step.target.node) for step in plan.steps})
    names = "" if plan.action is ActionName.RELOAD_NGINX else f" {', '.join(services)}"
    place = nodes[0] if len(nodes) == 1 else f"{len(nodes)} nodes"
    return ((f"{VERBS[plan.action]}{names}", "text!"), (f" on {place}", "text"))


def fields(plan: Plan, state: ClusterState, now: float) -> list[Field]:
    """The whole card before it is confirmed. Several steps are numbered: they run in this order."""
    rows = [Field("what", what(plan))]
    is_single = len(plan.steps) == 1
    for number, step in enumerate(plan.steps, 1):
        rows.append(Field("where" if is_single else f"{number}", where(step, state, now)))
        rows.append(Field("runs" if is_single else "", ((argv_line(step), "text"),)))
        rows.append(Field("as" if is_single else "", _as_user(step)))
    if not is_single:
        rows.append(Field("order", (("as numbered; stops at the first that is not verified", "text"),)))
    rows.extend(_listed("hits", plan.blast_radius))
    rows.extend(_listed("proof", tuple(dict.fromkeys(step.expect for step in plan.steps))))
    return rows


def _listed(label: str, sentences: tuple[str, ...]) -> list[Field]:
    return [
        Field("" if index else label, ((visible_line(sentence), "text"),)) for index, sentence in enumerate(sentences)
    ]


def asks(plan: Plan) -> str:
    """What the card wants before it acts."""
    if plan.risk is Risk.KEY:
        return f"y  {VERBS[plan.action]}"
    return f"type {visible_line(plan.word)}, then Enter"
