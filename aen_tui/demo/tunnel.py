"""A forwarded connection from a gateway's sshd to a compute.

asyncssh's own forwarder drops what the far end says before the channel is confirmed; an sshd in the same process
always speaks first, so here the far end is not read until then.
"""
# ruff: noqa: D102 - the callbacks are documented by asyncssh and asyncio

from __future__ import annotations

import asyncio

import asyncssh

_CONNECT_SECONDS = 10.0


class Tunnel(asyncssh.SSHTCPSession[bytes]):
    """The channel's side."""

    channel: asyncssh.SSHTCPChannel[bytes]

    def __init__(self, far: asyncio.Transport) -> None:
        self._far = far
        self._ended: set[str] = set()

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self.channel = chan

    def session_started(self) -> None:
        self._far.resume_reading()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._far.write(data)

    def eof_received(self) -> bool:
        try:
            self._far.write_eof()
        except OSError:  # reset by the far end, and not told yet; raised from here it would end the whole connection
            self._far.abort()
        self.ended("near")
        return True

    def ended(self, side: str) -> None:
        """One side says no more. When both have, nobody need wait for the other to close (as sshd does it)."""
        self._ended.add(side)
        if len(self._ended) == 2:
            self.channel.close()
            self._far.close()

    def pause_writing(self) -> None:
        self._far.pause_reading()

    def resume_writing(self) -> None:
        self._far.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._far.close()


class _FarEnd(asyncio.Protocol):
    """The socket's side."""

    tunnel: Tunnel | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self.tunnel = Tunnel(transport)

    def data_received(self, data: bytes) -> None:
        assert self.tunnel is not None
        self.tunnel.channel.write(data)

    def eof_received(self) -> bool:
        assert self.tunnel is not None
        self.tunnel.channel.write_eof()
        self.tunnel.ended("far")
        return True

    def pause_writing(self) -> None:
        assert self.tunnel is not None
        self.tunnel.channel.pause_reading()

    def resume_writing(self) -> None:
        assert self.tunnel is not None
        # Not at once: what was held back may end in an end of file, and asyncio's transports, still inside their own
        # write, would then close on a full buffer.
        asyncio.get_running_loop().call_soon(self.tunnel.channel.resume_reading)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.tunnel is not None and hasattr(self.tunnel, "channel"):
            self.tunnel.channel.close()


async def open_tunnel(source: str, address: str, port: int) -> Tunnel:
    """Connect from one node's address to another's.

    Raises:
        asyncssh.ChannelOpenError: nobody listens there, or no answer in ten seconds.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, far = await loop.create_connection(_FarEnd, address, port, local_addr=(source, 0))
    except (OSError, TimeoutError) as error:
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, str(error) or "no answer") from None
    assert far.tunnel is not None
    return far.tunnel
