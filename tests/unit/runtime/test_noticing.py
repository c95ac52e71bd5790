"""What becomes an event between two looks, and what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.checks import rate
from aen_tui.model.facts import Connection, Finding, LinkState, LogPath, StatusDocument, StoreState
from aen_tui.model.logs import LogKey
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.fleet_folding import FleetFolding
from aen_tui.runtime.markers import Markers
from aen_tui.runtime.noticing import Noticing
from aen_tui.state.known_templates import LEARNING_SECONDS, KnownTemplates
from tests.support.states import FakeRuntime, service

SERVER, GATEWAY = NodeName("aen-server"), NodeName("gateway1")


class Stage:
    """A made-up installation that is looked at once a second."""

    def __init__(self, gateways: int = 2, computes: int = 6) -> None:
        self.runtime = FakeRuntime(gateways, computes, problems=False, history_samples=0)
        for name, node in self.runtime.snapshot().nodes.items():
            self.runtime.change(name, complete=True, findings=())
            assert node.connection.state is LinkState.UP
        self.noticing = Noticing(self.runtime.events, self.runtime.clock)
        self.markers = Markers(self.runtime.events, self.runtime.books, self.runtime.clock)
        self.look()

    def look(self, seconds: float = 1.0) -> None:
        self.runtime.clock.advance(seconds)
        self.markers.look(self.runtime.snapshot())
        self.noticing.look(self.runtime.snapshot())

    def forget(self) -> None:
        self.runtime.events.timeline.__init__()  # type: ignore[misc]

    def link(self, name: str, state: LinkState, **more: Any) -> None:
        before = self.runtime.store.node(NodeName(name)).connection
        wall = self.runtime.clock.wall()
        self.runtime.change(name, connection=replace(before, state=state, since=wall, **more))

    def serve(self, state: str, pid: int | None = None, **more: Any) -> None:
        shown = service("wk-server", "wakari-server", state, pid=pid, **more)
        self.runtime.change(SERVER, services=(shown,))

    @property
    def rows(self) -> list[tuple[str, str, int, int]]:
        """Kind, words, how many nodes, how often."""
        rows = self.runtime.events.timeline
        return [(row.event.kind, row.words, len(row.nodes), row.times) for row in rows]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.forget()
    return made


def test_the_first_look_tells_who_is_up_and_nothing_else() -> None:
    stage = Stage()
    assert stage.rows == [("link", "connected", 9, 1)]


def test_a_whole_data_center_that_goes_with_its_gateway_is_one_row() -> None:
    stage = Stage(gateways=2, computes=51)
    stage.forget()
    names = [name for name, spec in stage.runtime.inventory.nodes.items() if name != SERVER and spec.name != "gateway2"]
    for n, name in enumerate(reversed(names)):  # the gateway itself is noticed last
        stage.link(name, LinkState.STALE, error="no word for 8 s" if name == GATEWAY else "gateway1 is not up")
        if n % 10 == 0:
            stage.look()
    stage.look()
    assert stage.rows == [("link", "connection lost: no word for 8 s", 52, 1)]
    for name in names:
        stage.link(name, LinkState.UP, error=None)
    stage.look()
    assert stage.rows[1:] == [("link", "connected again", 52, 1)]


def test_a_try_is_no_news_and_a_lost_node_is_lost_once(stage: Stage) -> None:
    for state in (LinkState.STALE, LinkState.CONNECTING, LinkState.REFUSED, LinkState.TIMEOUT, LinkState.STALE):
        stage.link("compute1-1", state, error=state.value)
        stage.look(700)
    assert stage.rows == [("link", "connection lost: stale", 1, 1)]


def test_a_program_that_fails_and_one_that_comes_back(stage: Stage) -> None:
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    for state in ("STOPPING", "STARTING", "BACKOFF", "FATAL"):
        stage.serve(state, description="spawn error" if state == "FATAL" else "")
        stage.look()
    stage.serve("RUNNING", 419)
    stage.look()
    assert stage.rows == [
        ("service", "wk-server is BACKOFF", 1, 1),
        ("service", "wk-server is FATAL: spawn error", 1, 1),
        ("restart", "start of wk-server: pid 303 → 419", 1, 1),
    ]
    fatal = list(stage.runtime.events.timeline)[1].event
    assert fatal.severity is Severity.CRITICAL
    assert fatal.log == LogKey(SERVER, LogPath("/opt/wakari/wakari-server/var/log/supervisord.log"))


def test_a_program_that_leaves_the_list_is_gone(stage: Stage) -> None:
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    stage.runtime.change(SERVER, services=())
    stage.look()
    stage.look()
    assert stage.rows == [("service", "wk-server is gone", 1, 1)]


def test_a_threshold_that_is_crossed_both_ways(stage: Stage) -> None:
    for severity, percent in ((Severity.WARNING, 85), (Severity.WARNING, 86), (Severity.CRITICAL, 96)):
        stage.runtime.change(SERVER, findings=(Finding("disk-free", severity, f"/: {percent} % of the space is used"),))
        stage.look()
    stage.runtime.change(SERVER, findings=())
    stage.look()
    assert [row[1] for row in stage.rows] == [
        "disk-free: /: 85 % of the space is used",
        "disk-free: /: 96 % of the space is used",
        "disk-free is ok",
    ]
    first = next(iter(stage.runtime.events.timeline)).event
    assert (first.metric, first.check) == ("disk_percent", "disk-free")


@pytest.mark.parametrize(
    ("store", "check"), [("mongodb", "mongod-answers"), ("elasticsearch", "elasticsearch-answers")]
)
@pytest.mark.parametrize(
    ("why", "said"), [("nothing listens on here:1", "nothing listens on here:1"), ("it hangs", "here:1: it hangs")]
)
def test_that_a_store_does_not_answer_is_said_once(stage: Stage, store: str, check: str, why: str, said: str) -> None:
    state = StoreState("down", address="here:1", error=why)
    stage.runtime.store.update(SERVER, lambda node: rate(replace(node, stores={store: state})))
    stage.look()
    (event,) = [row.event for row in stage.runtime.events.timeline if row.event.check == check]
    assert f"{event.short}: {event.detail}" == f"{check}: {said}"
    assert "does not answer" in event.text


def disk_full(mount: str, severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding("disk-free", severity, f"{mount}: 98 %", subject=mount)


def test_each_thing_that_a_check_finds_is_told_for_itself(stage: Stage) -> None:
    logs, projects = disk_full("/var/log"), disk_full("/projects")
    told = []
    for found in ((logs,), (logs, projects), (projects,), (projects, logs), ()):
        stage.forget()
        stage.runtime.change(SERVER, findings=found)
        stage.look()
        told.append(sorted(row[1] for row in stage.rows))
    full, is_ok = "disk-free: {}: 98 %", "disk-free of {} is ok"
    one, other = "/var/log", "/projects"
    assert told == [[full.format(one)], [full.format(other)], [is_ok.format(one)], [full.format(one)],
                    [is_ok.format(other), is_ok.format(one)]]  # fmt: skip


def test_a_first_connection_is_no_return_and_who_never_was_there_is_not_lost(stage: Stage) -> None:
    stage = Stage()
    assert stage.rows == [("link", "connected", 9, 1)]
    stage.link("compute1-1", LinkState.STALE, error="lost")
    stage.look(20)
    stage.link("compute1-1", LinkState.UP, error=None)
    stage.look()
    assert stage.rows[1:] == [("link", "connection lost: lost", 1, 1), ("link", "connected again", 1, 1)]


def test_a_killed_daemon_is_told_once_by_whatever_word(stage: Stage) -> None:
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    for state in ("EXITED", "STOPPED", "FATAL"):
        stage.serve(state)
        stage.look()
    assert [row[1] for row in stage.rows] == ["wk-server is EXITED", "wk-server is FATAL"]


def test_what_is_not_known_while_a_node_is_away_is_not_told(stage: Stage) -> None:
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    stage.link(SERVER, LinkState.STALE, error="lost")
    stage.runtime.change(SERVER, services=(), findings=(Finding("disk-free", Severity.WARNING, "x"),))
    stage.look()
    assert [row[0] for row in stage.rows] == ["link"]


def test_an_answer_turns_bad_and_is_not_told_while_nobody_can_ask(stage: Stage) -> None:
    node = stage.runtime.store.node(GATEWAY)
    (answer, *rest) = node.http
    bad = replace(answer, status_code=502, document=None, severity=Severity.CRITICAL)
    stage.runtime.change(GATEWAY, http=(bad, *rest))
    stage.look()
    assert [row[1] for row in stage.rows if row[0] == "http"] == ["gateway answers 502"]
    stage.forget()
    stage.link(answer.asked_on, LinkState.STALE, error="lost")
    stage.runtime.change(GATEWAY, http=(replace(bad, error="gone"), *rest))
    stage.look()
    stage.runtime.change(GATEWAY, http=(replace(bad, severity=Severity.OK, error="x"), *rest))
    stage.look()
    assert [row for row in stage.rows if row[0] == "http"] == []


def test_another_way_of_not_answering_is_news_and_another_complaint_is_not(stage: Stage) -> None:
    (answer, *rest) = stage.runtime.store.node(GATEWAY).http
    worse = replace(answer, severity=Severity.CRITICAL)
    complains = [StatusDocument("error", (f"Resource compute1-{n} is away",)) for n in (1, 2)]
    for other in (
        replace(worse, document=complains[0]),
        replace(worse, document=complains[1]),
        replace(worse, error="connection refused", document=None),
        replace(worse, status_code=503, document=None),
        answer,
    ):
        stage.runtime.change(GATEWAY, http=(other, *rest))
        stage.look()
    assert [row[1] for row in stage.rows] == [
        "gateway says status error: Resource compute1-1 is away",
        "gateway does not answer: connection refused",
        "gateway answers 503",
        "gateway answers again",
    ]


def test_what_happens_in_a_maintenance_is_planned(stage: Stage) -> None:
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    planned = Planned(stage.runtime.clock.wall() + 100, "upgrade", frozenset({"wk-server"}))
    stage.runtime.change(SERVER, planned=planned)
    stage.serve("STOPPED")
    stage.look()
    (row,) = stage.runtime.events.timeline
    assert row.event.is_planned and not row.is_problem


def test_what_is_still_bad_after_its_maintenance_is_told_then_once(stage: Stage) -> None:
    clock = stage.runtime.clock
    stage.serve("RUNNING", 303)
    stage.look()
    stage.forget()
    stage.runtime.change(SERVER, planned=Planned(clock.wall() + 100, "upgrade", frozenset({"wk-server"})))
    for name in ("compute1-1", "compute1-2"):
        stage.runtime.change(name, planned=Planned(clock.wall() + 100, "upgrade"))
        stage.link(name, LinkState.STALE, error="lost")
    stage.serve("FATAL")
    stage.look(20)
    assert [row.event.is_planned for row in stage.runtime.events.timeline] == [True, True]
    stage.link("compute1-2", LinkState.UP, error=None)
    stage.look(700)
    before = len(stage.runtime.events.timeline)
    for name in (SERVER, "compute1-1", "compute1-2"):
        stage.runtime.change(name, planned=None)
    for _ in range(3):
        stage.look()
    told = list(stage.runtime.events.timeline)[before:]
    assert sorted((*row.nodes, row.event.short) for row in told) == [
        ("aen-server", "wk-server is FATAL"), ("compute1-1", "connection lost")
    ]  # fmt: skip
    assert all(row.is_problem and row.event.detail == "still so after the maintenance" for row in told)
    stage.link("compute1-2", LinkState.STALE, error="lost")
    stage.look(700)
    (again,) = [row for row in stage.runtime.events.timeline if not row.event.is_planned and "compute1-2" in row.nodes
                and row.is_problem]  # fmt: skip
    assert again.times == 1 and again.event.detail == "lost"


def test_programs_of_one_name_under_several_supervisords_are_told_once_each_after_a_maintenance(stage: Stage) -> None:
    planned = Planned(stage.runtime.clock.wall() + 100, "upgrade")
    homes = {SERVER: "wakari-server", GATEWAY: "wakari-gateway"}
    for state, pid, now in (("RUNNING", 7, planned), ("FATAL", None, None)):
        stage.forget()
        for name, home in homes.items():
            stage.runtime.change(name, services=(service("exporter", home, state, pid=pid),))
        stage.look()
        for name in homes:
            stage.runtime.change(name, planned=now)
    stage.look(5)
    stage.look()
    told = [row for row in stage.runtime.events.timeline if row.is_problem]
    assert sum((Counter(row.nodes) for row in told), Counter()) == dict.fromkeys(homes, 1)


async def test_an_error_that_was_never_said_before_is_told_once(stage: Stage) -> None:
    runtime = stage.runtime
    folding = FleetFolding(runtime.books, runtime.clock, runtime.events)
    learned = KnownTemplates(learned_seconds=LEARNING_SECONDS, learned_at=runtime.clock.wall() - 10)
    folding.folding.known.join(learned)
    noticing = Noticing(runtime.events, runtime.clock, folding.folding)
    key = LogKey(SERVER, LogPath("/var/log/x.log"))
    lines = b"2026-11-21 07:00:00,000 ERROR x: the \x1b[31mroof is on fire\n2026-11-21 07:00:00,000 WARNING x: hm\n"
    runtime.books.append(key, lines * 3, at=0, cursor=None, seam=None, monotonic=1.0, wall=runtime.clock.wall())
    for _ in range(3):
        runtime.clock.advance(1.0)
        await folding.look(runtime.snapshot(), {})
        noticing.look(runtime.snapshot())
    new = [row for row in runtime.events.timeline if row.event.kind == "new-message"]
    assert len(new) == 1 and new[0].times == 1 and new[0].event.log == key
    assert "roof is on fire" in new[0].words and "\x1b" not in new[0].words


def test_hostile_words_are_made_visible(stage: Stage) -> None:
    evil = "\x1b]0;x\x07\u202e[red]"
    stage.runtime.change(SERVER, findings=(Finding(evil, Severity.WARNING, evil),))
    stage.link("compute1-1", LinkState.REFUSED, error=evil)
    stage.look()
    stage.runtime.change(SERVER, services=(service(evil, "wakari-server", "FATAL", description=evil),))
    stage.look()
    for row in stage.runtime.events.timeline:
        for text in (row.words, row.event.text):
            assert not set("\x1b\x07\u202e") & set(text)


STATES = ("RUNNING", "STOPPED", "STARTING", "BACKOFF", "FATAL", "EXITED", "unknown", "STOPPING")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 3), st.booleans()), max_size=200))
def test_a_program_that_flaps_costs_a_row_a_state(steps: list[tuple[str, int, bool]]) -> None:
    stage = Stage(gateways=1, computes=0)
    stage.forget()
    for state, pid, is_up in steps:
        stage.link(SERVER, LinkState.UP if is_up else LinkState.STALE, error="lost")
        stage.serve(state, pid if state == "RUNNING" else None)
        stage.look()
    assert len(stage.runtime.events.timeline) <= 2 + len(STATES) + 4


def test_a_node_under_maintenance_is_rated_without_it() -> None:
    stage = Stage()
    node = stage.runtime.store.node(SERVER)
    fatal = service("wk-server", "wakari-server", "FATAL")
    gone = replace(node, connection=Connection(LinkState.STALE, error="lost"), services=(fatal,), http=())
    assert rate(gone).severity is Severity.CRITICAL
    whole = rate(replace(gone, planned=Planned(0.0, "upgrade")))
    assert whole.severity is Severity.OK
    assert whole.findings[0].check == "maintenance" and "upgrade" in whole.findings[0].message
    up = replace(gone, connection=node.connection, planned=Planned(0.0, "upgrade", frozenset({"wk-server"})))
    assert rate(up).severity is Severity.OK
    other = replace(up, services=(fatal, service("worker", "wakari-server", "FATAL")))
    assert rate(other).severity is Severity.CRITICAL
    program = replace(up, planned=Planned(0.0, "upgrade", frozenset({"wakari-server"})))
    assert rate(program).severity is Severity.OK
    checks: Mapping[str, Finding] = {one.check: one for one in rate(other).findings}
    assert "worker" in checks["program-state"].message
