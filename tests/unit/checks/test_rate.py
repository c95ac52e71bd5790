"""Severity of services, answers and nodes (design 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import checks, rate
from aen_tui.model.facts import (
    Connection,
    Disk,
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
from aen_tui.model.node import Become, NodeName, NodeSpec, Role, Thresholds
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity

SPEC = NodeSpec(NodeName("n"), "n", (Role.COMPUTE,), "east", None, 2, Become.NEVER, "wakari", ("/",), Thresholds())
UP = NodeState(SPEC, Connection(LinkState.UP))


@pytest.mark.parametrize(
    ("state", "severity"),
    [
        ("RUNNING", Severity.OK),
        ("absent", Severity.OK),
        ("STARTING", Severity.OK),
        ("STOPPING", Severity.WARNING),
        ("STOPPED", Severity.WARNING),
        ("EXITED", Severity.WARNING),
        ("BACKOFF", Severity.CRITICAL),
        ("FATAL", Severity.CRITICAL),
        ("unknown", Severity.UNKNOWN),
        ("whatever", Severity.UNKNOWN),
    ],
)
def test_services(state: str, severity: Severity) -> None:
    node = rate(replace(UP, services=(ServiceState("wk", "supervisor", state),)))
    assert node.services[0].severity is severity
    assert node.severity is severity


@pytest.mark.parametrize(
    ("answer", "severity"),
    [
        (HttpState("gateway", "u", NodeName("n"), 200, 1.0, StatusDocument("ok", ()), 1.0), Severity.OK),
        (HttpState("gateway", "u", NodeName("n"), 200, 1.0, StatusDocument("error", ()), 1.0), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), 200, 1.0, StatusDocument("ok", ("x",)), 1.0), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), 401, 1.0, None, 1.0), Severity.OK),
        (HttpState("gateway", "u", NodeName("n"), 499, 1.0, None, 1.0), Severity.OK),
        (HttpState("gateway", "u", NodeName("n"), 500, 1.0, None, 1.0), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), 200, 1.0, None, 1.0, "cut short"), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), None, None, None, 1.0), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), None, None, None, 1.0, "refused"), Severity.CRITICAL),
        (HttpState("gateway", "u", NodeName("n"), error="not asked yet"), Severity.UNKNOWN),
    ],
)
def test_answers(answer: HttpState, severity: Severity) -> None:
    assert rate(replace(UP, http=(answer,))).severity is severity


@pytest.mark.parametrize(
    ("state", "severity"),
    [(LinkState.UP, Severity.OK), (LinkState.CONNECTING, Severity.UNKNOWN), (LinkState.STALE, Severity.CRITICAL)]
    + [(state, Severity.CRITICAL) for state in (LinkState.AUTH, LinkState.VIA, LinkState.DNS, LinkState.NO_PYTHON)],
)
def test_connection(state: LinkState, severity: Severity) -> None:
    assert rate(NodeState(SPEC, Connection(state))).severity is severity


def metrics(
    *, used: float = 10, error: str | None = None, available: int = 900, read_only: bool = False
) -> Reading[Metrics]:
    disk = Disk("/projects", "xfs", 1, 1, 2, used, 1.0, read_only, error)
    return Reading(Metrics(1.0, None, Memory(1000, available, 0), (disk,), None, None), 1.0)


@pytest.mark.parametrize(
    ("reading", "checks"),
    [
        (metrics(), {}),
        (metrics(used=85), {"disk-free": Severity.WARNING}),
        (metrics(used=96), {"disk-free": Severity.CRITICAL}),
        (metrics(read_only=True), {"read-only-filesystem": Severity.CRITICAL}),
        (metrics(error="hung"), {"mount-hung": Severity.CRITICAL}),
        (metrics(available=100), {"memory-free": Severity.WARNING}),
        (metrics(available=10), {"memory-free": Severity.CRITICAL}),
    ],
)
def test_findings(reading: Reading[Metrics], checks: dict[str, Severity]) -> None:
    node = rate(replace(UP, metrics=reading))
    assert {finding.check: finding.severity for finding in node.findings} == checks


def test_a_log_that_may_not_be_read_is_said() -> None:
    node = rate(replace(UP, logs=(LogState(LogPath("/x"), LogFileState.UNKNOWN, None, "permission denied"),)))
    assert node.severity is Severity.UNKNOWN
    assert "permission denied" in node.findings[0].message


def test_where_there_is_no_store_and_was_no_reboot_nothing_is_said_of_them() -> None:
    """`rate` does not even ask."""
    about = [check for check in checks() if check.store is not None or check.after_reboot]
    assert len(about) > 10
    assert [finding for check in about for finding in check.evaluate(UP)] == []


def test_a_node_of_which_nothing_is_to_be_said_stays_the_same_object() -> None:
    node = rate(replace(UP, services=(ServiceState("wk", "supervisor", "RUNNING"),)))
    assert rate(node) is node
    worse = rate(replace(node, services=(ServiceState("wk", "supervisor", "FATAL"),)))
    assert [finding.check for finding in worse.findings] == ["program-state"]
    better = rate(replace(worse, services=node.services))
    assert (better.findings, better.severity) == ((), Severity.OK)


@pytest.mark.parametrize("become", list(Become))
@pytest.mark.parametrize(
    ("error", "words"),
    [("permission denied", "must be able to use it"), ("connection refused", "nobody listens there any more")],
)
def test_sudo_is_no_remedy_where_it_is_used_already(become: Become, error: str, words: str) -> None:
    service = ServiceState("x", "supervisor", "unknown", supervisor="wakari-compute", error=f"supervisor.sock: {error}")
    log = LogState(LogPath("/x"), LogFileState.UNKNOWN, error="permission denied")
    node = replace(UP, spec=replace(SPEC, become=become), services=(service,), logs=(log,))
    remedies = {one.check: one.remedy or "" for one in rate(node).findings}
    is_used = become in (Become.AUTO, Become.SUDO)
    assert ('become = "auto"' in remedies["log-readable"]) is not is_used
    asked = remedies["supervisor-readable"]
    assert ('become = "auto"' in asked) is (not is_used and "denied" in error)
    assert (words in asked) is (is_used or "refused" in error)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("a password is wanted by sudo", "let sudo run the probe"),
        ("/x.sock: Permission denied", "log in as wakari"),
        ("operation not permitted", "log in as wakari"),
        ("/x.sock: connection refused", "`service wakari-compute status` on the node, then `start`"),
        ("/x/supervisord.conf: no such file", "correct the roles or prefix"),
        ("no answer within 5 s", "is it running? `service wakari-compute status`"),
    ],
)
def test_a_supervisord_that_does_not_answer_is_said_once(error: str, remedy: str) -> None:
    rows = tuple(
        ServiceState(name, "supervisor", "unknown", "wakari-compute", error=error) for name in ("wk-compute", "indexer")
    )
    (finding,) = [one for one in rate(replace(UP, services=rows)).findings if one.check == "supervisor-readable"]
    assert (finding.severity, finding.message) == (Severity.UNKNOWN, f"wakari-compute: {error}")
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    "parts", [{"manager": "sysv"}, {"state": "STOPPED"}, {"error": None}], ids=["a daemon", "it is seen", "not asked"]
)
def test_what_supervisor_does_not_hide_is_not_said_to_be_hidden(parts: dict[str, Any]) -> None:
    row = ServiceState("wk-compute", "supervisor", "unknown", "wakari-compute", error="denied")
    found = rate(replace(UP, services=(replace(row, **parts),))).findings
    assert "supervisor-readable" not in {one.check for one in found}


@pytest.mark.parametrize("state", ["up", "down", "unknown"])
def test_of_a_store_that_does_not_answer_nothing_is_said_to_be_well(state: str) -> None:
    node = replace(UP, stores={"mongodb": StoreState(state)})
    concerned = {one.store for one in checks() if one.store is not None and one.concerns(node)}
    assert concerned == ({"mongodb"} if state == "up" else set())
