"""What the user asked of a log: search, filters, least level; and the searching, in slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aen_tui.model.logs import Level
from aen_tui.state.filtered import FilteredStream, Sweep
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.state.patterns import BytesPattern, compile_typed
from aen_tui.state.seek import Seek
from aen_tui.state.selection import Criteria, Hits

SLICE_SECONDS = 0.004
"""How long the loop may be kept by one piece of a search."""


@dataclass(slots=True)
class Filter:
    """A filter as it was typed."""

    text: str
    is_out: bool
    pattern: BytesPattern

    @property
    def chip(self) -> str:
        """As the header shows it."""
        return f"&!{self.text}" if self.is_out else f"&{self.text}"


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
    stream: Stream = field(init=False)
    """What is to be shown."""
    _previewed: list[Filter] = field(default_factory=list)
    _hits: Hits | None = None
    _sweep: Sweep | None = None
    _is_swept: bool = True
    _errors: dict[Level, Hits] = field(default_factory=dict)
    _seek: Seek | None = None

    def __post_init__(self) -> None:
        self.stream = self.base

    def search(self, text: str) -> None:
        """Search for a pattern; an empty one ends the search.

        Raises:
            ValueError: it is not RE2.
        """
        pattern = compile_typed(text) if text else None
        if text == self.search_text:
            return
        self.search_text, self.pattern = text, pattern
        self._hits = Hits(Criteria((pattern,)), self.base.sources) if pattern is not None else None
        self._sweep = Sweep(self._hits) if self._hits is not None else None
        self._is_swept = self._sweep is None
        self._seek = None

    @property
    def hit_count(self) -> int | None:
        """Lines that were found so far; None where nothing is searched for."""
        return None if self._hits is None else self._hits.count

    @property
    def is_busy(self) -> bool:
        """Whether something is still being looked for."""
        return not self._is_swept or self._seek is not None

    def add_filter(self, text: str) -> None:
        """Show only lines with a pattern; `!` first: only lines without it.

        Raises:
            ValueError: it is not RE2.
        """
        is_out = text.startswith("!")
        text = text[1:] if is_out else text
        if text:
            self.filters.append(Filter(text, is_out, compile_typed(text)))
            self._apply()

    def preview(self, text: str) -> None:
        """Filter with what is being typed; `add_filter` or `apply` ends it.

        Raises:
            ValueError: it is not RE2.
        """
        kept = list(self.filters)
        try:
            self.add_filter(text)
            if not text.removeprefix("!"):
                self._apply()
            self._previewed = self.filters[len(kept) :]
        finally:
            self.filters = kept

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

    def _apply(self) -> None:
        criteria = Criteria(
            tuple(one.pattern for one in self.filters if not one.is_out),
            tuple(one.pattern for one in self.filters if one.is_out),
            self.level,
        )
        self._seek = None
        self.stream = self.base if criteria.is_everything else FilteredStream(self.base, criteria)
        self._is_swept = False

    @property
    def chips(self) -> list[str]:
        """Filters and level as the header shows them."""
        chips = [one.chip for one in (*self.filters, *self._previewed)]
        if self.level is not Level.NONE:
            chips.append(f"≥{self.level.name.lower()}")
        return chips

    def refresh(self, seconds: float = 0.0) -> bool:
        """Bring filter and search up to date with the base; whether all of it was looked at."""
        done = True
        if isinstance(self.stream, FilteredStream):
            done = self.stream.sync(self.clock, seconds)
        if self._sweep is not None:
            done = self._sweep.run(self.clock, seconds) and done
        self._is_swept = done
        return done

    def work(self) -> bool:
        """One slice of what is still to be looked for; whether there is more."""
        if not self._is_swept:
            sweeps = [self._sweep] if self._sweep is not None else []
            if isinstance(self.stream, FilteredStream):
                sweeps.append(self.stream.sweep)
            share = SLICE_SECONDS / max(1, len(sweeps))
            self._is_swept = all(sweep.run(self.clock, share) for sweep in sweeps)
        return not self._is_swept

    def seek_hit(self, start: int, step: int) -> bool:
        """Begin to look for the next hit; False where nothing is searched for."""
        if self._hits is None:
            return False
        self._seek = Seek(self.stream, self._hits, start, step)
        return True

    def seek_error(self, start: int, step: int) -> None:
        """Begin to look for the next error, or line of the least level."""
        level = max(self.level, Level.ERROR) if self.level is not Level.WARNING else Level.WARNING
        hits = self._errors.get(level)
        if hits is None:
            hits = self._errors[level] = Hits(Criteria(level=level), self.base.sources)
        self._seek = Seek(self.stream, hits, start, step)

    def seek(self) -> tuple[bool, LineRef | None]:
        """A slice of a begun look: whether it is over, and the line that was found."""
        if self._seek is None:
            return True, None
        over, found = self._seek.run(self.clock, SLICE_SECONDS)
        if over:
            self._seek = None
        return over, found
