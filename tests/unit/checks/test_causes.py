"""What explains what, over made-up installations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.checks.roots import connection_trouble, explain, http_trouble, rules
from aen_tui.model.causes import Cause, Part, by_trouble
from aen_tui.model.facts import (
    ClusterState,
    Connection,
    Disk,
    Finding,
    LinkState,
    Metrics,
    NodeState,
    StatusDocument,
    StoreState,
)
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity, worst
from aen_tui.model.trends import Sign, SignKind
from aen_tui.runtime.causes import explained_findings, with_causes
from tests.support.nodes import node_spec
from tests.support.states import cluster_state, service

SERVER, GATEWAY = NodeName("aen-server"), NodeName("gateway1")
COMPUTES = [NodeName(f"compute1-{number}") for number in range(1, 26)]


def state_of(**changed: NodeState) -> ClusterState:
    """One data center of 25 computes, all well but what is changed."""
    state = cluster_state(1, 25, problems=False)
    nodes = {**state.nodes, **{node.name: rate(node) for node in changed.values()}}
    return replace(state, nodes=nodes, severity=worst(node.severity for node in nodes.values()))


def well(name: str) -> NodeState:
    return cluster_state(1, 25, problems=False).nodes[NodeName(name)]


def lost(name: str, link: LinkState = LinkState.STALE, error: str = "no word for 8 s") -> NodeState:
    node = well(name)
    return replace(node, connection=replace(node.connection, state=link, error=error))


def program(node: NodeState, name: str, state: str) -> NodeState:
    services = tuple(replace(one, state=state) if one.name == name else one for one in node.services)
    return replace(node, services=services)


def answering(node: NodeState, name: str, code: int | None, error: str | None = None) -> NodeState:
    http = tuple(
        replace(one, status_code=code, error=error, document=None) if one.name == name else one for one in node.http
    )
    return replace(node, http=http)


def alone(state: ClusterState) -> list[str]:
    """Nodes that are as bad as the worst by themselves."""
    bad = [node for node in state.nodes.values() if node.severity is state.severity is not Severity.OK]
    return [node.name for node in bad if node.explained_by is None]


def roots(state: ClusterState) -> list[tuple[str, str]]:
    return [(cause.root.node, cause.check) for cause in explain(state)]


def explained(state: ClusterState) -> dict[tuple[str, Part, str], Cause]:
    return {(one.node, one.part, one.name): cause for one, cause in by_trouble(explain(state)).items()}


def test_every_file_of_the_shelf_exports_a_rule() -> None:
    assert len({rule.id for rule in rules()}) == len(rules()) >= 7


def test_nothing_is_explained_where_all_is_well() -> None:
    state = state_of()
    assert explain(state) == () and alone(state) == []
    assert with_causes(state).causes == ()


def test_a_gateway_that_is_down_explains_its_computes_and_what_it_asks() -> None:
    gone = {name: lost(name, LinkState.STALE, "gateway1 is not up: refused") for name in COMPUTES}
    gone |= {
        name: answering(node, "compute", None, "gateway1, which asks it, is not up") for name, node in gone.items()
    }
    state = state_of(**gone, gateway1=lost(GATEWAY))
    told = with_causes(state)
    assert told.severity is Severity.CRITICAL
    assert alone(told) == [GATEWAY], "26 nodes are critical, one of them for itself"
    assert {told.nodes[name].explained_by for name in COMPUTES} == {"connection on gateway1: stale: no word for 8 s"}
    assert told.nodes[GATEWAY].explains == "compute1-[1-25]" and told.nodes[GATEWAY].explained_by is None
    assert {cause.severity for cause in told.causes} == {Severity.CRITICAL}


def test_a_compute_that_is_lost_for_itself_is_not_explained_by_a_gateway_that_is_up() -> None:
    told = with_causes(state_of(one=lost("compute1-1")))
    assert alone(told) == ["compute1-1"] and told.nodes[GATEWAY].explains is None


def test_a_document_that_complains_of_a_lost_compute_alone_follows_from_it() -> None:
    gateway = well(GATEWAY)
    named = replace(gateway.http[0], document=StatusDocument("error", ("compute1-3: connection refused",)))
    told = with_causes(state_of(one=lost("compute1-3"), gateway1=replace(gateway, http=(named,))))
    assert told.nodes[GATEWAY].explained_by == "connection on compute1-3: stale: no word for 8 s"
    tenth = replace(named, document=StatusDocument("error", ("compute1-30: connection refused",)))
    told = with_causes(state_of(one=lost("compute1-3"), gateway1=replace(gateway, http=(tenth,))))
    assert told.nodes[GATEWAY].explained_by is None, "that is another node"
    other = replace(named, document=StatusDocument("error", ("compute1-3: refused", "license expired")))
    told = with_causes(state_of(one=lost("compute1-3"), gateway1=replace(gateway, http=(other,))))
    assert told.nodes[GATEWAY].explained_by is None


def test_an_answer_that_complains_of_nobody_does_not_follow_from_a_lost_compute() -> None:
    told = with_causes(state_of(one=lost("compute1-3"), gateway1=answering(well(GATEWAY), "gateway", 502)))
    assert told.nodes[GATEWAY].explained_by is None


def store_down(node: NodeState, name: str, address: str) -> NodeState:
    return replace(node, stores={name: StoreState("down", error=f"nothing listens on {address}", address=address)})


def mongod_down(node: NodeState) -> NodeState:
    return store_down(node, "mongodb", "127.0.0.1:27017")


def test_a_mongod_that_is_down_explains_what_gives_up_without_it_and_the_page() -> None:
    server = answering(answering(well(SERVER), "server", 502), "wk-server", None, "refused")
    server = mongod_down(program(program(server, "wk-server", "FATAL"), "mongod", "STOPPED"))
    state = state_of(server=server)
    assert (SERVER, "mongod-answers") in roots(state)
    for key in (
        (SERVER, Part.SERVICE, "wk-server"),
        (SERVER, Part.SERVICE, "mongod"),
        (SERVER, Part.FINDING, "program-state"),
        (SERVER, Part.HTTP, "server"),
        (SERVER, Part.HTTP, "wk-server"),
    ):
        assert explained(state)[key].check == "mongod-answers", key


def test_a_port_that_refuses_is_laid_at_its_own_programs_door() -> None:
    """nginx and mongod are down at once: wk-server's answer is mongod's matter, the dead port of nginx is not."""
    server = answering(answering(well(SERVER), "server", None, "connection refused"), "wk-server", 500)
    for nginx in ("STOPPED", "RUNNING"):
        found = explained(state_of(server=mongod_down(program(server, "nginx", nginx))))
        cause = found.get((SERVER, Part.HTTP, "server"))
        assert cause is None if nginx == "RUNNING" else cause is not None and cause.message.startswith("nginx is ")
        assert found[SERVER, Part.HTTP, "wk-server"].check == "mongod-answers"
    behind = program(program(server, "wk-server", "FATAL"), "nginx", "STOPPED")
    for lost_too in (behind, mongod_down(behind)):
        assert explained(state_of(server=lost_too))[SERVER, Part.HTTP, "server"].message.startswith("nginx is ")


def test_a_page_that_a_stopped_program_served_is_laid_at_its_door_though_mongod_is_down_too() -> None:
    server = mongod_down(program(answering(well(SERVER), "server", 502), "wk-server", "STOPPED"))
    found = explained(state_of(server=server))
    for key in ((SERVER, Part.HTTP, "server"), (SERVER, Part.FINDING, "server-page")):
        assert found[key].message.startswith("wk-server is STOPPED"), key


def test_a_stopped_elasticsearch_is_one_trouble() -> None:
    state = state_of(server=store_down(program(well(SERVER), "elasticsearch", "STOPPED"), "elasticsearch", "here:9200"))
    found = explained(state)
    assert {name for _, _, name in found} == {"elasticsearch", "program-state"}
    assert {cause.check for cause in found.values()} == {"elasticsearch-answers"}
    (finding,) = [one for one in state.nodes[SERVER].findings if one.check == "elasticsearch-answers"]
    assert finding.message == "Elasticsearch does not answer: nothing listens on here:9200"


def test_a_program_that_somebody_stopped_is_not_laid_at_mongods_door() -> None:
    state = state_of(server=mongod_down(program(well(SERVER), "worker", "STOPPED")))
    assert (SERVER, Part.SERVICE, "worker") not in {
        key for key, cause in explained(state).items() if cause.check == "mongod-answers"
    }
    assert (SERVER, "mongod-answers") not in roots(state), "a cause that explains nothing is no cause"


def test_a_stopped_program_explains_its_url_and_the_one_before_it() -> None:
    server = answering(answering(well(SERVER), "server", 502), "wk-server", None, "refused")
    state = state_of(server=program(server, "wk-server", "STOPPED"))
    assert explained(state)[SERVER, Part.HTTP, "server"].message.startswith("wk-server is STOPPED")
    assert explained(state)[SERVER, Part.HTTP, "wk-server"].check == "program-state"
    assert max(cause.severity for cause in explain(state)) is state.severity
    launcher = program(answering(well("compute1-1"), "compute", None, "refused"), "wk-compute", "FATAL")
    assert explained(state_of(one=launcher))["compute1-1", Part.HTTP, "compute"].check == "program-state"


def test_on_a_host_with_every_role_the_servers_page_is_not_laid_at_its_computes_door() -> None:
    compute = service("wk-compute", "wakari-compute", "EXITED")
    host = replace(answering(well(SERVER), "server", 502), services=(*well(SERVER).services, compute))
    host = replace(host, spec=replace(host.spec, roles=(Role.SERVER, Role.GATEWAY, Role.COMPUTE)))
    key = (SERVER, Part.FINDING, "server-page")
    assert key not in explained(state_of(host=host))
    stopped = program(host, "wk-server", "STOPPED")
    assert explained(state_of(host=stopped))[key].message.startswith("wk-server is STOPPED")


@pytest.mark.parametrize("is_mongod", [True, False])
def test_a_license_page_that_was_seen_follows_from_nothing_and_one_that_nobody_sees_does(is_mongod: bool) -> None:
    page = Reading(Page("server", "http://here/", 200, "license"), 1.0)
    server = replace(well(SERVER), page=page)
    server = mongod_down(server) if is_mongod else program(server, "nginx", "STOPPED")
    server = answering(server, "server", 502 if is_mongod else None, None if is_mongod else "connection refused")
    found = explained(state_of(server=server))
    assert (SERVER, Part.HTTP, "server") in found and (SERVER, Part.FINDING, "license") not in found
    told = (
        Finding("mongod-answers" if is_mongod else "program-state", Severity.CRITICAL, "nginx is STOPPED"),
        Finding("license", Severity.UNKNOWN, "the server's page was not seen: refused"),
        Finding("license", Severity.CRITICAL, "the license expired on 2016-01-01"),
    )
    marked = explained_findings(state_of(server=server), {SERVER: told})[SERVER]
    by = {one.message: one.explained_by for one in marked}
    assert by[told[1].message] is not None and by[told[2].message] is None


def test_a_full_disk_explains_programs_that_give_up_and_one_of_projects_does_not() -> None:
    def full(mount: str) -> NodeState:
        node = program(well("compute1-1"), "wk-compute", "FATAL")
        known = node.metrics.value
        assert known is not None
        disk = Disk(mount, "xfs", 98, 2, 100, 98.0, 1.0, read_only=False)
        metrics = Metrics(1.0, None, known.memory, (disk,), None, None)
        return replace(node, metrics=Reading(metrics, 1.0))

    key = ("compute1-1", Part.SERVICE, "wk-compute")
    assert explained(state_of(one=full("/")))[key].check == "disk-free"
    assert explained(state_of(one=full("/projects"))).get(key) is None or (
        explained(state_of(one=full("/projects")))[key].check != "disk-free"
    )


def test_the_deepest_cause_is_the_one_that_is_named() -> None:
    """wk-server gave up because of mongod: the page follows from mongod, by way of wk-server or without."""
    server = mongod_down(program(answering(well(SERVER), "server", 502), "wk-server", "FATAL"))
    state = state_of(server=server)
    assert http_trouble(SERVER, server.http[0]) in by_trouble(explain(state))
    assert explained(state)[SERVER, Part.HTTP, "server"].check == "mongod-answers"


def test_a_lost_host_of_the_stores_explains_what_the_server_cannot_do_without_them() -> None:
    server = program(answering(well(SERVER), "server", 502), "wk-server", "FATAL")
    link = Connection(LinkState.STALE, error="no word for 8 s")
    away = StoreState("unknown", error="aen-db is not up")
    db = NodeState(node_spec("aen-db", Role.STORE), link, stores={"mongodb": away})
    state = with_causes(state_of(server=server, db=db))
    for key in (
        (SERVER, Part.SERVICE, "wk-server"),
        (SERVER, Part.FINDING, "program-state"),
        (SERVER, Part.HTTP, "server"),
    ):
        cause = explained(state)[key]
        assert (cause.root, cause.check) == (connection_trouble(db), "connection"), key
    assert alone(state) == ["aen-db"]
    full = replace(server, signs=(Sign(SignKind.IO_ERROR, "I/O error on sda", 1.0, 1, "kernel"),))
    gone = replace(server, connection=replace(server.connection, state=LinkState.AUTH))
    for own in (program(server, "nginx", "FATAL"), full, gone):
        assert SERVER in alone(with_causes(state_of(server=own, db=db))), "it has a trouble of its own"
    searched = replace(db, stores={"elasticsearch": away})
    assert alone(with_causes(state_of(server=server, db=searched))) == [SERVER, "aen-db"]


def test_preflight_findings_that_follow_come_after_those_that_do_not() -> None:
    state = state_of()
    found = {
        NodeName("compute1-1"): (
            Finding("config-merge", Severity.UNKNOWN, "which file wins is not known"),
            Finding("config-syntax", Severity.CRITICAL, "x.json: line 3"),
            Finding("client-url", Severity.WARNING, "anaconda-client goes elsewhere"),
            Finding("condarc-alias", Severity.WARNING, "does not end in /conda"),
            Finding("shell", Severity.OK, "bash"),
        )
    }
    marked = explained_findings(state, found)[NodeName("compute1-1")]
    by = {one.check: one.explained_by for one in marked}
    assert by["config-merge"] == "config-syntax on compute1-1: x.json: line 3"
    assert by["client-url"] == "condarc-alias on compute1-1: does not end in /conda"
    assert by["config-syntax"] is by["condarc-alias"] is by["shell"] is None
    assert [one.check for one in marked][:2] == ["config-syntax", "condarc-alias"]
    assert worst(one.severity for one in marked) is Severity.CRITICAL


def test_from_what_is_not_known_nothing_follows() -> None:
    found = {
        NodeName("compute1-1"): (
            Finding("condarc-alias", Severity.UNKNOWN, "condarc was not read"),
            Finding("client-url", Severity.WARNING, "anaconda-client goes elsewhere"),
            Finding("config-owner", Severity.UNKNOWN, "the configuration was not looked at"),
            Finding("config-merge", Severity.UNKNOWN, "which file wins is not known"),
        )
    }
    marked = explained_findings(state_of(), found)[NodeName("compute1-1")]
    assert [one.explained_by for one in marked] == [None] * 4


def test_of_connections_only_those_that_are_carried_follow() -> None:
    gone = {COMPUTES[0]: lost(COMPUTES[0], LinkState.VIA, "gateway1 is not up")}
    state = state_of(gateway1=lost(GATEWAY), **gone)
    found = {name: (Finding("connection", Severity.CRITICAL, "x"),) for name in (GATEWAY, COMPUTES[0])}
    marked = explained_findings(state, found)
    assert marked[GATEWAY][0].explained_by is None
    assert marked[COMPUTES[0]][0].explained_by == "connection on gateway1: stale: no word for 8 s"


def test_a_thousand_lost_nodes_each_follow_from_their_gateway() -> None:
    state = cluster_state(10, 989, problems=False)
    nodes = {
        name: rate(replace(node, connection=replace(node.connection, state=LinkState.STALE)))
        for name, node in state.nodes.items()
    }
    causes = explain(replace(state, nodes=nodes, severity=Severity.CRITICAL))
    known = by_trouble(causes)
    assert all(connection_trouble(node) in known for node in nodes.values() if node.connection.via)
