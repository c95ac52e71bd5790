"""What follows from a server that hangs or wants a license, from a wrong name, and from an app of the wrong account."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import explained_findings
from tests.unit.checks.test_causes import GATEWAY, SERVER, answering, state_of, well

C, W, U = Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN
COMPUTE = NodeName("compute1-1")
SILENT = "no answer within 5 s"


def followers(node: NodeState, *found: tuple[str, Severity, str]) -> dict[str, str]:
    """Message -> the cause, of the findings that are explained."""
    findings = tuple(Finding(check, severity, message) for check, severity, message in found)
    state = state_of(node=node)
    marked = explained_findings(state, {node.name: findings})[node.name]
    return {one.message: one.explained_by for one in marked if one.explained_by is not None}


def server(wk_server: tuple[int | None, str | None], front: tuple[int | None, str | None]) -> NodeState:
    return answering(answering(well(SERVER), "wk-server", *wk_server), "server", *front)


HANGS = (
    ("http", C, f"server does not answer: {SILENT}"),
    ("http", C, f"wk-server does not answer: {SILENT}"),
    ("license", U, f"http://aen/ shows no page: {SILENT}"),
)


def test_a_wk_server_that_hangs_explains_the_url_before_it() -> None:
    cause = f"http on {SERVER}: wk-server does not answer: {SILENT}"
    found = followers(server((None, SILENT), (None, SILENT)), *HANGS)
    assert found == dict.fromkeys((HANGS[0][2], HANGS[2][2]), cause)
    late = ("server-page", C, "http://aen/status answers 504: wk-server does not answer in time")
    assert followers(server((None, SILENT), (504, None)), late) == {late[2]: cause}


@pytest.mark.parametrize(
    ("wk_server", "front", "found"),
    [
        ((None, "connection refused"), (None, SILENT), HANGS[0]),
        ((200, None), (None, SILENT), HANGS[0]),
        ((None, SILENT), (None, "connection refused"), ("http", C, "server does not answer: connection refused")),
        ((None, SILENT), (None, SILENT), ("license", C, "http://aen/ shows the page that wants a license")),
        ((None, SILENT), (503, None), ("server-page", C, "http://aen/status answers 503: the server refuses")),
    ],
    ids=["refused", "it answers", "nginx is down", "the license page was seen", "it refuses"],
)
def test_what_does_not_follow_from_one_that_hangs(
    wk_server: tuple[int | None, str | None], front: tuple[int | None, str | None], found: tuple[str, Severity, str]
) -> None:
    said = followers(server(wk_server, front), found)
    assert not any("wk-server does not answer" in cause for cause in said.values())


def test_a_server_that_wants_a_license_explains_its_503() -> None:
    page = ("license", C, "http://aen/ shows the page that wants a license")
    refuses = ("server-page", C, "http://aen/status answers 503: the server refuses for now")
    dead = ("server-page", C, "http://aen/status answers 502: nginx finds no wk-server behind it")
    node = server((200, None), (503, None))
    assert followers(node, page, refuses, dead) == {refuses[2]: f"license on {SERVER}: {page[2]}"}
    assert followers(node, ("license", U, "the server's page was not seen: x"), refuses) == {}


def test_a_name_that_a_gateway_was_wrongly_registered_with_resolves_nowhere() -> None:
    wrong = ("install-name", C, "it was registered as wrong.example.com, but is called gateway1")
    unknown = ("name-resolution", C, "wrong.example.com does not resolve: Name or service not known")
    other = ("name-resolution", C, "wrong.example.com.au does not resolve: Name or service not known")
    found = followers(well(GATEWAY), wrong, unknown, other)
    assert found == {unknown[2]: f"install-name on {GATEWAY}: {wrong[2]}"}


def test_a_project_that_the_service_account_runs_has_its_departures_from_there() -> None:
    app = ("service-account-apps", W, "wakari runs 2 processes in /projects/alice/churn (pid 8637 8638)")
    mode = ("project-folder", W, "1 projects are not rwx for the owner's group: alice/churn")
    others = (
        ("project-folder", W, "1 projects can be listed or written by everybody: bob/churn"),
        ("project-folder", W, "2 projects are not rwx for their owner: bob/churn, alice/churn"),
        ("project-folder", W, "1 projects are not rwx for their owner: malice/churn"),
    )
    assert followers(well(COMPUTE), app, mode, *others) == {mode[2]: f"service-account-apps on {COMPUTE}: {app[2]}"}
    assert followers(well(COMPUTE), mode, *others) == {}
