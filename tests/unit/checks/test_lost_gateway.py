"""A gateway that is lost, as it looks from several places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import LinkState
from aen_tui.model.node_facts import Knock, Way
from aen_tui.model.severity import Severity
from tests.unit.checks.test_causes import GATEWAY, lost, well

OPEN, SHUT = Knock("gateway1", 22), Knock("gateway1", 22, "refused")
HTTP, NO_HTTP = Knock("gateway1", 8089), Knock("gateway1", 8089, "no answer within 5 s")
DEAF = Way("this machine", SHUT)
BLIND = Way("aen-server", error="aen-server is not up")


@pytest.mark.parametrize(
    ("ways", "verdict"),
    [
        ((Way("this machine", OPEN), BLIND), "its sshd answers"),
        ((DEAF, Way("aen-server", OPEN, NO_HTTP)), "your route only"),
        ((DEAF, BLIND, Way("aen-other", OPEN)), "your route only"),
        ((DEAF, Way("aen-server", SHUT, HTTP)), "sshd only"),
        ((replace(DEAF, http=HTTP), BLIND), "sshd only"),
        ((DEAF, Way("aen-server", SHUT, NO_HTTP)), "host gone:"),
        ((DEAF, BLIND, Way("aen-other", SHUT, NO_HTTP)), "host gone:"),
        ((DEAF, BLIND), "host gone, as far as this machine sees"),
        ((DEAF,), "host gone, as far as this machine sees"),
    ],
)
def test_where_it_is_lost_from_says_what_is_wrong(ways: tuple[Way, ...], verdict: str) -> None:
    (finding,) = [one for one in rate(replace(lost(GATEWAY), ways=ways)).findings if one.check == "gateway-lost"]
    assert finding.severity is Severity.CRITICAL and finding.remedy
    assert finding.message.startswith(verdict)
    assert (f"{BLIND.place} did not try: {BLIND.error}" in finding.message) is (BLIND in ways)
    assert ("from aen-server port 22 refused, port 8089 answers" in finding.message) is (
        Way("aen-server", SHUT, HTTP) in ways
    )


@pytest.mark.parametrize("state", list(LinkState), ids=str)
def test_of_one_that_is_up_or_not_tried_yet_nothing_is_said(state: LinkState) -> None:
    node = well(GATEWAY)
    node = replace(node, ways=(DEAF,), connection=replace(node.connection, state=state))
    is_said = any(one.check == "gateway-lost" for one in rate(node).findings)
    assert is_said is (state not in (LinkState.UP, LinkState.CONNECTING))
    assert not any(one.check == "gateway-lost" for one in rate(replace(node, ways=())).findings)
