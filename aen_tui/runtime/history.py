"""Older bytes of a log, read backwards on the node as far as somebody wants to look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aen_tui.errors import AenError, ConnectionLostError, DeadlineError, ProbeError
from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Cursor, LogKey, OlderEdge, OlderState
from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.sources.frames import OlderHeader, decode
from aen_tui.state.logbook import LogBooks

OLDER_BYTES = 256 * 1024
"""One step backwards (ops 4)."""
READ_SECONDS = 35.0
"""The probe gives up after 30."""
FULL = "the memory for logs is full (log_memory_megabytes)"

Send = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Older:
    """An answer of the probe."""

    data: bytes
    place: Cursor | None
    """Where the bytes begin; None where there are none."""
    name: str
    """The file they are from."""
    is_end: bool
    is_earlier: bool
    """At the end stand files that were not opened: they were last written before `since`."""
    error: str | None


Ask = Callable[[LogPath, Cursor | None, int, float | None], Awaitable[Older]]


class OlderReads:
    """The reads of one node's probes that wait for their answer."""

    def __init__(self, node: NodeName, numbers: Iterator[int]) -> None:
        self._node = node
        self._numbers = numbers
        self._waiting: dict[int, asyncio.Future[Older]] = {}

    async def read(self, send: Send, number: int, before: Cursor | None, size: int, since: float | None) -> Older:
        """Ask a probe and wait; a wait that is cancelled is cancelled on the node too.

        Args:
            send: the probe's.
            number: the followed file's.
            before: where the bytes wanted end; None = at the file's present end.
            size: how many at most.
            since: files last written before this are not opened.

        Raises:
            AenError: the probe is gone, or did not answer in time.
        """
        rid = next(self._numbers)
        answer = self._waiting[rid] = asyncio.get_running_loop().create_future()
        place: dict[str, Any] | None = None
        if before is not None:
            place = {"dev": before.device, "ino": before.inode, "off": before.offset}
            place |= {"head": before.head, "head_n": before.head_bytes}
        try:
            send({"op": "read", "rid": rid, "id": number, "before": place, "bytes": size, "since": since})
            async with asyncio.timeout(READ_SECONDS):
                found: Older = await answer
                return found
        except TimeoutError:
            raise DeadlineError("older lines were not read in time", node=self._node) from None
        finally:
            del self._waiting[rid]
            if not answer.done() or answer.cancelled():
                with suppress(AenError):
                    send({"op": "cancel", "rid": rid})

    def answered(self, payload: bytes | memoryview) -> None:
        """Take an R frame.

        Raises:
            ProbeError: it is nonsense.
        """
        head, _, data = bytes(payload).partition(b"\n")
        header = decode(OlderHeader, head)
        answer = self._waiting.get(header.rid)
        if answer is None or answer.done():
            return
        place = None
        if header.file is not None:
            file = header.file
            place = Cursor(file.dev, file.ino, file.off, file.head, file.head_n, "", 0)
        elif data:
            raise ProbeError("older bytes came without their place", node=self._node)
        error = visible_line(header.error, 300) if header.error else None
        answer.set_result(Older(data, place, visible_line(header.name, 120), header.end, header.earlier, error))

    def lost(self) -> None:
        """The probes are gone: nobody answers any more."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionLostError("the connection was lost", node=self._node))


class History:
    """Fetches for books; at most one at a time for each."""

    def __init__(self, books: LogBooks) -> None:
        self._books = books
        self._running: dict[LogKey, asyncio.Lock] = {}

    async def fetch(self, key: LogKey, ask: Ask, size: int, since: float | None) -> OlderEdge:
        """Put older lines before a book's first; where it begins then."""
        lock = self._running.setdefault(key, asyncio.Lock())
        book = self._books.book(key)
        if lock.locked():
            async with lock:
                return book.edge
        async with lock:
            before = book.begin()
            try:
                answer = await ask(key.path, before, size, since) if self._books.room_for(size) else None
            except AenError as error:
                return self._say(key, OlderEdge(OlderState.GONE, error.message))
            if answer is None:
                return self._say(key, OlderEdge(OlderState.FULL, FULL))
            if book.begin() != before:  # its oldest lines left memory meanwhile
                return book.edge
            return self._put(key, answer)

    def _say(self, key: LogKey, edge: OlderEdge) -> OlderEdge:
        self._books.prepend(key, b"", None, edge)
        return edge

    def _put(self, key: LogKey, answer: Older) -> OlderEdge:
        if answer.error is not None:
            edge = OlderEdge(OlderState.GONE, answer.error)
        elif answer.is_earlier:
            edge = OlderEdge(OlderState.EARLIER, "what lies before was last written before the time asked for")
        elif answer.is_end:
            edge = OlderEdge(OlderState.START, "the oldest file begins here")
        else:
            edge = OlderEdge(
                OlderState.MORE, f"{answer.name} from byte {answer.place.offset:,}" if answer.place else ""
            )
        self._books.prepend(key, answer.data, answer.place, edge)
        return self._books.book(key).edge
