"""A restart's time before and after: differing processes, bursts of errors, and a line in Events five minutes later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aen_tui.actions.scene import find_service
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LogFileState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Proof, Step
from aen_tui.model.process import ProcessLook, differences
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.error_rate import ErrorRate, error_rate
from aen_tui.runtime.proofs.error_burst import burst
from aen_tui.state.events import Event, Events
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store

AFTER_SECONDS = 300.0
"""As long as the time before that it is compared with."""
SETTLED_SECONDS = 30.0
"""What a start costs does not count for the time after."""
_MEBI = 1024 * 1024
_WORSE_ERRORS_PER_MINUTE = 1.0

LookAtProcess = Callable[[NodeName, int], Awaitable[ProcessLook]]
"""Looks at a process of a node; raises AenError where it cannot."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a node and a process did in a span of time; None where nothing was seen."""

    errors: ErrorRate
    cpu_percent: float | None
    """Of the node, on average."""
    process: ProcessLook | None


@dataclass(frozen=True, slots=True)
class Before:
    """How it was before a step's command went out."""

    step: Step
    at_wall: float
    at_monotonic: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Due:
    before: Before
    pid: int | None
    at: float
    """Monotonic seconds at which the time after is over."""
    began: float
    """Epoch seconds from which errors count for it."""


class BeforeAfter:
    """Measures around steps whose proof is a new pid.

    Args:
        store: what is known of nodes.
        series: histories of samples.
        books: log bytes.
        clock: now.
        events: takes the line.
        look: looks at a process; None: none can be looked at.
    """

    def __init__(
        self,
        store: Store,
        series: SeriesStore,
        books: LogBooks,
        clock: Clock,
        events: Events,
        look: LookAtProcess | None = None,
    ) -> None:
        self._store = store
        self._series = series
        self._books = books
        self._clock = clock
        self._events = events
        self._look_at = look
        self._due: list[_Due] = []

    async def before(self, step: Step) -> Before | None:
        """The five minutes before; None for a step that starts no process."""
        if step.proof is not Proof.NEW_PID:
            return None
        now, wall = self._clock.monotonic(), self._clock.wall()
        figures = await self._figures(step.target.node, step.before.pid, now - AFTER_SECONDS, wall - AFTER_SECONDS)
        return Before(step, wall, now, figures)

    async def burst(self, before: Before, since: float) -> str | None:
        """Whether the node's logs burst with errors since the act; what is seen, in words.

        Args:
            before: the time it is compared with.
            since: epoch seconds of the act.
        """
        node = before.step.target.node
        after = await error_rate(self._books, self._store, node, since, self._clock.wall() + 1.0)
        return burst(before.figures.errors, replace(after, seconds=max(1.0, self._clock.wall() - since)))

    def unread(self, before: Before) -> str | None:
        """Which of the node's logs say nothing of errors, as they may not be read; None where all may.

        Args:
            before: of the step.
        """
        logs = [log for log in self._store.node(before.step.target.node).logs if log.kind != "system"]
        closed = [log for log in logs if log.state is LogFileState.UNKNOWN]
        if not closed:
            return None
        which = "none" if len(closed) == len(logs) else f"not {', '.join(log.path for log in closed)}"
        return visible_line(f"logs: {which} may be read: {closed[0].error or 'unknown'}", 300)

    async def differs(self, before: Before, pid: int | None) -> tuple[str, ...]:
        """What the new process has not as the old one had it, in words."""
        old = before.figures.process
        new = await self._process(before.step.target.node, pid)
        return () if old is None or new is None else differences(old, new)

    def later(self, before: Before, pid: int | None) -> None:
        """Tell in five minutes how it is then; a later act on the same target takes its place."""
        now = self._clock.monotonic()
        self._due = [due for due in self._due if due.before.step.target != before.step.target]
        self._due.append(_Due(before, pid, now + AFTER_SECONDS, self._clock.wall() + SETTLED_SECONDS))

    async def look(self) -> None:
        """Tell what is due."""
        now = self._clock.monotonic()
        for due in [due for due in self._due if due.at <= now]:
            self._due.remove(due)
            await self._tell(due)

    async def _tell(self, due: _Due) -> None:
        step, before = due.before.step, due.before.figures
        began = due.at - AFTER_SECONDS + SETTLED_SECONDS
        service = find_service(self._store.node(step.target.node), step.target)
        pid = service.pid if service is not None else None
        after = await self._figures(step.target.node, pid, began, due.began)
        minutes = AFTER_SECONDS / 60
        name = visible_line(f"{step.target.service} on {step.target.node}", 160)
        text = f"{name}, {minutes:.0f} min after {step.action.value}: {_words(before, after)}"
        if pid is None:
            text += f"; pid {due.pid} is gone"
        elif pid != due.pid:
            text += f"; pid {due.pid} is gone, pid {pid} runs"
        is_worse = pid != due.pid or after.errors.per_minute > max(
            _WORSE_ERRORS_PER_MINUTE, 2 * before.errors.per_minute
        )
        severity = Severity.WARNING if is_worse else Severity.OK
        self._events.add(Event(self._clock.wall(), step.target.node, "after", severity, text))

    async def _figures(self, node: NodeName, pid: int | None, since: float, since_wall: float) -> Figures:
        errors = await error_rate(self._books, self._store, node, since_wall, self._clock.wall())
        _, values = self._series.of(node, "cpu_percent").samples(since)
        cpu = sum(values) / len(values) if values else None
        return Figures(errors, cpu, await self._process(node, pid))

    async def _process(self, node: NodeName, pid: int | None) -> ProcessLook | None:
        if self._look_at is None or pid is None:
            return None
        try:
            return await self._look_at(node, pid)
        except AenError:
            return None


def _words(before: Figures, after: Figures) -> str:
    """`errors/min 0.2 → 0.1, cpu of the node 3 → 2 %, memory 210 → 180 MiB`."""
    found = [f"errors/min {before.errors.per_minute:.1f} → {after.errors.per_minute:.1f}"]
    if before.cpu_percent is not None and after.cpu_percent is not None:
        found.append(f"cpu of the node {before.cpu_percent:.0f} → {after.cpu_percent:.0f} %")
    old, new = (one.process.rss_bytes if one.process else None for one in (before, after))
    if old is not None and new is not None:
        found.append(f"memory {old / _MEBI:.0f} → {new / _MEBI:.0f} MiB")
    else:
        found.append("memory not seen")
    return ", ".join(found)
