"""The logs of a node's roles, followed from 64 KiB before their end (design 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.logs import Cursor, Seam
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.services import LogFile, services_of
from aen_tui.sources.frames import CursorEntry, LogEntry, SeamEntry

TAIL_BYTES = 65_536
SYSTEM_LOGS = (LogPath("/var/log/messages"),)
"""What rsyslog of RHEL and CentOS 6 and 7 writes, kernel messages too; root's alone (0600) where nobody changed it."""
_STATES = frozenset(state.value for state in LogFileState)


def default_logs(spec: NodeSpec) -> dict[LogPath, str]:
    """Path -> kind (`text`, `access` or `system`) of the logs that a node's roles have, and the inventory's own.

    A system log is followed where it may be read; where not it says why, and that is no finding.
    """
    files: list[LogFile] = [log for service in services_of(spec) for log in service.logs]
    found = {LogPath(log.resolved(spec)): "access" if log.is_access_log else "text" for log in files}
    found |= dict.fromkeys(SYSTEM_LOGS, "system")
    return {**found, **{LogPath(path): "text" for path in spec.extra_logs}}


def guessed_logs(spec: NodeSpec) -> frozenset[LogPath]:
    """Followed logs that packages name, and neither a seed nor the inventory: they may lie elsewhere, or not be."""
    files = [log for service in services_of(spec) for log in service.logs]
    named = {log.resolved(spec) for log in files if log.is_named} | set(spec.extra_logs)
    return frozenset(LogPath(log.resolved(spec)) for log in files if log.resolved(spec) not in named)


def follow_request(
    number: int, path: LogPath, cursor: Cursor | None, tail_bytes: int = TAIL_BYTES
) -> dict[str, object]:
    """One entry of the probe's `follow`."""
    written = None
    if cursor is not None:
        written = {
            **({"time": cursor.time} if cursor.time is not None else {}),
            "dev": cursor.device,
            "ino": cursor.inode,
            "off": cursor.offset,
            "head": cursor.head,
            "head_n": cursor.head_bytes,
            "tail": cursor.tail,
            "tail_n": cursor.tail_bytes,
        }
    return {"id": number, "path": path, "cursor": written, "tail_bytes": tail_bytes}


def decode(
    entries: Iterable[LogEntry], paths: Mapping[int, LogPath], kinds: Mapping[LogPath, str]
) -> tuple[LogState, ...]:
    """States of the followed files; paths are ours, by number, never the node's word for them."""
    found = []
    for entry in entries:
        path = paths.get(entry.id)
        if path is None:
            continue
        state = LogFileState(entry.state) if entry.state in _STATES else LogFileState.UNKNOWN
        error = visible_line(entry.error, 300) if entry.error else None
        found.append(LogState(path, state, entry.size, error, kinds.get(path, "text")))
    return tuple(found)


def decode_cursor(entry: CursorEntry | None) -> Cursor | None:
    """A cursor as it is kept."""
    if entry is None:
        return None
    return Cursor(entry.dev, entry.ino, entry.off, entry.head, entry.head_n, entry.tail, entry.tail_n, entry.time)


def decode_seam(entry: SeamEntry | None) -> Seam | None:
    """A seam as it is shown."""
    if entry is None:
        return None
    return Seam(visible_line(entry.reason, 40), visible_line(entry.message, 300), entry.lost)
