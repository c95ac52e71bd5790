"""Signs of trouble in the logs and kernels of all nodes, put on the nodes once a second."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

from aen_tui.checks import rate
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.trends import Sign, SignKind
from aen_tui.model.zones import NodeTime
from aen_tui.sources.log_files import SYSTEM_LOGS
from aen_tui.state.lines import TimedLog
from aen_tui.state.logbook import LogBooks
from aen_tui.state.signs import NodeSigns, Seen, SignScan, classify
from aen_tui.state.store import Store

LOOK_SECONDS = 0.004
"""How long the loop waits for one look; at least one book is read."""
OF_THE_SYSTEM = (*SYSTEM_LOGS, "/var/log/syslog", "/var/log/kern.log")
_PIDS_KEPT = 200
KERNEL = "kernel"


class SystemSigns:
    """Looks only at what came since the last look.

    Args:
        books: the logs.
        store: gets the signs.
        clock: for what says no time of its own, and for what is too old.
    """

    def __init__(self, books: LogBooks, store: Store, clock: Clock) -> None:
        self._books = books
        self._store = store
        self._clock = clock
        self._scans: dict[LogKey, SignScan] = {}
        self._read: dict[LogKey, int] = {}
        self._turn = 0
        self._turns: dict[LogKey, int] = {}
        """When each was read last, by number of reads."""
        self._nodes: dict[NodeName, NodeSigns] = {}
        self._pids: dict[NodeName, OrderedDict[int, str]] = {}
        """Pid -> service of each node, the newest last: the kernel names pids that are no more."""

    def look(self, state: ClusterState, times: Mapping[NodeName, NodeTime]) -> None:
        """Read what is new, and tell the store of every node whose signs are other than before."""
        for node in state.nodes.values():
            pids = self._pids.setdefault(node.name, OrderedDict())
            for service in node.services:
                if service.pid is not None and pids.get(service.pid) != service.name:
                    pids[service.pid] = service.name
                    if len(pids) > _PIDS_KEPT:
                        pids.popitem(last=False)
        fresh = [book for book in self._books if book.next_line > self._read.get(book.key, 0)]
        # of the system first, then what waited longest: logs that never rest keep no other waiting
        fresh.sort(key=lambda book: (book.key.path not in OF_THE_SYSTEM, self._turns.get(book.key, 0)))
        deadline = perf_counter() + LOOK_SECONDS
        for book in fresh:
            self._turn += 1
            self._turns[book.key] = self._turn
            self._read_book(book.key, times.get(book.key.node))
            if perf_counter() > deadline:
                break
        for name, signs in self._nodes.items():
            shown = signs.shown(self._clock.wall())
            if shown is not state.nodes[name].signs:
                self._store.update(name, lambda node, shown=shown: _with_signs(node, shown))  # type: ignore[misc]

    def _read_book(self, key: LogKey, time: NodeTime | None) -> None:
        book = self._books.book(key)
        scan = self._scans.get(key)
        if scan is None:
            scan = self._scans[key] = SignScan(is_system=key.path in OF_THE_SYSTEM)
        timed = TimedLog(book, time)
        for number, seen in scan.look(book.chunks):
            written = timed.written(number)
            chunk = book.chunk_of(number)
            arrived = self._clock.wall() if chunk is None else chunk.wall_of(number)
            signs = self._nodes.setdefault(key.node, NodeSigns())
            signs.add(self._named(key.node, seen), arrived if written is None else written, key.path)
        self._read[key] = scan.seen

    def kernel(self, node: NodeName, messages: Sequence[tuple[float, bytes]]) -> None:
        """Take all messages of a node's kernel that look like signs: (epoch seconds of the jump host, text)."""
        seen = [(at, classify(b"kernel: " + text, is_system=True)) for at, text in messages]
        named = [(at, self._named(node, one)) for at, one in seen if one is not None]
        self._nodes.setdefault(node, NodeSigns()).add_ring(named, KERNEL)

    def _named(self, node: NodeName, seen: Seen) -> Seen:
        """With the service whose process was killed."""
        if seen.kind is not SignKind.OOM_KILL or seen.pid is None:
            return seen
        pids = self._pids.get(node)
        service = pids.get(seen.pid) if pids else None
        whose = f"{service} ({seen.subject}, pid {seen.pid})" if service else f"{seen.subject} (pid {seen.pid})"
        return seen._replace(subject=whose)


def _with_signs(node: NodeState, signs: tuple[Sign, ...]) -> NodeState:
    return rate(replace(node, signs=signs))
