"""What a search in logs on the nodes finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from aen_tui.model.logs import LogKey


class Since(NamedTuple):
    """A time as a node's logs know it."""

    seconds: float
    """Epoch seconds of the node's clock."""
    local_seconds: float
    """The same as its wall clock shows it, as if that were UTC: for lines that name no zone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that matches."""

    key: LogKey
    file: str
    """The file that it is in now: the log, or what was rotated away from it."""
    inode: int
    offset: int
    """Of its first byte in that file, unpacked."""
    text: str
    """Its first 2,048 characters, made safe."""
    head: str | None
    """The line before it that has a time, where it has none itself."""


class RawHit(NamedTuple):
    """A line that matches as the node said it: for what makes lines safe itself where it draws them."""

    text: str
    head: str | None
    """The line before it that has a time, where it has none itself."""
    offset: int


@dataclass(frozen=True, slots=True)
class Searched:
    """How far the search in one log has come."""

    key: LogKey
    read_bytes: int
    files: int = 0
    """Opened; 0 until it has ended."""
    capped: str | None = None
    """`hits` or `bytes`: there may be more before the last hit."""
    error: str | None = None
    is_ended: bool = False


class LineAround(NamedTuple):
    """A line near a hit."""

    offset: int
    text: str
    """Made safe."""
