"""Documented programs that supervisor does not manage, and the variant in which that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.checks.roots import explain
from aen_tui.model.causes import Part
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.services import NO_PROGRAMS
from tests.support.nodes import service
from tests.support.states import cluster_state

SERVER = "aen-server"
WORKER, OTHER = service("worker:worker_00", "wakari-server"), service("flower", "wakari-server")
ROOT = service("wakari-server-root", None)


def node_with(name: str, *services: ServiceState) -> NodeState:
    return replace(cluster_state(1, 1, problems=False).nodes[NodeName(name)], services=services)


def missing(node: NodeState) -> list[tuple[Severity, str]]:
    found: list[Finding] = [one for one in rate(node).findings if one.check == "program-missing"]
    assert all(one.remedy and one.seed for one in found)
    return [(one.severity, one.message) for one in found]


def test_healthy_nodes_miss_nothing() -> None:
    for node in cluster_state(1, 1, problems=False).nodes.values():
        assert missing(node) == []
    for name in ("wk-server", "wk-server:wk-server_00", "wakari-server"):
        assert missing(node_with(SERVER, service(name, "wakari-server"), WORKER)) == []
    assert missing(node_with("compute1-1", service("wk-compute-launcher", "wakari-compute"))) == []


def test_a_program_whose_file_was_renamed_is_missed() -> None:
    ((severity, message),) = missing(node_with(SERVER, WORKER))
    assert severity is Severity.CRITICAL
    assert message == "wakari-server does not manage wk-server, only worker:worker_00"
    ((severity, message),) = missing(node_with(SERVER, service("wk-server", "wakari-server")))
    assert (severity, message) == (Severity.CRITICAL, "wakari-server does not manage worker, only wk-server")


def test_a_program_of_an_unknown_name_may_be_the_one() -> None:
    ((severity, message),) = missing(node_with(SERVER, WORKER, OTHER))
    assert severity is Severity.WARNING and "only worker:worker_00, flower" in message


def test_a_supervisor_without_programs_misses_all_and_one_that_is_not_seen_none() -> None:
    empty = replace(service("wakari-gateway", "wakari-gateway", "unknown"), error=NO_PROGRAMS)
    assert missing(node_with("gateway1", empty)) == [
        (Severity.CRITICAL, "wakari-gateway does not manage wk-gateway, only nothing")
    ]
    refused = replace(empty, error="unix:///x.sock: connection refused")
    assert missing(node_with("gateway1", refused)) == []
    unread = replace(service("worker", "wakari-server", "unknown"), error="permission denied")
    assert missing(node_with(SERVER, unread)) == []
    assert missing(node_with(SERVER)) == [], "supervisor is not installed"


@pytest.mark.parametrize(
    ("state", "found"),
    [("RUNNING", None), ("STOPPED", Severity.CRITICAL), ("unknown", Severity.UNKNOWN), ("absent", Severity.CRITICAL)],
)
def test_wk_server_run_by_root_is_rightly_not_in_supervisor(state: str, found: Severity | None) -> None:
    said = missing(node_with(SERVER, WORKER, replace(ROOT, state=state)))
    assert [severity for severity, _ in said] == ([found] if found else [])
    if state == "STOPPED":
        assert said[0][1].endswith("and wakari-server-root is STOPPED")


@pytest.mark.parametrize("planned", ["wk-server", "wakari-server-root", "wakari-server"])
def test_a_program_under_maintenance_is_not_missed(planned: str) -> None:
    supervised = planned != "wakari-server-root"
    own = service("wk-server", "wakari-server", "STOPPED") if supervised else replace(ROOT, state="STOPPED")
    node = replace(node_with(SERVER, own, WORKER), planned=Planned(9e9, "new disk", frozenset({planned})))
    assert missing(node) == []
    other = replace(node, services=(WORKER,), planned=Planned(9e9, "new disk", frozenset({"nginx"})))
    assert len(missing(other)) == 1


def test_maintenance_of_what_runs_wk_server_excuses_no_other() -> None:
    node = node_with(SERVER, service("wk-server", "wakari-server"), replace(ROOT, state="STOPPED"))
    planned = replace(node, planned=Planned(9e9, "new disk", frozenset({"wakari-server-root"})))
    assert [message for _, message in missing(planned)] == ["wakari-server does not manage worker, only wk-server"]


def test_a_program_that_is_not_seen_hides_no_other() -> None:
    unseen = replace(WORKER, state="unknown")
    assert len(missing(node_with(SERVER, unseen, service("flower", "wakari-server")))) == 1
    assert missing(node_with(SERVER, unseen)) == []
    absent = missing(node_with(SERVER, WORKER, replace(ROOT, state="absent")))
    assert [message for _, message in absent] == ["wakari-server does not manage wk-server, only worker:worker_00"]


def test_it_explains_the_dead_page() -> None:
    whole = cluster_state(1, 1, problems=False)
    server = node_with(SERVER, WORKER)
    http = tuple(replace(one, status_code=502, document=None) for one in server.http)
    state = replace(whole, nodes={**whole.nodes, server.name: rate(replace(server, http=http))})
    (cause,) = explain(state)
    assert cause.check == "program-missing"
    found = {(one.part, one.name) for one in cause.explains}
    assert found == {(Part.HTTP, "server"), (Part.HTTP, "wk-server"), (Part.FINDING, "server-page")}
