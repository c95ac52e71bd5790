"""Rows of events: what flaps is one row, what nodes have together is one row, and memory is bounded."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.events import Event, Events, Mark
from aen_tui.state.timeline import AGAIN_SECONDS, TOGETHER_SECONDS, Timeline

NODES = tuple(NodeName(f"compute1-{n}") for n in range(1, 6))


def event(at: float, node: NodeName | None = NODES[0], state: str = "stale", **more: object) -> Event:
    severity = Severity.OK if state == "up" else Severity.CRITICAL
    return Event(at, node, "link", severity, f"{node} {state}", source=state, short=state, **more)  # type: ignore[arg-type]


def test_a_flapping_node_is_a_row_a_state() -> None:
    timeline = Timeline()
    for turn in range(500):
        timeline.add(event(turn * 60.0, state="stale"))
        timeline.add(event(turn * 60.0 + 30, state="up"))
    assert [(row.words, row.times) for row in timeline] == [("stale", 500), ("up", 500)]
    assert next(iter(timeline)).first == 0.0 and next(iter(timeline)).last == 499 * 60.0


def test_what_comes_much_later_is_another_row() -> None:
    timeline = Timeline()
    timeline.add(event(0.0))
    timeline.add(event(AGAIN_SECONDS + 1))
    assert [row.times for row in timeline] == [1, 1]


def test_a_gateway_and_its_computes_are_one_row_told_by_the_gateway() -> None:
    timeline = Timeline()
    timeline.add(event(0.0, NODES[0], detail="via gateway1"))
    timeline.add(event(1.0, NodeName("gateway1"), detail="connection lost", is_cause=True))
    for n, node in enumerate(NODES[1:]):
        timeline.add(event(2.0 + n * TOGETHER_SECONDS * 0.9, node, detail="via gateway1"))
    (row,) = timeline
    assert set(row.nodes) == {"gateway1", *NODES} and row.times == 1
    assert row.words == "stale: connection lost"
    timeline.add(event(1000.0, NodeName("compute2-1")))
    assert len(timeline) == 2


def test_an_acknowledged_row_is_closed() -> None:
    timeline = Timeline()
    row = timeline.add(event(0.0))
    timeline.acknowledge([row.number])
    other = timeline.add(event(1.0))
    assert other is not row and not other.acknowledged and row.times == 1
    timeline.acknowledge([row.number], acknowledged=False)
    assert not row.acknowledged


def test_the_oldest_rows_leave_also_for_rows_of_many_nodes() -> None:
    timeline = Timeline(kept_rows=100, kept_nodes=1000)
    for row in range(5):
        for n in range(400):
            timeline.add(event(row * 10_000.0, NodeName(f"n{n}"), state=f"s{row}"))
    assert [row.words for row in timeline] == ["s3", "s4"]


def test_a_flapping_source_pushes_no_restart_out_of_the_charts() -> None:
    events = Events(limit=10)
    events.add(Event(0.0, NODES[0], "restart", Severity.OK, "restart", mark=Mark(5.0, "wk-compute", 1, 2)))
    for turn in range(100):
        events.add(event(float(turn)))
    assert [mark.pid_after for mark in events.marks(NODES, 0.0)] == [2]
    assert len(events.timeline) == 2


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100), st.sampled_from((*NODES, None)), st.sampled_from(("stale", "up", "auth")), st.booleans()
        ),
        max_size=300,
    )
)
def test_no_event_is_lost_or_counted_twice_and_rows_are_bounded(
    steps: list[tuple[float, NodeName | None, str, bool]],
) -> None:
    timeline, now, told, acknowledged = Timeline(), 0.0, Counter[str](), 0
    for pause, node, state, is_read in steps:
        now += pause
        row = timeline.add(event(now, node, state=state))
        told[state] += 1
        if is_read and not acknowledged % 7:
            timeline.acknowledge([row.number])
        acknowledged += is_read
    counted = Counter[str]()
    for row in timeline:
        counted[row.event.short] += row.total
        assert row.first <= row.last and row.times <= row.total
    assert counted == told


@given(st.lists(st.tuples(st.floats(0, TOGETHER_SECONDS), st.sampled_from(NODES), st.booleans()), max_size=300))
def test_whatever_flaps_folds(steps: list[tuple[float, NodeName, bool]]) -> None:
    """Nodes that have a state again and again, never long apart, are a row a state, in whatever order."""
    timeline, now, last = Timeline(), 0.0, {"up": 0.0, "stale": 0.0}
    rows = 0
    for pause, node, is_up in steps:
        now += pause
        state = "up" if is_up else "stale"
        rows += now - last[state] > TOGETHER_SECONDS
        last[state] = now
        timeline.add(event(now, node, state=state))
    assert len(timeline) <= 2 + rows
