"""Bookmarks: node, file, offset and a digest of the line, so that they survive memory, rotation and restarts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import TimedLog

KEPT_BOOKMARKS = 1000
"""The oldest go first."""
_DIGEST_BYTES = 256


class Bookmark(NamedTuple):
    """A line that was marked. It says nothing of what stands in the line."""

    node: str
    path: str
    offset: int
    """Where the line begins in its file."""
    digest: str
    """Of the line's first bytes: another file of this name may have something else there."""

    @property
    def key(self) -> LogKey:
        """The log."""
        return LogKey(NodeName(self.node), LogPath(self.path))

    @classmethod
    def of(cls, key: LogKey, offset: int, text: bytes) -> Bookmark:
        """The bookmark of a line."""
        return cls(key.node, key.path, offset, sha256(text[:_DIGEST_BYTES]).hexdigest()[:16])


class Bookmarks:
    """All bookmarks of an installation, in the order they were made."""

    def __init__(self, marks: Iterable[Bookmark] = ()) -> None:
        self._marks: dict[Bookmark, None] = dict.fromkeys(marks)
        self._places: set[tuple[LogKey, int]] = {(mark.key, mark.offset) for mark in self._marks}
        self.revision = 0
        """Grows with each change."""

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(self._marks)

    def holds(self, key: LogKey, offset: int, text: bytes) -> bool:
        """Whether a line is marked; cheap for lines that are not."""
        return (key, offset) in self._places and Bookmark.of(key, offset, text) in self._marks

    def toggle(self, mark: Bookmark) -> bool:
        """Mark a line, or take the mark away; whether it is marked afterwards."""
        self.revision += 1
        if mark in self._marks:
            del self._marks[mark]
            self._places.discard((mark.key, mark.offset))
            return False
        self.add((mark,))
        return True

    def add(self, marks: Iterable[Bookmark]) -> None:
        """Mark lines."""
        self.revision += 1
        for mark in marks:
            self._marks[mark] = None
            self._places.add((mark.key, mark.offset))
        while len(self._marks) > KEPT_BOOKMARKS:
            oldest = next(iter(self._marks))
            del self._marks[oldest]
            self._places.discard((oldest.key, oldest.offset))

    def refs(self, sources: Sequence[TimedLog]) -> list[tuple[int, int]]:
        """Source and line number of every mark whose line is in memory."""
        numbers = {source.book.key: index for index, source in enumerate(sources)}
        found: list[tuple[int, int]] = []
        for mark in self._marks:
            index = numbers.get(mark.key)
            if index is None:
                continue
            number = _number(sources[index].book.chunks, mark)
            if number is not None:
                found.append((index, number))
        return found


def _number(chunks: Sequence[Chunk], mark: Bookmark) -> int | None:
    for chunk in chunks:
        at = mark.offset - chunk.offset
        if chunk.seam is None and 0 <= at < chunk.size and (at == 0 or chunk.data[at - 1] == 10):
            data = chunk.data
            end = data.find(b"\n", at)
            text = data[at : end if end >= 0 else len(data)]
            if Bookmark.of(mark.key, mark.offset, text) == mark:
                return chunk.line_at(at)
    return None
