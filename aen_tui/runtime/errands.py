"""Errands: what is asked of a node seldom, by source that is sent with its order; rows are taken as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aen_tui.errors import AenError, ConnectionLostError, DeadlineError, ProbeError
from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.sources.frames import ErrandHeader, decode
from aen_tui.transports.payload import errand_source

ANSWER_BYTES = 4 * 1024 * 1024
AT_A_TIME = 2
"""So many a probe takes; the others wait here."""
LATE_SECONDS = 5.0
"""How much longer than the probe we wait for the end."""

Send = Callable[[Mapping[str, Any]], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Errand(Generic[T]):
    """What a node is to do, and who takes what it says."""

    name: str
    """Of a file in aen_tui/probe/errands."""
    order: Mapping[str, Any]
    """As that file says."""
    row: Callable[[bytes], T]
    """Decodes one row, and makes its texts safe (sources/); ProbeError where it is nonsense."""
    take: Callable[[T], None]
    """Called with each row as it comes; what it raises, an AenError, ends the errand."""
    seconds: float
    """How long it may take, and of how much cpu, on the node; and how long it may wait for others to end before."""
    most_bytes: int = ANSWER_BYTES
    """Of the whole answer."""
    raised: bool = False
    """Whether by the probe under sudo where there is one, else by the login user's."""

    def answer(self, line: bytes) -> None:
        """A row has come."""
        self.take(self.row(line))


class Asks(Protocol):
    """`Runtime.errand`."""

    async def __call__(self, node: NodeName, errand: Errand[Any], /) -> bool:
        """Have a node do one of the probe's errands."""


async def rows_of(
    ask: Asks,
    node: NodeName,
    name: str,
    order: Mapping[str, Any],
    row: Callable[[bytes], T],
    *,
    seconds: float,
    most_bytes: int = ANSWER_BYTES,
    raised: bool = False,
) -> list[T]:
    """All rows of an errand; the arguments are those of `Errand`.

    Raises:
        AenError: the node is away, could not do it, or did not end in time.
    """
    rows: list[T] = []
    await ask(node, Errand(name, order, row, rows.append, seconds, most_bytes, raised))
    return rows


async def first_row(
    ask: Asks,
    node: NodeName,
    name: str,
    order: Mapping[str, Any],
    row: Callable[[bytes], T],
    *,
    seconds: float,
    most_bytes: int = ANSWER_BYTES,
    raised: bool = False,
) -> T | None:
    """What an errand of one row said; None where it said nothing. As `rows_of`."""
    rows = await rows_of(ask, node, name, order, row, seconds=seconds, most_bytes=most_bytes, raised=raised)
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class _Running:
    errand: Errand[Any]
    end: asyncio.Future[None]


class Errands:
    """The errands of one node's probes that are under way.

    Args:
        node: whose.
        numbers: where the numbers of orders come from; a probe's reads take from the same.
    """

    def __init__(self, node: NodeName, numbers: Iterator[int]) -> None:
        self._node = node
        self._numbers = numbers
        self._running: dict[int, _Running] = {}
        self._places = {raised: asyncio.Semaphore(AT_A_TIME) for raised in (False, True)}

    async def run(self, send: Send, errand: Errand[Any]) -> None:
        """Send one and wait for its end; a wait that is cancelled is cancelled on the node too.

        Args:
            send: the probe's.
            errand: what is to be done; `raised` where the probe is the one under sudo.

        Raises:
            AenError: it failed, was refused, was cut off (the rows so far were taken), or the probe is gone.
        """
        try:
            async with asyncio.timeout(errand.seconds):
                await self._places[errand.raised].acquire()
        except TimeoutError:
            text = f"{errand.name} was not asked: others have been under way for {errand.seconds:.0f} s"
            raise DeadlineError(text, node=self._node) from None
        try:
            await self._run(send, errand)
        finally:
            self._places[errand.raised].release()

    async def _run(self, send: Send, errand: Errand[Any]) -> None:
        number = next(self._numbers)
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[number] = _Running(errand, end)
        wanted = {"op": "errand", "rid": number, "name": errand.name, "source": errand_source(errand.name)}
        try:
            send({**wanted, "order": dict(errand.order), "seconds": errand.seconds, "bytes": errand.most_bytes})
            async with asyncio.timeout(errand.seconds + LATE_SECONDS):
                await end
        except TimeoutError:
            text = f"{errand.name} did not end within {errand.seconds:.0f} s"
            raise DeadlineError(text, node=self._node) from None
        finally:
            if self._running.pop(number, None) is not None:
                with suppress(AenError):
                    send({"op": "cancel", "rid": number})

    def answered(self, payload: bytes | memoryview) -> None:
        """Take an A frame.

        Raises:
            ProbeError: its head is nonsense. Of nonsense in a row only the errand dies.
        """
        head, _, rows = bytes(payload).partition(b"\n")
        header = decode(ErrandHeader, head)
        running = self._running.get(header.rid)
        if running is None or running.end.done():
            return
        try:
            for line in rows.splitlines():
                running.errand.answer(line)
        except AenError as error:
            running.end.set_exception(error)
            return
        if header.end:
            del self._running[header.rid]
            if header.error is None:
                running.end.set_result(None)
            else:
                running.end.set_exception(ProbeError(visible_line(header.error, 300), node=self._node))

    def lost(self, *, raised: bool | None = None) -> None:
        """A probe is gone, or both (None): nobody answers any more."""
        for number, running in list(self._running.items()):
            if raised in (None, running.errand.raised):
                del self._running[number]
                if not running.end.done():
                    running.end.set_exception(ConnectionLostError("the connection was lost", node=self._node))
