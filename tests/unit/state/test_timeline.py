"""Rows of events: what flaps is one row, what nodes have together is one row, and memory is bounded."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aen_tui.config.nodesets import fold
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.events import Event, Events, Mark
from aen_tui.state.timeline import AGAIN_SECONDS, TOGETHER_SECONDS, Timeline

NODES = tuple(NodeName(f"compute1-{n}") for n in range(1, 6))


def event(at: float, node: NodeName | None = NODES[0], state: str = "stale", **more: object) -> Event:
    severity = Severity.OK if state == "up" else Severity.CRITICAL
    fields = {"source": state, "short": state, "about": "link"} | more
    return Event(at, node, "link", severity, f"{node} {state}", **fields)  # type: ignore[arg-type]


def shown(timeline: Timeline) -> list[tuple[str, str, int]]:
    """State, nodes and how often, of every row."""
    return [(row.event.short, fold(row.nodes), row.times) for row in timeline]


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


def test_who_is_lost_when_the_others_are_back_is_another_row() -> None:
    timeline = Timeline()
    names = (NodeName("gateway1"), *NODES)
    for at, state in ((0.0, "stale"), (60.0, "up")):
        for node in names:
            timeline.add(event(at, node, state=state))
    timeline.add(event(480.0, NODES[2]))
    assert shown(timeline) == [
        ("stale", "compute1-[1-5],gateway1", 1),
        ("up", "compute1-[1-5],gateway1", 1),
        ("stale", "compute1-3", 1),
    ]
    blip, back, lost = timeline
    assert blip.over == set(names) and back.over == {NODES[2]} and not lost.over


def test_nodes_that_flap_together_are_a_row_a_state_and_the_present_one() -> None:
    timeline = Timeline()
    for turn in range(50):
        for at, state in ((turn * 300.0, "stale"), (turn * 300.0 + 60, "up")):
            for n, node in enumerate(NODES if turn % 2 else NODES[::-1]):
                timeline.add(event(at + n, node, state=state))
    everyone = "compute1-[1-5]"
    assert shown(timeline) == [("up", everyone, 49), ("stale", everyone, 50), ("up", everyone, 1)]
    assert timeline._closed.keys() == {row.key for row in timeline}


def test_what_nothing_ends_comes_again_on_one_of_several_as_another_row() -> None:
    timeline = Timeline()
    for node in NODES:
        timeline.add(event(0.0, node, state="booted", about=""))
    for at in (60.0, 120.0):
        timeline.add(event(at, NODES[1], state="booted", about=""))
    assert shown(timeline) == [("booted", "compute1-[1-5]", 1), ("booted", "compute1-2", 2)]


def test_a_row_that_was_read_is_not_taken_in() -> None:
    timeline = Timeline()
    for at in (0.0, 100.0):
        for state in ("stale", "up"):
            for node in NODES:
                row = timeline.add(event(at, node, state=state))
            timeline.acknowledge([row.number])
    assert [row.times for row in timeline] == [1, 1, 1, 1]


def test_what_follows_stands_under_its_cause_also_when_that_is_taken_in() -> None:
    timeline = Timeline()
    follower = timeline.add(event(0.0, NodeName("aen-server"), about="http", source="http"))
    for turn in range(2):
        for node in NODES:
            above = timeline.add(event(turn * 100.0, node))
        if not turn:
            timeline.put_under(follower, above)
        timeline.add(event(turn * 100.0 + 50, NODES[0], state="up"))
    root = timeline.above(follower)
    assert root is not None and root.times == 2 and root.followers == {follower.number}
    timeline.put_under(follower, None)
    assert timeline.above(follower) is None and not root.followers


def test_a_cause_that_stays_forgets_what_followed_from_it_once_that_left() -> None:
    timeline = Timeline(kept_rows=3)
    for turn in range(10):
        root = timeline.add(event(turn * 60.0))
        timeline.put_under(timeline.add(event(turn * 60.0, NODES[1], source=f"{turn}", about=f"{turn}")), root)
    assert root.times == 10 and len(timeline) == 3 and len(root.followers) == 2


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


STEPS = st.lists(st.tuples(st.floats(0, 2 * TOGETHER_SECONDS), st.sampled_from(NODES), st.booleans()), max_size=300)


@given(STEPS, st.integers(0, 6))
def test_no_node_joins_others_of_which_one_is_well_again(
    steps: list[tuple[float, NodeName, bool]], reads_every: int
) -> None:
    """A row of several nodes tells of one burst: while it grew, what it says held of every one of them."""
    timeline, now = Timeline(), 0.0
    is_up: dict[NodeName, bool] = {}
    for count, (pause, node, up) in enumerate(steps):
        now += pause
        was_in = {row.number: set(row.nodes) for row in timeline}
        row = timeline.add(event(now, node, state="up" if up else "stale"))
        is_up[node] = up
        joined = row.nodes.keys() - was_in.get(row.number, row.nodes.keys())
        assert not joined or all(is_up[one] is up for one in row.nodes)
        assert not joined or not row.acknowledged
        for other in timeline:
            assert len(other.nodes) == 1 or other.is_closed or not other.over
        if reads_every and not count % reads_every:
            timeline.acknowledge([row.number])


@given(st.lists(st.tuples(st.floats(0, AGAIN_SECONDS / 2), st.booleans()), max_size=300), st.sampled_from(NODES))
def test_a_node_that_flaps_is_a_row_a_state(steps: list[tuple[float, bool]], node: NodeName) -> None:
    timeline, now, gaps, last = Timeline(), 0.0, 0, {True: 0.0, False: 0.0}
    for pause, up in steps:
        now += pause
        gaps += now - last[up] > AGAIN_SECONDS
        last[up] = now
        timeline.add(event(now, node, state="up" if up else "stale"))
    assert len(timeline) <= 2 + gaps


@given(STEPS)
def test_nothing_is_kept_of_rows_that_left(steps: list[tuple[float, NodeName, bool]]) -> None:
    timeline, now = Timeline(kept_rows=3), 0.0
    for pause, node, up in steps:
        now += 10 * pause
        timeline.add(event(now, node, state="up" if up else "stale"))
        rows = {row.number for row in timeline}
        held = [*timeline._open.values(), *timeline._alone.values(), *timeline._state.values()]
        held += [row for rows_of in timeline._closed.values() for row in rows_of]
        assert {row.number for row in held} <= rows and len(rows) <= 3
        assert timeline._node_count == sum(len(row.nodes) for row in timeline)
