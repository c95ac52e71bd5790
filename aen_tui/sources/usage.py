"""What takes up a filesystem: the errand `usage`. The walk is the login user's, never root's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aen_tui.errors import ProbeError
from aen_tui.model.node import NodeSpec
from aen_tui.model.usage import DeletedFile, LargeFile, PartUse, Place, UserQuota, WalkProgress, WalkTotal
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "usage"
PLACE_SECONDS = 10.0
INSTANT_SECONDS = 30.0
WALK_SECONDS = 4 * 3600.0
WALK_BYTES = 64 * 1024 * 1024
BIG_BYTES = 100 * 1024 * 1024
NEW_SECONDS = 86400

Row = UserQuota | DeletedFile | PartUse | WalkProgress | WalkTotal | str | int | tuple[str, LargeFile]
"""A str says why quotas are not known, an int counts processes whose files may not be seen, a tuple is new or big."""


def request_place(spec: NodeSpec, path: str) -> dict[str, Any]:
    """Which filesystem a path is on."""
    return {"do": "place", "path": path, "service_account": spec.service_account}


def request_instant(path: str, owners: Sequence[int]) -> dict[str, Any]:
    """Quotas and deleted files that are open; `owners` are uids, none: the node's own people."""
    return {"do": "instant", "path": path, "owners": list(owners)}


def request_walk(spec: NodeSpec, path: str) -> dict[str, Any]:
    """All of it; the projects' root is counted by OWNER/PROJECT, anything else by its entries."""
    depth = 2 if path.rstrip("/") == spec.projects_root.rstrip("/") else 1
    order = {"do": "walk", "path": path, "depth": depth, "service_account": spec.service_account}
    return {**order, "new_seconds": NEW_SECONDS, "big_bytes": BIG_BYTES, "instant_seconds": 2.0}


def decode_place(row: bytes) -> Place:
    """The row of `request_place`.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), Place)


def decode(row: bytes) -> Row:
    """A row of the other two.

    Raises:
        ProbeError: it is nonsense.
    """
    value = read_row(row)
    if not isinstance(value, dict):
        raise ProbeError("the answer about usage is nonsense: no object")
    if "quota" in value:
        return shaped(value["quota"], UserQuota)
    if "deleted" in value:
        return shaped(value["deleted"], DeletedFile)
    for word in ("new", "big"):
        if word in value:
            return (word, shaped(value[word], LargeFile))
    if "part" in value:
        return shaped(value, PartUse)
    if "at" in value:
        return shaped(value, WalkProgress)
    if "quota_error" in value:
        return shaped(value["quota_error"], str)
    return shaped(value["unread"], int) if "unread" in value else shaped(value, WalkTotal)
