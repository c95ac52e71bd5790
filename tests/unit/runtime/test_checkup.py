"""Preflight: what one node answers is that node's finding, and of two looks at one thing the newest is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.checks.preflight import Look, judge
from aen_tui.model.facts import Connection, Finding, LinkState, NodeState, StoreState
from aen_tui.model.node import HttpTarget, NodeName, Role
from aen_tui.model.node_facts import NodeFacts, Page, ProjectProcess
from aen_tui.model.projects import AppGroup, ProjectLoad, ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MONGO_DATA_PATH, MongoDataSpace, MongoFigures, MongoHello, MongoOptions
from aen_tui.runtime import checkup as under_test
from aen_tui.runtime.causes import explained_findings
from aen_tui.runtime.checkup import Checkup
from aen_tui.sources import requirements_reach, requirements_settings
from tests.support.node_facts import app_facts, config, host_facts, node_facts, reach_facts, settings_facts
from tests.support.nodes import NOW_MONOTONIC, PREFIX
from tests.support.states import FakeRuntime

SERVER, GATEWAY, COMPUTE = NodeName("aen-server"), NodeName("gateway1"), NodeName("compute1-1")
OTHER = NodeName("compute1-2")


@pytest.fixture
def runtime() -> FakeRuntime:
    """One data center with facts of every node, gathered 12 s ago."""
    made = FakeRuntime(1, 3, problems=False, history_samples=0)
    for name, spec in made.inventory.nodes.items():
        made.checkup.facts[name] = node_facts(spec)
    return made


def said(runtime: FakeRuntime, name: str, check: str) -> list[tuple[Severity, str]]:
    state = runtime.snapshot()
    found = runtime.checkup.findings(state.nodes[NodeName(name)], state)
    return [(one.severity, one.message) for one in found if one.check == check]


def describe(runtime: FakeRuntime, **changes: Any) -> None:
    """Another inventory, and the same facts."""
    runtime.inventory = replace(runtime.inventory, **changes)
    known = runtime.checkup
    runtime.checkup = Checkup(
        runtime.inventory, runtime.clock, ask=runtime.errand, snapshot=runtime.snapshot, spawn=runtime._never_run
    )
    runtime.checkup.facts |= known.facts


def know(runtime: FakeRuntime, name: NodeName, **parts: Any) -> None:
    """Other facts of a node, as old as before."""
    known = runtime.checkup.facts[name]
    seen = known.host.seen_at
    runtime.checkup.facts[name] = replace(known, **{part: Reading(value, seen) for part, value in parts.items()})
    runtime.checkup.revision += 1


async def test_a_setting_that_is_no_url_ends_nothing(runtime: FakeRuntime) -> None:
    keys = {"LDAP": json.dumps({"URI": "ldaps://ldap:abc ldaps://ldap.example.com"})}
    file = {"component": "server", "path": "/x/wk-server-config.json", "state": "read", "keys": keys}

    async def rows(_node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if "condarc" in order:  # of all errands only the settings are answered
            yield json.dumps({"files": [file]}).encode()

    runtime.errands = rows
    describe(runtime)
    await runtime.checkup.gather([SERVER])
    orders = {name: order for what, (_, name, order) in runtime.calls if what == "errand"}
    assert orders[requirements_reach.ERRAND]["tls"] == [["ldap.example.com", "ldap.example.com", 636]]
    settings = runtime.checkup.facts[SERVER].settings
    assert settings.error is None and settings.seen_at == NOW_MONOTONIC


async def test_what_nobody_expected_is_one_node_s_finding(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = requirements_settings.request

    def request(spec: Any) -> dict[str, Any]:
        if spec.name == GATEWAY:
            raise ValueError("Port could not be cast")
        return before(spec)

    monkeypatch.setattr(requirements_settings, "request", request)
    await runtime.checkup.gather(list(runtime.inventory.nodes))
    ((severity, message),) = (one for one in said(runtime, GATEWAY, "facts-current") if "no sense" in one[1])
    assert severity is Severity.UNKNOWN and "ValueError: Port could not be cast" in message
    assert not [one for one in said(runtime, COMPUTE, "facts-current") if "no sense" in one[1]]


def test_a_check_that_stumbles_hides_no_other_node(runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(look: Look) -> tuple[Finding, ...]:
        if look.spec.name == GATEWAY:
            raise ValueError("Invalid IPv6 URL")
        return judge(look)

    monkeypatch.setattr(under_test, "judge", judged)
    assert said(runtime, GATEWAY, "facts-current") == [
        (Severity.UNKNOWN, "its facts could not be judged: ValueError: Invalid IPv6 URL")
    ]
    assert said(runtime, GATEWAY, "connection") == [(Severity.OK, "up")]
    assert said(runtime, COMPUTE, "facts-current") == []


def test_what_was_well_is_not_said_of_a_node_that_is_lost(runtime: FakeRuntime) -> None:
    know(runtime, COMPUTE, host=host_facts(runtime.inventory.nodes[COMPUTE], cores=1))
    before = runtime.snapshot().nodes[COMPUTE].connection
    lost = replace(before, state=LinkState.STALE, error="reset")
    runtime.store.update(COMPUTE, lambda node: rate(replace(node, connection=lost)))
    runtime.clock.advance(5 * 60)
    state = runtime.snapshot()
    found = runtime.checkup.findings(state.nodes[COMPUTE], state)
    assert len(found) > 40 and not [one for one in found if one.severity is Severity.OK]
    assert said(runtime, COMPUTE, "shell") == [(Severity.UNKNOWN, "was ok 5m ago: bash")]
    assert said(runtime, COMPUTE, "core-count") == [(Severity.WARNING, "1 core, 2 wanted")]
    marked = explained_findings(state, {COMPUTE: found})[COMPUTE]
    assert {one.check for one in marked if one.explained_by is None} == {"connection", "core-count"}
    runtime.clock.advance(55 * 60)
    assert said(runtime, COMPUTE, "shell")[0][1].startswith("was ok 1h ago: ")
    runtime.store.update(COMPUTE, lambda node: rate(replace(node, connection=before)))
    assert [one[0] for one in said(runtime, COMPUTE, "shell")] == [Severity.OK]


def test_a_part_that_could_not_be_asked_again_takes_its_own_verdicts_with_it(runtime: FakeRuntime) -> None:
    known = runtime.checkup.facts[COMPUTE]
    part = replace(known.settings, error="no answer within 30 s")
    runtime.checkup.facts[COMPUTE] = replace(known, settings=part)
    ((severity, message),) = said(runtime, COMPUTE, "condarc-alias")
    assert severity is Severity.UNKNOWN and message.startswith("was ok just now: ")
    for check in ("shell", "core-count", "connection", "service-account-apps"):
        assert [one[0] for one in said(runtime, COMPUTE, check)] == [Severity.OK], check


def page(kind: str, code: int = 200) -> Page:
    return Page("server", "https://aen.example.com/", code, kind)


def show(runtime: FakeRuntime, seen: Reading[Page]) -> None:
    runtime.store.update(SERVER, lambda node: rate(replace(node, page=seen)))


def test_a_license_page_of_now_beats_a_login_page_of_hours_ago(runtime: FakeRuntime) -> None:
    assert said(runtime, SERVER, "license")[0][0] is Severity.OK
    show(runtime, Reading(page("license"), NOW_MONOTONIC))
    ((severity, message),) = said(runtime, SERVER, "license")
    assert severity is Severity.CRITICAL and "wants a license" in message
    show(runtime, Reading(page("login"), NOW_MONOTONIC + 60))
    assert [one[0] for one in said(runtime, SERVER, "license")] == [Severity.OK]


def test_a_refresh_beats_a_live_look_that_is_older(runtime: FakeRuntime) -> None:
    show(runtime, Reading(page("license"), NOW_MONOTONIC - 60))
    assert [one[0] for one in said(runtime, SERVER, "license")] == [Severity.OK]


def test_the_page_of_an_https_url_is_the_live_one(runtime: FakeRuntime) -> None:
    target = HttpTarget("server", "https://aen.example.com", ("/",), SERVER, SERVER, wants_document=True)
    spec = replace(runtime.inventory.nodes[SERVER], http=(target,))
    assert requirements_reach.request(spec, runtime.inventory)["pages"] == []
    know(runtime, SERVER, reach=reach_facts(spec, pages=()))
    assert said(runtime, SERVER, "license") == [(Severity.UNKNOWN, "the server's page was not seen: not asked yet")]
    show(runtime, Reading(page("login"), NOW_MONOTONIC))
    assert said(runtime, SERVER, "license") == [(Severity.OK, "https://aen.example.com/ shows the login page")]
    show(runtime, Reading(page("login"), NOW_MONOTONIC, "no answer within 30 s"))
    assert said(runtime, SERVER, "license")[0][0] is Severity.UNKNOWN


def test_a_page_that_nobody_has_looked_at_passes_nothing(runtime: FakeRuntime) -> None:
    """Without preflight's own facts too, where the live look alone is told."""
    del runtime.checkup.facts[SERVER]
    unseen = [(Severity.UNKNOWN, "the server's page was not seen: not asked yet")]
    assert said(runtime, SERVER, "license") == unseen
    show(runtime, Reading(page("login"), NOW_MONOTONIC))
    assert said(runtime, SERVER, "license") == [(Severity.OK, "https://aen.example.com/ shows the login page")]


