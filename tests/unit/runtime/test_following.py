"""What follows from another trouble is told once, under it, on the timeline and outside the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.causes import Cause, Part, Trouble
from aen_tui.model.facts import ClusterState, Finding, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.notify import NotifySettings
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import Causes
from aen_tui.runtime.hooks import Hooks
from aen_tui.runtime.noticing.following import Following
from aen_tui.state.alerts import Alerts
from aen_tui.state.event import Event
from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline
from tests.support.states import service
from tests.unit.runtime.test_noticing import GATEWAY, SERVER, Stage

ANSWERS = Finding("mongod-answers", Severity.CRITICAL, "mongod does not answer on 127.0.0.1:27017: refused")


class Explained(Stage):
    """Causes are looked for before events are, as in the program."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()
        self.runtime.change(SERVER, services=(service("mongod", None, "RUNNING", pid=7),))
        self.look()
        self.forget()
        self.alerts = Alerts()
        notify = NotifySettings(osc9=Severity.WARNING)
        self.hooks = Hooks(notify, "aen", self.runtime.events, self.alerts, self.runtime.clock)

    def look(self, seconds: float = 1.0) -> None:
        Causes(self.runtime.store).look()
        super().look(seconds)
        if hasattr(self, "hooks"):
            self.hooks.look()

    def mongod(self, state: str, *found: Finding) -> None:
        self.runtime.change(SERVER, services=(service("mongod", None, state),), findings=found)

    def server(self, code: int) -> None:
        answers = self.runtime.store.node(SERVER).http
        changed = tuple(
            replace(one, status_code=code, severity=Severity.CRITICAL if code >= 500 else Severity.OK)
            if one.name == "server"
            else one
            for one in answers
        )
        self.runtime.change(SERVER, http=changed)

    def row(self, words: str) -> EventRow:
        return next(row for row in self.runtime.events.timeline if words in row.words)

    @property
    def under(self) -> dict[str, str]:
        """The words of rows, and of what they stand under."""
        rows = self.runtime.events.timeline
        return {row.event.short: above.event.short for row in rows if (above := rows.above(row)) is not None}

    @property
    def told(self) -> list[str]:
        return [alert.notification for alert in self.alerts.take()]


@pytest.fixture
def stage() -> Explained:
    return Explained()


def test_a_mongod_that_stops_is_one_row_with_the_others_under_it_and_one_notice(stage: Explained) -> None:
    stage.server(502)
    stage.look()
    assert stage.under == {}
    stage.mongod("STOPPED", ANSWERS)
    for _ in range(10):
        stage.look()
    assert stage.under == {"server answers 502": "mongod-answers", "mongod is STOPPED": "mongod-answers"}
    assert stage.told == ["mongod-answers aen-server"]


def test_what_is_there_before_its_cause_is_put_under_it_when_that_comes(stage: Explained) -> None:
    stage.server(502)
    for _ in range(10):
        stage.look()
    assert stage.told == ["http aen-server"]
    stage.mongod("STOPPED", ANSWERS)
    for _ in range(10):
        stage.look()
    assert stage.under["server answers 502"] == "mongod-answers"
    assert stage.told == ["mongod-answers aen-server"]


def test_the_same_again_without_its_cause_stands_for_itself_and_is_told(stage: Explained) -> None:
    stage.mongod("STOPPED", ANSWERS)
    stage.server(502)
    for _ in range(5):
        stage.look()
    stage.mongod("RUNNING")
    for _ in range(5):
        stage.look()
    assert "server answers 502" in stage.under, "what lags behind its cause is no other trouble"
    assert stage.told == ["mongod-answers aen-server"]
    stage.server(200)
    stage.look(120)
    stage.server(502)
    for _ in range(5):
        stage.look()
    assert stage.under.get("server answers 502") is None
    assert "http aen-server" in stage.told


def test_what_follows_from_a_trouble_that_nobody_saw_begin_stands_for_itself(stage: Explained) -> None:
    stage.mongod("STOPPED", ANSWERS)
    for _ in range(5):
        stage.look()
    stage.forget()
    stage.hooks = Hooks(NotifySettings(osc9=Severity.WARNING), "aen", stage.runtime.events, stage.alerts,
                        stage.runtime.clock)  # fmt: skip
    assert stage.told == ["mongod-answers aen-server"]
    stage.server(502)
    for _ in range(5):
        stage.look()
    assert stage.under == {} and stage.told == ["http aen-server"]


def test_a_service_whose_state_a_finding_tells_is_found_among_older_rows_by_its_name() -> None:
    timeline, computes = Timeline(), [NodeName(f"compute1-{n}") for n in range(5)]

    def told(trouble: Trouble) -> EventRow:
        words = trouble.name
        return timeline.add(Event(1000.0, trouble.node, words, Severity.CRITICAL, words, source=words, trouble=trouble))

    above = told(Trouble(SERVER, Part.SERVICE, "mongod", "wakari-server"))
    told(Trouble(SERVER, Part.SERVICE, "mongod-exporter", "wakari-server"))
    followers = [Trouble(name, Part.HTTP, "compute") for name in computes]
    rows = [told(trouble) for trouble in followers]
    root = Trouble(SERVER, Part.FINDING, "program-state", "mongod is STOPPED")
    causes = (Cause(root, "program-state", root.words, tuple(followers)),)
    state = ClusterState("aen", {}, causes=causes)
    Following(timeline).look(state, 1001.0)
    assert all(timeline.above(row) is above for row in rows) and above.under is None
    above.over.add(SERVER)
    again = Following(timeline)
    timeline.put_under(rows[0], None)
    again.look(state, 1001.0)
    assert timeline.above(rows[0]) is None, "what runs again explains nothing"


def test_a_gateway_and_its_computes_are_still_one_row(stage: Explained) -> None:
    for name in ("compute1-1", GATEWAY, "compute1-2", "compute1-3"):
        stage.link(name, LinkState.STALE, error="lost")
    for _ in range(5):
        stage.look()
    (row,) = stage.runtime.events.timeline
    assert row.under is None and len(row.nodes) == 4
    assert stage.told == ["link compute1-[1-3],gateway1"]
