"""Older lines for a logs view: brought from the nodes when somebody goes above the top or to a time, never otherwise.

Of several sources those whose first line is the newest come first: before it the others stand alone, and what
seems to be the top is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from math import inf
from typing import TYPE_CHECKING

from textual.worker import Worker

from aen_tui.model.logs import LogKey, OlderState
from aen_tui.state.lines import TimedLog
from aen_tui.ui.presentation.format import bytes_short
from aen_tui.ui.presentation.log_text import moment_text
from aen_tui.ui.widgets.log_canvas import EdgeLine
from aen_tui.ui.widgets.log_view import LogView

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

STEP_BYTES = 256 * 1024
LARGEST_STEP_BYTES = 896 * 1024
"""On the way to a time, steps grow up to this: a packed file is unpacked anew for each."""
AT_ONCE = 4
"""Sources that are read at a time."""
ROUNDS = 8
"""What one key brings at most, where the lines do not come to stand above the top but below it."""
EDGE_ROWS = 6
_LOOKED_LINES = 64
_OPEN = (OlderState.UNKNOWN, OlderState.MORE, OlderState.EARLIER)


def begins_at(source: TimedLog) -> float:
    """When the first line that is here was written, epoch seconds; inf where none is here, -inf where none says."""
    book = source.book
    if book.first_line == book.next_line:
        return inf
    numbers = range(book.first_line, min(book.next_line, book.first_line + _LOOKED_LINES))
    return next((at for number in numbers if (at := source.written(number)) is not None), -inf)


class OlderLogs:
    """One load at a time.

    Args:
        backend: whom to ask.
        view: what shows the lines.
        tell: the header is to say something else.
    """

    def __init__(self, backend: Backend, view: LogView, tell: Callable[[], None]) -> None:
        self._backend = backend
        self._view = view
        self._tell = tell
        self._worker: Worker[None] | None = None
        self._goal: float | None = None
        self._reading: frozenset[LogKey] = frozenset()
        self._bytes = 0
        view.stop_loading = self.stop

    @property
    def is_loading(self) -> bool:
        """Whether something is being brought."""
        return self._worker is not None and not self._worker.is_finished

    @property
    def words(self) -> str:
        """What is being brought, for the header; empty where nothing is."""
        if not self.is_loading:
            return ""
        got = f" {bytes_short(self._bytes)}" if self._bytes else ""
        if self._goal is None:
            return f"older lines:{got or ' asked for'}, Esc stops"
        return f"back to {moment_text(self._goal, self._backend.clock.wall())}:{got or ' asked for'}, Esc stops"

    def ask(self) -> None:
        """Somebody wants to see what is above the first line."""
        if not self.is_loading:
            self._view.window.thaw()
            self._start(self._load_above(), None)
        self.show()
        if self._view.window.is_at_top:
            self._view.window.look_above()
        self._view.settle()
        self._view.refresh()

    def reach(self, moment: float) -> None:
        """Bring lines until all sources reach back to a time, and go there; go there at once where they do."""
        self.stop()
        self._view.go_to_time(moment)
        self._view.settle()
        if self._short_of(moment):
            self._view.window.thaw()
            self._start(self._load_back_to(moment), moment)

    def stop(self) -> bool:
        """Bring no more; whether something was being brought."""
        was_loading = self.is_loading
        if self._worker is not None:
            self._worker.cancel()
        self._worker = None
        self._reading = frozenset()
        if was_loading:
            self.show()
            self._tell()
        return was_loading

    def _start(self, work: Coroutine[None, None, None], goal: float | None) -> None:
        self._goal, self._bytes = goal, 0
        self._worker = self._view.run_worker(work, name="older-logs", group="older-logs")
        self._tell()

    # -- loading ----------------------------------------------------------------------------------

    @property
    def _sources(self) -> Sequence[TimedLog]:
        return self._view.window.base.sources

    def _open(self, states: Sequence[OlderState] = _OPEN) -> list[TimedLog]:
        """The sources that may have more, what hides most first."""
        found = [source for source in self._sources if source.book.edge.state in states]
        return sorted(found, key=begins_at, reverse=True)

    def _short_of(self, moment: float) -> list[TimedLog]:
        return [source for source in self._open() if begins_at(source) > moment]

    async def _load_above(self) -> None:
        """Until an older line stands above what was the top; what could not be had before is asked for once more."""
        base = self._view.window.base
        top = base.ref(0) if base.line_count else None
        chosen = self._open() or self._open((OlderState.GONE, OlderState.FULL))
        for _ in range(ROUNDS):
            if not chosen:
                break
            await self._fetch(chosen[:AT_ONCE], STEP_BYTES)
            base = self._view.window.base
            if base.line_count and (top is None or base.index_of(top) > 0):
                break
            chosen = self._open()
        self._end()

    async def _load_back_to(self, moment: float) -> None:
        """Until every source reaches back to a time or cannot."""
        here = self._view.window.cursor_ref
        lowest: dict[LogKey, int] = {}
        size = STEP_BYTES
        while chosen := [source for source in self._short_of(moment) if _gains(source, lowest)][:AT_ONCE]:
            lowest.update((source.book.key, source.book.first_line) for source in chosen)
            await self._fetch(chosen, size)
            size = min(2 * size, LARGEST_STEP_BYTES)
        if self._view.window.cursor_ref == here:
            self._view.go_to_time(moment)
        self._end()
        if left := [source for source in self._sources if begins_at(source) > moment]:
            self._say_left(left)

    def _say_left(self, left: Sequence[TimedLog]) -> None:
        words = sorted({source.book.edge.message for source in left})
        which = str(left[0].book.key) if len(left) == 1 else f"{len(left)} of {len(self._sources)} sources"
        text = f"{which} do{'es' if len(left) == 1 else ''} not reach back so far: {'; '.join(words[:3])}"
        self._view.notify(text, timeout=6, markup=False)

    async def _fetch(self, chosen: Sequence[TimedLog], size: int) -> None:
        """A step of some sources."""
        before = sum(source.book.size_bytes for source in chosen)
        self._reading = frozenset(source.book.key for source in chosen)
        self.show()
        async with asyncio.TaskGroup() as tasks:
            for source in chosen:
                tasks.create_task(self._backend.fetch_older(source.book.key, size_bytes=size))
        self._reading = frozenset()
        self._bytes += max(0, sum(source.book.size_bytes for source in chosen) - before)
        self._view.take_older()
        self.show()
        self._tell()

    def _end(self) -> None:
        self._worker = None
        self.show()
        self._tell()

    # -- what the top says ------------------------------------------------------------------------

    def show(self) -> None:
        """Say above the first line how far back each source reaches, what hides most last."""
        sources = sorted(self._sources, key=begins_at)
        if len(sources) == 1:
            self._view.tell_edge([self._line(sources[0], named=False)])
            return
        room = max(2, min(EDGE_ROWS, self._view.size.height // 3))
        begun = [source for source in sources if source.book.edge.state is OlderState.START]
        others = [source for source in sources if source.book.edge.state is not OlderState.START]
        shown = others[-(room - 1) :] if len(others) > room - bool(begun) else others
        lines = [self._line(source, named=True) for source in shown]
        words = []
        if len(begun) == len(sources):
            words.append(f"the oldest files of all {len(begun)} sources begin here")
        elif begun:
            words.append(f"the oldest files of {len(begun)} sources begin here")
        if rest := others[: len(others) - len(shown)]:
            reaching = sum(source.book.edge.state in _OPEN for source in rest)
            words.append(f"{len(rest)} more begin earlier, {reaching} of them may reach further back")
        if words:
            lines.insert(0, EdgeLine(None, "; ".join(words)))
        self._view.tell_edge(lines)

    def _line(self, source: TimedLog, *, named: bool) -> EdgeLine:
        edge, key = source.book.edge, source.book.key
        begin = begins_at(source)
        since = f"from {moment_text(begin, self._backend.clock.wall())}: " if named and abs(begin) != inf else ""
        name = key if named else None
        if key in self._reading:
            return EdgeLine(name, f"{since}loading older lines", "accent!")
        words = {
            OlderState.UNKNOWN: f"{edge.message} (up again loads them)",
            OlderState.MORE: f"{edge.message} (up again loads more)",
            OlderState.EARLIER: f"{edge.message} (up again loads it)",
            OlderState.START: edge.message,
            OlderState.GONE: f"no older lines: {edge.message}",
            OlderState.FULL: edge.message,
        }[edge.state]
        return EdgeLine(name, since + words, "faint" if edge.state in (*_OPEN, OlderState.START) else "warning")


def _gains(source: TimedLog, lowest: dict[LogKey, int]) -> bool:
    """Whether the last step brought lines that are still here: a full memory gives and takes."""
    known = lowest.get(source.book.key)
    return known is None or source.book.first_line < known
