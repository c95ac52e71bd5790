"""How a card on a screen lays out what a plan says: pure, from plan and state to spans of actions.card_text's words."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions import scene
from aen_tui.actions.card_text import (
    CLEAN_UP,
    VERBS,
    argv_line,
    as_words,
    confirmation,
    order_words,
    proof_words,
    uptime_words,
)
from aen_tui.actions.changes import pid_words
from aen_tui.model.facts import ClusterState, LinkState, ServiceState
from aen_tui.model.plans import ActionName, Plan, Risk, Step, Target
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.severity import service_sign

FRESH_SECONDS = 10.0
"""Younger knowledge of a node that is up is not called old."""


def find_service(state: ClusterState, target: Target) -> ServiceState | None:
    """The service a target names, as it is known; None where it is not listed (any more)."""
    node = state.nodes.get(target.node)
    return None if node is None else scene.find_service(node, target)


def knowledge_age(step: Step, state: ClusterState, now: float) -> float | None:
    """Seconds since the target was last seen as the plan has it; None where it never was."""
    service = find_service(state, step.target)
    same = service is not None and (service.state, service.pid) == (step.before.state, step.before.pid)
    times = [step.before.seen_at, service.seen_at if service is not None and same else None]
    seen = [at for at in times if at is not None]
    return max(0.0, now - max(seen)) if seen else None


def where(step: Step, state: ClusterState, now: float) -> tuple[Span, ...]:
    """Node, service, state, pid, uptime, and how old that knowledge is."""
    known = step.before
    node = state.nodes.get(step.target.node)
    name: Span = (visible_line(f"{step.target.node}/{step.target.service}"), "text!")
    if not known.state:  # a supervisord or a node, of which nothing is compared
        return (name, (f"  {visible_line(step.does)}", "text")) if step.does else (name,)
    age = knowledge_age(step, state, now)
    is_up = node is not None and node.connection.state is LinkState.UP
    parts: list[Span] = [
        name,
        (f"  {visible_line(known.state)}", service_sign(known.state).role),
    ]
    if pid := pid_words(known.state, known.pid):
        parts.append((f"  {pid}", "text"))
    if uptime := uptime_words(known, now):
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


def title(plan: Plan, *, is_demo: bool = False) -> str:
    """The head of a card: what, where, in which installation."""
    nodes = list(dict.fromkeys(step.target.node for step in plan.steps))
    is_tried = all(step.does for step in plan.steps) and len(nodes) == 1
    place = visible_line(nodes[0]) if len(plan.steps) == 1 or is_tried else f"{len(plan.steps)} targets"
    demo = "DEMO · " if is_demo else ""
    return f" {demo}{VERBS[plan.action]} · {place} · {visible_line(plan.cluster)} "


def what(plan: Plan) -> tuple[Span, ...]:
    """The sentence that says what will be done."""
    services = sorted({visible_line(step.target.service) for step in plan.steps})
    nodes = sorted({visible_line(step.target.node) for step in plan.steps})
    is_named = plan.action is ActionName.RELOAD_NGINX or any(step.does for step in plan.steps)
    names = "" if is_named else f" {', '.join(services)}"
    place = nodes[0] if len(nodes) == 1 else f"{len(nodes)} nodes"
    return ((f"{VERBS[plan.action]}{names}", "text!"), (f" on {place}", "text"))


def fields(plan: Plan, state: ClusterState, now: float, *, is_asking_sudo: bool = False) -> list[Field]:
    """The whole card before it is confirmed. Several steps are numbered: they run in this order.

    Args:
        plan: what is shown.
        state: as it is.
        now: monotonic seconds.
        is_asking_sudo: sudo is being asked what it would ask.
    """
    rows = [Field("what", what(plan))]
    is_single = len(plan.steps) == 1
    if not is_single:  # what it comes to stands above a list that may be longer than the screen
        rows.extend(_listed("hits", plan.blast_radius))
    for number, step in enumerate(plan.steps, 1):
        rows.append(Field("where" if is_single else f"{number}", where(step, state, now)))
        rows.append(Field("runs" if is_single else "", ((argv_line(step.argv), "text"),)))
        user, sudo = as_words(step)
        if is_asking_sudo and sudo and step.met is None:
            sudo = "sudo: being asked what it wants"
        rows.append(Field("as" if is_single else "", ((user, "text"), (f"  {sudo}" if sudo else "", _sudo_role(step)))))
        if step.removes:
            rows.append(Field("", ((CLEAN_UP, "muted"),)))
        if step.note:
            rows.append(Field("note" if is_single else "", ((visible_line(step.note), "warning!"),)))
        if step.blocked:
            rows.append(Field("against" if is_single else "", ((visible_line(step.blocked), "critical!"),)))
    if not is_single:
        rows.append(Field("order", ((order_words(plan.steps), "text"),)))
    if is_single:
        rows.extend(_listed("hits", plan.blast_radius))
    rows.extend(_listed("proof", proof_words(plan.steps)))
    return rows


def _sudo_role(step: Step) -> str:
    if step.met is None:
        return "muted"
    if step.met.refusal:
        return "critical!"
    return "warning!" if step.met.wants_password or step.met.proof_refusal else "muted"


def _listed(label: str, sentences: tuple[str, ...]) -> list[Field]:
    return [
        Field("" if index else label, ((visible_line(sentence), "text"),)) for index, sentence in enumerate(sentences)
    ]


def notes(sentences: Sequence[str]) -> list[Field]:
    """What the session's guard says of audit and leases."""
    return [
        Field("" if index else "note", ((visible_line(sentence), "warning!"),))
        for index, sentence in enumerate(sentences)
    ]


def asks(plan: Plan) -> str:
    """What the card wants before it acts."""
    if plan.risk is Risk.KEY:
        return f"{confirmation(plan)}  {VERBS[plan.action]}"
    return f"type {confirmation(plan)}, then Enter"
