"""What is told of rows of events: nothing that matters stays untold, nothing is told twice, no flood."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.notices import SUMMARY, Notice
from aen_tui.runtime.telling import (
    CALM_SECONDS,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MORE_SECONDS,
    SETTLE_SECONDS,
    Telling,
)
from aen_tui.state.event import Event
from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline

NODES = tuple(NodeName(f"compute1-{n}") for n in range(1, 26))
WARNING, CRITICAL, OK = Severity.WARNING, Severity.CRITICAL, Severity.OK


class Stage:
    """A timeline that is looked at once a second; warnings and worse are wanted."""

    def __init__(self, most_per_minute: int = 1000) -> None:
        self.timeline, self.now = Timeline(), 10_000.0
        self.telling = Telling(
            self.timeline, lambda event: event.severity >= WARNING and not event.is_planned, most_per_minute
        )
        self.told: list[tuple[float, Notice]] = []

    def happen(
        self, node: NodeName | None, severity: Severity = CRITICAL, source: str = "lost", about: str = "link"
    ) -> EventRow:
        text = "up" if severity is OK else source
        return self.timeline.add(Event(self.now, node, "link", severity, text, source=text, short=text, about=about))

    def pass_by(self, seconds: float, step: float = 1.0) -> list[Notice]:
        """What is told meanwhile."""
        before, until = len(self.told), self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + step)
            self.told += [(self.now, notice) for notice in self.telling.look(self.now)]
        return [notice for _at, notice in self.told[before:]]


def nodes_of(notices: list[Notice]) -> list[list[str]]:
    return [list(one.nodes) for one in notices]


def test_each_of_ten_that_fail_one_after_the_other_is_told_once() -> None:
    stage = Stage()
    for node in NODES[:10]:
        stage.happen(node)
        stage.pass_by(20)
    stage.pass_by(MORE_SECONDS)
    told = [node for _at, notice in stage.told for node in notice.nodes]
    assert sorted(told) == sorted(NODES[:10])
    assert stage.told[0][1].nodes == NODES[:1] and len(stage.told) < 10


def test_one_that_is_lost_for_good_minutes_after_a_blip_of_all_is_told_at_once() -> None:
    stage = Stage()
    for node in NODES:
        stage.happen(node)
    assert [len(one.nodes) for one in stage.pass_by(60)] == [25]
    for node in NODES:
        stage.happen(node, OK)
    assert stage.pass_by(420) == []
    stage.happen(NODES[6])
    assert nodes_of(stage.pass_by(SETTLE_SECONDS + 1)) == [[NODES[6]]]


def test_a_flapper_is_told_ever_less_often_and_again_after_an_hour_of_calm() -> None:
    stage = Stage()
    for _ in range(72):
        stage.happen(NODES[0])
        stage.pass_by(30, 5)
        stage.happen(NODES[0], OK)
        stage.pass_by(270, 5)
    assert 6 <= len(stage.told) <= 12
    assert stage.told[-1][1].times > 60
    pauses = [after - before for (before, _), (after, _) in zip(stage.told, stage.told[1:], strict=False)]
    assert pauses == sorted(pauses) or max(pauses) >= LONGEST_PAUSE_SECONDS
    stage.pass_by(CALM_SECONDS, 60)
    for _ in range(2):
        stage.happen(NODES[0])
        assert len(stage.pass_by(FIRST_PAUSE_SECONDS)) == 1
        stage.happen(NODES[0], OK)
        stage.pass_by(30)


def test_what_went_away_in_its_pause_is_not_told_and_what_stays_is() -> None:
    stage = Stage()
    for stays in (False, True):
        stage = Stage()
        stage.happen(NODES[0])
        stage.pass_by(10)
        stage.happen(NODES[0], OK)
        stage.happen(NODES[0])
        stage.pass_by(10)
        if not stays:
            stage.happen(NODES[0], OK)
        assert len(stage.pass_by(2 * FIRST_PAUSE_SECONDS)) == stays


def test_a_loop_of_crashes_that_nothing_ends_is_told_with_how_often() -> None:
    stage = Stage()
    for _ in range(20):
        stage.happen(NODES[0], WARNING, "restart", about="")
        stage.pass_by(30)
    assert [notice.times for _at, notice in stage.told] == [1, 3, 7, 15]


def test_worse_ones_have_room_where_lesser_ones_took_it_and_the_rest_is_one_summary() -> None:
    stage = Stage(most_per_minute=3)
    for n in range(8):
        stage.happen(NODES[n], WARNING, f"w{n}", about=f"w{n}")
    first = stage.pass_by(10)
    assert [one.left_out for one in first] == [0, 0, 6]
    assert (
        first[-1].kind == SUMMARY and first[-1].nodes == NODES[2:8] and "6 more: w2 (compute1-3); w3" in first[-1].text
    )
    for n in range(4):
        stage.happen(NODES[n], WARNING, f"late{n}", about=f"late{n}")
    assert stage.pass_by(10) == []
    stage.happen(NODES[0])
    (worse,) = stage.pass_by(SETTLE_SECONDS + 1)
    assert worse.severity is CRITICAL
    later = stage.pass_by(60)
    assert [(one.left_out, one.nodes) for one in later] == [(0, NODES[:1]), (3, NODES[1:4])]
    assert stage.pass_by(3600, 10) == []


def test_who_was_read_while_it_was_held_back_is_not_told() -> None:
    stage = Stage(most_per_minute=1)
    stage.happen(NODES[0])
    stage.pass_by(10)
    row = stage.happen(NODES[1], source="other", about="other")
    stage.pass_by(10)
    stage.timeline.acknowledge([row.number])
    assert stage.pass_by(120) == []


def test_what_follows_from_a_row_that_is_told_is_not_told_unless_it_is_worse() -> None:
    for severity in (WARNING, CRITICAL):
        stage = Stage()
        root = stage.happen(NODES[0], WARNING, "mongod is STOPPED", about="mongod")
        follower = stage.happen(NODES[1], severity, "server is dead", about="http")
        stage.timeline.put_under(follower, root)
        told = nodes_of(stage.pass_by(300))
        assert told == ([[NODES[0]]] if severity is WARNING else [[NODES[1]], [NODES[0]]])


def test_what_follows_from_something_planned_is_told() -> None:
    stage = Stage()
    root = stage.timeline.add(Event(stage.now, NODES[0], "service", CRITICAL, "x", source="x", is_planned=True))
    stage.timeline.put_under(stage.happen(NODES[1]), root)
    assert nodes_of(stage.pass_by(10)) == [[NODES[1]]]


STEPS = st.lists(
    st.tuples(st.floats(0, 400), st.sampled_from(NODES[:4]), st.sampled_from((OK, WARNING, CRITICAL))), max_size=40
)


@settings(max_examples=60)
@given(STEPS, st.sampled_from((1, 3, 1000)))
def test_nothing_that_matters_stays_untold_nothing_is_told_twice(
    steps: list[tuple[float, NodeName, Severity]], most: int
) -> None:
    stage = Stage(most)
    came: Counter[tuple[NodeName, Severity]] = Counter()
    state: dict[NodeName, tuple[Severity, float]] = {}
    for pause, node, severity in steps:
        stage.pass_by(pause, 7)
        stage.happen(node, severity, severity.word)
        came[node, severity] += 1
        state[node] = severity, stage.now
    stage.pass_by(2 * LONGEST_PAUSE_SECONDS, 20)
    told = [(at, node, one.severity) for at, one in stage.told for node in one.nodes]
    for node, (severity, since) in state.items():
        if severity > OK:
            assert any(at >= since and (name, worst) == (node, severity) for at, name, worst in told)
    counted = Counter((node, severity) for _at, node, severity in told)
    assert all(counted[key] <= many for key, many in came.items())
    assert all(counted[key] for key in came if key[1] > OK), "the first of each is told whatever comes"
    for at, _one in stage.told:
        for least in (WARNING, CRITICAL):
            assert sum(1 for when, one in stage.told if at <= when < at + 60 and one.severity == least) <= most
