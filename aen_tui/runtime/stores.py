"""What is known of MongoDB and Elasticsearch from the node that carries them: installed, running, listening.

Their own figures are asked over their own protocols elsewhere; here is only whether they are there.
"""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.model.facts import LinkState, NodeState, StoreState
from aen_tui.model.inventory import Inventory
from aen_tui.model.severity import Severity
from aen_tui.runtime.probe_config import STORE_PORTS

_SERVICES = {"mongodb": "mongod", "elasticsearch": "elasticsearch"}


def stores_of(inventory: Inventory, node: NodeState, ports: Mapping[str, bool]) -> dict[str, StoreState | None]:
    """One entry a store; None where it is neither configured nor installed."""
    urls = {"mongodb": inventory.mongo_url, "elasticsearch": inventory.elasticsearch_url}
    return {name: _store(urls[name], service, node, ports) for name, service in _SERVICES.items()}


def _store(url: str | None, service_name: str, node: NodeState, ports: Mapping[str, bool]) -> StoreState | None:
    service = next((one for one in node.services if one.manager == "sysv" and one.name == service_name), None)
    is_installed = service is not None and service.state != "absent"
    listens = ports.get(str(STORE_PORTS[service_name]))
    if url is None and not is_installed and not listens:
        return None
    if node.connection.state is not LinkState.UP:
        return StoreState("unknown", error=f"{node.name} is not up", severity=Severity.UNKNOWN)
    seen_at = node.metrics.seen_at
    if listens:
        return StoreState("up", seen_at=seen_at, severity=Severity.OK)
    if listens is None:
        return StoreState("unknown", error="not asked yet", seen_at=seen_at, severity=Severity.UNKNOWN)
    port = STORE_PORTS[service_name]
    return StoreState("down", error=f"nothing listens on port {port}", seen_at=seen_at, severity=Severity.CRITICAL)
