"""Which of a node's measured folders lie on one filesystem, as far as their figures tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.model.facts import Disk

_SAME_BYTES = 16 * 1024 * 1024


def is_one(disk: Disk, other: Disk) -> bool:
    """Whether two folders are of one filesystem; logs grow between two looks."""
    if disk.error is not None or other.error is not None:
        return disk.error == other.error
    near = abs(disk.used_bytes - other.used_bytes) <= _SAME_BYTES
    return near and (disk.filesystem, disk.total_bytes) == (other.filesystem, other.total_bytes)


def filesystems(disks: Iterable[Disk]) -> list[list[Disk]]:
    """The folders that could be measured, those of one filesystem together."""
    found: list[list[Disk]] = []
    for disk in disks:
        if disk.error is None:
            same = next((group for group in found if is_one(disk, group[0])), None)
            if same is None:
                found.append([disk])
            else:
                same.append(disk)
    return found


def named(disks: Sequence[Disk]) -> str:
    """`/`, `/ and /opt/wakari`, `/, /opt/wakari and /projects`."""
    *first, last = [disk.mount for disk in disks]
    return f"{', '.join(first)} and {last}" if first else last
