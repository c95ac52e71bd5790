"""State -> the JSON documents of design 4. Keys are a contract: none is renamed, none changes its meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aen_tui.checks.roots import connection_trouble, http_trouble, service_trouble
from aen_tui.model.causes import Explained, Trouble, by_trouble
from aen_tui.model.current_page import current_page
from aen_tui.model.facts import (
    ClusterState,
    Connection,
    Finding,
    HttpState,
    LinkState,
    LogFileState,
    LogState,
    NodeState,
    ServiceState,
    StoreState,
    counted_stores,
)
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity, worst
from aen_tui.sources.log_files import guessed_logs

SCHEMA = 1


def utc(epoch_seconds: float) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _age(seen_at: float | None, now: float) -> float | None:
    return None if seen_at is None else round(max(0.0, now - seen_at), 1)


def status_document(state: ClusterState, wanted: Iterable[NodeName], now: float) -> dict[str, Any]:
    """`status --json`: `now` is monotonic, for the ages."""
    nodes = [state.nodes[name] for name in wanted]
    stores = {name: _store(store, now) for name, store in state.stores.items()}
    known = by_trouble(state.causes)
    severities = [node.severity for node in nodes]
    severities += counted_stores(state.stores, state.nodes)
    return {
        "schema": SCHEMA,
        "cluster": state.name,
        "at": utc(state.wall_at),
        "severity": worst(severities).word,
        "nodes": [_node(node, now, known) for node in nodes],
        "stores": stores,
    }


def worst_shown(document: dict[str, Any]) -> Severity:
    """The severity that a status document says, as a value."""
    return Severity[document["severity"].upper()]


def _node(node: NodeState, now: float, known: Explained) -> dict[str, Any]:
    return {
        "name": node.name,
        "host": node.spec.host,
        "roles": [role.value for role in node.spec.roles],
        "data_center": node.spec.data_center,
        "connection": {**_connection(node.connection, now), **_by(connection_trouble(node), known)},
        "severity": node.severity.word,
        "services": [{**_service(one, now), **_by(service_trouble(node.name, one), known)} for one in node.services],
        "http": [
            {**_http(one, now), **_by(http_trouble(node.name, one), known), **_page(node, one)} for one in node.http
        ],
        "metrics": _metrics(node, now),
        "logs": [
            {"path": log.path, "state": log.state.value, "size_bytes": log.size_bytes, "error": log.error}
            for log in node.logs
            if not _is_a_wrong_guess(node, log)
        ],
        "findings": [finding_document(finding) for finding in node.findings],
    }


def _is_a_wrong_guess(node: NodeState, log: LogState) -> bool:
    """Whether there is no such file, and nobody but a package said that there is: no file that is waited for."""
    return log.state is LogFileState.WAITING and log.error is None and log.path in guessed_logs(node.spec)


def _by(trouble: Trouble, known: Explained) -> dict[str, str | None]:
    """What a trouble follows from; a key of ours beside the contract's."""
    cause = known.get(trouble)
    return {"explained_by": None if cause is None else cause.words}


def _page(node: NodeState, answer: HttpState) -> dict[str, str | None]:
    """What the server's URL shows: login | license | other."""
    page = current_page(node)
    return {"page": page.kind if page is not None else None} if answer.name == "server" else {}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One of `findings`."""
    return {
        "check": finding.check,
        "severity": finding.severity.word,
        "message": finding.message,
        "remedy": finding.remedy,
        "seed": finding.seed,
        "explained_by": finding.explained_by,
    }


def _connection(link: Connection, now: float) -> dict[str, Any]:
    return {
        "state": link.state.value,
        "since": utc(link.since) if link.since else None,
        "error": link.error or _unfinished(link),
        "hint": link.hint,
        "skew_seconds": link.skew_seconds,
        "via": link.via,
        "next_try_seconds": None if link.next_try_at is None else round(max(0.0, link.next_try_at - now), 1),
    }


def _unfinished(link: Connection) -> str | None:
    """What a node that was not up yet is waited for."""
    return f"no answer yet ({link.phase})" if link.state is LinkState.CONNECTING and link.phase else None


def _service(service: ServiceState, now: float) -> dict[str, Any]:
    age = _age(service.seen_at, now)
    return {
        "name": service.name,
        "manager": service.manager,
        "supervisor": service.supervisor,
        "state": service.state,
        "pid": service.pid,
        "uptime_seconds": None if service.uptime_seconds is None else round(service.uptime_seconds, 1),
        "age_seconds": age,
        "error": service.error,
        "severity": service.severity.word,
    }


def _http(answer: HttpState, now: float) -> dict[str, Any]:
    document = answer.document
    return {
        "name": answer.name,
        "url": answer.url,
        "asked_on": answer.asked_on,
        "status_code": answer.status_code,
        "latency_ms": answer.latency_ms,
        "document": None if document is None else {"status": document.status, "messages": list(document.messages)},
        "age_seconds": _age(answer.seen_at, now),
        "error": answer.error,
        "severity": answer.severity.word,
    }


def _metrics(node: NodeState, now: float) -> dict[str, Any] | None:
    reading: Reading[Any] = node.metrics
    metrics = node.metrics.value
    if metrics is None:
        return None
    memory = metrics.memory
    return {
        "cpu_percent": metrics.cpu_percent,
        "load": list(metrics.load) if metrics.load else None,
        "memory": None
        if memory is None
        else {
            "total_bytes": memory.total_bytes,
            "available_bytes": memory.available_bytes,
            "swap_used_bytes": memory.swap_used_bytes,
        },
        "disks": [
            {
                "mount": disk.mount,
                "filesystem": disk.filesystem,
                "used_bytes": disk.used_bytes,
                "available_bytes": disk.available_bytes,
                "total_bytes": disk.total_bytes,
                "used_percent": disk.used_percent,
                "inodes_used_percent": disk.inodes_used_percent,
                "read_only": disk.read_only,
                "error": disk.error,
            }
            for disk in metrics.disks
        ],
        "network": {
            "rx_bytes_per_second": metrics.rx_bytes_per_second,
            "tx_bytes_per_second": metrics.tx_bytes_per_second,
        },
        "age_seconds": _age(reading.seen_at, now),
        "error": reading.error,
    }


def _store(store: StoreState | None, now: float) -> dict[str, Any] | None:
    if store is None:
        return None
    return {
        "state": store.state,
        "version": store.version,
        "health": store.health,
        "error": store.error,
        "age_seconds": _age(store.seen_at, now),
        "severity": store.severity.word,
    }
