"""What a lost link left behind in each log: from when to when, and how much was read afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Seam


@dataclass(slots=True)
class _Gap:
    since: float
    until: float | None = None
    lines: int = 0
    is_read: bool = False


class LinkGaps:
    """The gaps of one node's logs that are being read up on. All times are epoch seconds of the jump host."""

    def __init__(self) -> None:
        self._gaps: dict[LogPath, _Gap] = {}

    def open(self, paths: Iterable[LogPath], since: float) -> None:
        """The link was lost; a gap that was not read up on yet only grows."""
        for path in paths:
            gap = self._gaps.setdefault(path, _Gap(since))
            gap.until, gap.is_read = None, False

    @property
    def is_open(self) -> bool:
        """Whether there is any."""
        return bool(self._gaps)

    def since(self, path: LogPath) -> float | None:
        """When the link was lost, while its gap is being read up on."""
        gap = self._gaps.get(path)
        return None if gap is None else gap.since

    def take(self, path: LogPath, data: bytes, *, eof: bool, wall: float) -> None:
        """Bytes that came since the link is back."""
        gap = self._gaps.get(path)
        if gap is None or gap.is_read:
            return
        if gap.until is None:
            gap.until = wall
        gap.lines += data.count(b"\n")
        gap.is_read = eof

    def closed(self, path: LogPath, *, has_partial: bool) -> Seam | None:
        """The seam of a gap that was read up on; it never cuts a line in two, and nothing read needs none."""
        gap = self._gaps.get(path)
        if gap is None or not gap.is_read or has_partial:
            return None
        del self._gaps[path]
        if not gap.lines:
            return None
        lines = f"{gap.lines:,} line{'s' if gap.lines != 1 else ''}"
        return Seam("reconnected", f"link lost {span(gap.since, gap.until or gap.since)}, {lines} backfilled", 0)


def span(since: float, until: float) -> str:
    """Two moments of the jump host's clock as `14:02:07–14:02:19`."""
    first, last = (time.strftime("%H:%M:%S", time.localtime(moment)) for moment in (since, until))
    return first if first == last else f"{first}\N{EN DASH}{last}"