def answering(runtime: FakeRuntime, state: StoreState) -> None:
    runtime.store.update(SERVER, lambda node: rate(replace(node, stores={"mongodb": state})))


def test_what_a_store_comes_to_say_is_told_at_once(runtime: FakeRuntime) -> None:
    answering(runtime, StoreState("unknown", is_pending=True))
    assert said(runtime, SERVER, "mongod-answers") == []
    figures = MongoFigures(MongoHello("2.6.10"))
    answering(runtime, StoreState("up", figures=figures))
    assert said(runtime, SERVER, "mongod-answers") == [(Severity.OK, "mongod answers")]
    ((severity, message),) = said(runtime, SERVER, "mongo-journal-space")
    assert (severity, message.partition(":")[0]) == (Severity.UNKNOWN, "where mongod keeps its journal is not known")
    known = replace(figures, options=MongoOptions(), data_space=Reading(MongoDataSpace(MONGO_DATA_PATH, 50 << 30), 1.0))
    answering(runtime, StoreState("up", figures=known))
    assert said(runtime, SERVER, "mongo-journal-space") == [(Severity.OK, "there is room for mongod's journal")]
    answering(runtime, StoreState("up", figures=replace(known, options=MongoOptions(has_journal=False))))
    assert said(runtime, SERVER, "mongo-journal-space") == [(Severity.OK, "mongod keeps no journal")]


