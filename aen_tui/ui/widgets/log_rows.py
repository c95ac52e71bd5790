"""A log line as rows of the screen: label, level, time, text, hits. The only place where log bytes become cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from aen_tui.model.logs import LogKey
from aen_tui.model.text import visible_line
from aen_tui.state.lines import DrawnLine
from aen_tui.state.patterns import BytesPattern
from aen_tui.ui.presentation.log_json import read_json
from aen_tui.ui.presentation.log_text import (
    LEVEL_ROLES,
    TimeDisplay,
    is_loss,
    level_glyph,
    seam_words,
    time_text,
    without_stamp,
)
from aen_tui.ui.widgets.palette import Palette

LABEL_ROLES = 8
"""The theme has `label-1` to `label-8`."""
NARROW_CELLS = 99
"""Below this width, the scroll bar not counted, names and times share little room."""
WRAPPED_ROWS = 40
"""A wrapped line takes at most this many rows."""
SEAM_ROWS = 12
"""What is said between two lines, whole: it says what is lost. At most this many rows."""
_HITS_OF_A_LINE = 50
_CACHED_LINES = 1000


@dataclass(frozen=True, slots=True)
class RowStyle:
    """Everything that decides how a line looks; a change of any of it paints anew."""

    width: int
    """Cells of a row."""
    label_width: int
    """Cells of the source's name, 0 = none is shown."""
    wrap: bool = False
    skip: int = 0
    """Cells of the text that are scrolled away to the left."""
    chosen_time: TimeDisplay | None = None
    """How times are shown; None = nobody chose."""
    pattern: BytesPattern | None = None
    """What is searched for, to be lit."""
    reads_json: bool = True
    """JSON lines are shown as time, level, message and fields."""

    @property
    def is_narrow(self) -> bool:
        """Names beside the lines leave little room for them."""
        return self.label_width > 0 and self.width < NARROW_CELLS

    @property
    def time(self) -> TimeDisplay:
        """How times are shown: as in the line, but where names leave no room for a stamp of 24 cells."""
        return self.chosen_time or (TimeDisplay.LOCAL if self.is_narrow else TimeDisplay.SOURCE)

    @property
    def time_width(self) -> int:
        """Cells of the time, 0 where it stays in the line."""
        return self.time.short_width if self.is_narrow else self.time.width

    @property
    def prefix(self) -> int:
        """Cells before the text."""
        label = self.label_width + 1 if self.label_width else 0
        return label + 2 + (self.time_width + 1 if self.time_width else 0)


