"""Made-up installations for tests of the screen: inventories, states, and a runtime that runs nothing."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import tempfile
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.config.policy import Policy
from aen_tui.errors import PlanRefusedError, ProbeError
from aen_tui.model.facts import ClusterState, Connection, NodeState, StoreState
from aen_tui.model.inventory import ActionSettings, Inventory, SshSettings
from aen_tui.model.logs import Cursor, LogKey, OlderEdge, OlderState
from aen_tui.model.node import NodeName, Role
from aen_tui.model.plans import ActionName, Known, Plan, PlanEvent, Result, Risk, Step, SudoMet, Target
from aen_tui.model.severity import Severity, worst
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.audit_book import AuditBook
from aen_tui.runtime.checkup import Checkup
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.maintenance import Maintenance
from aen_tui.runtime.projects import Projects
from aen_tui.runtime.syslog import Syslog
from aen_tui.state.alerts import Alerts
from aen_tui.state.events import Events
from aen_tui.state.folding import Folding
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.silence import Silences
from aen_tui.state.store import Store
from tests.support.jobs import made_up_jobs
from tests.support.nodes import NOW_MONOTONIC, NOW_WALL, PREFIX, PROBLEMS, metrics, node_spec, node_state, service

__all__ = [
    "NOW_MONOTONIC",
    "NOW_WALL",
    "FakeRuntime",
    "StoppedClock",
    "cluster_state",
    "connecting_state",
    "inventory",
    "metrics",
    "node_spec",
    "node_state",
    "service",
]


async def no_rows(_node: NodeName, _order: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """An errand that finds nothing."""
    for row in tuple[bytes]():
        yield row


class StoppedClock:
    """A clock that a test moves."""

    def __init__(self, monotonic: float = NOW_MONOTONIC, wall: float = NOW_WALL) -> None:
        self._monotonic = monotonic
        self._wall = wall

    def monotonic(self) -> float:
        return self._monotonic

    def wall(self) -> float:
        return self._wall

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._wall += seconds


def inventory(gateways: int = 2, computes: int = 6, *, name: str = "aen-prod", is_demo: bool = False) -> Inventory:
    """One server, gateways with the computes spread over them: `aen-server gateway1 compute1-1 …`."""
    specs = [node_spec("aen-server", Role.SERVER)]
    centers: dict[str, tuple[NodeName, ...]] = {}
    words = ("east", "west", "north", "south")
    for g in range(1, gateways + 1):
        center = words[g - 1] if g <= len(words) else f"dc{g}"
        gateway = f"gateway{g}"
        specs.append(node_spec(gateway, Role.GATEWAY, center))
        many = computes // gateways + (1 if g <= computes % gateways else 0)
        members = [f"compute{g}-{c}" for c in range(1, many + 1)]
        specs.extend(node_spec(member, Role.COMPUTE, center, jump=gateway) for member in members)
        centers[center] = (NodeName(gateway), *(NodeName(member) for member in members))
    return Inventory(
        name=name,
        file=Path("/home/ops/.config/aen-tui/inventory.toml"),
        aen_version="4.1.2",
        ssh=SshSettings(),
        actions=ActionSettings(),
        nodes={spec.name: spec for spec in specs},
        data_centers=centers,
        is_demo=is_demo,
    )


def cluster_state(
    gateways: int = 2, computes: int = 6, *, problems: bool = True, of: Inventory | None = None
) -> ClusterState:
    """An installation at one moment (`NOW_MONOTONIC`); up to 1,000 nodes and more."""
    listed = of or inventory(gateways, computes)
    nodes = {name: node_state(spec, seed) for seed, (name, spec) in enumerate(listed.nodes.items())}
    if problems:
        nodes |= {name: PROBLEMS[name](node) for name, node in nodes.items() if name in PROBLEMS}
    stores: dict[str, StoreState | None] = {
        "mongodb": StoreState("up", "2.6.10", seen_at=NOW_MONOTONIC - 2, severity=Severity.OK),
        "elasticsearch": StoreState("up", "1.7.2", health="yellow", seen_at=NOW_MONOTONIC - 2, severity=Severity.OK),
    }
    return ClusterState(
        name=listed.name,
        nodes=nodes,
        stores=stores,
        revision=1,
        severity=worst(node.severity for node in nodes.values()),
        taken_at=NOW_MONOTONIC,
        wall_at=NOW_WALL,
    )


def connecting_state(of: Inventory) -> ClusterState:
    """The first moment: nothing is known of any node."""
    nodes = {name: NodeState(spec, Connection(since=NOW_WALL, phase="tcp")) for name, spec in of.nodes.items()}
    return ClusterState(of.name, nodes, severity=Severity.UNKNOWN, taken_at=NOW_MONOTONIC, wall_at=NOW_WALL)


class FakeRuntime:
    """The surface of `runtime.cluster.Runtime` over a made-up state; nothing runs, calls are remembered."""

    def __init__(
        self,
        gateways: int = 2,
        computes: int = 6,
        *,
        problems: bool = True,
        read_only: bool = False,
        is_demo: bool = False,
        state: ClusterState | None = None,
        history_samples: int = 120,
        arming_required: bool = False,
        policy: Policy | None = None,
        audit_folder: Path | None = None,
        syslog: Syslog | None = None,
    ) -> None:
        made = inventory(gateways, computes, is_demo=is_demo)
        # never this machine's own: nothing is written there unless a test records something
        folder = audit_folder or Path(tempfile.gettempdir()) / f"aen-tui-fake-{os.getpid()}-{id(self)}"
        if audit_folder is None:
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        actions = ActionSettings(arming_required=arming_required, lease_dir=folder / "lease")
        self.inventory = replace(made, actions=actions)
        self.clock = StoppedClock()
        self.audit = AuditLog(folder / "audit.jsonl", syslog=syslog)
        self.audit_book = AuditBook(self.audit.path, folder / "lease", log_files=())
        self.guard = Guard(self.inventory, self.clock, self.audit, read_only=read_only, policy=policy or Policy())
        self.store = Store(self.inventory, self.clock)
        self.jobs = made_up_jobs(self, self.guard, folder / "jobs")
        self.checkup = Checkup(
            self.inventory, self.clock, ask=self._no_errand, snapshot=self.snapshot, spawn=self._never_run
        )
        self.projects = Projects(self.inventory, self.store, self.clock, ask=self.errand, spawn=self._never_run)
        self.series = SeriesStore()
        self.books = LogBooks(limit_bytes=8 * 1024 * 1024)
        self.folding = Folding()
        self.silences = Silences()
        self.events = Events()
        self.alerts = Alerts()
        self.maintenance = Maintenance(
            self.inventory, self.store, self.clock, self.audit, self.events, folder / "maintenance.json"
        )
        self.older: dict[LogKey, bytes] = {}
        """What the files of the nodes hold before the first line of a book; taken from its end."""
        self.answers = asyncio.Event()
        """Cleared: nodes do not answer when they are asked for older lines."""
        self.answers.set()
        self.errands: Callable[[NodeName, Mapping[str, Any]], AsyncIterator[bytes]] = no_rows
        """What the nodes answer to errands."""
        self.calls: list[tuple[str, Any]] = []
        """What was asked: ("follow", key), ("retry_now", node), ("start", plan) …"""
        self.put(state or cluster_state(of=self.inventory, problems=problems))
        if history_samples:
            self._fill_series(history_samples)

    def put(self, state: ClusterState) -> None:
        """Make the store say what `state` says; nodes that are the same object stay."""
        for name, node in state.nodes.items():
            self.store.update(name, lambda _before, node=node: node)  # type: ignore[misc]  # bound per turn
        self.store.set_stores(state.stores)

    def change(self, name: str, **parts: Any) -> NodeState:
        """Replace parts of one node, as a frame of its probe would."""
        self.store.update(NodeName(name), lambda before: replace(before, **parts))
        return self.store.node(NodeName(name))

    def _fill_series(self, samples: int) -> None:
        for seed, (name, node) in enumerate(self.snapshot().nodes.items()):
            known = node.metrics.value
            if known is None:
                continue
            for metric, base in (
                ("cpu_percent", known.cpu_percent or 0.0),
                ("memory_percent", known.memory.used_percent if known.memory else 0.0),
                ("disk_percent", max((disk.used_percent for disk in known.disks), default=0.0)),
                ("rx_bytes_per_second", known.rx_bytes_per_second or 0.0),
                ("tx_bytes_per_second", known.tx_bytes_per_second or 0.0),
                ("load", known.load[0] if known.load else 0.0),
            ):
                swing = {"cpu_percent": 0.6, "memory_percent": 0.15, "disk_percent": 0.01}.get(metric, 0.5)
                series = self.series.of(name, metric)
                for i in range(samples):
                    wave = math.sin(i / 9 + seed) + 0.5 * math.sin(i / 2.7 + 2 * seed)
                    value = max(0.0, base * (1 + swing * wave / 1.5))
                    if metric.endswith("_percent"):
                        value = min(100.0, value)
                    series.add(NOW_MONOTONIC - 2.0 * (samples - i), value)

    async def _no_errand(self, *_order: Any, **_more: Any) -> bool:
        raise ProbeError("nothing is asked here")

    def _never_run(self, work: Any) -> None:
        self.calls.append(("spawn", work.__name__))
        work.close()

    def snapshot(self) -> ClusterState:
        return self.store.snapshot()

    def follow(self, key: LogKey) -> None:
        self.calls.append(("follow", key))

    async def errand(self, node: NodeName, errand: Errand[Any]) -> bool:
        """Every row that `errands` gives for the node and order, through the real decoder."""
        self.calls.append(("errand", (node, errand.name, errand.order)))
        async for line in self.errands(node, errand.order):
            errand.answer(line)
        return False

    async def fetch_older(self, key: LogKey, *, size_bytes: int = 262_144, since: float | None = None) -> OlderEdge:
        self.calls.append(("fetch_older", key))
        await self.answers.wait()
        file, book = self.older.get(key), self.books.book(key)
        if file is None or book.edge.state not in (OlderState.UNKNOWN, OlderState.MORE):
            return book.edge
        if not self.books.room_for(size_bytes):
            self.books.prepend(key, b"", None, OlderEdge(OlderState.FULL, "the memory for logs is full"))
            return book.edge
        begin = len(file) - size_bytes
        begin = file.find(b"\n", begin - 1) + 1 if begin > 0 else 0
        self.older[key] = file[:begin]
        edge = OlderEdge(OlderState.MORE, f"{key.path} from byte {begin:,}")
        if not file:
            edge = OlderEdge(OlderState.START, "the oldest file begins here")
        self.books.prepend(key, file[begin:], Cursor(1, 2, begin, "", 0, "", 0), edge)
        return book.edge

    def poke(self, node: NodeName) -> None:
        self.calls.append(("poke", node))

    def retry_now(self, node: NodeName) -> None:
        self.calls.append(("retry_now", node))

    def attend_stores(self, closely: bool) -> None:
        self.calls.append(("attend_stores", closely))

    def plan(self, action: ActionName, targets: Sequence[Target]) -> Plan:
        """A plan as the actions would make it; refused for a service that is not there."""
        self.calls.append(("plan", (action, tuple(targets))))
        steps = []
        for target in targets:
            known = {one.name: one for one in self.store.node(target.node).services}.get(target.service)
            if known is None:
                raise PlanRefusedError(f"{target.node} has no service {target.service}", node=target.node)
            argv: tuple[str, ...]
            if known.manager == "supervisor":
                control = f"{PREFIX}/{known.supervisor}/bin/supervisorctl"
                argv = ("sudo", "-n", "-u", "wakari", control, action.value, known.name)
            else:
                argv = ("sudo", "-n", "/sbin/service", known.name, action.value)
            before = Known(known.state, known.pid, known.started_at, known.uptime_seconds, known.seen_at)
            expect = "a new pid, RUNNING for 3 s, port answers"
            user = "wakari" if known.manager == "supervisor" else "root"
            steps.append(Step(action, target, argv, user, "nopasswd-expected", before, expect, 5000))
        one = len(steps) == 1
        risk = Risk.KEY if one and steps[0].target.manager == "supervisor" else Risk.WORD
        word = targets[0].node if one else self.inventory.name
        radius = ("notebooks on this node lose their kernel",)
        made = self.clock.monotonic()
        return Plan("p-1", action, self.inventory.name, tuple(steps), risk, word, radius, made)

    async def preflight(self, plan: Plan) -> Plan:
        """Every sudo asks for no password."""
        met = SudoMet("asks for no password")
        return replace(plan, steps=tuple(replace(step, met=met) for step in plan.steps))

    @property
    def read_only(self) -> bool:
        return self.guard.read_only

    def start(
        self, plan: Plan, emit: Callable[[PlanEvent], None], *, reason: str | None = None, syslog_only: bool = False
    ) -> None:
        """Remembers the plan; a test drives `emit` (the last start's is `self.emit`)."""
        self.calls.append(("start", plan))
        if syslog_only:
            self.calls.append(("syslog-only", plan))
        self.emit = emit

    def finish(self, result: Result = Result.VERIFIED) -> None:
        """Say how the last started plan ended."""
        self.emit(PlanEvent("finished", result))
