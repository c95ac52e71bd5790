"""The page of an https URL, asked by httpx through the node's connection."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from aen_tui import __version__
from aen_tui.model.node import HttpTarget, NodeSpec
from aen_tui.model.node_facts import Page
from aen_tui.model.pages import kind_of
from aen_tui.model.text import visible_line
from aen_tui.runtime.https import BODY_LIMIT_BYTES, DEADLINE_SECONDS, tls_context
from aen_tui.transports import Link

_REDIRECTS = 4


async def page_behind_tls(link: Link, spec: NodeSpec, target: HttpTarget) -> Page:
    """Look at a URL's first page; redirects are followed on the same host only.

    Args:
        link: the node's connection.
        spec: the node, for whom and how its certificate is verified.
        target: the URL.

    Raises:
        AenError: nothing can be forwarded.
    """
    url = urlsplit(target.url)
    page = Page(target.name, target.url + "/")
    socket = await link.open_unix_forward(url.hostname or "", url.port or 443)
    transport = httpx.AsyncHTTPTransport(uds=socket, verify=tls_context(spec), trust_env=False)
    headers = {"User-Agent": f"aen-tui/{__version__}", "Accept": "text/html"}
    try:
        async with httpx.AsyncClient(
            transport=transport, headers=headers, timeout=DEADLINE_SECONDS, trust_env=False
        ) as client:
            for _ in range(_REDIRECTS):
                page, onward = await _get(client, page)
                if onward is None:
                    break
                page = replace(page, url=onward)
    except (httpx.HTTPError, OSError) as error:
        return replace(page, error=visible_line(str(error) or type(error).__name__, 300))
    return page


async def _get(client: httpx.AsyncClient, page: Page) -> tuple[Page, str | None]:
    """A page, and where on the same host it leads on to."""
    async with client.stream("GET", page.url) as answer:
        body = b""
        async for piece in answer.aiter_bytes(16_384):
            body += piece
            if len(body) > BODY_LIMIT_BYTES:
                break
    onward = answer.next_request.url if answer.next_request is not None else None
    found = replace(page, code=answer.status_code, kind=kind_of(body.decode("utf-8", "replace")))
    is_same = onward is not None and onward.host == answer.url.host and onward.scheme == answer.url.scheme
    return found, visible_line(str(onward), 500) if is_same else None
