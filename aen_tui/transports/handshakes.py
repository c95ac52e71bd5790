"""How many handshakes run at once: here, through one gateway, and against one sshd.

An sshd counts connections that have not logged in (MaxStartups, 10 by default) and drops further
ones, so each sshd, by address and port, has its own limit from before TCP to after the login. The
other two limits are about processor time, here and on the gateway; a handshake that only waits (a
host that does not answer, a person who types a code) gives those places back after a while, so that
a bad node delays no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

PER_SSHD = 8
PER_GATEWAY = 8
_PATIENCE_SECONDS = 2.0


class HandshakeLimits:
    """The places of one run.

    Args:
        at_once: handshakes at once, over all.
        patience_seconds: after which a handshake counts as waiting.
    """

    def __init__(self, at_once: int, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._gateways: dict[Hashable, asyncio.Semaphore] = {}
        self._sshds: dict[Hashable, asyncio.Semaphore] = {}
        self._patience = patience_seconds

    @asynccontextmanager
    async def unauthenticated(self, sshd: Hashable) -> AsyncIterator[None]:
        """A place at an sshd, from before TCP until the login is done."""
        async with self._sshds.setdefault(sshd, asyncio.Semaphore(PER_SSHD)):
            yield

    def is_full(self, sshd: Hashable) -> bool:
        """Whether somebody may be waiting for a place at an sshd."""
        return self._sshds[sshd].locked()

    @asynccontextmanager
    async def handshake(self, gateway: Hashable | None) -> AsyncIterator[None]:
        """A place here, and at the gateway where there is one."""
        places = [self._all]
        if gateway is not None:
            # The narrow one first: who waits for it must not hold a place that others could use.
            places.insert(0, self._gateways.setdefault(gateway, asyncio.Semaphore(PER_GATEWAY)))
        held: list[asyncio.Semaphore] = []

        def give_back() -> None:
            while held:
                held.pop().release()

        try:
            for place in places:
                await place.acquire()
                held.append(place)
            timer = asyncio.get_running_loop().call_later(self._patience, give_back)
            try:
                yield
            finally:
                timer.cancel()
        finally:
            give_back()
