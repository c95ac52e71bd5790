"""httpx's transport, with sockets that are closed however a request ends."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Mapping
from typing import Any

import httpx

_OPENED = {"connection.connect_unix_socket.complete", "connection.connect_tcp.complete"}


class HttpTransport(httpx.AsyncHTTPTransport):
    """As httpx's own, but a request that is cancelled leaves no socket behind.

    httpcore 1.0 closes a socket whose TLS handshake fails, and forgets one whose handshake is cancelled
    (`AnyIOStream.start_tls` catches Exception, which CancelledError is none of). Its `trace` extension tells of each
    stream that was opened (https://www.encode.io/httpcore/extensions/#trace).
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see `httpx.AsyncBaseTransport`."""
        opened = []

        async def trace(event: str, about: Mapping[str, Any]) -> None:
            if event in _OPENED:
                opened.append(about["return_value"])

        request.extensions = {**request.extensions, "trace": trace}
        try:
            return await super().handle_async_request(request)
        except CancelledError:
            for stream in opened:
                await stream.aclose()
            raise
