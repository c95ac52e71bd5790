"""Restarts, ours or anybody's, as they are seen: another pid of a service, another boot id of a node.

Each is an event, a mark in the node's charts (`Events.marks`) and a seam in the logs of the service.
"""

from __future__ import annotations

from dataclasses import dataclass

from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, LogPath, NodeState, ServiceState
from aen_tui.model.logs import LogKey, Seam
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Step, Target
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.sources.log_files import default_logs
from aen_tui.state.events import Event, Events, Mark
from aen_tui.state.logbook import LogBook, LogBooks

OURS_SECONDS = 30.0
"""So long after our command another pid is still our doing: the samples that show it come later."""
_DOWN = frozenset({"STOPPED", "EXITED", "FATAL"})

_Key = tuple[NodeName, str, str, str | None]


@dataclass(slots=True)
class _Ours:
    step: Step
    by: str
    until: float | None = None
    """Monotonic seconds; None while its command runs."""
    pid: int | None = None
    """The process that it was proved to have begun: yet another one is none of its doing."""

    def made(self, service: ServiceState) -> bool:
        """Whether a process of a service is of its making."""
        target = self.step.target
        is_target = (target.service, target.manager) == (service.name, service.manager)
        return self.pid is None or not is_target or self.pid == service.pid


class Markers:
    """Compares each look with the one before.

    Args:
        events: takes what happened.
        books: whose logs get a seam.
        clock: now.
    """

    def __init__(self, events: Events, books: LogBooks, clock: Clock) -> None:
        self._events = events
        self._books = books
        self._clock = clock
        self._looked: dict[NodeName, NodeState] = {}
        self._pids: dict[_Key, int] = {}
        """The last pid of each service, of those that are down too."""
        self._down: set[_Key] = set()
        """Services whose last look showed no process."""
        self._boots: dict[NodeName, str] = {}
        self._ours: list[_Ours] = []
        self._seams: list[tuple[LogKey, Seam]] = []

    # -- what we do ------------------------------------------------------------------------------

    def begun(self, step: Step, by: str) -> None:
        """A command of ours goes out: other pids from here on are its doing.

        Where no look met the process that the card named, the card's word counts: it is restarted, not started.
        """
        self._ours.append(_Ours(step, by))
        target = step.target
        key = (target.node, target.manager, target.service, target.supervisor)
        if step.before.pid is not None and key not in self._pids:
            self._pids[key] = step.before.pid
            self._down.discard(key)

    def ended(self, step: Step, pid: int | None = None) -> None:
        """What became of it is known.

        Args:
            step: as it was begun.
            pid: the process that it was proved to have begun.
        """
        for one in self._ours:
            if one.step.target == step.target and one.until is None:
                one.until, one.pid = self._clock.monotonic() + OURS_SECONDS, pid

    def _by(self, node: NodeName, service: ServiceState) -> str | None:
        now = self._clock.monotonic()
        self._ours = [one for one in self._ours if one.until is None or one.until > now]
        hits = (one for one in reversed(self._ours) if _is_hit(one.step, node, service) and one.made(service))
        return next((one.by for one in hits), None)

    # -- what is seen ----------------------------------------------------------------------------

    def look(self, state: ClusterState) -> None:
        """Notice what is other than at the last look; a node that is not up is left as it was."""
        for name, node in state.nodes.items():
            if node is self._looked.get(name) or node.connection.state is not LinkState.UP:
                continue
            self._looked[name] = node
            self._look_at_boot(node)
            for service in node.services:
                self._look_at(node, service)
        self._write_seams()

    def _look_at_boot(self, node: NodeState) -> None:
        boot = node.connection.boot_id
        before = self._boots.get(node.name)
        if boot is None or boot == before:
            return
        self._boots[node.name] = boot
        if before is None:
            return
        for known in [key for key in self._pids if key[0] == node.name]:
            del self._pids[known]
        self._down = {key for key in self._down if key[0] != node.name}
        mark = Mark(self._clock.monotonic())
        text = f"{visible_line(node.name, 100)} was booted: another boot id than before"
        self._events.add(
            Event(
                self._clock.wall(),
                node.name,
                "boot",
                Severity.WARNING,
                text,
                mark=mark,
                source="boot",
                short="booted",
                detail="another boot id than before",
                is_planned=node.is_uncounted,
            )
        )
        self._seam_in(node.name, list(default_logs(node.spec)), Seam("boot", "the node was booted", 0))

    def _look_at(self, node: NodeState, service: ServiceState) -> None:
        key = (node.name, service.manager, service.name, service.supervisor)
        if service.state in _DOWN and service.pid is None:
            self._down.add(key)
            return
        if service.state != "RUNNING" or service.pid is None:
            return
        before = self._pids.get(key)
        was_down = key in self._down
        self._pids[key] = service.pid
        self._down.discard(key)
        if service.pid != before and (before is not None or was_down):
            self._tell(node, service, before, was_down=was_down)

    def _tell(self, node: NodeState, service: ServiceState, before: int | None, *, was_down: bool) -> None:
        by = self._by(node.name, service)
        wall, now = self._clock.wall(), self._clock.monotonic()
        ago = 0.0
        if service.uptime_seconds is not None and service.seen_at is not None:
            ago = max(0.0, service.uptime_seconds + now - service.seen_at)
        pids = f"pid {service.pid}" if before is None else f"pid {before} → {service.pid}"
        name = visible_line(service.name, 80)
        tail = f" by {visible_line(by, 80)}" if by is not None else ""
        words = f"{name}, {pids}{tail}"
        verb = "start" if was_down else "restart"
        mark = Mark(now - ago, service.name, before, service.pid, by)
        paths = logs_of(node, service)
        self._events.add(
            Event(
                wall - ago,
                node.name,
                "restart",
                Severity.WARNING if by is None and not was_down else Severity.OK,
                f"{verb} of {words} on {visible_line(node.name, 100)}",
                log=LogKey(node.name, paths[0]) if paths else None,
                mark=mark,
                source=f"{service.manager}:{service.name}:{verb}",
                about=service_about(service),
                short=f"{verb} of {name}",
                detail=f"{pids}{tail}",
                is_planned=node.planned is not None and node.planned.covers(service.name, service.supervisor),
            )
        )
        self._seam_in(node.name, paths, Seam(verb, f"{verb} of {words}", 0))

    # -- logs ------------------------------------------------------------------------------------

    def _seam_in(self, node: NodeName, paths: list[LogPath], seam: Seam) -> None:
        self._seams += [(LogKey(node, path), seam) for path in paths if LogKey(node, path) in self._books]

    def _write_seams(self) -> None:
        """A seam waits until the last line of its log has ended: it never cuts one in two."""
        waiting: list[tuple[LogKey, Seam]] = []
        for key, seam in self._seams:
            book = self._books.book(key)
            if book.has_partial:
                waiting.append((key, seam))
                continue
            self._books.append(
                key,
                b"",
                at=_end_offset(book),
                cursor=None,
                seam=seam,
                monotonic=self._clock.monotonic(),
                wall=self._clock.wall(),
            )
        self._seams = waiting


def logs_of(node: NodeState, service: ServiceState) -> list[LogPath]:
    """The node's logs that a restart of a service belongs into: of its supervisord or its own name, else all."""
    paths = list(default_logs(node.spec))
    words = [f"/{word}/" for word in (service.supervisor, service.name) if word]
    return [path for path in paths if any(word in path for word in words)] or paths


def service_about(service: ServiceState) -> str:
    """What events of a service are about: that it runs again ends that it was down."""
    return f"service:{service.manager}:{service.name}:{service.supervisor or ''}"


def _end_offset(book: LogBook) -> int:
    """Where in its file what is here ends."""
    last = book.chunks[-1] if book.chunks else None
    return 0 if last is None else last.offset + last.size


def _is_hit(step: Step, node: NodeName, service: ServiceState) -> bool:
    """Whether a step takes a service down: the service itself, or the supervisord that it is a program of."""
    target: Target = step.target
    if target.node != node:
        return False
    if (target.service, target.manager) == (service.name, service.manager):
        return target.supervisor is None or target.supervisor == service.supervisor
    if target.manager == SUPERVISOR:
        return target.service == target.supervisor == service.supervisor
    return service.manager == SUPERVISOR and target.service == service.supervisor
