"""Lines that are picked: bookmarks, a selection, what is copied, saved, paged or opened. The panel does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.message import Message

from aen_tui.state.bookmarks import KEPT_BOOKMARKS, Bookmark
from aen_tui.state.lines import DrawnLine
from aen_tui.state.merge import LineRef
from aen_tui.ui.widgets.log_canvas import LogCanvas

COPIED_LINES = 5000
"""What is copied of a selection at most."""

What = Literal["copy", "save", "page"]


class LogPicking(LogCanvas):
    """A canvas whose lines can be picked."""

    class Opened(Message):
        """All of a record is wanted."""

        def __init__(self, lines: Sequence[DrawnLine]) -> None:
            self.lines = lines
            """The record's; the first says when and how bad."""
            super().__init__()

    class Wanted(Message):
        """Lines are wanted outside of the view."""

        def __init__(self, what: What, lines: Sequence[DrawnLine] = (), wanted: int = 0) -> None:
            self.what: What = what
            self.lines = lines
            """Those to copy; to save and to page, everything that is shown."""
            self.wanted = wanted
            """How many lines were selected."""
            super().__init__()

    class Marked(Message):
        """A bookmark came or went."""

    def _drawn(self, ref: LineRef) -> DrawnLine | None:
        return self.window.stream.sources[ref[0]].drawn(ref[1])

    def _record(self) -> list[DrawnLine]:
        """The current line with the lines that belong to it."""
        ref = self.window.cursor_ref
        if ref is None:
            return []
        source = self.window.stream.sources[ref[0]]
        lines = (source.drawn(number) for number in source.records.span(ref[1]))
        return [line for line in lines if line is not None]

    def open_line(self) -> None:
        """All of the current record."""
        if record := self._record():
            self.post_message(self.Opened(record))

    # -- selection ------------------------------------------------------------------------------

    def action_select(self) -> None:
        """Begin to select whole lines, or end it."""
        self._catch_up()
        window = self.window
        if window.anchor is None:
            window.pause()
            window.anchor = window.cursor_ref
        else:
            window.anchor = None
        self._redraw()

    def action_copy(self) -> None:
        """Copy the selection, else the current record."""
        self._catch_up()
        window = self.window
        if window.anchor is None:
            lines = self._record()
            wanted = len(lines)
        else:
            chosen = window.selected()
            wanted = len(chosen)
            lines = [line for index in chosen[:COPIED_LINES] if (line := window.stream.line(index)) is not None]
            window.anchor = None
            self._redraw()
        if lines:
            self.post_message(self.Wanted("copy", lines, wanted))

    def action_want(self, what: What) -> None:
        """Save what is shown, or hand it to a pager."""
        self.post_message(self.Wanted(what))

    # -- bookmarks ------------------------------------------------------------------------------

    def _bookmark(self, ref: LineRef) -> Bookmark | None:
        """The bookmark of a line's record; None where there is nothing to mark."""
        source = self.window.stream.sources[ref[0]]
        line = source.drawn(source.records.head(ref[1]))
        return None if line is None or line.seam is not None else Bookmark.of(line.key, line.offset, line.text)

    def action_mark(self) -> None:
        """Mark the current record, or take its mark away."""
        self._catch_up()
        ref = self.window.cursor_ref
        mark = None if ref is None else self._bookmark(ref)
        if mark is not None:
            self.bookmarks.toggle(mark)
            self._marked()

    def action_mark_range(self) -> None:
        """Mark everything that is selected."""
        self._catch_up()
        window = self.window
        if window.anchor is None:
            self.notify("M marks a selection: V begins one", timeout=3, markup=False)
            return
        chosen = window.selected()
        if len(chosen) > KEPT_BOOKMARKS:
            words = f"the first {KEPT_BOOKMARKS:,} of {len(chosen):,} lines are marked: no more marks are kept"
            self.notify(words, severity="warning", timeout=5, markup=False)
        found = (self._bookmark(window.stream.ref(index)) for index in chosen[:KEPT_BOOKMARKS])
        self.bookmarks.add(mark for mark in found if mark is not None)
        window.anchor = None
        self._marked()

    def _marked(self) -> None:
        self.window.painter.forget()
        self.post_message(self.Marked())
        self._bring_up_marks()
        self._redraw()

    def action_marked(self, step: int) -> None:
        """The next bookmark down or up."""
        self._catch_up()
        stream, cursor = self.window.stream, self.window.cursor
        places = sorted({stream.index_of(ref) for ref in self.bookmarks.refs(stream.sources)})
        ahead = [at for at in places if (at > cursor if step > 0 else at < cursor)]
        if not ahead:
            self.notify("No bookmark in this direction: m sets one", timeout=2, markup=False)
            return
        self.window.go_to(ahead[0] if step > 0 else ahead[-1])
        self._redraw()
