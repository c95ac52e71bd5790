"""Answers of URLs, as the probe tells them."""

from __future__ import annotations

from aen_tui.checks import http_severity
from aen_tui.model.node import HttpTarget, NodeName
from aen_tui.model.severity import Severity
from aen_tui.sources.frames import HttpEntry
from aen_tui.sources.http_answers import decode
from tests.probe.harness import namespace

TARGET = HttpTarget("gateway", "http://g:8089", ("/",), NodeName("g"), NodeName("g"), wants_document=True)


def test_a_question_that_is_still_open_is_not_a_dead_port() -> None:
    row = namespace()["Target"](None, None, {"id": 0, "url": "http://g:8089"}, "x").row
    answer = decode(HttpEntry(**row), TARGET, 5.0)
    assert answer.seen_at is None
    assert http_severity(answer) is Severity.UNKNOWN


def test_no_answer_within_its_time_is_one() -> None:
    answer = decode(HttpEntry(0, "http://g:8089/", error="no answer within 5 s"), TARGET, 5.0)
    assert answer.seen_at == 5.0
    assert http_severity(answer) is Severity.CRITICAL
