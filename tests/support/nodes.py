"""Made-up nodes for tests: what runs on each role, all well or in one of the usual kinds of trouble."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aen_tui.model.facts import (
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
)
from aen_tui.model.node import Become, NodeName, NodeSpec, Role, Thresholds
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity

NOW_MONOTONIC = 50_000.0
NOW_WALL = 1_795_244_400.0  # 2026-11-21T07:00:00Z
GIB = 1024**3

PREFIX = "/opt/wakari"
_LOGS: dict[Role, tuple[str, ...]] = {
    Role.SERVER: (
        f"{PREFIX}/wakari-server/var/log/supervisord.log",
        f"{PREFIX}/wakari-server/var/log/wakari/server.log",
        f"{PREFIX}/wakari-server/var/log/wakari/worker.log",
        "/var/log/nginx/woc.log",
        "/var/log/nginx/woc-error.log",
    ),
    Role.GATEWAY: (
        f"{PREFIX}/wakari-gateway/var/log/supervisord.log",
        f"{PREFIX}/wakari-gateway/var/log/wakari/gateway.application.log",
        f"{PREFIX}/wakari-gateway/var/log/wakari/gateway.log",
    ),
    Role.COMPUTE: (
        f"{PREFIX}/wakari-compute/var/log/supervisord.log",
        f"{PREFIX}/wakari-compute/var/log/wakari/compute-launcher.application.log",
        f"{PREFIX}/wakari-compute/var/log/wakari/compute-launcher.log",
    ),
    Role.STORE: ("/var/log/mongodb/mongod.log",),
}


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
