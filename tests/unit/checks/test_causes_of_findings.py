"""What follows from a server that hangs or wants a license, from a wrong name, and from an app of the wrong account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from aen_tui.checks import checks
from aen_tui.checks.preflight import requirements
from aen_tui.checks.roots import condarc, config_broken, disk_full, mongod_cannot_start, mongod_down, node_lost
from aen_tui.checks.roots.program_down import DOWN
from aen_tui.model.causes import Part
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import explained_findings
from tests.support.nodes import service
from tests.unit.checks.test_causes import GATEWAY, SERVER, answering, explained, lost, program, state_of, well

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


CHECKUP = {"connection", "facts-current"}
"""What preflight itself says."""
FULL = "/: 96 % of the space is used"
BROKEN = "x.json: line 3"


def test_what_rules_speak_of_is_what_checks_say() -> None:
    known = {one.id for one in checks()} | {one.id for one in requirements()} | CHECKUP
    names: Iterable[str] = (
        *disk_full._FOLLOWS,
        *config_broken._ROOTS,
        *config_broken._HIDDEN,
        *mongod_cannot_start._WHY,
        *mongod_down._STUCK,
        *node_lost._OF_THE_WAY,
        *node_lost._STORES,
        condarc.CAUSE.id,
    )
    assert set(names) - known == set()


@pytest.mark.parametrize("check", disk_full._FOLLOWS)
def test_what_a_full_disk_ends_follows_from_it(check: str) -> None:
    end = (check, W, "something ended")
    said = {end[2]: f"disk-free on {COMPUTE}: {FULL}"}
    assert followers(well(COMPUTE), ("disk-free", C, FULL), end) == said
    assert followers(well(COMPUTE), ("disk-free", W, FULL), end) == {}, "it is not full yet"
    assert followers(well(COMPUTE), ("disk-inodes", C, FULL), end) == {}
    for others in ("/projects2", "/projects and /opt/wakari", "/opt/wakari and /projects"):
        assert followers(well(COMPUTE), ("disk-free", C, f"{others}{FULL[1:]}"), end).keys() == said.keys(), others
    assert followers(well(COMPUTE), ("disk-free", C, f"/projects{FULL[1:]}"), end) == {}
    shared = ("disk-free", C, f"/projects and /opt/wakari{FULL[1:]}")
    assert followers(well(COMPUTE), shared, end).keys() == said.keys()


def test_that_a_full_disk_fills_is_told_once() -> None:
    found = tuple(
        Finding(check, C, f"{mount} {check}", subject=mount)
        for check, mount in (("disk-free", "/"), ("disk-filling", "/"), ("disk-filling", "/var"))
    )
    marked = explained_findings(state_of(), {COMPUTE: found})[COMPUTE]
    by = {one.message: one.explained_by for one in marked}
    assert by == {
        "/ disk-free": None,
        "/ disk-filling": f"disk-free on {COMPUTE}: / disk-free",
        "/var disk-filling": None,
    }


@pytest.mark.parametrize("check", config_broken._HIDDEN)
@pytest.mark.parametrize("root", config_broken._ROOTS)
def test_what_a_broken_configuration_hides_follows_from_it(root: str, check: str) -> None:
    hidden = (check, U, "not known")
    said = {hidden[2]: f"{root} on {COMPUTE}: {BROKEN}"}
    assert followers(well(COMPUTE), (root, C, BROKEN), hidden) == said
    as_bad = followers(well(COMPUTE), (root, C, BROKEN), (check, C, "not known"))
    assert as_bad == (said if check == "config-merge" else {}), "what was seen is not hidden"


@pytest.mark.parametrize("state", config_broken._GIVES_UP)
@pytest.mark.parametrize("root", [("config-syntax", BROKEN), ("disk-free", FULL), ("mongod-answers", "refused")])
def test_a_program_that_gave_up_follows_from_what_it_cannot_do_without(root: tuple[str, str], state: str) -> None:
    check, words = root
    gave_up, stopped = service("wk-server", "wakari-server", state), service("worker", "wakari-server", "STOPPED")
    node = replace(well(SERVER), services=(gave_up, stopped))
    told = tuple(Finding("program-state", C, f"{one.name} is {one.state}") for one in (gave_up, stopped))
    said = followers(node, (check, C, words), *((one.check, one.severity, one.message) for one in told))
    assert said == {told[0].message: f"{check} on {SERVER}: {words}"}


def test_other_software_s_programs_do_not_follow() -> None:
    own: ServiceState = service("nginx", None, "FATAL")
    node = replace(well(SERVER), services=(own,))
    for check in ("config-syntax", "mongod-answers"):
        assert followers(node, (check, C, BROKEN), ("program-state", C, "nginx is FATAL")) == {}


@pytest.mark.parametrize("why", mongod_cannot_start._WHY)
def test_why_mongod_does_not_come_back(why: str) -> None:
    found = followers(well(SERVER), ("mongod-answers", C, "refused"), (why, C, "no room"))
    assert found == {"refused": f"{why} on {SERVER}: no room"}


@pytest.mark.parametrize("stuck", mongod_down._STUCK)
def test_a_mongod_that_nobody_gets_on_with_explains_the_page(stuck: str) -> None:
    page = ("server-page", C, "http://aen/status answers 502: x")
    node = server((500, None), (502, None))
    assert followers(node, (stuck, C, "locked"), page) == {page[2]: f"{stuck} on {SERVER}: locked"}


@pytest.mark.parametrize("state", DOWN)
def test_a_program_in_any_state_but_running_explains_its_url(state: str) -> None:
    node = program(answering(well(COMPUTE), "compute", None, "connection refused"), "wk-compute", state)
    assert explained(state_of(one=node))[COMPUTE, Part.HTTP, "compute"].check == "program-state"


def test_a_daemon_of_supervisor_that_is_down_explains_what_is_not_seen_of_its_programs() -> None:
    unseen = replace(service("wk-compute", "wakari-compute", "unknown"), error="no socket")
    node = replace(well(COMPUTE), services=(service("wakari-compute", None, "STOPPED"), unseen))
    found = explained(state_of(one=node))
    assert found[COMPUTE, Part.SERVICE, "wk-compute"].message.startswith("wakari-compute is STOPPED")
    assert found[COMPUTE, Part.FINDING, "supervisor-readable"].message.startswith("wakari-compute is STOPPED")
    other = replace(node, services=(service("nginx", None, "STOPPED"), unseen))
    assert (COMPUTE, Part.SERVICE, "wk-compute") not in explained(state_of(one=other))


def test_of_a_lost_node_nothing_is_known_and_its_stores_do_not_answer() -> None:
    found = (
        ("connection", C, "stale"),
        ("facts-current", U, "old"),
        ("mongod-answers", C, "gone"),
        ("elasticsearch-answers", C, "gone, too"),
        ("shell", U, "not looked at"),
        ("selinux-mode", C, "it is enforcing"),
    )
    told = followers(lost(SERVER), *found)
    assert told.keys() == {"old", "gone", "gone, too", "not looked at"}
    assert set(told.values()) == {f"connection on {SERVER}: stale: no word for 8 s"}
