"""Services as rows: worst first, each with its state, pid, uptime and the age of that knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aen_tui.model.facts import ClusterState, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Target
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.services import weight_of
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import age_text, duration_text
from aen_tui.ui.presentation.severity import UNICODE, Glyphs, service_sign

STALE_SECONDS = 10.0
"""Older than this is shown as of then."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A service that can be picked, on one node or on several at once."""

    name: str
    manager: str
    targets: tuple[Target, ...]
    severity: Severity
    """The worst, when the choice was made up."""


def target_of(node: NodeName, service: ServiceState) -> Target:
    """What names a service of a node in a plan."""
    return Target(node, service.name, service.manager, service.supervisor)


def choices(state: ClusterState, nodes: Sequence[NodeName]) -> tuple[Choice, ...]:
    """The services of some nodes, worst first; the same service of several nodes is one choice."""
    found: dict[tuple[str, str, str | None], list[tuple[Target, Severity]]] = {}
    for name in nodes:
        node = state.nodes.get(name)
        for service in node.services if node is not None else ():
            if service.state != "absent":
                key = (service.name, service.manager, service.supervisor)
                found.setdefault(key, []).append((target_of(name, service), service.severity))
    made = [
        Choice(name, manager, tuple(target for target, _ in pairs), max(severity for _, severity in pairs))
        for (name, manager, _), pairs in found.items()
    ]
    return tuple(sorted(made, key=_rank))


def _rank(choice: Choice) -> tuple[int, int]:
    """Of what is well none is before another."""
    return -choice.severity, 0 if choice.severity is Severity.OK else -weight_of(choice.name)


def _uptime(service: ServiceState, now: float, *, is_up: bool) -> float | None:
    """Counted on from when it was seen, but only while somebody looks."""
    if service.pid is None or service.uptime_seconds is None:
        return None
    if service.seen_at is None or not is_up:
        return service.uptime_seconds
    return service.uptime_seconds + max(0.0, now - service.seen_at)


def seen_span(seen_at: float | None, now: float, *, is_up: bool) -> Span:
    """`1s ago` while fresh; `as of 4m ago` where it is old or its node is not up."""
    if seen_at is None:
        return ("never seen", "warning")
    age = max(0.0, now - seen_at)
    if is_up and age < STALE_SECONDS:
        return (f"{age_text(age)} ago", "muted")
    return (f"as of {age_text(age)} ago", "stale!")


def service_row(
    service: ServiceState, now: float, *, is_up: bool, name_width: int, glyphs: Glyphs = UNICODE
) -> tuple[Span, ...]:
    """`● wk-server  RUNNING  pid 71  up 18d3h  1s ago`; a node that is not up never shows the sign of ok."""
    sign = service_sign(visible_line(service.state), glyphs)
    role = sign.role if is_up else "stale"
    glyph = sign.glyph if is_up else glyphs.stale
    name = visible_line(service.name)
    uptime = _uptime(service, now, is_up=is_up)
    row: list[Span] = [
        (f"{glyph} ", role),
        (f"{name:<{name_width}} ", "text!" if service.severity >= Severity.WARNING else "text"),
        (f" {sign.word:<9}", role),
        (f" {'pid ' + str(service.pid) if service.pid is not None else '':<10}", "text"),
        (f" {'up ' + duration_text(uptime) if uptime is not None else '':<10} ", "text"),
        seen_span(service.seen_at, now, is_up=is_up),
    ]
    if service.error:
        row.append((f"  {visible_line(service.error)}", "critical" if service.state != "unknown" else "unknown"))
    return tuple(row)


def name_width(names: Iterable[str], limit: int = 24) -> int:
    """Cells that the longest of some names takes, within reason."""
    return min(limit, max((len(visible_line(name)) for name in names), default=4))


def choice_row(
    choice: Choice, state: ClusterState, now: float, *, width: int, glyphs: Glyphs = UNICODE
) -> tuple[Span, ...]:
    """A choice as it is at this moment: its state on the one node, or the counts of states on several."""
    nodes = [state.nodes.get(target.node) for target in choice.targets]
    services = [
        (node, service)
        for node, target in zip(nodes, choice.targets, strict=True)
        if node is not None and (service := _service(node, target)) is not None
    ]
    if not services:
        return (
            (f"{glyphs.unknown} ", "unknown"),
            (f"{visible_line(choice.name):<{width}}  not listed any more", "muted"),
        )
    if len(choice.targets) == 1:
        node, service = services[0]
        return service_row(service, now, is_up=_is_up(node), name_width=width, glyphs=glyphs)
    counts: dict[str, int] = {}
    for _, service in services:
        counts[service.state] = counts.get(service.state, 0) + 1
    sign = service_sign(max(services, key=lambda pair: pair[1].severity)[1].state, glyphs)
    words = ", ".join(f"{count} {visible_line(word)}" for word, count in sorted(counts.items()))
    name = f"{visible_line(choice.name):<{width}}"
    return ((f"{sign.glyph} ", sign.role), (name, "text!"), (f"  on {len(choice.targets)} nodes: {words}", sign.role))


def _is_up(node: NodeState) -> bool:
    return node.connection.state.value == "up"


def _service(node: NodeState, target: Target) -> ServiceState | None:
    for service in node.services:
        if (service.name, service.manager, service.supervisor) == (target.service, target.manager, target.supervisor):
            return service
    return None