class RowPainter:
    """Paints lines; remembers what it painted.

    Args:
        palette: colours and signs.
        labels: the short name of each source.
    """

    def __init__(self, palette: Palette, labels: Mapping[LogKey, str], style: RowStyle) -> None:
        self._palette = palette
        self._labels = labels
        self._roles = {key: f"label-{index % LABEL_ROLES + 1}" for index, key in enumerate(labels)}
        self.style = style
        self.is_marked: Callable[[DrawnLine], bool] = lambda _line: False
        """Whether a line has a bookmark; `forget` after it changed."""
        self._cache: dict[tuple[LogKey, int, bool], list[Strip]] = {}

    def learn(self, labels: Mapping[LogKey, str]) -> None:
        """Know the names of more sources; those of the others are the same."""
        for key in labels.keys() - self._labels.keys():
            self._roles[key] = f"label-{len(self._roles) % LABEL_ROLES + 1}"
        self._labels = labels

    def restyle(self, style: RowStyle) -> None:
        """Paint in another way from now on."""
        if style != self.style:
            self.style = style
            self._cache.clear()

    def change(self, **changes: object) -> None:
        """Change parts of the style."""
        self.restyle(replace(self.style, **changes))  # type: ignore[arg-type]  # names are RowStyle's fields

    def forget(self) -> None:
        """Paint everything anew: relative times have moved on."""
        self._cache.clear()

    def label(self, key: LogKey) -> tuple[str, str]:
        """A source's short name and colour role."""
        return self._labels.get(key, str(key)), self._roles.get(key, "muted")

    def known(self, key: LogKey, number: int, *, dim: bool) -> list[Strip] | None:
        """The rows of a line that was painted before."""
        return self._cache.get((key, number, dim))

    def rows(self, line: DrawnLine, now: float, *, dim: bool = False) -> list[Strip]:
        """The rows of a line, each exactly `style.width` cells wide.

        Args:
            line: what is shown.
            now: epoch seconds, for relative times.
            dim: it stands near what matches and does not match itself.
        """
        strips = self._seam(line) if line.seam is not None else self._text(line, now, dim=dim)
        if not line.partial and line.seam is None:  # lines that were dropped come back under a mark's number
            if len(self._cache) >= _CACHED_LINES:
                self._cache.clear()
            self._cache[line.key, line.number, dim] = strips
        return strips

    def gone(self) -> Strip:
        """A line that was dropped while it was on screen."""
        return Strip(self._palette.paint([(" line dropped from memory", "faint")], self.style.width))

    def edge(self, key: LogKey | None, text: str, role: str) -> Strip:
        """A row of what stands above the first line, of one source or of all."""
        head = self._head(key) if key is not None else []
        rule = self._palette.glyphs.rule
        left = max(0, self.style.width - sum(segment.cell_length for segment in head))
        text = f"{rule * 2} {visible_line(text, 400)} "
        text += rule * max(0, left - cell_len(text))
        return Strip([*head, *self._palette.paint([(text, role)], left)], self.style.width)

    def _head(self, key: LogKey) -> list[Segment]:
        name, role = self.label(key)
        width = self.style.label_width
        if not width:
            return []
        cells = set_cell_size(name, width) if len(name) != width or not name.isascii() else name
        return [Segment(cells + " ", self._palette.style(role))]

    def _seam(self, line: DrawnLine) -> list[Strip]:
        assert line.seam is not None
        rule = self._palette.glyphs.rule
        head = self._head(line.key)
        indent = sum(segment.cell_length for segment in head)
        left = max(1, self.style.width - indent)
        role = "warning" if is_loss(line.seam) else "faint"
        pieces = _folded(f"{rule * 2} {seam_words(line.seam)}", left)[:SEAM_ROWS]
        pieces[-1] += rule * max(0, left - cell_len(pieces[-1]))
        return [
            Strip([*(head if not row else [Segment(" " * indent)]), *self._palette.paint([(piece, role)], left)],
                  self.style.width)
            for row, piece in enumerate(pieces)
        ]  # fmt: skip

    def _text(self, line: DrawnLine, now: float, *, dim: bool) -> list[Strip]:
        palette, style = self._palette, self.style
        role = "faint" if dim else LEVEL_ROLES[line.level]
        head = self._head(line.key)
        glyph = level_glyph(line.level, palette.glyphs) if line.head is None else " "
        head.append(Segment(glyph, palette.style(f"{LEVEL_ROLES[line.level].removesuffix('!')}!")))
        marked = self.is_marked(line)
        head.append(Segment(palette.glyphs.mark if marked else " ", palette.style("accent!" if marked else "text")))
        if style.time is not TimeDisplay.SOURCE:
            head.append(self._time(line, now))
        segments = [piece for text, one in self._spans(line, role) for piece in self._lit(text, palette.style(one))]
        if line.late:
            segments.insert(0, Segment(f"late {line.arrived - (line.time or 0):.0f}s ", palette.style("stale!")))
        if line.partial:
            segments.append(Segment(" (no end of line yet)", palette.style("faint")))
        elif line.is_cut:
            segments.append(Segment(" (cut here: no end of line)", palette.style("faint")))
        room = max(1, style.width - style.prefix)
        if style.wrap:
            return self._wrapped(head, segments, room)
        text = Strip(segments)
        goes_on = text.cell_length > style.skip + room
        body = text.crop_extend(style.skip, style.skip + room - goes_on, None)
        if goes_on:
            body = Strip([*body, Segment(palette.glyphs.ellipsis, palette.style("faint"))], room)
        return [Strip([*head, *body], style.width)]

    def _time(self, line: DrawnLine, now: float) -> Segment:
        if line.head is not None:
            return Segment(" " * (self.style.time_width + 1))  # its record says when
        moment = line.time if line.time is not None else line.arrived
        style, fine = self.style, line.fine or line.time is None
        shown = time_text(style.time, moment, now, fine=fine, short=style.is_narrow)
        return Segment(shown + " ", self._palette.style("muted" if line.time is not None else "faint"))

    def _spans(self, line: DrawnLine, role: str) -> list[tuple[str, str]]:
        """The text in pieces with the roles of their colours."""
        raw = line.text
        has_time = self.style.time is not TimeDisplay.SOURCE
        found = read_json(raw) if self.style.reads_json else None
        if found is not None:
            when = f"{found.time} " if found.time and not has_time else ""
            level = f"{found.level} " if found.level else ""
            spans = [(when + level + found.message, role), (f"  {found.rest}" if found.rest else "", "faint")]
        else:
            spans = [(visible_line(without_stamp(raw, line.stamp) if has_time else raw), role)]
        return [(text.expandtabs(8), one) for text, one in spans]

    def _wrapped(self, head: list[Segment], segments: list[Segment], room: int) -> list[Strip]:
        text = "".join(segment.text for segment in segments)
        pieces = (
            [text[at : at + room] for at in range(0, len(text), room)] if text.isascii() else chop_cells(text, room)
        )
        blank = Segment(" " * self.style.prefix)
        body = Strip(segments)
        rows: list[Strip] = []
        at = 0
        for piece in (pieces or [""])[:WRAPPED_ROWS]:
            width = cell_len(piece)
            part = body.crop_extend(at, at + width, None).adjust_cell_length(room)
            rows.append(Strip([*(head if not rows else [blank]), *part], self.style.width))
            at += width
        if len(pieces) > WRAPPED_ROWS:
            more = [
                (f"  {self._palette.glyphs.ellipsis} {len(pieces) - WRAPPED_ROWS} rows more (Enter shows all)", "faint")
            ]
            rows[-1] = Strip([blank, *self._palette.paint(more, room)], self.style.width)
        return rows

    def _lit(self, text: str, style: Style) -> list[Segment]:
        """The text with what is searched for lit."""
        if self.style.pattern is None or not text:
            return [Segment(text, style)] if text else []
        data = text.encode("utf-8", "replace")
        plain = len(data) == len(text)
        hit = style + Style(bgcolor=self._palette.color("hit").rich_color) + self._palette.style("hit").without_color
        segments: list[Segment] = []
        done = at = 0
        for _ in range(_HITS_OF_A_LINE):
            match = self.style.pattern.search(data, at)
            if match is None:
                break
            begin, end = match.start(), match.end()
            at = end if end > begin else end + 1
            if not plain:
                begin, end = len(data[:begin].decode("utf-8", "replace")), len(data[:end].decode("utf-8", "replace"))
            segments.append(Segment(text[done:begin], style))
            segments.append(Segment(text[begin:end], hit))
            done = end
            if at > len(data):
                break
        segments.append(Segment(text[done:], style))
        return [segment for segment in segments if segment.text]


def _folded(text: str, room: int) -> list[str]:
    """A text in pieces of at most so many cells, between words where there are any."""
    pieces = [""]
    for word in text.rstrip().split(" "):
        for part in chop_cells(word, room) or [""]:
            joined = f"{pieces[-1]} {part}" if pieces[-1] else part
            if cell_len(joined) <= room:
                pieces[-1] = joined
            else:
                pieces.append(part)
    pieces[-1] += " " if cell_len(pieces[-1]) < room else ""
    return pieces
