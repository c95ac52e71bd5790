"""https URLs of a node, asked by httpx through the node's own connection.

The probe cannot ask them: Python 2.6 verifies no certificate. The way is a unix socket in a 0700 folder that leads
to host and port as the node sees them, so no other user of the jump host can use it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from aen_tui import __version__
from aen_tui.errors import TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import HttpState
from aen_tui.model.node import HttpTarget, NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.runtime.probe_config import HTTP_SECONDS
from aen_tui.sources.http_answers import decode_document
from aen_tui.transports import Link
from aen_tui.transports.http import HttpTransport

DEADLINE_SECONDS = 5.0
BODY_LIMIT_BYTES = 65_536


async def tls_context(spec: NodeSpec) -> ssl.SSLContext:
    """Verifies as the system does, or against the node's `tls_ca`; old protocols only with `tls_legacy`.

    Raises:
        TransportError: `tls_ca` is no file with certificates that can be read.
    """
    return await asyncio.to_thread(_tls_context, spec)  # the system's certificates take some 20 ms


def _tls_context(spec: NodeSpec) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=spec.tls_ca)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror if spec.tls_ca is None else f"tls_ca {spec.tls_ca}: {error.strerror or error}"
        message = visible_line(f"no certificate can be verified: {why}", 300)
        raise TransportError(message, node=spec.name, hint="it is to be a PEM file of certificates") from error
    if spec.tls_legacy:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class HttpsAsker:
    """Asks the https targets of one node every ten seconds while it is up."""

    def __init__(
        self,
        spec: NodeSpec,
        targets: Sequence[HttpTarget],
        *,
        link: Callable[[], Link | None],
        clock: Clock,
        answered: Callable[[HttpTarget, HttpState], None],
    ) -> None:
        self._targets = targets
        self._spec = spec
        self._context: ssl.SSLContext | None = None
        self._link = link
        self._clock = clock
        self._answered = answered
        self._known_path: dict[str, str] = {}

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            link = self._link()
            for target in self._targets if link is not None else ():
                self._answered(target, await self._ask(target, link))
            await asyncio.sleep(HTTP_SECONDS if link is not None else 0.5)

    async def _ask(self, target: HttpTarget, link: Link | None) -> HttpState:
        state = HttpState(target.name, target.url, target.asked_on, seen_at=self._clock.monotonic())
        if link is None:
            return replace(state, error=f"{target.asked_on} is not up", seen_at=None)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS * 2):
                return await self._through(target, link, state)
        except TimeoutError:
            return replace(state, error=f"no answer within {DEADLINE_SECONDS * 2:.0f} s")
        except (TransportError, httpx.HTTPError, OSError, ssl.SSLError) as error:
            return replace(state, error=visible_line(str(error) or type(error).__name__, 300))

    async def _through(self, target: HttpTarget, link: Link, state: HttpState) -> HttpState:
        parts = urlsplit(target.url)
        if self._context is None:
            self._context = await tls_context(self._spec)
        socket = await link.open_unix_forward(parts.hostname or "", parts.port or 443)
        transport = HttpTransport(uds=socket, verify=self._context, trust_env=False)
        headers = {"User-Agent": f"aen-tui/{__version__}"}
        async with httpx.AsyncClient(
            transport=transport, headers=headers, timeout=DEADLINE_SECONDS, trust_env=False
        ) as client:
            known = self._known_path.get(target.url)
            found = state
            for path in (known,) if known is not None else target.paths:
                found = await self._get(client, target, path, state)
                if found.document is not None:
                    self._known_path[target.url] = path
                    break
            return found

    async def _get(self, client: httpx.AsyncClient, target: HttpTarget, path: str, state: HttpState) -> HttpState:
        started = self._clock.monotonic()
        async with client.stream("GET", target.url + path) as response:
            body = b""
            async for piece in response.aiter_bytes(16_384):
                body += piece
                if len(body) > BODY_LIMIT_BYTES:
                    break
        try:
            document = json.loads(body) if target.wants_document else None
        except (ValueError, RecursionError):
            document = None
        return replace(
            state,
            url=target.url + path,
            status_code=response.status_code,
            latency_ms=round((self._clock.monotonic() - started) * 1000, 1),
            document=decode_document(document if isinstance(document, dict) else None),
        )