def look(kind: str, apps: int, starting: int) -> ProjectsLook:
    group = AppGroup(kind, "wakari", processes=2, apps=apps, rss_bytes=1, started=1.0, pids=(7, 8), starting=starting)
    return ProjectsLook((ProjectLoad("alice/churn", (group,)),), 9, 1, apps, 2)


@pytest.mark.parametrize(
    ("kind", "apps", "starting", "severity"),
    [
        ("notebook", 1, 0, Severity.WARNING),
        ("other", 0, 0, Severity.WARNING),
        ("files", 0, 0, Severity.WARNING),
        ("node", 0, 0, Severity.WARNING),
        *((kind, 0, 2, Severity.OK) for kind in ("files", "node", "conda", "shell")),
        ("node", 0, 1, Severity.WARNING),
    ],
)
def test_projects_of_now_beat_those_of_hours_ago(
    runtime: FakeRuntime, kind: str, apps: int, starting: int, severity: Severity
) -> None:
    assert said(runtime, COMPUTE, "service-account-apps")[0][0] is Severity.OK
    reading = Reading(look(kind, apps, starting), NOW_MONOTONIC)
    runtime.store.update(COMPUTE, lambda node: rate(replace(node, projects=reading)))
    assert [one[0] for one in said(runtime, COMPUTE, "service-account-apps")] == [severity]
    live = [one for one in runtime.snapshot().nodes[COMPUTE].findings if one.check == "service-account-apps"]
    assert bool(live) is (severity is Severity.WARNING)  # one rule for both


