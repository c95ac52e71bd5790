"""Log lines in words: levels as glyphs, times in four manners, sources by short names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePosixPath

from aen_tui.model.logs import Level, LogKey, Seam
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


_ELLIPSIS_FROM = 7
"""Of fewer cells none is given away to say that letters are left out."""
_FILE_LEAST = 3
"""Cells of a file's name, at least, beside that of its node: a node's name is cut after its file's."""
_NUMBER = re.compile(r"\d[\d-]*$")


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

    @property
    def short_width(self) -> int:
        """The same where the screen is narrow."""
        return min(self.width, 9)


_HARMLESS = ("dropped", "reconnected", "replaced", "rotated")
"""Seams behind which the file itself is whole."""
_TODAY_SECONDS = 20 * 3600
_WEEK_SECONDS = 6 * 86_400
_YEAR_SECONDS = 300 * 86_400


def time_text(display: TimeDisplay, moment: float, now: float, *, fine: bool, short: bool = False) -> str:
    """A moment as the display says, exactly `display.width` (or `short_width`) cells wide.

    Args:
        display: the manner.
        moment: epoch seconds.
        now: epoch seconds.
        fine: whether it is known finer than a second.
        short: there is little room: no fractions of a second; what is days old by weekday or date.
    """
    if display is TimeDisplay.SOURCE:
        return ""
    if display is TimeDisplay.RELATIVE:
        return f"{_relative(now - moment)[: display.width]:>{display.width}}"
    shown = moment + (local_offset(moment) if display is TimeDisplay.LOCAL else 0)
    try:
        at = datetime.fromtimestamp(shown, UTC)
    except (ValueError, OverflowError, OSError):
        return " " * (display.short_width if short else display.width)
    if short:
        text = at.strftime(_short_form(now - moment))
        return f"{text + 'Z' * (display is TimeDisplay.UTC and len(text) < 9):<{display.short_width}}"
    text = at.strftime("%H:%M:%S") if abs(now - moment) < _TODAY_SECONDS else at.strftime("%m-%d %H:%M")
    if abs(now - moment) > _YEAR_SECONDS:
        text = at.strftime("%Y-%m-%d")
    if fine and text[2] == text[-3] == ":":
        text += f".{at.microsecond // 1000:03d}"
    return f"{text + ('Z' if display is TimeDisplay.UTC else ''):<{display.width}}"


def _short_form(age: float) -> str:
    """At most 8 or 9 cells that cannot be taken for today where it is not today."""
    if abs(age) < _TODAY_SECONDS:
        return "%H:%M:%S"
    if 0 < age < _WEEK_SECONDS:
        return "%a %H:%M"
    return "%m-%d %Hh" if abs(age) < _YEAR_SECONDS else "%Y-%m"


def is_loss(seam: Seam) -> bool:
    """Whether bytes of the file are missing there, or may be: nobody knows how many is no less than some."""
    return seam.reason not in _HARMLESS and seam.lost_bytes != 0


def seam_words(seam: Seam) -> str:
    """What a seam says, made safe, with the bytes that are lost."""
    lost = f", {seam.lost_bytes:,} bytes lost" if seam.lost_bytes and seam.reason != "dropped" else ""
    return f"{visible_line(seam.reason)}: {visible_line(seam.message, 400)}{lost}"


def without_stamp(raw: bytes, stamp: tuple[int, int]) -> bytes:
    """A line whose time is shown beside it, without the time at its beginning.

    Args:
        raw: the line.
        stamp: where the text of its time begins and ends, (0, 0) where it names none.
    """
    begin, end = stamp
    return raw[end:].lstrip(b"] ").removeprefix(b"- ") if end and begin <= 1 else raw


def moment_text(moment: float, now: float) -> str:
    """A moment in local time, with its date where it is long ago."""
    return time_text(TimeDisplay.LOCAL, moment, now, fine=False).strip() or "?"


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


def name_within(key: LogKey, limit: int) -> str:
    """A log's whole name, or where that is longer its node's and its file's."""
    return str(key) if len(str(key)) <= limit else f"{key.node}:{PurePosixPath(key.path).name}"


def short_names(keys: Sequence[LogKey], limit: int, ellipsis: str = "…") -> dict[LogKey, str]:
    """A short name for each log, at most `limit` cells: `compute1-2:launcher`, `comp1-2:launch`.

    One node: the file alone; one kind of file: the node alone.
    """
    stems = _stems(keys)
    nodes = {key.node for key in keys}
    if len(nodes) == 1:
        return {key: _squeeze(visible_line(_brief(stems[key])), limit, ellipsis) for key in keys}
    if len(set(stems.values())) == 1:
        return {key: _node(visible_line(key.node), limit, ellipsis) for key in keys}
    files = {key: _file(visible_line(stems[key]), visible_line(key.node)) for key in keys}
    need = max(map(len, files.values()))
    node_room = limit - 1 - min(need, max(_FILE_LEAST, limit * 3 // 8))
    names = {key: _node(visible_line(key.node), node_room, ellipsis) for key in keys}
    return {key: f"{names[key]}:{_squeeze(files[key], limit - 1 - len(names[key]), ellipsis)}" for key in keys}


def _node(name: str, limit: int, ellipsis: str) -> str:
    """`gate…2`: letters are left out before the number, which tells nodes apart, and a sign says that they are."""
    if len(name) <= limit:
        return name
    number = _NUMBER.search(name)
    tail = number.group() if number and len(number.group()) < limit - 1 else ""
    return name[: limit - 1 - len(tail)] + ellipsis + tail


def _file(stem: str, node: str) -> str:
    """A file's name without what its node says already."""
    stem = _brief(stem)
    kind = _NUMBER.sub("", node)
    return stem.removeprefix(f"{kind}-").removeprefix(f"{kind}.") or stem


def _brief(stem: str) -> str:
    return stem.replace(".application", ".app")


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


def _squeeze(text: str, limit: int, ellipsis: str) -> str:
    """The beginning of a name, and what stands behind its last point or slash."""
    if len(text) <= limit:
        return text
    if "." not in text and "/" not in text and limit >= _ELLIPSIS_FROM:
        return text[: limit - 1] + ellipsis
    at = max(text.rfind("."), text.rfind("/"))
    head = text[: min(at, max(1, limit - 1 - limit // 4))] if 0 < at < len(text) - 1 and limit > 3 else text[:limit]
    return head + text[max(at, 0) :][: limit - len(head)]
