"""A finding cites the seed that says it, by the version that was discovered, and none where no seed does."""

from __future__ import annotations

import pytest

from aen_tui.checks.preflight import judge
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity
from tests.support.preflight_cases import Case
from tests.unit.checks.test_preflight import look_at

OK = Severity.OK


@pytest.mark.parametrize(
    ("check", "role", "version", "seeds"),
    [
        ("disk-size", Role.SERVER, "4.1.2", {"004"}),  # 20 GB on the server
        ("disk-size", Role.GATEWAY, "4.1.2", {"000"}),
        ("disk-size", Role.GATEWAY, "4.0.0", {"004"}),
        ("disk-size", Role.COMPUTE, "4.1.2", {"000"}),
        ("nginx-version", Role.SERVER, "4.1.2", {"000"}),
        ("nginx-version", Role.SERVER, "4.0.0", {"004"}),
        ("java-version", Role.SERVER, "4.1.2", {"000"}),
        ("java-version", Role.SERVER, "4.0.0", {"004"}),
        ("mongodb-version", Role.SERVER, "4.0.0", {"004"}),
        ("os-release", Role.GATEWAY, "4.1.2", {"000"}),
        ("os-release", Role.GATEWAY, "4.0.0", {"004"}),
        ("config-syntax", Role.COMPUTE, "4.1.2", {None}),
    ],
)
def test_the_seed_that_is_cited_is_the_one_that_says_it(
    check: str, role: Role, version: str, seeds: set[str | None]
) -> None:
    found = judge(look_at(Case("", role, OK, "", {"packages": {"wakari-version": version}})))
    assert {one.seed for one in found if one.check == check} == seeds


@pytest.mark.parametrize(
    ("version", "release", "severity", "says"),
    [
        ("4.0.0", "6.7", OK, "(Final)"),
        ("4.0.0", "7.1", OK, "the documentation of 4.0 assumes 6.7"),
        ("4.0.0", "7.9", Severity.WARNING, "AEN 4.0 is documented for 6.7"),
        ("4.1.2", "7.1", OK, "(Final)"),
        ("4.1.2", "7.9", Severity.WARNING, "AEN 4.1.2 is documented for 6.5 to 7.2"),
    ],
)
def test_the_release_that_is_assumed_follows_the_version(
    version: str, release: str, severity: Severity, says: str
) -> None:
    host = {"packages": {"wakari-version": version}, "release": f"CentOS release {release} (Final)"}
    (found,) = (one for one in judge(look_at(Case("", Role.GATEWAY, OK, "", host))) if one.check == "os-release")
    assert found.severity is severity and says in found.message
