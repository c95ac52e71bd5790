"""Search in logs on a node: the order of the errand, its rows -> hits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from aen_tui.errors import ProbeError
from aen_tui.model.logs import LogKey
from aen_tui.model.searches import Hit, Searched
from aen_tui.model.text import visible_line

NAME = "search"
"""The errand's file."""
_TEXT_CHARACTERS = 2048


class _Row(msgspec.Struct):
    """aen_tui/probe/errands/search.py."""

    log: int
    file: str = ""
    at: int = 0
    text: str | None = None
    head: str | None = None
    read: int = 0
    files: int | None = None
    capped: str | None = None
    error: str | None = None


_decoder = msgspec.json.Decoder(_Row)


def order(
    keys: Sequence[LogKey],
    pattern: str,
    *,
    ignore_case: bool,
    literal: str | None,
    since: float | None,
    since_local: float | None,
    most_hits: int,
    most_bytes: int,
) -> dict[str, Any]:
    """What the errand is asked.

    Args:
        keys: logs of one node; their paths go to it.
        pattern: for Python's `re`, matched against one line's bytes.
        ignore_case: upper and lower case are the same.
        literal: what every hit holds, where the pattern is nothing but that.
        since: epoch seconds of the node's clock.
        since_local: the same as its wall clock shows it, as if that were UTC.
        most_hits: of one log.
        most_bytes: read of all of them.
    """
    return {
        "logs": [key.path for key in keys],
        "pattern": pattern,
        "ignore_case": ignore_case,
        "literal": literal,
        "since": since,
        "since_local": since_local,
        "hits": most_hits,
        "bytes": most_bytes,
    }


def decoder(keys: Sequence[LogKey]) -> Callable[[bytes], Hit | Searched]:
    """How a row of the answer for these logs is read; its texts are made safe.

    A row that is nonsense is a ProbeError.
    """

    def row(line: bytes) -> Hit | Searched:
        try:
            found = _decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProbeError(f"the search spoke nonsense: {visible_line(str(error), 200)}") from None
        if not 0 <= found.log < len(keys):
            raise ProbeError("the search spoke of a log that was not asked for")
        key = keys[found.log]
        if found.text is not None:
            head = visible_line(found.head, 200) if found.head is not None else None
            return Hit(key, visible_line(found.file, 255), found.at, visible_line(found.text, _TEXT_CHARACTERS), head)
        return Searched(
            key,
            found.read,
            found.files or 0,
            found.capped if found.capped in ("hits", "bytes") else None,
            visible_line(found.error, 300) if found.error else None,
            is_ended=found.files is not None,
        )

    return row
