"""Feeds folding and silence from the books, once a second; keeps what is known of messages over restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from aen_tui.errors import TemplateFileError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.model.zones import NodeTime
from aen_tui.runtime.noticing.bursts import KIND as BURST
from aen_tui.runtime.noticing.bursts import burst_event
from aen_tui.runtime.noticing.overdue_logs import OverdueLogs
from aen_tui.runtime.template_file import read_templates, set_aside, write_templates
from aen_tui.state.events import Event, Events
from aen_tui.state.folding import Folding
from aen_tui.state.logbook import LogBook, LogBooks
from aen_tui.state.silence import Silence, Silences

SAVED_SECONDS = 300.0
"""Between two writes of what is known."""
logger = logging.getLogger(__name__)


class FleetFolding:
    """Rows of warnings, logs that fell silent, and the events that come of it.

    Args:
        books: what came.
        clock: now.
        events: takes what happens.
        file: where messages are remembered; None = only in memory.
    """

    def __init__(self, books: LogBooks, clock: Clock, events: Events, file: Path | None = None) -> None:
        self.folding = Folding()
        self.silences = Silences()
        self._books = books
        self._clock = clock
        self._events = events
        self._file = file
        self._looked = clock.monotonic()
        self._saved = clock.monotonic()
        self._is_told = False
        self._overdue = OverdueLogs()

    async def load(self) -> None:
        """Read what earlier runs knew; a file that cannot be used is told of, moved aside and begun anew."""
        if self._file is None:
            return
        try:
            known = await asyncio.to_thread(read_templates, self._file)
        except TemplateFileError as error:
            aside = await asyncio.to_thread(set_aside, self._file)
            where = f"; it is kept as {aside.name}" if aside is not None else ""
            self._tell(f"{error}{where}; what this installation has said before is learned anew")
            return
        self.folding.known.join(known)

    async def look(self, state: ClusterState, times: Mapping[NodeName, NodeTime]) -> None:
        """Take what is new, in slices between which the loop runs."""
        now, wall = self._clock.monotonic(), self._clock.wall()
        listens = {name for name, node in state.nodes.items() if node.connection.state is LinkState.UP}
        planned = {name for name, node in state.nodes.items() if node.planned is not None}
        if listens:
            self.folding.known.watched(now - self._looked, wall)
        self._looked = now
        self.silences.begin(now)
        for book in self._books:
            self._listen(book, now, wall, listens=book.key.node in listens, is_planned=book.key.node in planned)
        self.folding.begin(times)
        while self.folding.step(wall):  # noqa: ASYNC110 - nothing is waited for: the loop gets its turn
            await asyncio.sleep(0)
        for burst in self.folding.bursts.look(wall, listens):
            self._add(burst_event(burst, is_planned=burst.key.node in planned))
        for event in self._overdue.due(wall, planned, lambda event: self._lasts(event, listens)):
            self._events.add(event)
        if self.folding.known.changed and now - self._saved >= SAVED_SECONDS:
            await self.save()

    def _listen(self, book: LogBook, now: float, wall: float, *, listens: bool, is_planned: bool) -> None:
        spoke = self.folding.scan(book).spoke()
        if (silence := self.silences.look(book.key, now, wall, spoke=spoke, listens=listens)) is not None:
            self._add(_event(silence, wall, is_over=spoke is not None, is_planned=is_planned))

    def _add(self, event: Event) -> None:
        self._events.add(event)
        self._overdue.note(event)

    def _lasts(self, event: Event, listens: Collection[NodeName]) -> bool:
        """Whether a log is still as an event says; of a lost node nobody knows."""
        key = event.log
        if key is None or key.node not in listens:
            return False
        return self.folding.bursts.lasts(key) if event.kind == BURST else key in self.silences

    async def save(self) -> None:
        """Write what is known, in a thread."""
        self._saved = self._clock.monotonic()
        if self._file is None:
            return
        self.folding.known.changed = False
        try:
            await asyncio.to_thread(write_templates, self._file, self.folding.known.copy())
        except TemplateFileError as error:
            self._tell(str(error))

    def close(self) -> None:
        """Write what is known before the program ends."""
        if self._file is None or not self.folding.known.changed:
            return
        try:
            write_templates(self._file, self.folding.known)
        except TemplateFileError as error:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        """Once: a full disk is full for long."""
        logger.warning("%s", text)
        if not self._is_told:
            self._is_told = True
            self._events.add(Event(self._clock.wall(), None, "memory", Severity.WARNING, text))


def _event(silence: Silence, wall: float, *, is_over: bool, is_planned: bool) -> Event:
    path, name = silence.key.path, visible_line(silence.key.path, 200)
    minutes, usual = (wall - silence.since) / 60, silence.usual_seconds
    words = f"{usual:.0f} s" if usual < 120 else f"{usual / 60:.0f} min"
    short = f"{name} speaks again" if is_over else f"{name} is silent"
    said = f" after {minutes:.0f} min" if is_over else f": no line for {minutes:.0f} min, one every {words} is usual"
    return Event(
        wall if is_over else silence.noticed,
        silence.key.node,
        "speech" if is_over else "silence",
        Severity.OK if is_over else Severity.WARNING,
        short + said,
        silence.key,
        source=path,
        about=path,
        short=short,
        is_planned=is_planned,
    )
