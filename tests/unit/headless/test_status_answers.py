"""Why `status` calls a node critical beside a URL that does not answer: a finding says it, once, under its cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aen_tui.headless.document import status_document
from aen_tui.headless.status import lines_of
from aen_tui.model.facts import NodeState
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import with_causes
from tests.support.states import NOW_MONOTONIC
from tests.unit.checks.test_causes import COMPUTES, SERVER, answering, lost, program, state_of, well

SILENT = "no answer within 5 s"


def told(node: NodeState) -> tuple[list[dict[str, Any]], list[str]]:
    """A node's findings in the document, and its lines in the table."""
    state = with_causes(state_of(node=node))
    document = status_document(state, [node.name], NOW_MONOTONIC)
    return document["nodes"][0]["findings"], [line.strip() for line in lines_of(document)][2:]


def test_a_wk_server_that_hangs_is_told_with_what_follows_from_it() -> None:
    silent = answering(answering(well(SERVER), "wk-server", None, SILENT), "server", None, SILENT)
    findings, lines = told(silent)
    words, cause = f"wk-server does not answer: {SILENT}", f"http on {SERVER}: wk-server does not answer: {SILENT}"
    assert [(one["check"], one["severity"], one["message"], one["explained_by"]) for one in findings] == [
        ("http", "critical", words, None),
        ("http", "critical", f"server does not answer: {SILENT}", cause),
    ]
    url = next(one.url for one in silent.http if one.name == "wk-server")
    assert lines[:2] == [f"http: {words} ({url})", f"server URL: follows from {cause}"]


def test_a_page_that_another_finding_tells_of_follows_from_it_too() -> None:
    late = answering(answering(well(SERVER), "wk-server", None, SILENT), "server", 504)
    findings, lines = told(late)
    assert [(one["check"], one["explained_by"] is None) for one in findings] == [("http", True), ("server-page", False)]
    assert lines[1] == f"server URL, server-page: follows from http on {SERVER}: wk-server does not answer: {SILENT}"


def test_a_dead_port_is_told_once_where_its_program_is_down() -> None:
    node = program(answering(well(COMPUTES[0]), "compute", None, "refused"), "wk-compute", "FATAL")
    findings, lines = told(node)
    assert [one["check"] for one in findings if one["explained_by"] is None] == ["program-state"]
    assert [line for line in lines if "URL" in line] == [
        line for line in lines if line.startswith("wk-compute, compute URL: follows from program-state")
    ]


def test_what_answers_is_no_finding_and_of_a_lost_node_the_connection_speaks() -> None:
    assert told(well(SERVER))[0] == []
    findings, _ = told(answering(lost(COMPUTES[0]), "compute", None, "refused"))
    assert findings == []


def test_what_nobody_asked_is_unknown_and_says_so() -> None:
    node = well(COMPUTES[0])
    unseen = replace(node, http=tuple(replace(one, status_code=None, seen_at=None) for one in node.http))
    findings, _ = told(unseen)
    assert [(one["check"], one["severity"]) for one in findings] == [("http", Severity.UNKNOWN.word)]
