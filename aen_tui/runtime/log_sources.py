"""Which logs a command line means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.config.policy import POLICY_FILE, is_within
from aen_tui.config.targets import Target
from aen_tui.errors import AenError
from aen_tui.model.facts import ClusterState, LogPath
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.runtime.discovered_logs import tells_logs
from aen_tui.services import elasticsearch
from aen_tui.sources.log_files import default_logs, guessed_logs


def place_refusal(key: LogKey, inventory: Inventory) -> str | None:
    """Why a log may not be read; None where it may: root's policy names the places beside the roles' own logs."""
    spec = inventory.nodes[key.node]
    if inventory.places is None or key.path in default_logs(spec) or is_within(key.path, inventory.places):
        return None
    where = ", ".join(inventory.places) or "the roles' own logs"
    return f"{visible_line(str(key), 300)} may not be read: {POLICY_FILE} allows {where}"


def is_default(kind: str) -> bool:
    """Whether logs of a kind are shown where nobody named any.

    Access and system logs are followed, but not in the merged default (ops 30): what the kernel says of a service
    comes as a finding, and a file that mostly root alone may read must not be the failure of `logs NODE`.
    """
    return kind == "text"


def default_keys(inventory: Inventory, nodes: Sequence[NodeName]) -> list[LogKey]:
    """The default logs of some nodes."""
    return [
        LogKey(name, path)
        for name in nodes
        for path, kind in default_logs(inventory.nodes[name]).items()
        if is_default(kind)
    ]


def log_keys(targets: Sequence[Target], inventory: Inventory) -> list[LogKey]:
    """Every log that the targets mean: a path as it is, a service's own logs, else a node's default logs.

    Raises:
        AenError: a service has no log that is known, or a path lies in no place that root's policy allows.
    """
    found: list[LogKey] = []
    for target in targets:
        if target.path is not None:
            found.append(LogKey(target.node, LogPath(target.path)))
        elif target.service is not None:
            found += _of_service(target.node, target.service, inventory)
        else:
            found += default_keys(inventory, [target.node])
    for key in found:
        if (why := place_refusal(key, inventory)) is not None:
            raise AenError(why)
    return list(dict.fromkeys(found))


def guessed_keys(targets: Sequence[Target], inventory: Inventory) -> frozenset[LogKey]:
    """Logs that packages name and no seed, of nodes that are meant as a whole: they may lie elsewhere, or not be."""
    whole = [target.node for target in targets if target.path is None and target.service is None]
    named = log_keys([target for target in targets if target.path or target.service], inventory)
    guessed = {LogKey(node, path) for node in whole for path in guessed_logs(inventory.nodes[node])}
    return frozenset(guessed - set(named))


def telling_nodes(targets: Sequence[Target], inventory: Inventory) -> dict[NodeName, frozenset[LogKey]]:
    """Nodes whose configuration may tell of a log that is meant -> the sources that stand for it unless it does.

    A node is meant as a whole, or by the service; what was named by its path stands for nothing else.
    """
    name = elasticsearch.SERVICE.name
    meant = [target.node for target in targets if target.path is None and target.service in (None, name)]
    named = {LogKey(target.node, LogPath(target.path)) for target in targets if target.path is not None}
    usual = [LogPath(log.path) for log in elasticsearch.SERVICE.logs]
    return {
        node: frozenset(LogKey(node, path) for path in usual) - named
        for node in dict.fromkeys(meant)
        if tells_logs(inventory.nodes[node])
    }


def told_keys(state: ClusterState, nodes: Iterable[NodeName]) -> list[LogKey]:
    """The logs that nodes follow because their own configuration tells of them."""
    return [
        LogKey(name, log.path)
        for name in nodes
        for log in state.nodes[name].logs
        if log.path not in default_logs(state.nodes[name].spec)
    ]


def _of_service(node: NodeName, service: str, inventory: Inventory) -> list[LogKey]:
    words = service.removeprefix("wk-").removeprefix("wakari-").split(":")[0]
    paths = [path for path in default_logs(inventory.nodes[node]) if words in path.rsplit("/", 1)[-1]]
    if not paths:
        raise AenError(f"no log of `{service}` is known on {node}", hint=f"name it: {node}:/path")
    return [LogKey(node, path) for path in paths]
