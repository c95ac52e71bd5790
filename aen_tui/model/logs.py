"""Logs as chunks of bytes with offsets. A line is not an object until somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from aen_tui.model.facts import LogPath
from aen_tui.model.node import NodeName


class LogKey(NamedTuple):
    """A log file of a node; the key of its book."""

    node: NodeName
    path: LogPath

    def __str__(self) -> str:
        return f"{self.node}:{self.path}"


class Level(IntEnum):
    """Severity of a log record; NONE where the line says nothing of it."""

    NONE = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4
    CRITICAL = 5


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a file that survives rename, re-use of inodes and truncation.

    `head` and `tail` are hex SHA-256 (first 16 digits) of the first up to 256 bytes (`head_bytes` many)
    and of the last up to 256 bytes before `offset` (`tail_bytes` many).
    """

    device: int
    inode: int
    offset: int
    head: str
    head_bytes: int
    tail: str
    tail_bytes: int
    time: float | None = None
    """When it was made, epoch seconds of the node."""


class OlderState(StrEnum):
    """What lies before the first line of a book."""

    UNKNOWN = "unknown"
    """Nobody asked; there may be more on the node."""
    MORE = "more"
    """Older bytes were fetched, and there may be more."""
    EARLIER = "earlier"
    """There are older files, which were not opened: a time was asked for, and they end before it."""
    START = "start"
    """The oldest file on the node begins here."""
    GONE = "gone"
    """The node cannot give them; the edge says why."""
    FULL = "full"
    """The memory for logs is full."""


@dataclass(frozen=True, slots=True)
class OlderEdge:
    """The top edge of a book."""

    state: OlderState = OlderState.UNKNOWN
    message: str = "the node may have older lines"


@dataclass(frozen=True, slots=True)
class Seam:
    """A place where the stream is not simply the file: rotation, lost bytes, a reconnect."""

    reason: str
    """rotated | truncated | replaced | reconnected | dropped | capped."""
    message: str
    lost_bytes: int | None = None
    """Bytes that cannot be recovered; None where unknown, 0 where nothing is lost."""
