"""Filesystems that do not answer: nothing else is sent there."""

from __future__ import annotations

from aen_tui.model.facts import NodeState


def hung_mount(node: NodeState, path: str) -> str | None:
    """Why a path should not be touched: the mount it is on, as far as it is watched, does not answer; else None."""
    for disk in node.metrics.value.disks if node.metrics.value is not None else ():
        if disk.error == "hung" and (path == disk.mount or path.startswith(disk.mount.rstrip("/") + "/")):
            return f"{disk.mount} ({disk.filesystem}) does not answer: nothing else is asked of it"
    return None
