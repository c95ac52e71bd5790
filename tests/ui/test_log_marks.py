"""Where lines stand in time: what filters leave is counted where it is, not where its chunk is."""

from __future__ import annotations

import time

from aen_tui.model.logs import Level
from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import MergedStream
from aen_tui.state.patterns import compile_bytes
from aen_tui.state.selection import Criteria, Hits
from aen_tui.state.sweep import Sweep
from aen_tui.ui.widgets.log_marks import EXACT_LINES, volume
from tests.support.log_stage import SERVER_LOG
from tests.unit.state.test_merge import TIMES, fresh, stamped


def test_few_lines_of_a_large_chunk_are_counted_at_their_times() -> None:
    books, feeder = fresh()
    words = {100: "WARN a hit", 101: "a hit", 5900: "ERROR a hit"}
    data = b"".join(stamped(n, words.get(n, "nothing")) for n in range(6000))
    feeder.feed(SERVER_LOG, data.replace(b"INFO WARN", b"WARN").replace(b"INFO ERROR", b"ERROR"), chunk=1 << 20)
    base = MergedStream.over(books, (SERVER_LOG,), TIMES)
    base.sync(feeder.wall)
    bad, worse = (Hits(Criteria(level=level), base.sources) for level in (Level.WARNING, Level.ERROR))
    few = FilteredStream(base, Criteria((compile_bytes(b"hit"),)))
    levels = Sweep((bad, worse))
    while not (levels.run(time.monotonic, 0.01) and few.sync(time.monotonic, 0.01)):
        pass
    assert few.line_count == 3 < EXACT_LINES
    found = volume(few, bad, worse, 60)
    assert found is not None
    assert {at: count for at, count in enumerate(found.lines) if count} == {1: 2, 59: 1}
    assert [at for at, count in enumerate(found.warnings) if count] == [1, 59]
    assert [at for at, count in enumerate(found.errors) if count] == [59]
    everything = volume(base, bad, worse, 60)
    assert everything is not None and min(everything.lines) > 50
