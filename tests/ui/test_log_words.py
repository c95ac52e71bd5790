"""The last problem of a node, beside its age: the words are what there is room for, not the time once more."""

from __future__ import annotations

import pytest

from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.ui.app import AenApp
from aen_tui.ui.messages import OpenNode
from aen_tui.ui.presentation.log_words import line_words
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, FakeRuntime


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-11-21 18:24:26.292 [WARN] launcher - kernel did not answer", "[WARN] launcher - kernel did not answer"),
        ("2026-11-21T18:24:49.290Z - warn: heartbeat is late", "warn: heartbeat is late"),
        ('{"name": "gw", "level": "error", "msg": "event loop blocked", "v": 0}', "ERROR gw: event loop blocked"),
        ('{"name": "cut in the mid', '{"name": "cut in the mid'),
        ("no time at all", "no time at all"),
        ("", ""),
    ],
)
def test_the_time_is_not_said_twice(line: str, words: str) -> None:
    assert line_words(line) == words


async def test_pane_and_node_page_have_the_words() -> None:
    runtime = FakeRuntime(1, 1, problems=False, history_samples=0)
    line = '{"time": "2026-11-21T06:59:49.290Z", "level": "error", "msg": "event loop blocked"}'
    runtime.change("gateway1", last_problem=Reading(line, NOW_MONOTONIC - 7))
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "7s ERROR event loop blocked" in screen_text(app))
        app.post_message(OpenNode(NodeName("gateway1")))
        await until(pilot, lambda: "7s ago  ERROR event loop blocked" in screen_text(app))
