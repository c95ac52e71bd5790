"""`aen-tui status`: one look at every node."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from aen_tui.headless.document import status_document, worst_shown
from aen_tui.model.facts import ClusterState, LinkState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.runtime.answer_findings import HTTP
from aen_tui.runtime.causes import with_causes
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.lost_gateways import is_to_be_looked_for

GRACE_SECONDS = 2.0
"""Beyond connect_timeout_seconds: when `status` returns at the latest."""


def looked_at(inventory: Inventory, wanted: Sequence[NodeName]) -> frozenset[NodeName]:
    """The nodes that a look at some nodes needs: they, and those that ask their URLs.

    What MongoDB and Elasticsearch do is known where the node that carries them is among them.
    """
    askers = (target.asked_on for name in wanted for target in inventory.nodes[name].http)
    return frozenset((*wanted, *askers))


async def run_status(
    runtime: Runtime, wanted: Sequence[NodeName], *, as_json: bool, wait_seconds: float | None, stdout: TextIO
) -> int:
    """Look until every wanted node has been read or has failed; print; the exit code of design 4."""
    limit = runtime.inventory.ssh.connect_timeout_seconds + GRACE_SECONDS if wait_seconds is None else wait_seconds
    async with runtime.running():
        try:
            async with asyncio.timeout(limit):
                await runtime.store.wait_for(lambda state: is_done(state, wanted, keep_trying=wait_seconds is not None))
        except TimeoutError:
            pass
        document = status_document(with_causes(runtime.snapshot()), wanted, runtime.clock.monotonic())
    text = json.dumps(document, indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(document))
    stdout.write(text + "\n")
    return worst_shown(document).exit_code


def is_done(state: ClusterState, wanted: Sequence[NodeName], *, keep_trying: bool) -> bool:
    """Whether all that can be known of some nodes is known, or (unless `keep_trying`) they have failed."""
    return _stores_are_known(state) and all(
        _is_read(state.nodes[name], state)
        or (not keep_trying and _has_failed(state.nodes[name]) and _is_looked_for(state.nodes[name]))
        for name in wanted
    )


def _stores_are_known(state: ClusterState) -> bool:
    """Whether MongoDB and Elasticsearch were looked at, or their node cannot be."""
    return all(store is None or not store.is_pending for store in state.stores.values())


def _has_failed(node: NodeState) -> bool:
    return node.connection.state not in (LinkState.CONNECTING, LinkState.UP)


def _is_looked_for(node: NodeState) -> bool:
    """Whether it is known where a gateway is lost."""
    return bool(node.ways) or not is_to_be_looked_for(node)


def _is_read(node: NodeState, state: ClusterState) -> bool:
    """Up, with its first complete frame, and everything asked that somebody who is up can ask."""
    if node.connection.state is not LinkState.UP or not node.complete:
        return False
    if any(answer.name == "server" for answer in node.http) and node.page.seen_at is None and node.page.error is None:
        return False
    return all(
        answer.seen_at is not None
        or state.nodes[answer.asked_on].connection.state not in (LinkState.UP, LinkState.CONNECTING)
        for answer in node.http
    )


def lines_of(document: dict[str, Any]) -> Iterator[str]:
    """A status document for people: a line a node, what is not well below it."""
    nodes = document["nodes"]
    up = sum(1 for node in nodes if node["connection"]["state"] == "up")
    yield f"{document['cluster']}  {up}/{len(nodes)} up  {document['severity'].upper()}  {document['at']}"
    width = max((len(node["name"]) for node in nodes), default=0)
    for node in nodes:
        yield f"  {node['name']:<{width}}  {node['severity']:<8}  {_summary(node)}"
        yield from (f"  {'':<{width}}    {line}" for line in _troubles(node))
    for name, store in document["stores"].items():
        if store is not None:
            words = (store["state"], store["version"], store["health"], store["error"])
            yield f"  {name:<{width}}  {store['severity']:<8}  {'  '.join(word for word in words if word)}"


def _summary(node: dict[str, Any]) -> str:
    connection = node["connection"]
    if connection["state"] != "up":
        again = connection["next_try_seconds"]
        tail = f" (next try in {again:.0f} s)" if again is not None else ""
        return f"{connection['state']}: {connection['error'] or 'not answered yet'}{tail}"
    services = [service for service in node["services"] if service["state"] != "absent"]
    running = sum(1 for service in services if service["state"] == "RUNNING")
    metrics = node["metrics"] or {}
    cpu = metrics.get("cpu_percent")
    parts = ["/".join(node["roles"]), f"{running}/{len(services)} running"]
    if cpu is not None:
        parts.append(f"cpu {cpu:.0f}%")
    return "  ".join(parts)


def _troubles(node: dict[str, Any]) -> Iterator[str]:
    """What is not well; what follows from something is one line a cause."""
    link = node["connection"]
    if link["state"] != "up" and link["explained_by"] is None and link["hint"]:
        yield link["hint"]
    follows: dict[str, list[str]] = {}
    if link["explained_by"] is not None:
        follows[link["explained_by"]] = ["the connection"]
    for name, line, cause in _told(node):
        if cause is None:
            yield line
        else:
            follows.setdefault(cause, []).append(name)
    for cause, names in follows.items():
        yield f"{', '.join(dict.fromkeys(names))}: follows from {cause}"


def _told(node: dict[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Name, line and cause of what is not well."""
    for one in node["services"]:
        if one["severity"] != "ok":
            yield one["name"], f"{one['name']} {one['state']} {one['error'] or ''}".rstrip(), one["explained_by"]
    urls = [one for one in node["findings"] if one["check"] == HTTP]
    for one in node["http"]:
        if one["severity"] != "ok":
            finding = next((url for url in urls if url["message"].startswith(f"{one['name']} ")), None)
            line = _url_line(one) if finding is None else f"{HTTP}: {finding['message']} ({one['url']})"
            yield f"{one['name']} URL", line, one["explained_by"]
    for one in node["findings"]:
        if one["check"] != HTTP:
            yield one["check"], f"{one['check']}: {one['message']}", one["explained_by"]


def _url_line(answer: dict[str, Any]) -> str:
    document = answer["document"]
    said = "; ".join(document["messages"]) or document["status"] if document else answer["error"]
    return f"{answer['name']} {answer['url']} {answer['status_code'] or ''} {said or ''}".rstrip()
