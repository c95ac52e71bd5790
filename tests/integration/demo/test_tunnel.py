"""The demo's tunnels: what the far end does ends one of them, never the connection that carries them all."""

from __future__ import annotations

import asyncio
import socket
import struct

from aen_tui.demo import tunnel


class _Channel:
    """Whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


async def test_a_far_end_that_is_gone_when_our_end_of_input_comes_ends_the_tunnel_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        opened = await tunnel.open_tunnel("127.0.0.1", host, port)
        accepted, _ = listening.accept()
        channel = _Channel()
        opened.connection_made(channel)  # type: ignore[arg-type]
        opened.session_started()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, as of one killed
        accepted.close()
        assert opened.eof_received()
        async with asyncio.timeout(60):
            while not channel.is_closed:
                await asyncio.sleep(0)
