"""Every requirement, met and not met, on facts as nodes send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from aen_tui.checks.preflight import Look, concerns, documented, judge, requirements
from aen_tui.checks.preflight._versions import is_after_412, is_before_41, seed_of
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import HttpTarget, NodeName, NodeSpec, Role
from aen_tui.model.node_facts import (
    ConfigFile,
    Copies,
    NodeFacts,
    ProgramFacts,
    ResolvedName,
    RunningProcess,
    SettingsFacts,
)
from aen_tui.model.reading import Reading
from aen_tui.model.settings_merge import ldap_urls
from aen_tui.model.severity import Severity
from aen_tui.sources import requirements_reach
from tests.support.install_facts import boot_reading, install_facts
from tests.support.node_facts import (
    app_facts,
    config,
    folders_reading,
    host_facts,
    path_facts,
    reach_facts,
    settings_facts,
)
from tests.support.nodes import NOW_WALL, node_state, service
from tests.support.preflight_cases import Case, certificate, compute_config, own_condarc, programs, site
from tests.support.states import inventory
from tests.unit.checks import cases_host, cases_install, cases_limits, cases_names, cases_projects, cases_settings

SERVER, GATEWAY, COMPUTE = NodeName("aen-server"), NodeName("gateway1"), NodeName("compute1-1")
OF = {Role.SERVER: SERVER, Role.GATEWAY: GATEWAY, Role.COMPUTE: COMPUTE}
OK = Severity.OK
SHELVES = (cases_host, cases_settings, cases_names, cases_projects, cases_install, cases_limits)
CASES = [case for shelf in SHELVES for case in shelf.CASES]


def known_inventory(**changes: Any) -> Inventory:
    """Two data centers; browsers use aen.example.com."""
    made = inventory()
    target = HttpTarget("server", "http://aen.example.com", ("/",), SERVER, SERVER, wants_document=True)
    nodes = {**made.nodes, SERVER: replace(made.nodes[SERVER], http=(target,))}
    return replace(made, nodes=nodes, store=SERVER, **changes)


def look_at(case: Case) -> Look:
    known = known_inventory(**case.inventory)
    spec = replace(known.nodes[OF[case.role]], **case.spec)
    state: NodeState = node_state(spec, 1)
    state = state if case.services is None else replace(state, services=case.services)
    skew: dict[str, Any] = {"skew_seconds": 0.01, "notes": ()}
    state = replace(state, spec=spec, connection=replace(state.connection, **(skew | dict(case.connection))))
    facts = facts_of(spec, case.host, case.settings, case.reach, case.apps, case.folders, case.install, case.boot)
    others = {name: facts_of(one) for name, one in known.nodes.items() if name != spec.name}
    usual = host_facts(spec).packages  # as most of its neighbours
    return Look(state, facts, known, NOW_WALL, others | {spec.name: facts}, usual)


def facts_of(
    spec: NodeSpec,
    host: Mapping[str, Any] = {},
    settings: Mapping[str, Any] = {},
    reach: Mapping[str, Any] = {},
    apps: Mapping[str, Any] = {},
    folders: Mapping[str, Any] = {},
    install: Mapping[str, Any] = {},
    boot: Mapping[str, bool | None] = {},
) -> NodeFacts:
    accounts = host.get("accounts", {})
    whole = host_facts(spec)
    merged = {
        **host,
        **({"accounts": {**whole.accounts, **accounts}} if accounts else {}),
        **({"programs": {**whole.programs, **host["programs"]}} if "programs" in host else {}),
        **({"paths": {**whole.paths, **host["paths"]}} if "paths" in host else {}),
    }
    return NodeFacts(
        Reading(host_facts(spec, **merged), 1.0),
        Reading(settings_facts(spec, **settings), 1.0),
        Reading(app_facts(spec, **apps), 1.0),
        Reading(reach_facts(spec, **reach), 1.0),
        folders_reading(spec, 1.0, **folders),
        Reading(install_facts(spec, **install), 1.0),
        boot_reading(spec, 1.0, **boot),
    )


def failing(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {one.check: one for one in findings if one.severity is not Severity.OK}


INFORMS_ONLY = {"config-merge"}


@pytest.mark.parametrize("role", list(OF), ids=str)
def test_a_healthy_node_meets_every_requirement_and_says_so(role: Role) -> None:
    findings = judge(look_at(Case("", role, OK, "")))
    assert failing(findings) == {}
    spec = known_inventory().nodes[OF[role]]
    concerned = {one.id for one in requirements() if concerns(one, spec)}
    # no names were looked up in these facts, and no node is a single box
    silent = {"name-resolution", "separate-ports"}
    assert {one.check for one in findings} == concerned - silent


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}: {case.says}")
def test_what_is_wrong_is_found_with_remedy_and_seed_and_nothing_else(case: Case) -> None:
    found = failing(judge(look_at(case)))
    worst = found.pop(case.check)
    assert worst.severity is case.severity
    said = [one.message for one in judge(look_at(case)) if one.check == case.check]
    assert any(case.says in message for message in said), said
    assert worst.remedy or worst.severity is Severity.UNKNOWN
    named = next(one.seed for one in requirements() if one.id == case.check)
    assert worst.seed == (named if case.is_said_by_a_seed else None)
    explained = set().union(
        *(one.EXPLAINED.get((case.check, case.says), set()) for one in (cases_settings, cases_install, cases_names))
    )
    assert set(found) <= explained, found


def test_every_requirement_has_a_case_that_fails() -> None:
    tried = {case.check for case in CASES} | INFORMS_ONLY
    assert {one.id for one in requirements()} == tried


FOREIGN = (RunningProcess("supervisord", 8, 1, "root"), RunningProcess("supervisord", 9, 1, "wakari", "wakari-server"))
PLAIN_SAME = replace(cases_settings.PLAIN_ABSENT, same=True, problem=None)
TLS_SAME = replace(cases_settings.TLS_ABSENT, same=True, problem=None)
LDAPS = certificate(90, place="ldap.example.com:636", fingerprint="cc", is_served=True)
OTHER_NAME = (
    ResolvedName("aen.example.com", ("10.0.0.1",), ("host7.example.com",)),
    ResolvedName("host7", ("10.0.0.1",), ("host7.example.com",)),
)
AS_ROOT = service("wakari-server-root", None)
FINE = {
    "a site for TLS alone": Case(
        "nginx-site", Role.SERVER, OK, "https.conf is", settings=site(cases_settings.PLAIN_ABSENT, TLS_SAME)
    ),
    "a site without TLS alone": Case(
        "nginx-site", Role.SERVER, OK, "", settings=site(PLAIN_SAME, cases_settings.TLS_ABSENT)
    ),
    "a site that AEN's folder has not": Case(
        "nginx-site",
        Role.SERVER,
        OK,
        "none of that name",
        settings=site(Copies("/a", "/b", None, "/a: absent")),
    ),
    "a site that nginx reads where AEN has it": Case(
        "nginx-site",
        Role.SERVER,
        OK,
        "nginx reads /b itself",
        settings=site(Copies("/b", "/etc/nginx/conf.d/x", None, "/etc/nginx/conf.d/x: absent")),
    ),
    "a copy that differs, where nginx reads the other": Case(
        "nginx-site", Role.SERVER, OK, "nginx reads /b itself", settings=site(Copies("/b", "/c", same=False))
    ),
    "an account's own channels, and the node's alias": Case(
        "condarc-alias",
        Role.COMPUTE,
        OK,
        "channel_alias is http://repo.example.com:8080/conda",
        settings=own_condarc(channels=("http://repo.example.com:8080/conda/x",)),
    ),
    "a single box behind one name with TLS": Case(
        "separate-ports",
        Role.SERVER,
        OK,
        "the Gateway 8089",
        spec=cases_install.BEHIND_TLS,
        settings=cases_install.box("8089"),
    ),
    "other software's supervisord": Case("process-users", Role.SERVER, OK, "", apps={"processes": FOREIGN}),
    "a directory server's certificate": Case(
        "certificate-dates",
        Role.SERVER,
        OK,
        "ldap.example.com:636: 90 days",
        settings={"certificates": (certificate(90),)},
        reach={"served": (LDAPS,)},
        spec={"http": (cases_settings.HTTPS,)},
    ),
    "wk-server for PAM": Case(
        "process-users",
        Role.SERVER,
        OK,
        "rightly not in supervisor",
        {"suspended": (cases_host.SUSPENDED,)},
        services=(AS_ROOT,),
    ),
    "a second name of the same host": Case(
        "name-resolution",
        Role.SERVER,
        OK,
        "aen.example.com is 10.0.0.1, which leads back to host7.example.com",
        reach={"names": OTHER_NAME},
    ),
}


FINE |= cases_names.FINE | cases_limits.FINE | cases_install.FINE | cases_settings.FINE


@pytest.mark.parametrize("case", FINE.values(), ids=FINE)
def test_what_only_looks_wrong_is_said_to_be_fine(case: Case) -> None:
    said = [one for one in judge(look_at(case)) if one.check == case.check]
    assert {one.severity for one in said} == {OK}, said
    assert any(case.says in one.message for one in said), said


def test_what_is_suspended_beside_wk_server_explains_nothing() -> None:
    other = cases_host.SUSPENDED.replace("wk-server", "worker")
    case = Case("process-users", Role.SERVER, OK, "", {"suspended": (other,)}, services=(AS_ROOT,))
    assert not [one for one in judge(look_at(case)) if "SUSPEND" in one.message]


def test_nothing_is_known_and_nothing_is_claimed() -> None:
    """Facts that could not be had are unknown, never ok and never a failure."""
    for role, name in OF.items():
        look = replace(look_at(Case("", role, OK, "")), facts=NodeFacts(), others={})
        known = replace(look.node, spec=look.inventory.nodes[name])
        look = replace(look, node=replace(known, connection=replace(known.connection, skew_seconds=None)))
        found = judge(look)
        assert {one.check for one in found if one.severity is not Severity.UNKNOWN} == set()


@pytest.mark.parametrize("part", [one.name for one in fields(NodeFacts)])
@pytest.mark.parametrize("role", list(OF), ids=str)
def test_one_part_is_not_known_and_the_rest_is_judged(role: Role, part: str) -> None:
    look = look_at(Case("", role, OK, ""))
    found = judge(replace(look, facts=replace(look.facts, **{part: Reading()})))
    assert {one.severity for one in found} <= {OK, Severity.UNKNOWN}, failing(found)
    mute = {"differs"} if part == "host" else {"config-merge"} if part == "settings" else set()
    assert {one.check for one in found} >= {one.check for one in judge(look)} - mute


@pytest.mark.parametrize(
    ("version", "is_40", "is_later"),
    [
        ("4.0.9", True, False),
        ("4.1", False, False),
        ("4.1.0", False, False),
        ("4.1.2", False, False),
        ("4.1.2.9", False, False),
        ("4.1.3", False, True),
        ("4.2", False, True),
        ("5.0", False, True),
        ("unknown", False, False),
    ],
)
def test_whose_figures_count(version: str, is_40: bool, is_later: bool) -> None:
    assert (is_before_41(version), is_after_412(version)) == (is_40, is_later)
    assert seed_of(version) == ("004" if is_40 else "000")


def test_figures_follow_the_version_that_was_discovered() -> None:
    old = {"packages": {"wakari-version": "4.0.0"}, **programs(nginx=ProgramFacts("/x", "nginx version: nginx/1.4.0"))}
    assert failing(judge(look_at(Case("", Role.SERVER, OK, "", old)))) == {}
    for case in cases_limits.OF_40:
        of_40 = replace(case, host={**case.host, "packages": {"wakari-version": "4.0.99"}})
        (said,) = [one for one in judge(look_at(of_40)) if one.check == case.check and case.says in one.message]
        assert (said.severity, said.seed) == (case.severity, "004"), case.says
    new = {"packages": {"wakari-version": "4.3.1"}}
    found = failing(judge(look_at(Case("", Role.COMPUTE, OK, "", new))))
    assert "wk-compute-launcher-config.json" in found["anon-user-file"].message


@pytest.mark.parametrize(
    ("case", "planned"),
    [
        (Case("ports-listening", Role.GATEWAY, OK, "", {"ports": {"8089": False}}), "wk-gateway"),
        (Case("ports-listening", Role.GATEWAY, OK, "", {"ports": {"8089": False}}), "wakari-gateway"),
        (
            Case("indexer", Role.COMPUTE, OK, "", services=(service("wakari-indexer", "wakari-compute", "STOPPED"),)),
            "wakari-indexer",
        ),
        (
            Case(
                "process-users",
                Role.SERVER,
                OK,
                "",
                {"suspended": (cases_host.SUSPENDED,)},
                services=(replace(AS_ROOT, state="STOPPED"),),
            ),
            "wakari-server-root",
        ),
    ],
)
def test_what_rests_under_maintenance_is_no_fault(case: Case, planned: str) -> None:
    look = look_at(case)
    assert case.check in failing(judge(look))
    resting = replace(look.node, planned=Planned(9e9, "new disk", frozenset({planned})))
    found = judge(replace(look, node=resting))
    assert case.check not in failing(found)
    assert any("under maintenance" in one.message for one in found if one.check == case.check)


def test_a_disabled_anon_user_needs_no_account() -> None:
    settings = compute_config(keys={"ANON_USER": '"disabled"'})
    found = failing(judge(look_at(Case("", Role.COMPUTE, OK, "", {"accounts": {"public": None}}, settings))))
    assert "anon-user" not in found


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((config("server", "/x/config.json", keys={"port": "5000"}),), "not set"),
        ((config("server", "/x/config.json", keys={"ANON_USER": '"guest"'}),), "guest"),
        ((config("server", "/x/config.json", keys={"ANON_USER": '"public"'}),), None),
        ((config("server", "/x/config.json", state="absent", owner=None),), None),
        ((config("server", "/x/config.json", state="broken", problem="a comma"),), None),
    ],
    ids=["not set", "another", "the same", "no file", "not known"],
)
def test_the_server_has_the_same_anon_user(files: tuple[ConfigFile, ...], said: str | None) -> None:
    look = look_at(Case("", Role.COMPUTE, OK, ""))
    server = replace(look.others[SERVER], settings=Reading(SettingsFacts(files=files), 1.0))
    found = [one.message for one in judge(replace(look, others={**look.others, SERVER: server}))]
    differs = [message for message in found if message.startswith("ANON_USER is ") and "here" in message]
    assert differs == ([f"ANON_USER is {said} on {SERVER} and public here"] if said else [])


def test_the_winner_of_every_key_is_told() -> None:
    said = [one.message for one in judge(look_at(Case("", Role.COMPUTE, OK, ""))) if one.check == "config-merge"]
    assert said[0] == "compute: config.json < wk-compute-launcher-config.json"
    assert said[1].startswith("port: ")
    assert "5002" not in said[1]
    assert "wk-compute-launcher-config.json wins over" in said[1]


def test_what_is_documented_can_be_read_from_the_shelf() -> None:
    title, text = documented("selinux-mode")
    assert title == "SELinux"
    assert text.startswith("SELinux permissive or disabled")
    assert documented("disk-free")[1].startswith("Space of the filesystems")
    assert documented("no-such-check") == ("", "")


def test_the_directory_server_s_certificate_is_looked_at_too() -> None:
    known = known_inventory()
    spec = known.nodes[SERVER]
    files = (config("server", "/x/wk-server-config.json", keys={"LDAP": '{"URI": "ldaps://ldap.example.com"}'}),)
    urls = ldap_urls(settings_facts(spec, files=files))
    assert requirements_reach.request(spec, known, (), urls)["tls"] == [["ldap.example.com", "ldap.example.com", 636]]
    plain = (config("server", "/x/wk-server-config.json", keys={"LDAP": '{"URI": "ldap://ldap.example.com"}'}),)
    assert requirements_reach.request(spec, known, (), ldap_urls(settings_facts(spec, files=plain)))["tls"] == []


@pytest.mark.parametrize("place", [{"acl": None, "options": "rw"}, {"error": "hung"}], ids=["not said", "hung"])
def test_acls_that_nobody_knows_of_can_be_tried(place: dict[str, Any]) -> None:
    unsure = Case(
        "acl-support", Role.COMPUTE, Severity.UNKNOWN, "", {"paths": {"/projects": path_facts("/projects", **place)}}
    )
    remedy = failing(judge(look_at(unsure)))["acl-support"].remedy or ""
    assert remedy.startswith(f"`:try-acl {OF[Role.COMPUTE]}` tries it")


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ({"acl": "no", "filesystem": "ext4"}, "remount,acl /"),
        ({"acl": "no", "filesystem": "ramfs"}, "ramfs keeps none: have /projects on ext4 or xfs"),
        ({"acl": "no", "filesystem": "xfs", "options": "rw,noacl"}, "remount,acl /"),
    ],
)
def test_a_filesystem_without_an_option_for_acls_is_not_to_be_mounted_with_it(
    place: dict[str, Any], remedy: str
) -> None:
    bare = Case(
        "acl-support", Role.COMPUTE, Severity.CRITICAL, "", {"paths": {"/projects": path_facts("/projects", **place)}}
    )
    assert remedy in (failing(judge(look_at(bare)))["acl-support"].remedy or "")
