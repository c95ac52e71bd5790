"""Why a node is bad is told where that is seen: its document on Fleet, its URL among the page's findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.causes import by_trouble
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.runtime.causes import Causes
from aen_tui.ui.presentation.node_text import findings
from aen_tui.ui.presentation.panes import pane
from aen_tui.ui.presentation.rows import Line, Look
from aen_tui.ui.presentation.severity import UNICODE
from tests.support.states import NOW_MONOTONIC, FakeRuntime
from tests.ui.test_gravest_first import SERVER, stopped_behind_a_502

GATEWAY = NodeName("gateway1")
COMPLAINT = "compute1-2: connection refused"


def text_of(line: Line | tuple[tuple[str, str], ...]) -> str:
    return "".join(text for text, _ in line)


@pytest.mark.parametrize("roomy", [False, True])
def test_a_document_s_complaint_stands_in_the_pane_before_a_log_line(roomy: bool) -> None:
    node = FakeRuntime(history_samples=0).store.node(GATEWAY)
    assert node.http[0].document is not None and node.http[0].document.messages == (COMPLAINT,)
    look = Look(NOW_MONOTONIC, UNICODE, lambda _node, _metric, _samples: ())
    lines = [text_of(line) for line in pane(node, 100, look, roomy=roomy)]
    assert f"✖ gateway: {COMPLAINT}" in lines
    if roomy:
        assert "ECONNREFUSED" in lines[-1]
    well = replace(node, last_problem=Reading())
    explained = replace(well, explained_by="connection on gateway2: refused")
    assert COMPLAINT not in "\n".join(text_of(line) for line in pane(explained, 100, look, roomy=roomy))


def test_a_url_that_is_not_well_is_a_finding_of_the_page_with_its_remedy() -> None:
    node = FakeRuntime(history_samples=0).store.node(GATEWAY)
    first, second = (text_of(one.value) for one in findings(node, UNICODE))
    assert first == f"✖ critical gateway says status error: {COMPLAINT}  http"
    assert "the gateway's log says more" in second


def test_what_follows_from_something_keeps_its_own_severity() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    runtime.store.update(SERVER, stopped_behind_a_502)
    Causes(runtime.store).look()
    state = runtime.snapshot()
    told = [text_of(one.value) for one in findings(state.nodes[SERVER], UNICODE, by_trouble(state.causes))]
    assert "▲ warning wk-server is STOPPED  program-state" in told
    follows = [one for one in told if "follows from" in one]
    assert len(follows) == 1, told
    assert follows[0].startswith("✖ critical http, server-page  › follows from program-state on aen-server: wk-server")
