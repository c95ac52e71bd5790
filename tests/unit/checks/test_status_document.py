"""A gateway that answers without a status document: well, unless the inventory says where that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import Check, checks, rate
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from tests.support.nodes import node_spec, node_state

(CHECK,) = (one for one in checks() if one.id == "status-document")


def gateway(code: int | None, *paths: str, error: str | None = None) -> NodeState:
    """A gateway that answers so, without a document; `paths` as the inventory names them."""
    spec = node_spec("gateway1", Role.GATEWAY, "east")
    node = node_state(replace(spec, status_paths=paths or spec.status_paths))
    answer = replace(node.http[0], url="http://gateway1:8089/", status_code=code, document=None, error=error)
    return rate(replace(node, http=(answer,)))


def said(node: NodeState) -> list[Finding]:
    return [one for one in node.findings if one.check == CHECK.id]


@pytest.mark.parametrize("code", [200, 302, 401, 404])
def test_where_no_path_is_named_an_answer_is_well_and_what_was_asked_is_said(code: int) -> None:
    node = gateway(code)
    assert said(node) == [] and node.severity is Severity.OK
    passed = CHECK.passed_by(node)
    assert passed.severity is Severity.OK
    for words in (f"http://gateway1:8089/ answers {code}", "/status, /api/status, /", "status_paths"):
        assert words in passed.message


def test_where_a_path_is_named_the_document_is_wanted_there() -> None:
    node = gateway(200, "/health")
    (finding,) = said(node)
    assert finding.severity is Severity.UNKNOWN and "answers 200" in finding.message
    assert "status_paths" in finding.remedy
    assert "login" in said(gateway(401, "/health"))[0].remedy


def test_a_document_is_told_and_silence_is_another_check_s() -> None:
    node = node_state(node_spec("gateway1", Role.GATEWAY, "east"))
    assert CHECK.passed_by(node).message == "the status document is found"
    silent = gateway(None, error="no answer within 5 s")
    assert said(silent) == [] and silent.severity is Severity.CRITICAL
    assert "does not answer" in CHECK.passed_by(silent).message


@pytest.mark.parametrize(("code", "is_said"), [(499, True), (500, False), (None, False)])
def test_one_that_fails_is_not_asked_for_a_document(code: int | None, is_said: bool) -> None:
    assert bool(said(gateway(code, "/health"))) is is_said
    node = node_state(node_spec("gateway1", Role.GATEWAY, "east"))
    named = replace(node, spec=replace(node.spec, status_paths=("/health",)))
    assert said(rate(named)) == [], "it has shown its document"


@pytest.mark.parametrize(
    ("code", "words"), [(502, "finds no wk-server"), (503, "refuses for now"), (504, "in time"), (500, ""), (200, "")]
)
def test_what_stands_before_the_server_says_what_is_wrong_behind_it(code: int, words: str) -> None:
    node = node_state(node_spec("aen-server", Role.SERVER, None))
    for name in ("server", "wk-server"):
        http = tuple(replace(one, status_code=code) if one.name == name else one for one in node.http)
        found = [one for one in rate(replace(node, http=http)).findings if one.check == "server-page"]
        assert [one.severity for one in found] == ([Severity.CRITICAL] if words and name == "server" else [])
        assert all(words in one.message and one.remedy for one in found)


@pytest.mark.parametrize(("kind", "severity"), [("license", Severity.CRITICAL), ("login", None), ("other", None)])
def test_a_server_that_wants_a_license_is_said_live(kind: str, severity: Severity | None) -> None:
    node = node_state(node_spec("aen-server", Role.SERVER, None))
    page = Page("server", "http://aen.example.com/", 200, kind)
    found = [one.severity for one in rate(replace(node, page=Reading(page, 1.0))).findings if one.check == "license"]
    assert found == ([severity] if severity else [])


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_every_check_has_words_for_a_node_that_is_well(check: Check) -> None:
    words = check.passed_by(node_state(node_spec("gateway1", Role.GATEWAY, "east"))).message
    assert words and words != "nothing found"
