"""Records: a line, and the lines below it that belong to it - tracebacks, stacks, JSON over several lines.

Told by how a line begins, in bulk over bytes: it is indented, closes a bracket, or is one of the
lines that Python, Java and Node write between and below frames.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from aen_tui.state.chunk import Chunk
from aen_tui.state.logbook import LogBook
from aen_tui.state.patterns import compile_bytes, matching_lines

RECORD_LINES = 200
"""How far a line may stand from the first one of its record."""
_FOLLOWS = compile_bytes(
    rb"^(?:[ \t]+[^ \t]|[}\])]|$|Traceback \(most recent|Caused by: |\.\.\. [0-9]+ more"
    rb"|During handling of the above exception|The above exception was the direct cause"
    rb"|[A-Za-z_][A-Za-z0-9_.$]*(?:Error|Exception|Exit|Interrupt|Warning)(?:$|[:\[ ])|(?:Error|Exception)(?:$|[:\[ ]))"
)
_TRACEBACK = b"Traceback (most recent"
_CACHED_LINES = 1_000_000
"""Of one book: lines that are known to belong to others; 8 bytes each."""
_CACHED_CHUNKS = 4096


class Records:
    """Which lines of a book belong to the line before them."""

    __slots__ = ("_book", "_known", "_known_lines")

    def __init__(self, book: LogBook) -> None:
        self._book = book
        self._known: dict[int, tuple[int, array[int]]] = {}
        """First line of a chunk -> up to where it was looked at, what was found."""
        self._known_lines = 0

    def followers(self, chunk: Chunk) -> array[int]:
        """The lines of a chunk that belong to the line before them, ascending."""
        end, found = self._known.get(chunk.first_line, (chunk.first_line, array("q")))
        if end < chunk.end_line:
            more = followers_in(chunk, end)
            found = found + more if found else more
            self._remember(chunk, found)
        return found

    def put(self, chunk: Chunk, followers: array[int]) -> None:
        """Take what `followers_in` found in a chunk as it was then."""
        if self._known.get(chunk.first_line, (chunk.first_line,))[0] < chunk.end_line:
            self._remember(chunk, followers)

    def _remember(self, chunk: Chunk, found: array[int]) -> None:
        old = self._known.pop(chunk.first_line, None)
        self._known[chunk.first_line] = (chunk.end_line, found)
        self._known_lines += len(found) - (len(old[1]) if old is not None else 0)
        while len(self._known) > 1 and (self._known_lines > _CACHED_LINES or len(self._known) > _CACHED_CHUNKS):
            self._known_lines -= len(self._known.pop(next(iter(self._known)))[1])

    def _is_follower(self, number: int) -> bool:
        chunk = self._book.chunk_at(number)
        if chunk is None:
            return False
        found = self.followers(chunk)
        at = bisect_left(found, number)
        return at < len(found) and found[at] == number

    def _is_seam(self, number: int) -> bool:
        chunk = self._book.chunk_at(number)
        return chunk is None or chunk.seam is not None

    def head(self, number: int) -> int:
        """The first line of the record that a line belongs to; itself where it stands alone."""
        at = number
        while number - at < RECORD_LINES and self._is_follower(at) and not self._is_seam(at - 1):
            at -= 1
        return at

    def span(self, number: int) -> range:
        """All lines of the record that a line belongs to."""
        end = number + 1
        while end - number < RECORD_LINES and self._is_follower(end):
            end += 1
        return range(self.head(number), end)

    def is_raised(self, head: int, number: int) -> bool:
        """Whether a traceback begins in a record before or at a line."""
        return any((self._book.line(at) or b"").startswith(_TRACEBACK) for at in range(head, number + 1))

    def expand(self, numbers: Sequence[int], first: int, stop: int) -> Sequence[int]:
        """The lines from `first` to before `stop` whose record holds one of `numbers` (ascending)."""
        if not numbers:
            return numbers
        marks: list[int] = []
        for chunk in self._book.chunks_from(first):
            if chunk.first_line >= stop:
                break
            marks.extend(self.followers(chunk))
        if not marks:
            return numbers
        more: set[int] = set()
        at = 0
        while at < len(marks):
            begin = last = marks[at]
            while at < len(marks) and marks[at] <= last + 1:
                last = marks[at]
                at += 1
            begin -= 0 if self._is_seam(begin - 1) else 1
            place = bisect_left(numbers, begin)
            if place < len(numbers) and numbers[place] <= last:
                more.update(range(max(begin, first), min(last + 1, stop)))
        return array("q", sorted(more.union(numbers))) if more else numbers


def followers_in(chunk: Chunk, first: int) -> array[int]:
    """The lines of a chunk from `first` on that belong to the line before them, ascending. Safe in a thread."""
    return array("q") if chunk.seam is not None else matching_lines(_FOLLOWS, chunk.opened(), first)


def is_follower(line: bytes) -> bool:
    """Whether a line by itself belongs to the line before it."""
    return _FOLLOWS.search(line) is not None
