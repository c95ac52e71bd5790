"""A configuration that is no JSON: whichever file it is, that is one failure, and what it hides follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks.preflight import judge
from aen_tui.model.facts import Finding
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import ConfigFile
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import explained_findings
from aen_tui.sources.requirements_settings import SCRIPTS, merge_order
from tests.support.node_facts import config
from tests.support.nodes import PREFIX
from tests.support.preflight_cases import Case
from tests.support.states import cluster_state
from tests.unit.checks.cases_install import SINGLE_BOX
from tests.unit.checks.test_preflight import OF, known_inventory, look_at

KEYS = {
    "server": {"ANON_USER": '"public"', "port": "5000", "accounts": '"wk_server.plugins.accounts.mongo"'},
    "gateway": {"server": '"http://aen.example.com"', "host": '"gateway1"', "port": "8089"},
    "compute": {"ANON_USER": '"public"', "port": "5002", "projectRoot": '"/projects"'},
    SCRIPTS: {"projectRoot": '"/projects"'},
}
FILES = [(role, role.value, path) for role in OF for path in merge_order(role, PREFIX)]
FILES.append((Role.COMPUTE, SCRIPTS, f"{PREFIX}/wakari-compute/etc/wakari/scripts/config.json"))


def judged(role: Role, broken: str) -> dict[NodeName, tuple[Finding, ...]]:
    """All that is said of a server, a gateway and a compute; all that one of them has is in the broken file."""

    def file(component: str, path: str) -> ConfigFile:
        own = [one for _, part, one in FILES if part == component]
        if path == broken:
            return config(component, path, state="syntax", line=3, problem="a comma before the closing bracket")
        return config(component, path, keys=KEYS[component] if path == own[-1] and broken not in own else {})

    looks = {}
    for one in OF:
        files = tuple(file(component, path) for which, component, path in FILES if which is one)
        looks[OF[one]] = look_at(Case("", one, Severity.OK, "", settings={"files": files} if one is role else {}))
    known = known_inventory()
    others = {name: look.facts for name, look in looks.items()}
    found = {name: judge(replace(look, others=others)) for name, look in looks.items()}
    return explained_findings(cluster_state(problems=False, of=known), found)


@pytest.mark.parametrize(("role", "component", "path"), FILES, ids=[path for *_, path in FILES])
def test_a_file_that_is_no_json_explains_whatever_it_hides(role: Role, component: str, path: str) -> None:
    found = [(name, one) for name, said in judged(role, path).items() for one in said]
    alone = [(name, one.check) for name, one in found if one.severity is not Severity.OK and one.explained_by is None]
    assert alone == [(OF[role], "config-syntax")], found
    follow = {one.check for _, one in found if one.explained_by is not None}
    assert ("project-root" if component == SCRIPTS else "config-merge") in follow


def test_the_gateway_s_port_on_a_single_box_is_hidden_too() -> None:
    path = merge_order(Role.GATEWAY, PREFIX)[-1]
    file = config("gateway", path, state="syntax", line=3, problem="a comma before the closing bracket")
    look = look_at(Case("", Role.SERVER, Severity.OK, "", spec=SINGLE_BOX, settings={"files": (file,)}))
    found = explained_findings(cluster_state(problems=False, of=known_inventory()), {OF[Role.SERVER]: judge(look)})
    (one,) = (one for one in found[OF[Role.SERVER]] if one.check == "separate-ports")
    assert one.severity is Severity.UNKNOWN and (one.explained_by or "").startswith("config-syntax")
