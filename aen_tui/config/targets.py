"""TARGET on a command line: nodes, services and paths (design 4)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aen_tui.config.nodesets import expand
from aen_tui.errors import AenError
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role

_GROUPS = {"@server": Role.SERVER, "@gateway": Role.GATEWAY, "@compute": Role.COMPUTE}


@dataclass(frozen=True, slots=True)
class Target:
    """A node, or a service or a path on it."""

    node: NodeName
    service: str | None = None
    path: str | None = None


def parse_targets(texts: Sequence[str], inventory: Inventory) -> list[Target]:
    """Every target of a command line, in the order given, each once; no text means every node.

    Raises:
        AenError: a target matches nothing, or is not one.
    """
    if not texts:
        return [Target(name) for name in inventory.nodes]
    found = [target for text in texts for target in _parse(text, inventory)]
    return list(dict.fromkeys(found))


def nodes_of(targets: Iterable[Target]) -> list[NodeName]:
    """The nodes of some targets, each once, in order."""
    return list(dict.fromkeys(target.node for target in targets))


def _parse(text: str, inventory: Inventory) -> list[Target]:
    slash, path_at = text.find("/"), text.find(":/")
    if path_at >= 0 and path_at < slash:
        nodes, path = text[:path_at], text[path_at + 1 :]
        return [Target(node, path=path) for node in _nodes(nodes, text, inventory)]
    if slash >= 0:
        nodes, service = text[:slash], text[slash + 1 :]
        if not service:
            raise AenError(f"`{text}` names no service", hint="NODE/SERVICE")
        return [Target(node, service=service) for node in _nodes(nodes, text, inventory)]
    return [Target(node) for node in _nodes(text, text, inventory)]


def _nodes(words: str, text: str, inventory: Inventory) -> list[NodeName]:
    if words.startswith("@"):
        return _group(words, inventory)
    if words in inventory.nodes:
        return [NodeName(words)]
    names = [NodeName(name) for name in expand(words)] if words else []
    for name in names:
        if name not in inventory.nodes:
            near = difflib.get_close_matches(name, inventory.nodes, n=1)
            raise AenError(f"no node `{name}`", hint=f"did you mean `{near[0]}`?" if near else "see `aen-tui status`")
    if not names:
        raise AenError(f"`{text}` matches nothing", hint="see `aen-tui status` for the nodes")
    return names


def _group(word: str, inventory: Inventory) -> list[NodeName]:
    if word == "@all":
        return list(inventory.nodes)
    if word.startswith("@dc:"):
        center = word.removeprefix("@dc:")
        if center not in inventory.data_centers:
            raise AenError(f"no data center `{center}`", hint="known: " + ", ".join(inventory.data_centers))
        return list(inventory.data_centers[center])
    if word not in _GROUPS:
        raise AenError(f"no group `{word}`", hint="groups are @server @gateway @compute @all @dc:NAME")
    found = [name for name, spec in inventory.nodes.items() if _GROUPS[word] in spec.roles]
    if not found:
        raise AenError(f"`{word}` matches nothing", hint="the inventory has no such node")
    return found
