"""A search in the logs of many nodes, done on the nodes: what was found so far, and how far each has come."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from aen_tui.errors import AenError
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import Inventory
from aen_tui.model.log_formats import Recogniser
from aen_tui.model.logs import Cursor, LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.searches import Hit, LineAround, Searched, Since
from aen_tui.model.zones import NodeTime
from aen_tui.runtime.errands import Asks, Errand, first_row, rows_of
from aen_tui.runtime.node_times import node_time
from aen_tui.sources import log_hits
from aen_tui.sources.log_files import default_logs
from aen_tui.state.node_patterns import NodePattern

MOST_HITS = 10_000
"""Of all logs together; each has its share of it."""
LOG_HITS_LEAST, LOG_HITS_MOST = 25, 2_000
READ_BYTES = 4 << 30
"""Most that is read on one node."""
SEARCH_SECONDS = 300.0
"""On one node, of time and of cpu."""
AROUND_LINES = 60
AROUND_SECONDS = 60.0
_NEVER = float("-inf")


class Asked(Protocol):
    """What a search needs of the runtime."""

    @property
    def inventory(self) -> Inventory:
        """What is watched."""
        ...

    def snapshot(self) -> ClusterState:
        """The nodes' clocks."""
        ...

    @property
    def errand(self) -> Asks:
        """Have a node do an errand."""
        ...


class Found(NamedTuple):
    """A hit and when it was written; sorts newest first."""

    ago: float
    """Minus epoch seconds here; +inf where neither the line nor one before it says."""
    node: NodeName
    path: str
    back: int
    """Minus the offset."""
    hit: Hit

    @property
    def moment(self) -> float | None:
        """Epoch seconds here."""
        return None if self.ago == -_NEVER else -self.ago


class LogSearch:
    """One search. `run` it; `revision` grows with every change of what it says.

    Args:
        backend: the nodes.
        pattern: what is looked for.
        keys: in which logs, and what was rotated away from them.
        since: nothing written before, epoch seconds; None = all that is there.
    """

    def __init__(self, backend: Asked, pattern: NodePattern, keys: Sequence[LogKey], since: float | None) -> None:
        self.pattern, self.keys, self.since = pattern, tuple(keys), since
        self.hits: list[Found] = []
        """Newest first."""
        self.counts: dict[NodeName, int] = {key.node: 0 for key in keys}
        """Hits of each node."""
        self.logs: dict[LogKey, Searched] = {}
        """How far each log is."""
        self.failed: dict[NodeName, str] = {}
        """Why a node was not searched to its end."""
        self.done: set[NodeName] = set()
        self.was_cancelled = False
        self.revision = 0
        self._backend = backend
        self._formats = {key: Recogniser() for key in keys}
        self._most = max(LOG_HITS_LEAST, min(LOG_HITS_MOST, MOST_HITS // max(1, len(self.keys))))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.was_cancelled or len(self.done) == len(self.counts)

    @property
    def read_bytes(self) -> int:
        """What the nodes have read."""
        return sum(log.read_bytes for log in self.logs.values())

    @property
    def capped(self) -> dict[str, int]:
        """`hits` and `bytes` -> how many logs have more than was looked at."""
        words = [log.capped for log in self.logs.values() if log.capped]
        return {word: words.count(word) for word in dict.fromkeys(words)}

    @property
    def errors(self) -> list[str]:
        """What could not be searched: node or log, and why."""
        found = [f"{node}: {why}" for node, why in self.failed.items()]
        return found + [f"{key}: {log.error}" for key, log in self.logs.items() if log.error]

    async def run(self) -> None:
        """Search every node; what fails is said in `errors`. A wait that is cancelled ends it on the nodes."""
        state = self._backend.snapshot()
        try:
            async with asyncio.TaskGroup() as tasks:
                for name in self.counts:
                    tasks.create_task(self._node(name, node_time(state.nodes[name])))
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        finally:
            self.revision += 1

    async def _node(self, name: NodeName, time: NodeTime) -> None:
        """What the probe under sudo may read is asked of it, where there is one; the rest of the login user's."""
        mine = [key for key in self.keys if key.node == name]
        raised = [key for key in mine if may_be_raised(self._backend.inventory, key)]
        for keys in (raised, [key for key in mine if key not in raised]):
            if not keys:
                continue
            order = log_hits.order(
                keys,
                self.pattern.text,
                ignore_case=self.pattern.ignore_case,
                literal=self.pattern.literal,
                since=since_there(self.since, time),
                most_hits=self._most,
                most_bytes=READ_BYTES,
            )
            try:
                await self._backend.errand(
                    name,
                    Errand(
                        log_hits.NAME,
                        order,
                        row=log_hits.decoder(keys),
                        take=lambda row: self._take(row, time),
                        seconds=SEARCH_SECONDS,
                        most_bytes=self._most * len(keys) * 8192,
                        raised=keys is raised,
                    ),
                )
            except AenError as error:
                self.failed[name] = error.message
        self.done.add(name)
        self.revision += 1

    def _take(self, row: Hit | Searched, time: NodeTime) -> None:
        self.revision += 1
        if isinstance(row, Searched):
            self.logs[row.key] = row
            return
        moment = self._moment(row, time)
        if self.since is not None and _NEVER < moment < self.since:
            return
        insort(self.hits, Found(-moment, row.key.node, row.key.path, -row.offset, row))
        self.counts[row.key.node] += 1

    def _moment(self, hit: Hit, time: NodeTime) -> float:
        for text in (hit.text, hit.head):
            if text is not None:
                stamp = self._formats[hit.key].parse(text.encode("utf-8", "replace"), near=_now(self._backend)).stamp
                if stamp is not None:
                    return time.ours(stamp.seconds, zoned=stamp.zoned)
        return _NEVER


async def lines_around(backend: Asked, hit: Hit) -> list[LineAround]:
    """The lines about a hit as they stand on the node.

    Raises:
        AenError: the node is away, or the file is gone.
    """
    return await rows_of(
        backend.errand,
        hit.key.node,
        log_hits.NAME,
        log_hits.order_around(hit, AROUND_LINES),
        log_hits.line_around,
        seconds=AROUND_SECONDS,
        raised=may_be_raised(backend.inventory, hit.key),
    )


async def bytes_back(backend: Asked, key: LogKey, since: float, before: Cursor | None) -> int:
    """How many bytes before a place (None: the end) a time is in a log and what was rotated away from it.

    At most 128 KiB too many; 0 where all before the place is older.

    Raises:
        AenError: the node is away, or could not say.
    """
    there = since_there(since, node_time(backend.snapshot().nodes[key.node]))
    assert there is not None
    distance = await first_row(
        backend.errand,
        key.node,
        log_hits.NAME,
        log_hits.order_since(key, there, before),
        log_hits.distance,
        seconds=AROUND_SECONDS,
        raised=may_be_raised(backend.inventory, key),
    )
    return distance or 0


def since_there(since: float | None, time: NodeTime) -> Since | None:
    """A time of ours, epoch seconds, as the node's logs know it."""
    if since is None:
        return None
    there = since + time.skew_seconds
    return Since(there, there + time.offset(there))


def may_be_raised(inventory: Inventory, key: LogKey) -> bool:
    """Whether the probe under sudo may read a log: one of the node's roles or the inventory's, never /projects."""
    spec = inventory.nodes[key.node]
    return key.path in default_logs(spec) and not key.path.startswith(spec.projects_root + "/")


def _now(backend: Asked) -> float:
    return backend.snapshot().wall_at
