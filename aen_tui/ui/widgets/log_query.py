"""What the user asked of a log: search, filters, least level, context; the looking itself is done in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aen_tui.model.logs import Level
from aen_tui.state.filtered import FilteredStream, Terms
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.state.patterns import BytesPattern, compile_typed
from aen_tui.state.seek import Seek
from aen_tui.state.selection import Criteria, Hits
from aen_tui.state.sweep import BATCH_BYTES, Flag, Found, Sweep

SLICE_SECONDS = 0.004
"""How long the loop may be kept by one piece of a search."""
FIRST_LOOK_SECONDS = 0.006
"""How long the first look in the thread takes: the newest hits are on screen after it."""
FIRST_LOOK_BYTES = 32 * 1024 * 1024
LOOK_SECONDS = 0.06
"""And the following ones."""
CONTEXTS = (0, 1, 2, 5, 10)
"""Lines around what matches; `z` and `Z` go through them."""
_KEPT_LOOKS = 12
"""What was looked for before stays found: a filter typed again costs nothing."""


class Chip(NamedTuple):
    """A filter as the header shows it."""

    text: str
    lines: int | None
    """Lines that hold it, as far as was looked; None where nothing is counted."""


@dataclass(slots=True)
class Filter:
    """A filter as it was typed."""

    text: str
    is_out: bool
    hits: Hits

    @property
    def typed(self) -> str:
        """As it was typed."""
        return f"!{self.text}" if self.is_out else self.text


@dataclass(slots=True)
class LogQuery:
    """Search, filters and level over one stream of all lines.

    Args:
        base: all lines.
        clock: monotonic seconds.
    """

    base: MergedStream
    clock: Callable[[], float]
    search_text: str = ""
    pattern: BytesPattern | None = None
    """What is searched for; None where nothing is."""
    filters: list[Filter] = field(default_factory=list)
    level: Level = Level.NONE
    context: int = 0
    """Lines around what matches."""
    stream: Stream = field(init=False)
    """What is to be shown."""
    _previewed: list[Filter] = field(default_factory=list)
    _hits: Hits | None = None
    _search: Sweep | None = None
    _looks: dict[str, Hits] = field(default_factory=dict)
    _levels: dict[Level, Hits] = field(default_factory=dict)
    _seek: Seek | None = None
    _survey: Sweep | None = None
    _is_first_look: bool = True
    _is_taken: bool = True
    """Whether the filtered stream has all that was found."""
    is_parked: bool = False
    """All lines are shown for a while though there are filters: somebody looks around a line of theirs."""

    def __post_init__(self) -> None:
        self.stream = self.base

    def take_over(self, other: LogQuery) -> None:
        """Ask of this stream what was asked of another."""
        self.level, self.context = other.level, other.context
        known = other.base.sources
        if known and known == self.base.sources[: len(known)]:
            self._looks = {text: hits.over(self.base.sources) for text, hits in other._looks.items()}
            self._levels = {level: hits.over(self.base.sources) for level, hits in other._levels.items()}
        self.filters = [Filter(one.text, one.is_out, self._look_for(one.text)) for one in other.filters]
        self.search(other.search_text)
        self.apply()

    def _look_for(self, text: str) -> Hits:
        """The look for a pattern; raises ValueError where it is not RE2."""
        hits = self._looks.pop(text, None)
        if hits is None:
            hits = Hits(Criteria((compile_typed(text),)), self.base.sources)
        self._looks[text] = hits
        while len(self._looks) > _KEPT_LOOKS:
            del self._looks[next(iter(self._looks))]
        return hits

    def level_hits(self, level: Level) -> Hits:
        """The lines that are at least this bad, as far as anybody looked."""
        if level not in self._levels:
            self._levels[level] = Hits(Criteria(level=level), self.base.sources)
        return self._levels[level]

    def search(self, text: str) -> None:
        """Search for a pattern; an empty one ends the search.

        Raises:
            ValueError: it is not RE2.
        """
        if text == self.search_text:
            return
        hits = self._look_for(text) if text else None
        self.search_text, self._hits, self._seek = text, hits, None
        self.pattern = hits.criteria.having[0] if hits is not None else None
        self._search = Sweep((hits,)) if hits is not None else None
        self._is_first_look = True

    @property
    def hits(self) -> Hits | None:
        """The lines that hold what is searched for; None where nothing is."""
        return self._hits

    @property
    def hit_count(self) -> int | None:
        """Lines that were found so far; None where nothing is searched for."""
        return None if self._hits is None else self._hits.count

    @property
    def is_busy(self) -> bool:
        """Whether something is still being looked for."""
        return not self._is_taken or self._seek is not None or any(not sweep.is_done for sweep in self._sweeps())

    def add_filter(self, text: str) -> None:
        """Show only records with a pattern; `!` first: only those without it.

        Raises:
            ValueError: it is not RE2.
        """
        found = self._filter(text)
        if found is not None:
            self.filters.append(found)
            self._apply()

    def _filter(self, text: str) -> Filter | None:
        is_out = text.startswith("!")
        text = text[1:] if is_out else text
        return Filter(text, is_out, self._look_for(text)) if text else None

    def preview(self, text: str) -> None:
        """Filter with what is being typed; `add_filter` or `apply` ends it.

        Raises:
            ValueError: it is not RE2.
        """
        found = self._filter(text)
        self._previewed = [] if found is None else [found]
        self._apply()

    def end_preview(self) -> None:
        """Forget what is being typed; a change of the filters follows."""
        self._previewed = []

    def apply(self) -> None:
        """Filter as the filters say: a preview is over."""
        self._previewed = []
        self._apply()

    def drop_filter(self) -> bool:
        """Take the last filter away, then the level; whether there was one."""
        if self.filters:
            self.filters.pop()
        elif self.level is not Level.NONE:
            self.level = Level.NONE
        else:
            return False
        self._apply()
        return True

    def set_level(self, level: Level) -> None:
        """Show only lines that are at least this bad; NONE = all."""
        self.level = level
        self._apply()

    def set_context(self, lines: int) -> None:
        """Show so many lines around what matches."""
        self.context = lines
        self._apply()

    def _apply(self) -> None:
        asked = [*self.filters, *self._previewed]
        having = [one.hits for one in asked if not one.is_out]
        if self.level is not Level.NONE:
            having.append(self.level_hits(self.level))
        terms = Terms(tuple(having), tuple(one.hits for one in asked if one.is_out))
        for hits in (*self._looks.values(), *self._levels.values()):
            hits.is_watched = False
            hits.fresh.clear()
        self._seek = None
        self._is_first_look = True
        self.is_parked = False
        self._is_taken = not terms.all
        self.stream = FilteredStream(self.base, terms, self.context) if terms.all else self.base

    def park(self) -> None:
        """Show all lines, until `apply` or any other change of the filters."""
        self.stream, self._seek, self.is_parked = self.base, None, True

    @property
    def chips(self) -> list[Chip]:
        """Filters, level and context as the header shows them."""
        asked = (*self.filters, *self._previewed)
        chips = [Chip(f"&{one.typed}", one.hits.count) for one in asked]
        if self.level is not Level.NONE:
            chips.append(Chip(f"≥{self.level.name.lower()}", self.level_hits(self.level).count))
        if chips and self.context:
            chips.append(Chip(f"±{self.context}", None))
        return chips

    # -- looking --------------------------------------------------------------------------------

    def _sweeps(self) -> Sequence[Sweep]:
        shown = [self.stream.sweep] if isinstance(self.stream, FilteredStream) else []
        return shown if self._search is None else [*shown, self._search]

    def refresh(self) -> bool:
        """Look at a chunk, which is enough for lines as they come, and take what is known; whether that is all."""
        if self._hits is not None:
            self._hits.forget_dropped()
        searched = self._search is None or self._search.run(self.clock, 0.0)
        done = self.stream.sync(self.clock, 0.0) if isinstance(self.stream, FilteredStream) else True
        self._is_taken = done
        return done and searched and self._seek is None

    async def survey(self, seconds: float) -> bool:
        """Look for warnings and errors a little, for what shows where they are; whether there is more.

        What the books dropped is forgotten everywhere, also in looks that nobody asks for at the moment.
        """
        for hits in (*self._looks.values(), *self._levels.values()):
            hits.forget_dropped()
        if self._survey is None:
            self._survey = Sweep((self.level_hits(Level.WARNING), self.level_hits(Level.ERROR)))
        if not self._survey.is_done:
            await looked(self._survey, self.clock, seconds)
        return not self._survey.is_done

    async def look(self) -> bool:
        """One look in a thread, and what it found is taken; whether there is more to look at."""
        sweep = next((sweep for sweep in self._sweeps() if not sweep.is_done), None)
        if sweep is not None and not self._has_unshown():
            seconds, limit = LOOK_SECONDS, BATCH_BYTES
            if self._is_first_look:
                seconds, limit = FIRST_LOOK_SECONDS, FIRST_LOOK_BYTES
            self._is_first_look = False
            await looked(sweep, self.clock, seconds, limit, to_first=not any(hits.count for hits in sweep.hits))
            self._is_taken = self._is_taken and not isinstance(self.stream, FilteredStream)
        return any(not sweep.is_done for sweep in self._sweeps())

    def _has_unshown(self) -> bool:
        """Whether the first lines that were found are not in the filtered stream yet: they come before more is."""
        stream = self.stream
        return (
            isinstance(stream, FilteredStream)
            and not self._is_taken
            and not stream.line_count
            and all(hits.count for hits in stream.terms.having)
        )

    def seek_hit(self, start: int, step: int) -> bool:
        """Begin to look for the next hit; False where nothing is searched for."""
        if self._hits is None:
            return False
        self._seek = Seek(self.stream, self._hits, start, step)
        return True

    def seek_error(self, start: int, step: int) -> None:
        """Begin to look for the next record that is an error, or of the least level."""
        level = max(self.level, Level.ERROR) if self.level is not Level.WARNING else Level.WARNING
        self._seek = Seek(self.stream, self.level_hits(level), start, step, by_record=True)

    def seek(self) -> tuple[bool, LineRef | None]:
        """A slice of a begun look: whether it is over, and the line that was found."""
        if self._seek is None:
            return True, None
        over, found = self._seek.run(self.clock, SLICE_SECONDS)
        if over:
            self._seek = None
        return over, found


async def looked(
    sweep: Sweep,
    clock: Callable[[], float],
    seconds: float,
    limit_bytes: int = BATCH_BYTES,
    *,
    to_first: bool = False,
) -> None:
    """Let threads look for a while, or until something is found, and take what they found."""
    shares = sweep.take(limit_bytes)
    found: list[list[Found]] = [[] for _ in shares]
    first = Flag() if to_first else None

    async def look(at: int) -> None:
        found[at] = await asyncio.to_thread(sweep.scan, shares[at], clock, seconds, at, first)

    try:
        async with asyncio.TaskGroup() as threads:
            for at, share in enumerate(shares):
                if share:
                    threads.create_task(look(at))
    finally:
        sweep.put(shares, found)
