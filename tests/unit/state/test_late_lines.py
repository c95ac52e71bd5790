"""Lines that come late: each is inserted where its time is and marked, no other is marked, none is lost or twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.state.lines import LATE_SECONDS
from aen_tui.state.merge import MergedStream
from tests.unit.state.test_merge import BEGIN, KEYS, TIMES, fresh, stamped

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([1, 5, 40]), st.sampled_from([0.0, 0.4, 1.9, 2.5, 9.0, 60.0]), st.booleans()
    ),
    min_size=1,
    max_size=50,
)
"""(source, tenths of a second since the one before, how long the line was on its way, whether it is looked at then)"""


@settings(max_examples=150)
@given(EVENTS)
def test_late_lines_are_marked_and_stand_by_their_time(events: list[tuple[int, int, float, bool]]) -> None:
    books, feeder = fresh()
    feeder.wall = BEGIN
    stream = MergedStream.over(books, KEYS, TIMES)
    written_last, opened = [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0]
    want: dict[str, tuple[float, bool]] = {}
    names: dict[str, tuple[int, int]] = {}
    now = 0.0
    for number, (source, tenths, delay, looks) in enumerate(events):
        now = round(now + tenths / 10, 1)
        feeder.wall = BEGIN + now
        at = written_last[source] = max(written_last[source], round(now - delay, 1))
        opened[source] = now if opened[source] < 0 else opened[source]
        is_late = now - at > LATE_SECONDS + 0.01 and at > opened[source]
        text = f"n{number}"
        want[text] = at, is_late
        feeder.feed(KEYS[source], stamped(at, text))
        if looks:
            stream.sync(feeder.wall)
            for index in range(stream.line_count):
                line = stream.line(index)
                assert line is not None
                names.setdefault(line.text.rsplit(b" ", 1)[1].decode(), stream.ref(index))
    stream.sync(feeder.wall)
    shown = [line for index in range(stream.line_count) if (line := stream.line(index)) is not None]
    order = [line.text.rsplit(b" ", 1)[1].decode() for line in shown]
    assert sorted(order) == sorted(want)
    assert [want[text][0] for text in order] == sorted(at for at, _ in want.values())
    assert {text for text, line in zip(order, shown, strict=True) if line.late} == {
        text for text, (_, is_late) in want.items() if is_late
    }
    for text, name in names.items():  # whoever read a line finds it again
        assert order[stream.index_of(name)] == text
