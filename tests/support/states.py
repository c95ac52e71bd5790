"""Made-up installations for tests of the screen: inventories, states, and a runtime that runs nothing."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import (
    ClusterState,
    Connection,
    Disk,
    Finding,
    HttpState,
    LinkState,
    LogFileState,
    LogPath,
    LogState,
    Memory,
    Metrics,
    NodeState,
    ServiceState,
    StatusDocument,
    StoreState,
)
from aen_tui.model.inventory import ActionSettings, Inventory, SshSettings
from aen_tui.model.logs import LogKey
from aen_tui.model.node import Become, NodeName, NodeSpec, Role, Thresholds
from aen_tui.model.plans import ActionName, Known, Plan, PlanEvent, Result, Risk, Step, Target
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity, worst
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store

NOW_MONOTONIC = 50_000.0
NOW_WALL = 1_795_244_400.0  # 2026-11-21T07:00:00Z
GIB = 1024**3

_PREFIX = "/opt/wakari"
_LOGS: dict[Role, tuple[str, ...]] = {
    Role.SERVER: (
        f"{_PREFIX}/wakari-server/var/log/supervisord.log",
        f"{_PREFIX}/wakari-server/var/log/wakari/server.log",
        f"{_PREFIX}/wakari-server/var/log/wakari/worker.log",
        "/var/log/nginx/woc.log",
        "/var/log/nginx/woc-error.log",
    ),
    Role.GATEWAY: (
        f"{_PREFIX}/wakari-gateway/var/log/supervisord.log",
        f"{_PREFIX}/wakari-gateway/var/log/wakari/gateway.application.log",
        f"{_PREFIX}/wakari-gateway/var/log/wakari/gateway.log",
    ),
    Role.COMPUTE: (
        f"{_PREFIX}/wakari-compute/var/log/supervisord.log",
        f"{_PREFIX}/wakari-compute/var/log/wakari/compute-launcher.application.log",
        f"{_PREFIX}/wakari-compute/var/log/wakari/compute-launcher.log",
    ),
    Role.STORE: ("/var/log/mongodb/mongod.log",),
}


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


def node_spec(name: str, role: Role, data_center: str | None = None, *, jump: str | None = None) -> NodeSpec:
    """A node as the inventory would resolve it."""
    return NodeSpec(
        name=NodeName(name),
        host=name,
        roles=(role,),
        data_center=data_center,
        jump=jump,
        interval_seconds=2.0,
        become=Become.ACTIONS,
        service_account="wakari",
        status_paths=("/status", "/api/status", "/"),
        thresholds=Thresholds(),
    )


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


def service(name: str, supervisor: str | None, state: str = "RUNNING", **parts: Any) -> ServiceState:
    """A program (with `supervisor`) or a SysV service (without)."""
    running = state == "RUNNING"
    severity = {
        "RUNNING": Severity.OK,
        "STARTING": Severity.OK,
        "FATAL": Severity.CRITICAL,
        "BACKOFF": Severity.CRITICAL,
    }
    severity |= {"STOPPED": Severity.WARNING, "EXITED": Severity.WARNING, "unknown": Severity.UNKNOWN}
    defaults: dict[str, Any] = {
        "pid": (sum(map(ord, name)) * 7 + 1200) if running else None,
        "uptime_seconds": 18 * 86400.0 + 3 * 3600 if running else None,
        "seen_at": NOW_MONOTONIC - 1,
        "severity": severity.get(state, Severity.OK),
    }
    manager = "supervisor" if supervisor else "sysv"
    return ServiceState(name, manager, state, supervisor, **(defaults | parts))


def services_of(role: Role) -> tuple[ServiceState, ...]:
    """What runs on a role, all well."""
    if role is Role.SERVER:
        programs = (service("wk-server", "wakari-server"), service("worker", "wakari-server"))
        return programs + tuple(service(name, None) for name in ("nginx", "mongod", "elasticsearch"))
    if role is Role.GATEWAY:
        return (service("wk-gateway", "wakari-gateway"),)
    return (service("wk-compute", "wakari-compute"),)


def http_of(spec: NodeSpec, latency_ms: float = 3.2) -> tuple[HttpState, ...]:
    """The URLs of a role, all well."""
    role, seen = spec.roles[0], NOW_MONOTONIC - 4
    ok: dict[str, Any] = {"status_code": 200, "seen_at": seen, "severity": Severity.OK}
    document = StatusDocument("ok", ())
    if role is Role.SERVER:
        return (
            HttpState(
                "server", "http://aen.example.com/status", spec.name, latency_ms=latency_ms, document=document, **ok
            ),
            HttpState("wk-server", "http://127.0.0.1:5000/", spec.name, latency_ms=latency_ms / 2, **ok),
        )
    if role is Role.GATEWAY:
        url = f"http://{spec.name}:8089/status"
        return (HttpState("gateway", url, spec.name, latency_ms=latency_ms, document=document, **ok),)
    on = NodeName(spec.jump or spec.name)
    return (HttpState("compute", f"http://{spec.name}:5002/", on, latency_ms=latency_ms, **ok),)


def metrics(cpu: float = 12.0, memory: float = 41.0, disk: float = 52.0, *, cores: int = 8) -> Metrics:
    """A host of 32 GiB with two filesystems; per cent."""
    total = 32 * GIB
    disks = tuple(
        Disk(
            mount,
            "xfs",
            used_bytes=int(size * used / 100),
            available_bytes=int(size * (100 - used) / 100),
            total_bytes=size,
            used_percent=used,
            inodes_used_percent=used / 9,
            read_only=False,
        )
        for mount, size, used in (("/", 50 * GIB, 37.5), ("/projects", 800 * GIB, disk))
    )
    return Metrics(
        cpu_percent=cpu,
        load=(cpu / 100 * cores, cpu / 110 * cores, cpu / 120 * cores),
        memory=Memory(total, int(total * (100 - memory) / 100), 0),
        disks=disks,
        rx_bytes_per_second=cpu * 4_300.0,
        tx_bytes_per_second=cpu * 1_900.0,
        cores=cores,
    )


def node_state(spec: NodeSpec, seed: int = 0) -> NodeState:
    """A node that is up and well; `seed` varies its figures."""
    cpu, memory, disk = 4.0 + (seed * 7) % 37, 22.0 + (seed * 11) % 40, 30.0 + (seed * 13) % 45
    return NodeState(
        spec,
        Connection(
            LinkState.UP,
            since=NOW_WALL - 7200,
            skew_seconds=0.004 * (seed % 5),
            via=NodeName(spec.jump) if spec.jump else None,
            peer=f"10.20.0.{seed % 250 + 2} OpenSSH_5.3 aes128-ctr",
            python="2.6.6",
            user="ops",
            channels=1,
            bytes_per_second=420.0,
            probe_cpu_percent=0.2,
            probe_memory_bytes=9_400_000,
        ),
        services=services_of(spec.roles[0]),
        http=http_of(spec, 1.8 + (seed * 5) % 17),
        metrics=Reading(metrics(cpu, memory, disk), NOW_MONOTONIC - 0.8),
        logs=tuple(
            LogState(
                LogPath(path),
                LogFileState.FOLLOWING,
                48_213 + seed,
                kind="access" if path.endswith("woc.log") else "text",
            )
            for path in _LOGS[spec.roles[0]]
        ),
        severity=Severity.OK,
        complete=True,
    )


def _lost(node: NodeState, state: LinkState, error: str, hint: str | None = None, age: float = 42.0) -> NodeState:
    connection = replace(
        node.connection, state=state, since=NOW_WALL - age, error=error, hint=hint, next_try_at=NOW_MONOTONIC + 8
    )
    seen = NOW_MONOTONIC - age
    lost = replace(
        node,
        connection=connection,
        severity=Severity.CRITICAL,
        metrics=Reading(node.metrics.value, seen, error),
        services=tuple(replace(one, seen_at=seen) for one in node.services),
        http=tuple(replace(one, seen_at=seen) for one in node.http),
    )
    if state is LinkState.STALE:
        return lost
    return replace(lost, services=(), http=(), metrics=Reading(), logs=(), complete=False)


def _full_disk(node: NodeState) -> NodeState:
    reading = Reading(metrics(71.0, 88.0, 93.4), NOW_MONOTONIC - 1.2)
    findings = (
        Finding("disk-free", Severity.CRITICAL, "/projects is 93 % full", "free space or grow the volume", "002"),
        Finding("memory", Severity.WARNING, "memory is 88 % used", "look for a runaway kernel"),
    )
    problem = Reading(
        "compute-launcher: WARN  ENOSPC: no space left on device, mkdir '/projects/anna/x/envs'", NOW_MONOTONIC - 95
    )
    return replace(node, metrics=reading, findings=findings, severity=Severity.CRITICAL, last_problem=problem)


def _bad_document(node: NodeState) -> NodeState:
    document = StatusDocument("error", ("compute1-2: connection refused",))
    http = (replace(node.http[0], document=document, severity=Severity.CRITICAL),)
    problem = Reading("gateway.application: ERROR connect ECONNREFUSED 10.20.0.12:5002", NOW_MONOTONIC - 12)
    return replace(node, http=http, severity=Severity.CRITICAL, last_problem=problem)


def _fatal(node: NodeState) -> NodeState:
    bad = service("wk-compute", "wakari-compute", "FATAL", error="Exited too quickly (process log may have details)")
    http = (
        replace(
            node.http[0], status_code=None, latency_ms=None, error="connection refused", severity=Severity.CRITICAL
        ),
    )
    problem = Reading("compute-launcher: Error: listen EADDRINUSE :::5002", NOW_MONOTONIC - 33)
    return replace(node, services=(bad,), http=http, severity=Severity.CRITICAL, last_problem=problem)


def _stopped_worker(node: NodeState) -> NodeState:
    rest = tuple(one for one in node.services if one.name != "worker")
    services = (rest[0], service("worker", "wakari-server", "STOPPED"), *rest[1:])
    problem = Reading("worker: WARNING queue length 120, oldest job 300 s", NOW_MONOTONIC - 250)
    return replace(node, services=services, severity=Severity.WARNING, last_problem=problem)


PROBLEMS: dict[str, Callable[[NodeState], NodeState]] = {
    "aen-server": _stopped_worker,
    "gateway1": _bad_document,
    "compute1-1": _full_disk,
    "compute1-2": _fatal,
    "compute1-3": lambda node: _lost(
        node, LinkState.STALE, "no frame for 10 s: connection lost", "waiting for its gateway"
    ),
    "compute2-2": lambda node: _lost(
        node, LinkState.AUTH, "no key was accepted for ops", "ssh-add your key, or set IdentityFile"
    ),
    "compute2-3": lambda node: _lost(
        node, LinkState.HOST_KEY, "the host key CHANGED: SHA256:9qfX…", "ssh-keygen -R compute2-3 if you trust it"
    ),
}
"""Which nodes are in trouble with `problems=True`."""


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


def log_books(limit_bytes: int = 8 * 1024 * 1024) -> Any:
    """Real log books; a bare namespace where that room is not there."""
    try:
        return importlib.import_module("aen_tui.state.logbook").LogBooks(limit_bytes=limit_bytes)
    except ModuleNotFoundError:
        return SimpleNamespace()


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
    ) -> None:
        self.inventory = inventory(gateways, computes, is_demo=is_demo)
        self.read_only = read_only
        self.clock = StoppedClock()
        self.store = Store(self.inventory, self.clock)
        self.series = SeriesStore()
        self.books = log_books()
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

    def snapshot(self) -> ClusterState:
        return self.store.snapshot()

    def follow(self, key: LogKey) -> None:
        self.calls.append(("follow", key))

    def poke(self, node: NodeName) -> None:
        self.calls.append(("poke", node))

    def retry_now(self, node: NodeName) -> None:
        self.calls.append(("retry_now", node))

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
                control = f"{_PREFIX}/{known.supervisor}/bin/supervisorctl"
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

    def start(self, plan: Plan, emit: Callable[[PlanEvent], None], *, reason: str | None = None) -> None:
        """Remembers the plan; a test drives `emit` (the last start's is `self.emit`)."""
        self.calls.append(("start", plan))
        self.emit = emit

    def finish(self, result: Result = Result.VERIFIED) -> None:
        """Say how the last started plan ended."""
        self.emit(PlanEvent("finished", result))
