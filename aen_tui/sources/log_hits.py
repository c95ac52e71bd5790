"""Search in logs on a node: the orders of the errand, its rows -> hits, distances, lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from aen_tui.errors import ProbeError
from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Cursor, LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.searches import Hit, LineAround, RawHit, Searched, Since
from aen_tui.model.text import visible_line

NAME = "search"
"""The errand's file."""
_TEXT_CHARACTERS = 2048


class _Row(msgspec.Struct):
    """aen_tui/probe/errands/search.py."""

    log: int
    file: str = ""
    ino: int = 0
    at: int = 0
    text: str | None = None
    head: str | None = None
    read: int = 0
    older: int = 0
    files: int | None = None
    capped: str | None = None
    error: str | None = None


_ANY = LogKey(NodeName(""), LogPath(""))
_decoder = msgspec.json.Decoder(_Row)


def order(
    keys: Sequence[LogKey],
    pattern: str,
    *,
    most_hits: int,
    most_bytes: int,
    ignore_case: bool = False,
    literal: str | None = None,
    since: Since | None = None,
    before: Cursor | None = None,
    text_bytes: int = _TEXT_CHARACTERS,
) -> dict[str, Any]:
    """What a search is asked.

    Args:
        keys: logs of one node; their paths go to it.
        pattern: for Python's `re`, matched against one line's bytes.
        most_hits: of one log.
        most_bytes: read of all of them.
        ignore_case: upper and lower case are the same.
        literal: what every hit holds, where the pattern is nothing but that.
        since: nothing older.
        before: only what stands before this place of the one log that is searched.
        text_bytes: how much of a line that matches comes.
    """
    return {
        "do": "search",
        "logs": [key.path for key in keys],
        "pattern": pattern,
        "ignore_case": ignore_case,
        "literal": literal,
        "hits": most_hits,
        "bytes": most_bytes,
        "text": text_bytes,
        **_bounds(since, before),
    }


def order_since(key: LogKey, since: Since, before: Cursor | None) -> dict[str, Any]:
    """What is asked to know how many bytes before a place (None: the end) a time is."""
    return {"do": "since", "logs": [key.path], **_bounds(since, before)}


def order_around(hit: Hit, lines: int) -> dict[str, Any]:
    """What is asked to see the lines about a hit, so many before and after."""
    place = {"file": hit.file, "ino": hit.inode, "at": hit.offset}
    return {"do": "around", "logs": [hit.key.path], "lines": lines, **place}


def _bounds(since: Since | None, before: Cursor | None) -> dict[str, Any]:
    return {
        "since": since.seconds if since else None,
        "since_local": since.local_seconds if since else None,
        "before": {"dev": before.device, "ino": before.inode, "off": before.offset} if before else None,
    }


def distance(line: bytes) -> int:
    """The row of `order_since`: bytes from there to the place asked about.

    Raises:
        ProbeError: it is nonsense.
    """
    return max(0, _decode(line).older)


def line_around(line: bytes) -> LineAround:
    """A row of `order_around`.

    Raises:
        ProbeError: it is nonsense.
    """
    row = _decode(line)
    return LineAround(row.at, visible_line(row.text or "", _TEXT_CHARACTERS))


def _decode(line: bytes) -> _Row:
    try:
        return _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProbeError(f"the search spoke nonsense: {visible_line(str(error), 200)}") from None


def raw_hit(line: bytes) -> RawHit | Searched:
    """A row of a search in one log, its text as the node said it.

    Raises:
        ProbeError: it is nonsense.
    """
    row = _decode(line)
    return RawHit(row.text, row.head, row.at) if row.text is not None else _searched(row, _ANY)


def decoder(keys: Sequence[LogKey]) -> Callable[[bytes], Hit | Searched]:
    """How a row of the answer for these logs is read; its texts are made safe.

    A row that is nonsense is a ProbeError.
    """

    def row(line: bytes) -> Hit | Searched:
        found = _decode(line)
        if not 0 <= found.log < len(keys):
            raise ProbeError("the search spoke of a log that was not asked for")
        key = keys[found.log]
        if found.text is None:
            return _searched(found, key)
        head = visible_line(found.head, _TEXT_CHARACTERS) if found.head is not None else None
        file = visible_line(found.file, 255)
        return Hit(key, file, found.ino, found.at, visible_line(found.text, _TEXT_CHARACTERS), head)

    return row


def _searched(row: _Row, key: LogKey) -> Searched:
    return Searched(
        key,
        row.read,
        row.files or 0,
        row.capped if row.capped in ("hits", "bytes") else None,
        visible_line(row.error, 300) if row.error else None,
        is_ended=row.files is not None,
    )
