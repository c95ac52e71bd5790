"""Services that stop, fail, cannot be seen any more. That one runs anew is a restart, which `runtime.markers` tells."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.checks import service_severity
from aen_tui.checks.roots import service_trouble
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.logs import LogKey
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.markers import logs_of, service_about
from aen_tui.state.event import Event

KIND = "service"
_ON_THE_WAY = frozenset({"STARTING", "STOPPING"})
_SAME = ("EXITED", "STOPPED")
"""One thing in two words: a daemon that was killed is called the one, then the other."""
_Key = tuple[str, str, str | None]


class ServicesSeen:
    """The last settled state of each service of one node."""

    __slots__ = ("_states",)

    def __init__(self) -> None:
        self._states: dict[_Key, str] | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to compare with."""
        return self._states is not None

    def changes(self, node: NodeState, wall: float) -> Iterator[Event]:
        """What became of them since the last look; those that are gone from the list are absent."""
        first, before = self._states is None, self._states or {}
        states = dict(before)
        for service in node.services:
            key = (service.manager, service.name, service.supervisor)
            if service.state in _ON_THE_WAY:
                continue
            states[key] = service.state
            was = before.get(key)
            if not first and service.state != was and (was, service.state) != _SAME:
                yield from _event(node, service, was, wall)
        listed = {(one.manager, one.name, one.supervisor) for one in node.services}
        for key in before.keys() - listed:
            if states.pop(key) not in ("absent", "unknown"):
                gone = ServiceState(key[1], key[0], "absent", key[2])
                yield from _event(node, gone, before[key], wall)
        self._states = states


def _event(node: NodeState, service: ServiceState, was: str | None, wall: float) -> Iterator[Event]:
    if service.state == "RUNNING" and was not in ("unknown", None):
        return  # told as a start or a restart, with both pids
    if was is None and service.state in ("absent", "unknown"):
        return
    name, place = visible_line(service.name, 80), visible_line(node.name, 100)
    word = "is gone" if service.state == "absent" else f"is {service.state}"
    said = service.error if service.state == "unknown" else service.description
    detail = visible_line(said, 200) if said and service.state != "RUNNING" else ""
    severity = max(service_severity(service), Severity.WARNING if service.state == "absent" else Severity.OK)
    log = next(iter(logs_of(node, service)), None)
    yield Event(
        at_wall=wall,
        node=node.name,
        kind=KIND,
        severity=severity,
        text=f"{name} {word} on {place}" + (f": {detail}" if detail else ""),
        log=LogKey(node.name, log) if log is not None else None,
        source=f"{service_about(service)}:{service.state}",
        about=service_about(service),
        trouble=service_trouble(node.name, service) if severity > Severity.OK else None,
        short=f"{name} {word}",
        detail=detail,
        is_planned=node.planned is not None and node.planned.covers(service.name, service.supervisor),
    )
