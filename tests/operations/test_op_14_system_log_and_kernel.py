"""14: what the system log, the kernel and the limits of the services say is a finding, on a real node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aen_tui.model.facts import LogFileState, LogState, NodeState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.signs import SystemSigns
from aen_tui.runtime.vitals import VitalsWatch
from aen_tui.sources.log_files import SYSTEM_LOGS
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.conftest import Watching

COMPUTE = NodeName("compute1-1")
(MESSAGES,) = SYSTEM_LOGS


def said(*lines: str) -> str:
    """Messages of the kernel's, as rsyslog writes them now."""
    stamp = f"{datetime.now(UTC).astimezone():%b %e %H:%M:%S}"
    return "".join(f"{stamp} {COMPUTE} kernel: {line}\n" for line in lines)


@contextmanager
def readable(node: LabNode) -> Iterator[None]:
    """The system log is the login user's to read, as where somebody put him into its group."""
    node.run(["chmod", "644", MESSAGES])
    try:
        yield
    finally:
        node.run(["chmod", "600", MESSAGES])
        node.path(MESSAGES).write_text("")


def checks(node: NodeState) -> dict[str, tuple[Severity, str]]:
    return {one.check: (one.severity, one.message) for one in node.findings}


async def until(runtime: Runtime, wanted: Callable[[NodeState], bool]) -> NodeState:
    async with asyncio.timeout(60):
        state = await runtime.store.wait_for(lambda state: wanted(state.nodes[COMPUTE]))
    return state.nodes[COMPUTE]


def log_of(node: NodeState) -> LogState | None:
    return next((one for one in node.logs if one.path == MESSAGES), None)


async def test_the_system_log_is_a_default_source_and_says_why_where_it_may_not_be_read(
    lab: Lab, watching: Watching, tmp_path: Path
) -> None:
    file = lab.write_inventory(tmp_path / "plain.toml", defaults={"become": "actions"})
    async with watching(file) as runtime:
        node = await until(runtime, lambda node: node.complete and log_of(node) is not None)
        log = log_of(node)
        assert log is not None
        assert log.state is LogFileState.UNKNOWN
        assert "ermission denied" in (log.error or "")
        assert "log-readable" not in checks(node), "that root keeps it for himself is no finding"


async def test_it_is_read_under_sudo_where_the_inventory_says_so(lab: Lab, watching: Watching, tmp_path: Path) -> None:
    file = lab.write_inventory(tmp_path / "sudo.toml", node={str(COMPUTE): {"become": "sudo"}})
    async with watching(file) as runtime:
        await until(runtime, lambda node: (log := log_of(node)) is not None and log.state is LogFileState.FOLLOWING)


async def test_what_the_kernel_wrote_there_is_found(lab: Lab, watching: Watching) -> None:
    node = lab.nodes[COMPUTE]
    with readable(node):
        async with watching() as runtime:
            await until(runtime, lambda node: (log := log_of(node)) is not None and log.state is LogFileState.FOLLOWING)
            pid = next(one.pid for one in runtime.snapshot().nodes[COMPUTE].services if one.pid is not None)
            name = next(one.name for one in runtime.snapshot().nodes[COMPUTE].services if one.pid == pid)
            with node.path(MESSAGES).open("a") as log:
                log.write(
                    said(
                        f"[812.3] Killed process {pid} (python), UID 500, total-vm:906436kB",
                        "end_request: I/O error, dev sda, sector 1234",
                        "EXT4-fs (sda1): Remounting filesystem read-only",
                        "nfs: server filer.example.com not responding, still trying",
                        "nf_conntrack: table full, dropping packet",
                    )
                )
            expected = {"oom-kill", "io-error", "read-only-filesystem", "nfs-not-responding", "conntrack-full"}
            found = checks(await until(runtime, lambda node: expected <= checks(node).keys()))
            assert {found[check][0] for check in expected} == {Severity.CRITICAL}
            assert f"{name} (python, pid {pid})" in found["oom-kill"][1], "the service that was killed is named"
            assert "sda" in found["io-error"][1]
            with node.path(MESSAGES).open("a") as log:
                log.write(said("nfs: server filer.example.com OK"))
            await until(runtime, lambda node: "nfs-not-responding" not in checks(node))


async def test_a_quota_that_was_reached_is_found_in_any_log(lab: Lab, watching: Watching) -> None:
    async with watching() as runtime:
        node = await until(runtime, lambda node: any(log.state is LogFileState.FOLLOWING for log in node.logs))
        path = next(log.path for log in node.logs if log.state is LogFileState.FOLLOWING)
        with lab.nodes[COMPUTE].path(path).open("a") as log:
            log.write("Error: EDQUOT: disk quota exceeded, open '/projects/alice/x'\n")
        found = checks(await until(runtime, lambda node: "quota-exceeded" in checks(node)))
        assert path in found["quota-exceeded"][1]
        assert LogKey(COMPUTE, path) in runtime.books


async def test_limits_of_a_service_are_asked(watching: Watching) -> None:
    async with watching() as runtime:
        node = await until(runtime, lambda node: node.complete and any(one.pid for one in node.services))
        signs = SystemSigns(runtime.books, runtime.store, runtime.clock)
        asker = VitalsWatch([COMPUTE], store=runtime.store, signs=signs, clock=runtime.clock, ask=runtime.errand)
        await asker.look(COMPUTE)
        node = runtime.snapshot().nodes[COMPUTE]
        assert node.vitals.error is None
        assert node.vitals.value is not None
        services = {service.name for service in node.services if service.pid is not None}
        limits = {one.service for one in node.vitals.value.used if one.service}
        denied = {error.split(":")[0] for error in node.vitals.value.errors}
        assert limits | denied == services, "each is either known or said to be unknown"
