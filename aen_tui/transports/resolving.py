"""Names to addresses, each in a thread of its own.

The loop's own pool has a handful of threads: a resolver that hangs for half a minute would hold all
of them, and the program's end as well. These are daemons: nobody waits for them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

Address = tuple[socket.AddressFamily, tuple[Any, ...]]
_FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}


async def resolve(host: str, port: int, family: str) -> list[Address]:
    """The addresses of a host, in the resolver's order.

    Args:
        host: name or address.
        port: TCP port.
        family: any | inet | inet6.

    Raises:
        socket.gaierror: there is none.
    """
    try:
        return _lookup(host, port, family, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Address]] = loop.create_future()

    def tell(found: list[Address] | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(found or [])

    def work() -> None:
        found: list[Address] | None = None
        problem: BaseException | None = None
        try:
            found = _lookup(host, port, family, 0)
        except OSError as error:
            problem = error
        try:
            loop.call_soon_threadsafe(tell, found, problem)
        except RuntimeError:
            return  # the loop is closed: nobody wants to know

    threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
    return await future


def _lookup(host: str, port: int, family: str, flags: int) -> list[Address]:
    try:
        infos = socket.getaddrinfo(host, port, _FAMILIES[family], socket.SOCK_STREAM, socket.IPPROTO_TCP, flags)
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None
    return [(info[0], info[4]) for info in infos]


async def connect_tcp(addresses: list[Address], *, bind: str | None, seconds: float) -> socket.socket:
    """A connected, non-blocking socket to the first address that answers.

    Args:
        addresses: tried in order; each gets its share of the time.
        bind: local address, or None.
        seconds: for all of them.

    Raises:
        OSError: none answers; the first one's error.
        TimeoutError: time is up.
    """
    loop = asyncio.get_running_loop()
    first: OSError | None = None
    end = loop.time() + seconds
    for position, (family, address) in enumerate(addresses):
        share = (end - loop.time()) / (len(addresses) - position)
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        connected = False
        try:
            if bind:
                sock.bind((bind, 0))
            async with asyncio.timeout(share):
                await loop.sock_connect(sock, address)
            connected = True
            return sock
        except OSError as error:  # TimeoutError is one
            first = first or error
        finally:
            if not connected:
                sock.close()
    raise first or OSError("no address")
