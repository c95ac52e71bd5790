"""Lines of `logs` as text or JSON, always sanitised; colour only where it was asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from aen_tui.model.logs import Level, LogKey
from aen_tui.model.text import visible
from aen_tui.state.lines import DrawnLine

_LABEL_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93)
_LEVEL_COLOURS = {Level.WARNING: "33", Level.ERROR: "31", Level.CRITICAL: "1;31"}


class LinePrinter:
    """Makes a line of output of a line of log.

    Args:
        keys: the sources, in the order of their colours.
        as_json: one JSON object a line.
        in_colour: for a terminal.
    """

    def __init__(self, keys: list[LogKey], *, as_json: bool, in_colour: bool) -> None:
        self.as_json = as_json
        self.in_colour = in_colour
        self._labels = {key: self._label(key, index) for index, key in enumerate(keys)}

    def _label(self, key: LogKey, index: int) -> str:
        label = visible(str(key)).replace("\n", "\u240a")
        if not self.in_colour:
            return f"{label}| "
        return f"\x1b[{_LABEL_COLOURS[index % len(_LABEL_COLOURS)]}m{label}|\x1b[0m "

    def line(self, line: DrawnLine) -> bytes:
        """`NODE:PATH| text`, or `{at, node, path, offset, level, text}`; with the newline."""
        text = visible(line.text)
        if self.as_json:
            moment = line.time if line.time is not None else line.arrived
            level = line.level.name.lower() if line.level is not Level.NONE else None
            document = {
                "at": _iso(moment),
                "node": line.key.node,
                "path": line.key.path,
                "offset": line.offset,
                "level": level,
                "text": text,
            }
            return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        colour = _LEVEL_COLOURS.get(line.level) if self.in_colour else None
        if colour:
            text = f"\x1b[{colour}m{text}\x1b[0m"
        return f"{self._labels[line.key]}{text}\n".encode("utf-8", "replace")

    def bulk(self, key: LogKey, data: bytes) -> bytes:
        """Many whole lines of one source as text, without looking at any of them."""
        label = self._labels[key]
        text = visible(data.removesuffix(b"\n"))
        return f"{label}{text.replace(chr(10), chr(10) + label)}\n".encode("utf-8", "replace")


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00.000Z"
