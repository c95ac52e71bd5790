"""This program's own requests in access logs: left out of what is shown and counted, unless asked for (ops 37)."""

from __future__ import annotations

from array import array

from aen_tui.state.chunk import Chunk
from aen_tui.state.patterns import compile_bytes, matching_lines

_QUICK = b'"aen-tui/'
OWN_REQUEST = compile_bytes(rb'" [0-9]{3} (?:[0-9-]+ "[^"]*" )?"aen-tui/[0-9.]+"')
"""A quoted request, its status, in nginx's combined format bytes and referrer, and our user agent exactly."""


def own_lines(chunk: Chunk, first: int) -> array[int]:
    """The numbers of the lines of a chunk from `first` on that our own requests left."""
    chunk = chunk.opened()
    if _QUICK not in chunk.data:
        return array("q")
    return matching_lines(OWN_REQUEST, chunk, first)
