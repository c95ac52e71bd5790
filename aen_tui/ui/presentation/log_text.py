"""Log lines in words: levels as glyphs, times in four manners, sources by short names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePosixPath

from aen_tui.model.logs import Level, LogKey
from aen_tui.model.text import visible_line
from aen_tui.model.zones import local_offset
from aen_tui.ui.presentation.severity import Glyphs

LEVEL_ROLES = {
    Level.NONE: "text",
    Level.DEBUG: "faint",
    Level.INFO: "text",
    Level.WARNING: "warning",
    Level.ERROR: "critical",
    Level.CRITICAL: "critical!",
}
"""The colour role of a line by its level."""


def level_glyph(level: Level, glyphs: Glyphs) -> str:
    """One cell that says how bad a line is; blank where it is ordinary."""
    if level >= Level.ERROR:
        return glyphs.critical
    return glyphs.warning if level is Level.WARNING else " "


class TimeDisplay(Enum):
    """How the time of a line is shown; `t` goes through them."""

    SOURCE = "source"
    LOCAL = "local"
    UTC = "UTC"
    RELATIVE = "relative"

    @property
    def following(self) -> TimeDisplay:
        """The next one."""
        order = list(TimeDisplay)
        return order[(order.index(self) + 1) % len(order)]

    @property
    def width(self) -> int:
        """Cells that the time takes, 0 where it stays in the line."""
        return {TimeDisplay.SOURCE: 0, TimeDisplay.LOCAL: 12, TimeDisplay.UTC: 13, TimeDisplay.RELATIVE: 9}[self]


def time_text(display: TimeDisplay, moment: float, now: float, *, fine: bool) -> str:
    """A moment as the display says, exactly `display.width` cells wide.

    Args:
        display: the manner.
        moment: epoch seconds.
        now: epoch seconds.
        fine: whether it is known finer than a second.
    """
    if display is TimeDisplay.SOURCE:
        return ""
    if display is TimeDisplay.RELATIVE:
        return f"{_relative(now - moment):>{display.width}}"
    shown = moment + (local_offset(moment) if display is TimeDisplay.LOCAL else 0)
    try:
        at = datetime.fromtimestamp(shown, UTC)
    except (ValueError, OverflowError, OSError):
        return " " * display.width
    text = at.strftime("%H:%M:%S") if abs(now - moment) < 20 * 3600 else at.strftime("%m-%d %H:%M")
    if fine and len(text) == 8:
        text += f".{at.microsecond // 1000:03d}"
    return f"{text + ('Z' if display is TimeDisplay.UTC else ''):<{display.width}}"


def _relative(seconds: float) -> str:
    sign = "-" if seconds >= 0 else "+"
    seconds = abs(seconds)
    if seconds < 100:
        return f"{sign}{seconds:.1f}s"
    if seconds < 6000:
        return f"{sign}{seconds // 60:.0f}m{seconds % 60:02.0f}s"
    if seconds < 360_000:
        return f"{sign}{seconds // 3600:.0f}h{seconds % 3600 // 60:02.0f}m"
    return f"{sign}{seconds // 86400:.0f}d"


def short_names(keys: Sequence[LogKey], limit: int) -> dict[LogKey, str]:
    """A short name for each log: `node:file`, only what tells them apart, at most `limit` cells.

    One node: the file alone. `.log` and parts that all share are left out first.
    """
    stems = _stems(keys)
    one_node = len({key.node for key in keys}) == 1
    one_stem = len(set(stems.values())) == 1
    names: dict[LogKey, str] = {}
    for key in keys:
        if one_node:
            names[key] = _squeeze(visible_line(stems[key]), limit)
        elif one_stem:
            names[key] = _squeeze(visible_line(key.node), limit)
        else:
            node = visible_line(key.node)
            file = visible_line(stems[key])
            room = limit - 1 - len(file)
            if len(node) > room:
                node = _squeeze(node, max(room, limit // 2))
            names[key] = f"{node}:{_squeeze(file, limit - 1 - len(node))}"
    return names


def _stems(keys: Sequence[LogKey]) -> dict[LogKey, str]:
    """File names without `.log`; where a node has two of one name, with the folder that tells them apart."""
    paths = {key: PurePosixPath(key.path) for key in keys}
    stems = {key: path.name.removesuffix(".log") or path.name for key, path in paths.items()}
    twins: defaultdict[tuple[str, str], list[LogKey]] = defaultdict(list)
    for key in keys:
        twins[key.node, stems[key]].append(key)
    for same in twins.values():
        if len(same) > 1:
            for key in same:
                others = {part for other in same if other is not key for part in paths[other].parts}
                own = [part for part in paths[key].parts[:-1] if part not in others]
                stems[key] = f"{own[-1].removeprefix('wakari-') if own else same.index(key)}/{stems[key]}"
    return stems


def _squeeze(text: str, limit: int) -> str:
    """The text with its middle left out: beginnings name the kind, ends the number."""
    if len(text) <= limit:
        return text
    if limit <= 2:
        return text[:limit]
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"
