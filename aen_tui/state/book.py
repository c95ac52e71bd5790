"""One log as chunks of bytes: appending counts newlines and nothing else; a line is not an object here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from aen_tui.model.logs import Cursor, LogKey, OlderEdge, Seam
from aen_tui.state.chunk import Chunk

CHUNK_BYTES = 256 * 1024
"""Appends are joined up to this size: a quiet log costs no object a line, and a search few calls."""
LINE_LIMIT_BYTES = 1024 * 1024
"""A line longer than this is cut in pieces: memory is bounded whatever a file holds."""
CHUNK_COST_BYTES = 400
"""What a chunk costs beside its bytes."""
SMALLEST_CUT_BYTES = 4096
"""A chunk is not cut for less."""
INDEXED_BYTES = 1024 * 1024
"""Of a book: how much of what was looked at stays unpacked, its line starts remembered."""


class LogBook:
    """One log: chunks of whole lines, the beginning of a line that has not ended, the cursor.

    Lines are numbered from 0 in the order they came, for ever; dropped lines keep their numbers. A
    seam is a line too.
    """

    def __init__(self, key: LogKey) -> None:
        self.key = key
        self.cursor: Cursor | None = None
        """Where the probe shall resume; None before the first frame."""
        self.caught_up = False
        """Whether the end of the file was reached once."""
        self.is_at_end = False
        """Whether nothing more was in the file when the last bytes were read."""
        self.opened_wall: float | None = None
        """When the first bytes came, epoch seconds; what was written before it is backfill."""
        self.written_before: float | None = None
        """When the last of the backfill was written at the latest, by the node's clock; None where nobody knows."""
        self.size_bytes = 0
        """What this book costs of the cap: chunks are packed but the last."""
        self.log_bytes = 0
        """How much of the log it holds."""
        self.next_line = 0
        """Number of the next whole line; also how many lines ever came."""
        self.dropped_lines = 0
        self.dropped_bytes = 0
        self.prepends = 0
        """How often older lines were put before the first."""
        self.chunks: list[Chunk] = []
        """Oldest first. Read only."""
        self.tail_wall = 0.0
        """When the unended last line began to arrive, epoch seconds."""
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._tail_offset = 0
        self.edge = OlderEdge()
        """What lies before the first line."""
        self._position = 0
        self._files: list[tuple[int, Cursor]] = []
        """From which position on the bytes are of which file; offsets in the cursors are of no meaning but in order."""
        self._indexed: dict[Chunk, int] = {}
        """Chunks whose line starts are known, the one looked at first first, and their bytes when that was counted."""
        self._indexed_bytes = 0

    @property
    def first_line(self) -> int:
        """Number of the oldest line that is still here."""
        return self.chunks[0].first_line if self.chunks else self.next_line

    @property
    def oldest_line(self) -> int:
        """The same, the mark of what was dropped left out."""
        return self.chunks[0].end_line if self.chunks and _is_dropped_seam(self.chunks[0]) else self.first_line

    @property
    def has_partial(self) -> bool:
        """Whether the last line has not ended yet; its number is `next_line`."""
        return self._tail_bytes > 0

    @property
    def end_position(self) -> int:
        """Bytes that ever came, the unended line included."""
        return self._position + self._tail_bytes

    @property
    def whole_position(self) -> int:
        """Bytes that ever came, the unended line left out."""
        return self._position

    def begins(self, written: float | None) -> None:
        """Say when what the file holds was written at the latest, epoch seconds of the node; only before any of it."""
        if self.opened_wall is None:
            self.written_before = written

    def append(
        self,
        data: bytes,
        *,
        at: int,
        cursor: Cursor | None,
        seam: Seam | None,
        monotonic: float,
        wall: float,
        eof: bool = False,
    ) -> None:
        """Take bytes as they stand in the file, cut anywhere.

        Args:
            data: the bytes; may be empty.
            at: offset of the first byte in its file.
            cursor: the place after these bytes.
            seam: what lies between the bytes before and these.
            monotonic: arrival, monotonic seconds of the jump host.
            wall: arrival, epoch seconds of the jump host.
            eof: nothing more was in the file at that moment.
        """
        if cursor is not None:
            self._note_file(cursor, at)
            self.cursor = cursor
        if self.opened_wall is None:
            self.opened_wall = wall
        self.is_at_end = eof
        self.caught_up = self.caught_up or eof
        if self._tail and (seam is not None or at != self._tail_offset + self._tail_bytes):
            self._end_tail(monotonic)
        if seam is not None:
            self._add(Chunk(b"", first_line=self.next_line, offset=at, position=self._position,
                            monotonic=monotonic, wall=wall, seam=seam))  # fmt: skip
        if data:
            self._take(data, at, monotonic, wall)

    def _note_file(self, cursor: Cursor, at: int) -> None:
        last = self._files[-1][1] if self._files else None
        if last is not None and at >= last.offset and (last.device, last.inode) == (cursor.device, cursor.inode):
            if last.head == cursor.head:
                return
            is_same = last.head_bytes < cursor.head_bytes
        else:
            is_same = False
        if is_same:  # the same file, whose first bytes were not all there
            self._files[-1] = self._files[-1][0], cursor
        else:
            self._files.append((self.end_position, cursor))
        if len(self._files) > 1 and self.chunks and self._files[1][0] <= self.chunks[0].position:
            del self._files[0]

    def begin(self) -> Cursor | None:
        """The place in its file where the oldest bytes begin that are here; None where nothing came yet."""
        first = next((chunk for chunk in self.chunks if chunk.size), None)
        position, offset = (first.position, first.offset) if first is not None else (self._position, self._tail_offset)
        if first is None and not self._tail:
            return self.cursor
        index = max(0, bisect_right(self._files, position, key=_since) - 1)
        return replace(self._files[index][1], offset=offset) if self._files else None

    def prepend(self, data: bytes, place: Cursor) -> None:
        """Put older lines before the first: they get the numbers before its, which may be below 0.

        Args:
            data: whole lines, or what a file that was rotated ended with.
            place: where they begin in their file.
        """
        if self.chunks and _is_dropped_seam(self.chunks[0]):
            mark = self.chunks.pop(0)
            self.size_bytes -= CHUNK_COST_BYTES
            end_line, position, wall = mark.end_line, mark.position, mark.wall_of(mark.first_line)
        elif self.chunks:
            first = self.chunks[0]
            end_line, position, wall = first.first_line, first.position, first.wall_of(first.first_line)
        else:
            end_line, position, wall = self.next_line, self._position, self.opened_wall or self.tail_wall
        position -= len(data)
        chunk = Chunk(data, first_line=0, offset=place.offset, position=position, monotonic=0.0, wall=wall)
        chunk.first_line = end_line - chunk.lines
        self.chunks.insert(0, chunk)
        self.prepends += 1
        self.log_bytes += len(data)
        self.size_bytes += len(data) + CHUNK_COST_BYTES - chunk.pack()
        self.dropped_lines = max(0, self.dropped_lines - chunk.lines)
        self.dropped_bytes = max(0, self.dropped_bytes - len(data))
        self._files.insert(0, (position, place))

    def _take(self, data: bytes, at: int, monotonic: float, wall: float) -> None:
        cut = data.rfind(b"\n") + 1
        if cut:
            head, rest = data[:cut], data[cut:]
            offset = at
            if self._tail:
                head, offset = b"".join((*self._tail, head)), self._tail_offset
                self._clear_tail()
            self._store(head, offset, monotonic, wall)
            data, at = rest, at + cut
        if data:
            if not self._tail:
                self._tail_offset, self.tail_wall = at, wall
            self._tail.append(data)
            self._tail_bytes += len(data)
            self.size_bytes += len(data)
            self.log_bytes += len(data)
            if self._tail_bytes >= LINE_LIMIT_BYTES:
                self._end_tail(monotonic)

    def _clear_tail(self) -> None:
        self.size_bytes -= self._tail_bytes
        self.log_bytes -= self._tail_bytes
        self._tail, self._tail_bytes = [], 0

    def _end_tail(self, monotonic: float) -> None:
        """The unended line gets no more: its file ended, or it is too long."""
        data = b"".join(self._tail)
        self._clear_tail()
        self._store(data, self._tail_offset, monotonic, self.tail_wall)

    def _store(self, data: bytes, offset: int, monotonic: float, wall: float) -> None:
        last = self.chunks[-1] if self.chunks else None
        if last is not None and last.takes(len(data), offset, CHUNK_BYTES):
            before = last.lines
            last.extend(data, wall)
            self.next_line += last.lines - before
            self.size_bytes += len(data)
            self.log_bytes += len(data)
        else:
            self._add(Chunk(data, first_line=self.next_line, offset=offset, position=self._position,
                            monotonic=monotonic, wall=wall))  # fmt: skip
        self._position += len(data)

    def _add(self, chunk: Chunk) -> None:
        if self.chunks:
            last = self.chunks[-1]
            self.size_bytes -= last.pack()
            if last in self._indexed:  # it was looked at while it grew
                self._note_indexed(last)
        self.chunks.append(chunk)
        self.next_line += chunk.lines
        self.size_bytes += chunk.size + CHUNK_COST_BYTES
        self.log_bytes += chunk.size

    def drop_oldest(self, kept_bytes: int) -> int:
        """Drop the oldest chunk, or the part of it that may go, and leave a seam; the memory freed, 0 = none.

        Args:
            kept_bytes: how much of the log stays in any case.
        """
        first = 1 if self.chunks and _is_dropped_seam(self.chunks[0]) else 0
        if len(self.chunks) <= first:
            return 0
        chunk = self.chunks[first]
        spare = self.log_bytes - kept_bytes
        left: list[Chunk] = []
        if len(self.chunks) == first + 1 or chunk.size > spare:
            rest = chunk.without(spare) if spare > SMALLEST_CUT_BYTES else None
            if rest is None or chunk.size - rest.size < SMALLEST_CUT_BYTES:
                return 0
            left.append(rest)
        lines, gone = chunk.lines - sum(rest.lines for rest in left), chunk.size - sum(rest.size for rest in left)
        self.dropped_lines += lines if chunk.seam is None else 0
        self.dropped_bytes += gone
        self.log_bytes -= gone
        self._indexed_bytes -= self._indexed.pop(chunk, 0)
        self.edge = OlderEdge()
        seam = Seam(
            "dropped",
            f"{self.dropped_lines:,} older lines ({self.dropped_bytes:,} bytes) left memory here; the file has them",
            self.dropped_bytes,
        )
        last = chunk.first_line + lines - 1
        mark = Chunk(b"", first_line=last, offset=chunk.offset, position=chunk.position + gone,
                     monotonic=chunk.monotonic, wall=chunk.wall_of(last), seam=seam)  # fmt: skip
        if len(self.chunks) > first + 1:
            for rest in left:
                rest.pack()
        before = self._cost_of(first + 1)
        count = len(self.chunks)
        self.chunks[: first + 1] = [mark, *left]
        freed = before - self._cost_of(first + 1 - count + len(self.chunks))
        self.size_bytes -= freed
        return freed

    def _cost_of(self, count: int) -> int:
        return sum(chunk.kept_bytes + CHUNK_COST_BYTES for chunk in self.chunks[:count])

    def chunk_at(self, number: int) -> Chunk | None:
        """The chunk that holds a line, for a look at its ends; None where it was dropped or has not ended."""
        index = bisect_right(self.chunks, number, key=_first_line) - 1
        if index < 0 or number >= self.chunks[index].end_line:
            return None
        return self.chunks[index]

    def chunk_of(self, number: int) -> Chunk | None:
        """The chunk that holds a line, whose lines will be looked at; None as in `chunk_at`."""
        chunk = self.chunk_at(number)
        if chunk is not None and chunk.starts is None and chunk.seam is None:
            chunk.look()
            self._note_indexed(chunk)
        return chunk

    def _note_indexed(self, chunk: Chunk) -> None:
        self._indexed_bytes += chunk.size - self._indexed.pop(chunk, 0)
        self._indexed[chunk] = chunk.size
        while self._indexed_bytes > INDEXED_BYTES and len(self._indexed) > 1:
            oldest = next(iter(self._indexed))
            oldest.forget()
            self._indexed_bytes -= self._indexed.pop(oldest)

    def chunks_from(self, number: int) -> Iterator[Chunk]:
        """The chunks from the one that holds a line on, oldest first."""
        index = max(0, bisect_right(self.chunks, number, key=_first_line) - 1)
        for chunk in self.chunks[index:]:
            if chunk.end_line > number:
                yield chunk

    def line(self, number: int) -> bytes | None:
        """The bytes of a line without its newline; None where it was dropped."""
        if number == self.next_line and self._tail:
            return b"".join(self._tail)
        chunk = self.chunk_of(number)
        if chunk is None:
            return None
        begin, end = chunk.span(number)
        return chunk.data[begin:end]

    def offset_of(self, number: int) -> int | None:
        """Where a line begins in its file; None where it was dropped."""
        if number == self.next_line and self._tail:
            return self._tail_offset
        chunk = self.chunk_of(number)
        return None if chunk is None else chunk.offset + chunk.span(number)[0]

    def read(self, position: int) -> tuple[bytes, int]:
        """The bytes from a position of the stream to its end, and how many before them were dropped."""
        first = self.chunks[0].position if self.chunks else self._position
        lost = max(0, first - position)
        position += lost
        index = max(0, bisect_right(self.chunks, position, key=_position) - 1)
        pieces = [chunk.data[max(0, position - chunk.position) :] for chunk in self.chunks[index:]]
        tail = b"".join(self._tail)
        pieces.append(tail[max(0, position - self._position) :])
        return b"".join(pieces), lost


def _first_line(chunk: Chunk) -> int:
    return chunk.first_line


def _position(chunk: Chunk) -> int:
    return chunk.position


def _since(entry: tuple[int, Cursor]) -> int:
    return entry[0]


def _is_dropped_seam(chunk: Chunk) -> bool:
    return chunk.seam is not None and chunk.seam.reason == "dropped"
