"""What was asked of `logs` and lies before the lines that every log is followed from."""

from __future__ import annotations

from collections.abc import Callable

from aen_tui.errors import AenError
from aen_tui.headless.log_reading import LogReader
from aen_tui.headless.node_grep import hits_before
from aen_tui.model.logs import LogKey, OlderState
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.log_search import bytes_back
from aen_tui.state.lines import DrawnLine
from aen_tui.state.node_patterns import node_pattern

STEP_BYTES = 896 * 1024
"""One step backwards."""
NEAR_BYTES = 128 * 1024
"""How near to a time the node says where it begins."""
CLOCKS_APART_SECONDS = 120.0
"""How far a node's clock may be from ours when it is asked which files are too old."""


class OlderLines:
    """Fetches, or lets the node search where only lines with a pattern are wanted.

    Args:
        runtime: the nodes.
        grep: the pattern, where nothing but lines with it is wanted.
        since: none written before, epoch seconds; None = as many lines as the reader wants.
        say: told of a source what was left out.
    """

    def __init__(
        self, runtime: Runtime, grep: str | None, since: float | None, say: Callable[[LogReader, str], None]
    ) -> None:
        self.found: dict[LogKey, list[tuple[float, DrawnLine]]] = {}
        """What the nodes found, with the time to sort by, oldest first; it stands in no book."""
        self._runtime, self._grep, self._since, self._say = runtime, grep, since, say

    async def fetch(self, reader: LogReader) -> None:
        """Bring a source back to the time or the number of lines that were asked for."""
        edge, missing = reader.source.book.edge, None
        since = None if self._since is None else self._since - CLOCKS_APART_SECONDS
        if self._since is not None and reader.wants_older():
            if await self._searched_there(reader, self._since):
                return
            missing = await self._bytes_back(reader, self._since)
        while reader.wants_older():
            size = STEP_BYTES if missing is None else max(NEAR_BYTES, min(STEP_BYTES, missing))
            before = reader.source.book.log_bytes
            edge = await self._runtime.fetch_older(reader.key, size_bytes=size, since=since)
            if missing is not None:
                missing -= reader.source.book.log_bytes - before
        if edge.state in (OlderState.GONE, OlderState.FULL):
            self._say(reader, f"older lines are left out: {edge.message}")

    async def _searched_there(self, reader: LogReader, since: float) -> bool:
        """Whether the node itself has looked for all that is wanted."""
        place = reader.source.book.begin()
        if not self._grep or place is None:
            return False
        try:
            pattern = node_pattern(self._grep, smart_case=False)
            found = await hits_before(self._runtime, reader.source, place, pattern, since)
        except (AenError, ValueError):
            return False  # what is wrong with the node or the pattern is said by those who fetch
        if found is not None:
            self.found[reader.key] = found
        return found is not None

    async def _bytes_back(self, reader: LogReader, since: float) -> int | None:
        """How much is missing; None where the node could not say."""
        try:
            return await bytes_back(self._runtime, reader.key, since, reader.source.book.begin())
        except AenError:
            return None
