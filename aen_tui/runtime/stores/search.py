"""Asks Elasticsearch through its node's connection, by httpx: GETs only, one connection, capped answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from aen_tui import __version__
from aen_tui.errors import (
    ForwardError,
    StoreAnswerError,
    StoreClosedError,
    StoreError,
    StoreSilentError,
    TransportError,
)
from aen_tui.model.age import age_text
from aen_tui.model.clock import Clock
from aen_tui.model.facts import StoreState
from aen_tui.model.node import NodeSpec
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchDiskLimits, SearchFigures
from aen_tui.model.text import visible_line
from aen_tui.runtime.https import tls_context
from aen_tui.sources import elasticsearch_answers as answers
from aen_tui.sources.documents import text, whole
from aen_tui.state.series import SeriesStore
from aen_tui.transports import Link
from aen_tui.transports.http import HttpTransport
from aen_tui.transports.reaching import reach

ANSWER_SECONDS = 5.0
"""For what comes next of an answer."""
WHOLE_SECONDS = 10.0
"""For all of an answer. What is asked behind the greeting and is not answered makes only itself unknown."""
BODY_LIMIT_BYTES = 4 * 1024 * 1024
_THREAD_FROM_BYTES = 65_536
"""Longer answers are parsed in a thread."""
_THREAD_FROM_INDICES = 100
HEAP_LOOKS = 4
_HEALTH = "/_cluster/health?level=indices&master_timeout=2s&timeout=2s"


class SearchAsker:
    """Looks at one Elasticsearch, again and again.

    Args:
        spec: the node that carries it, or leads to it.
        url: as seen from there.
        expected_nodes: how many nodes its cluster should have.
    """

    def __init__(self, spec: NodeSpec, url: str, expected_nodes: int, clock: Clock) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self.address = f"{self._host}:{self._port}"
        self._url = url
        self._spec = spec
        self._expected = expected_nodes
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._path: str | None = None
        self._heap: list[float] = []

    async def look(self, link: Link, before: StoreState, *, contents: bool) -> StoreState:
        """One look; what it found, whatever that is."""
        now = self._clock.monotonic()
        state = replace(before, asked_on=self._spec.name, address=self.address, is_pending=False)
        try:
            return await self._ask(await self._way(link), state, contents=contents)
        except StoreSilentError as error:
            ago = f"; the last was {age_text(now - state.answered_at)} ago" if state.answered_at is not None else ""
            return self._down(state, f"it takes connections and hangs: {error.message}{ago}", now)
        except StoreClosedError:
            return await self._unreached(link, state, now)
        except StoreError as error:
            return self._down(state, error.message, now)
        except TransportError as error:
            return replace(state, state="unknown", error=error.message, severity=Severity.UNKNOWN, seen_at=now)

    async def _way(self, link: Link) -> httpx.AsyncClient:
        path = await link.open_unix_forward(self._host, self._port)
        if self._client is None or path != self._path:
            await self.close()
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            verify = await tls_context(self._spec) if self._url.startswith("https:") else False
            transport = HttpTransport(uds=path, verify=verify, trust_env=False, limits=limits)
            headers = {"User-Agent": f"aen-tui/{__version__}", "Accept": "application/json"}
            self._path = path
            self._client = httpx.AsyncClient(
                transport=transport, headers=headers, timeout=ANSWER_SECONDS, trust_env=False, base_url=self._url
            )
        return self._client

    async def _ask(self, client: httpx.AsyncClient, state: StoreState, *, contents: bool) -> StoreState:
        started = self._clock.monotonic()
        root, _ = await self._get(client, "/")
        latency = (self._clock.monotonic() - started) * 1000
        version = answers.version(root)
        if version is None:
            raise StoreAnswerError("it answers, but not as Elasticsearch does")
        try:
            health, _ = await self._get(client, _HEALTH)
        except StoreSilentError as silence:
            health = {"error": silence.message}
        word = answers.health(health)
        error = None if word is not None else f"no health: {answers.error(health) or 'an empty answer'}"
        figures = await self._figures(client, _figures(state), health, contents=contents)
        hidden = Severity.OK if figures.nodes.error is None else Severity.UNKNOWN
        now = self._clock.monotonic()
        return replace(
            state,
            state="up",
            version=version,
            health=word,
            error=error or figures.nodes.error,
            severity=Severity.CRITICAL if word in ("red", None) else hidden,
            seen_at=now,
            answered_at=now,
            latency_ms=round(latency, 1),
            figures=figures,
        )

    async def _figures(
        self, client: httpx.AsyncClient, before: SearchFigures | None, health: Mapping[str, Any], *, contents: bool
    ) -> SearchFigures:
        kept = before or SearchFigures(cluster="", node_count=0)
        nodes = await self._read(kept.nodes, client, "/_nodes/stats/jvm,fs", answers.nodes)
        limits, indices = kept.disk_limits, kept.indices
        if before is None or contents:
            limits = await self._limits(client) or limits
            indices = await self._read(indices, client, "/_stats/docs,store", answers.counts)
        if answers.health(health) is not None:
            of_indices = partial(answers.with_health, indices.value or (), health)
            many = len(health.get("indices") or ()) > _THREAD_FROM_INDICES
            indices = replace(indices, value=await asyncio.to_thread(of_indices) if many else of_indices())
        return SearchFigures(
            cluster=text(health, "cluster_name") or kept.cluster,
            node_count=whole(health, "number_of_nodes") or 0,
            expected_nodes=self._expected,
            active_shards=whole(health, "active_shards") or 0,
            unassigned_shards=whole(health, "unassigned_shards") or 0,
            pending_tasks=whole(health, "number_of_pending_tasks"),
            nodes=nodes,
            indices=indices,
            disk_limits=limits,
            heap_least_percent=self._least_heap(nodes),
        )

    async def _limits(self, client: httpx.AsyncClient) -> SearchDiskLimits | None:
        """None where an answer is missing, or the master where files differ: they are what they were, then."""
        cluster = await self._read(Reading(), client, "/_cluster/settings?flat_settings=true", dict)
        nodes = await self._read(Reading(), client, "/_nodes/settings?flat_settings=true", dict)
        if cluster.value is None or nodes.value is None:
            return None
        limits = answers.disk_limits(cluster.value, nodes.value)
        if not limits.apart:
            return limits
        elected = await self._read(Reading(), client, "/_cluster/state/master_node?local=true", answers.master)
        return None if elected.value is None else answers.disk_limits(cluster.value, nodes.value, elected.value)

    def _least_heap(self, nodes: Reading[Any]) -> float | None:
        """Of the fullest node, over the last looks: a collector lets the heap grow and cuts it back."""
        fullest = max((node.heap_percent for node in nodes.value or () if node.heap_percent is not None), default=None)
        if fullest is None or nodes.error is not None:
            return min(self._heap, default=None)
        self._heap = [*self._heap[1 - HEAP_LOOKS :], fullest]
        return min(self._heap)

    async def _read(self, before: Reading[Any], client: httpx.AsyncClient, path: str, decode: Any) -> Reading[Any]:
        """The answer with its moment; where there is none, what was known before and why."""
        try:
            answer, status = await self._get(client, path)
            said = answers.error(answer)
            if status >= HTTPStatus.BAD_REQUEST or said is not None:
                raise StoreAnswerError(f"{path.partition('?')[0]} answers {status}: {said or 'an error'}")
        except StoreError as error:
            return replace(before, error=error.message)
        return Reading(decode(answer), self._clock.monotonic())

    async def _get(self, client: httpx.AsyncClient, path: str) -> tuple[Mapping[str, Any], int]:
        """An answer, which may be an error, and its status."""
        try:
            async with asyncio.timeout(WHOLE_SECONDS), client.stream("GET", path) as response:
                body = b""
                async for piece in response.aiter_bytes(65_536):
                    body += piece
                    if len(body) > BODY_LIMIT_BYTES:
                        raise StoreAnswerError(f"{path.partition('?')[0]}: more than {BODY_LIMIT_BYTES >> 20} MiB")
        except httpx.TimeoutException as error:
            raise StoreSilentError(f"no answer within {ANSWER_SECONDS:g} s") from error
        except TimeoutError as error:
            raise StoreSilentError(f"its answer took more than {WHOLE_SECONDS:g} s") from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            if isinstance(error, httpx.RemoteProtocolError) and "without sending a response" not in str(error):
                raise StoreAnswerError(f"that is no HTTP: {visible_line(str(error), 150)}") from error
            raise StoreClosedError("the connection was closed") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreAnswerError(visible_line(str(error) or type(error).__name__, 200)) from error
        if response.status_code in (401, 403):
            raise StoreAnswerError(f"it answers {response.status_code}: it wants a login, which 1.7 does not know")
        return await self._parsed(body, response), response.status_code

    async def _parsed(self, body: bytes, response: httpx.Response) -> Mapping[str, Any]:
        try:
            found = json.loads(body) if len(body) < _THREAD_FROM_BYTES else await asyncio.to_thread(json.loads, body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            kind = visible_line(response.headers.get("content-type", "no type"), 60)
            raise StoreAnswerError(f"it answers, but not as Elasticsearch does: {kind}, status {response.status_code}")
        return found

    async def _unreached(self, link: Link, state: StoreState, now: float) -> StoreState:
        try:
            await reach(link, self._host, self._port)
        except ForwardError as refusal:
            why = refusal.whole
            return replace(state, state="unknown", error=why, severity=Severity.UNKNOWN, seen_at=now)
        except TransportError as refusal:
            return self._down(state, refusal.message, now)
        return self._down(state, "it takes connections and closes them at once", now)

    @staticmethod
    def _down(state: StoreState, why: str, now: float) -> StoreState:
        return replace(state, state="down", error=why, health=None, severity=Severity.CRITICAL, seen_at=now)

    def record(self, state: StoreState, series: SeriesStore) -> None:
        """What the charts show."""
        figures = _figures(state)
        if figures is None or figures.nodes.error is not None or not figures.nodes.value:
            return
        at = figures.nodes.seen_at or 0.0
        heaps = [node.heap_percent for node in figures.nodes.value if node.heap_percent is not None]
        if heaps:
            series.of(self._spec.name, "search_heap").add(at, max(heaps))
        if state.health is not None:
            series.of(self._spec.name, "search_health").add(at, float(answers.HEALTH.index(state.health)))

    def ask_again(self) -> None:
        """Nothing is remembered that would keep it from being asked."""

    async def close(self) -> None:
        """Close the connection; idempotent."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _figures(state: StoreState) -> SearchFigures | None:
    return state.figures if isinstance(state.figures, SearchFigures) else None
