"""The page of an https URL, asked by httpx through the node's connection."""

from __future__ import annotations

from dataclasses import replace

import httpx

from aen_tui import __version__
from aen_tui.model.node import HttpTarget, NodeSpec
from aen_tui.model.node_facts import Page
from aen_tui.model.pages import kind_of
from aen_tui.model.text import visible_line
from aen_tui.runtime.https import BODY_LIMIT_BYTES, DEADLINE_SECONDS, tls_context
from aen_tui.transports import Link
from aen_tui.transports.http import HttpTransport

_REDIRECTS = 4


async def page_behind_tls(link: Link, spec: NodeSpec, target: HttpTarget) -> Page:
    """Look at a URL's first page; redirects are followed on the same host only.

    Args:
        link: the node's connection.
        spec: the node, for whom and how its certificate is verified.
        target: the URL.

    Raises:
        AenError: nothing can be forwarded, or its certificate cannot be verified at all.
    """
    url = httpx.URL(target.url + "/")
    page = Page(target.name, str(url))
    context = await tls_context(spec)
    socket = await link.open_unix_forward(url.host, url.port or 443)
    transport = HttpTransport(uds=socket, verify=context, trust_env=False)
    headers = {"User-Agent": f"aen-tui/{__version__}", "Accept": "text/html"}
    try:
        async with httpx.AsyncClient(
            transport=transport, headers=headers, timeout=DEADLINE_SECONDS, trust_env=False
        ) as client:
            for _ in range(_REDIRECTS):
                page, onward = await _get(client, replace(page, url=str(url)))
                if onward is None or _origin(onward) != _origin(url):
                    break
                url = onward
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return replace(page, error=visible_line(str(error) or type(error).__name__, 300))
    return page


async def _get(client: httpx.AsyncClient, page: Page) -> tuple[Page, httpx.URL | None]:
    """A page, and where it leads on to."""
    async with client.stream("GET", page.url) as answer:
        body = b""
        async for piece in answer.aiter_bytes(16_384):
            body += piece
            if len(body) > BODY_LIMIT_BYTES:
                break
    kind = kind_of(body[:BODY_LIMIT_BYTES].decode("utf-8", "replace"))
    to = answer.next_request.url.copy_with(fragment=None) if answer.next_request is not None else None
    onward = visible_line(str(to.copy_with(query=None)), 500) if to is not None else None
    return replace(page, code=answer.status_code, kind=kind, onward=onward), to


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
