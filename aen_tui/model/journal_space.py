"""What is free where mongod keeps its data: as the probe measures it, or as it was asked for that folder."""

from __future__ import annotations

from aen_tui.model.facts import NodeState
from aen_tui.model.stores import MongoFigures, MongoOptions


def measured(node: NodeState, path: str) -> int | None:
    """Bytes free in a folder whose filesystem the probe measures; None where it is not asked for just that folder."""
    disks = node.metrics.value.disks if node.metrics.value is not None else ()
    same = (one for one in disks if one.error is None and one.mount.rstrip("/") == path.rstrip("/"))
    return next((one.available_bytes for one in same), None)


def free_for_journal(node: NodeState, options: MongoOptions) -> tuple[int | None, str]:
    """(bytes free, or None while that is not known; why it is not)."""
    store = node.stores.get("mongodb")
    space = store.figures.data_space if store is not None and isinstance(store.figures, MongoFigures) else None
    known = measured(node, options.data_path)
    if known is not None:
        return known, ""
    if space is None or space.value is None or space.value.path != options.data_path:
        return None, (space.error if space is not None else None) or "not looked at yet"
    return (space.value.available_bytes, "") if space.error is None else (None, space.error)