def test_what_runs_beside_projects_is_told_beside_a_newer_look_at_them(runtime: FakeRuntime) -> None:
    beside = (ProjectProcess(77, "alice", "bash"), ProjectProcess(78, "alice/churn", "bash"))
    know(runtime, COMPUTE, apps=app_facts(runtime.inventory.nodes[COMPUTE], projects=beside))
    reading = Reading(look("other", 0, 2), NOW_MONOTONIC)
    runtime.store.update(COMPUTE, lambda node: rate(replace(node, projects=reading)))
    ((severity, message),) = said(runtime, COMPUTE, "service-account-apps")
    assert severity is Severity.WARNING and "in /projects/alice (pid 77)" in message


def test_projects_that_nobody_has_seen_pass_nothing(runtime: FakeRuntime) -> None:
    """With preflight's own facts, whose look was earlier, and without, where the live one alone is told."""
    seen = Reading(look("other", 0, 2), NOW_MONOTONIC)

    def passed(reading: Reading[ProjectsLook]) -> Severity:
        runtime.store.update(COMPUTE, lambda node: rate(replace(node, projects=reading)))
        ((severity, _),) = said(runtime, COMPUTE, "service-account-apps")
        return severity

    failed, blind = replace(seen, error="no answer"), replace(seen, value=replace(look("other", 0, 2), blind="hidepid"))
    assert [passed(one) for one in (seen, failed, blind)] == [Severity.OK, Severity.UNKNOWN, Severity.UNKNOWN]
    del runtime.checkup.facts[COMPUTE]
    assert [passed(one) for one in (seen, failed, blind)] == [Severity.OK, Severity.UNKNOWN, Severity.UNKNOWN]
    assert passed(Reading()) is Severity.UNKNOWN
    assert passed(replace(failed, value=look("other", 0, 0))) is Severity.WARNING


def anon(runtime: FakeRuntime, value: str) -> None:
    spec = runtime.inventory.nodes[SERVER]
    path = f"{PREFIX}/wakari-server/etc/wakari/config.json"
    know(runtime, SERVER, settings=settings_facts(spec, files=(config("server", path, keys={"ANON_USER": value}),)))


def test_what_is_corrected_on_the_server_is_corrected_on_computes(runtime: FakeRuntime) -> None:
    anon(runtime, '"guest"')
    assert "ANON_USER is guest on aen-server" in said(runtime, COMPUTE, "anon-user")[0][1]
    anon(runtime, '"public"')
    assert [one[0] for one in said(runtime, COMPUTE, "anon-user")] == [Severity.OK]


def test_days_go_by_and_the_same_words_are_the_same_object(runtime: FakeRuntime) -> None:
    state = runtime.snapshot()
    node = state.nodes[COMPUTE]
    first = runtime.checkup.findings(node, state)
    runtime.clock.advance(2 * 3600)
    assert runtime.checkup.findings(node, state) is first
    today = datetime.fromtimestamp(runtime.clock.wall(), UTC).date()
    describe(runtime, license_expires=today + timedelta(days=10))
    assert any("expires in 10 days" in words for _, words in said(runtime, SERVER, "license"))
    runtime.clock.advance(3 * 86_400)
    assert any("expires in 7 days" in words for _, words in said(runtime, SERVER, "license"))


