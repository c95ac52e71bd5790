"""What errands are told to look at is what requirements are judged by."""

from __future__ import annotations

import pytest

from aen_tui.checks.preflight.x_libraries import PACKAGES
from aen_tui.model.node import Role
from aen_tui.sources import (
    requirements_apps,
    requirements_boot,
    requirements_host,
    requirements_installed,
    requirements_reach,
    requirements_settings,
)
from tests.support.install_facts import START_PROJECT, boot_reading, install_facts
from tests.support.node_facts import host_facts, settings_facts
from tests.support.nodes import node_spec
from tests.support.states import inventory

SPECS = [node_spec(f"{role}1", role, "east") for role in (Role.SERVER, Role.GATEWAY, Role.COMPUTE)]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
class TestOfANode:
    def test_the_machine(self, spec) -> None:
        facts, asked = host_facts(spec), requirements_host.request(spec, inventory(), ("guest",))
        assert asked["libraries"].keys() == set(PACKAGES)
        assert asked["programs"].keys() >= facts.programs.keys()
        assert set(asked["accounts"]) == facts.accounts.keys() | {"guest"}
        assert {str(port) for port in asked["ports"]} == facts.ports.keys()
        wanted = {"/", "/opt/wakari"} | ({"/projects"} if Role.COMPUTE in spec.roles else set())
        assert set(asked["paths"]) == wanted

    def test_what_it_is_made_of(self, spec) -> None:
        facts, asked = install_facts(spec), requirements_installed.request(spec)
        assert set(asked["paths"]) == facts.paths.keys() - {START_PROJECT}
        assert asked["find"].keys() == facts.found.keys()
        assert {str(port) for port in asked["ports"]} == facts.listeners.keys()
        assert asked["cache"] == (facts.cache.path if facts.cache else None)
        places = [f"{folder}/start-project" for folder in asked["find"].get("start-project", ())]
        assert (START_PROJECT in places) is (Role.COMPUTE in spec.roles)

    def test_what_is_configured(self, spec) -> None:
        facts, asked = settings_facts(spec), requirements_settings.request(spec)
        paths = [path for _, path in asked["files"]]
        order = [paths.index(file.path) for file in facts.files]
        assert order == sorted(order), "the last wins"
        assert asked["condarc"] == (facts.condarc.path if facts.condarc else None)
        assert asked["own_condarc"] is (facts.condarc is not None)
        assert asked["client"] == (facts.client.path if facts.client else None)
        assert asked["nginx"] == (facts.nginx.path if facts.nginx else None)
        copied = {tuple(pair) for pair in asked["copies"]}
        assert copied >= {(copy.ours, copy.theirs) for copy in facts.copies}

    def test_what_begins_at_boot(self, spec) -> None:
        known = boot_reading(spec, 1.0).value or {}
        assert set(requirements_boot.request(spec)["services"]) >= known.keys()

    def test_the_account_s_number_is_the_machine_s(self, spec) -> None:
        for source in (requirements_apps, requirements_installed):
            assert source.request(spec, None)["service_uid"] is None
            assert source.request(spec, host_facts(spec))["service_uid"] == 498
            assert source.request(spec, host_facts(spec, accounts={}))["service_uid"] is None


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("aen.example.com", True),
        ("aen", True),
        ("10.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("-x", False),
        ("", False),
        ("a" * 254, False),
    ],
)
def test_names_that_are_looked_up(word: str, found: bool) -> None:
    assert requirements_reach.is_name(word) is found