def with_role(runtime: FakeRuntime, name: NodeName, role: Role) -> None:
    spec = replace(runtime.inventory.nodes[name], roles=(role, Role.COMPUTE), data_center="east")
    describe(runtime, nodes={**runtime.inventory.nodes, name: spec})
    runtime.store.update(name, lambda node: replace(node, spec=spec))
    packages = {"wakari-version": "4.1.2", "wakari-gateway": "1.2.0", "wakari-compute-launcher": "1.6.0"}
    own = {"wakari-version": "4.1.2", "wakari-compute-launcher": "1.6.0"}
    host = host_facts(spec, packages=packages, packages_of={f"{PREFIX}/wakari-compute": own})
    runtime.checkup.facts[name] = replace(node_facts(spec), host=Reading(host, NOW_MONOTONIC))


def test_a_gateway_that_is_a_compute_too_differs_from_no_compute(runtime: FakeRuntime) -> None:
    for name in (COMPUTE, OTHER, NodeName("compute1-3")):
        packages = {"wakari-version": "4.1.2", "wakari-compute-launcher": "1.6.0"}
        know(runtime, name, host=host_facts(runtime.inventory.nodes[name], packages=packages))
    with_role(runtime, GATEWAY, Role.GATEWAY)
    for name in (COMPUTE, OTHER, GATEWAY):
        assert [one[0] for one in said(runtime, name, "differs")] == [Severity.OK], name


def test_one_compute_s_own_package_is_its_own_oddness(runtime: FakeRuntime) -> None:
    packages = {"wakari-version": "4.1.2", "wakari-extra": "1.0"}
    know(runtime, COMPUTE, host=host_facts(runtime.inventory.nodes[COMPUTE], packages=packages))
    ((severity, message),) = said(runtime, COMPUTE, "differs")
    assert severity is Severity.WARNING and "wakari-extra 1.0, which the others have not" in message
    assert [one[0] for one in said(runtime, OTHER, "differs")] == [Severity.OK]


def stored(runtime: FakeRuntime, **programs: Any) -> NodeFacts:
    """Facts of a store of its own that has mongod alone, and of the server beside it."""
    server = runtime.inventory.nodes[SERVER]
    store = replace(server, name=NodeName("aen-db"), host="aen-db", roles=(Role.STORE,), http=())
    describe(runtime, nodes={**runtime.inventory.nodes, store.name: store}, store=store.name)
    facts = node_facts(store)
    host = host_facts(store, programs={**host_facts(store).programs, **programs})
    return replace(facts, host=Reading(host, NOW_MONOTONIC))


@pytest.mark.parametrize(
    ("version", "severity"), [("1.7.2", Severity.OK), ("1.4.0", Severity.WARNING), (None, Severity.WARNING)]
)
def test_elasticsearch_that_answers_is_what_it_says(
    runtime: FakeRuntime, version: str | None, severity: Severity
) -> None:
    describe(runtime, store=SERVER)
    host = host_facts(runtime.inventory.nodes[SERVER])
    know(runtime, SERVER, host=replace(host, programs={**host.programs, "elasticsearch": None}))
    store = StoreState("up" if version else "down", version)
    runtime.store.update(SERVER, lambda node: rate(replace(node, stores={"elasticsearch": store})))
    ((found, message),) = said(runtime, SERVER, "elasticsearch-version")
    assert found is severity
    assert message.startswith(f"Elasticsearch {version}" if version else "Elasticsearch is not installed")


@pytest.mark.parametrize("known", [True, False], ids=["the server is known", "the server is not"])
def test_elasticsearch_that_stayed_on_the_server_is_not_missed_on_the_store(runtime: FakeRuntime, known: bool) -> None:
    facts = stored(runtime, elasticsearch=None, java=None)
    inventory = runtime.inventory
    node = NodeState(inventory.nodes[NodeName("aen-db")], Connection(LinkState.UP))
    others = {SERVER: runtime.checkup.facts[SERVER]} if known else {}
    found = judge(Look(node, facts, inventory, runtime.clock.wall(), others))
    severity = {one.check: one.severity for one in found}
    assert severity["mongodb-version"] is Severity.OK
    assert severity["elasticsearch-version"] is (Severity.OK if known else Severity.UNKNOWN)
