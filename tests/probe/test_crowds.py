"""Nodes with more than usual: accounts from a directory, long names, 10,000 processes, 5,000 projects."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node import Role
from aen_tui.model.node_facts import AppFacts, HostFacts
from aen_tui.model.usage import WalkTotal
from aen_tui.sources import projects, requirements_apps
from tests.probe.fake_proc import PASSWD, machine, process
from tests.probe.test_preflight_errands import errand
from tests.probe.test_project_errands import folders, walk
from tests.support.node_facts import account, host_facts
from tests.support.nodes import node_spec

COMPUTE = node_spec("compute1-1", Role.COMPUTE)
SUPERVISORD = "/opt/wakari/wakari-compute/bin/supervisord"
LDAP_UID = 70123


def apps(python: str, root: Path, host: HostFacts | None) -> AppFacts:
    order = requirements_apps.request(COMPUTE, host)
    return requirements_apps.decode(errand(python, requirements_apps.ERRAND, order, root=str(root)))


@pytest.fixture
def directory_node(tmp_path: Path) -> Path:
    """A compute whose service account stands in no file of its own, and which has other software's supervisord."""
    root = machine(tmp_path / "node")
    process(root, 900, "supervisord", LDAP_UID, [SUPERVISORD, "-c", "/opt/wakari/wakari-compute/etc/supervisord.conf"])
    process(root, 901, "python", LDAP_UID, ["/opt/wakari/anaconda/bin/python", f"--dir={root}/projects/alice/churn/x"])
    process(root, 902, "supervisord", 0, ["/usr/bin/supervisord", "-c", "/etc/supervisord.conf"])
    return root


def test_a_service_account_of_a_directory_is_told_by_the_machine_s_uid(every_python: str, directory_node: Path) -> None:
    host = host_facts(COMPUTE, accounts={"wakari": account(LDAP_UID, "/home/wakari")})
    found = apps(every_python, directory_node, host)
    assert [(one.supervisor, one.user) for one in found.processes] == [("wakari-compute", "wakari"), (None, "root")]
    assert [(one.pid, one.project) for one in found.projects] == [(901, "alice/churn")]
    assert found.account_uid == LDAP_UID


@pytest.mark.parametrize("accounts", [None, {"wakari": None}], ids=["nothing known", "no such account"])
def test_where_its_uid_is_not_known_that_is_said(python: str, directory_node: Path, accounts: Any) -> None:
    host = None if accounts is None else host_facts(COMPUTE, accounts=accounts)
    found = apps(python, directory_node, host)
    assert (found.account_uid, found.projects) == (None, ())
    assert found.processes[0].user == str(LDAP_UID)


LONG = "a-user-whose-name-has-forty-characters-x"
CROWD, USER, SERVICE = 10_000, 70001, 498
IN_PROJECTS = 1000
NOTEBOOKS = 400
"""Of these: of the service account, which has no business there."""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compute with 10,000 processes, some in 500 projects of an account with a long name."""
    passwd = f"{PASSWD}{LONG}:x:{USER}:1::/:/bin/sh\nwakari:x:{SERVICE}:1::/:/bin/sh\n"
    root = machine(tmp_path_factory.mktemp("crowd") / "node", passwd)
    for number in range(CROWD - 2):
        uid = SERVICE if number < NOTEBOOKS else USER
        argv = ["/opt/wakari/anaconda/bin/python", "-m", "notebook"]
        argv += [f"--dir=/projects/{LONG}/p{number % 500}/x"] if number < IN_PROJECTS else []
        process(root, 2 + number, "python", uid, argv)
    process(root, CROWD, "supervisord", USER, [SUPERVISORD])
    return root


def test_ten_thousand_processes_are_all_counted_and_few_told(python: str, crowded: Path) -> None:
    assert len(LONG) == 40
    order = projects.request(COMPUTE, window=0.1)
    loads = projects.Loads()
    for row in errand(python, projects.ERRAND, order, root=str(crowded)).splitlines():
        loads.take(row)
    found = loads.look
    assert found is not None
    assert (found.processes, found.in_projects, found.projects) == (CROWD, IN_PROJECTS, 500)
    told = projects.MOST_ROWS + 100  # beyond the heaviest, where the service account runs something
    assert len(found.loads) == told
    assert all(any(group.user == "wakari" for group in load.groups) for load in found.loads[projects.MOST_ROWS :])
    names = {group.user for load in found.loads for group in load.groups}
    assert names <= {LONG, "wakari"} and LONG in names
    assert {load.project.partition("/")[0] for load in found.loads} == {LONG}


def test_who_runs_what_is_found_among_ten_thousand(python: str, crowded: Path) -> None:
    found = apps(python, crowded, host_facts(COMPUTE))
    assert [(one.pid, one.user) for one in found.processes] == [(CROWD, LONG)]
    assert len(found.projects) == 200, "so many are told"
    assert found.projects[0].project == f"{LONG}/p0"


@pytest.fixture(scope="module")
def many_folders() -> Iterator[Path]:
    """5,000 projects of 50 owners, that everybody may pass; every tenth is open to all."""
    with tempfile.TemporaryDirectory(prefix="aen-projects-") as made:
        place = Path(made)
        place.chmod(0o755)
        for owner in range(50):
            (place / f"u{owner}").mkdir(mode=0o755)
            for number in range(100):
                folder = place / f"u{owner}" / f"p{number}"
                folder.mkdir()
                folder.chmod(0o777 if number % 10 == 0 else 0o771)
        (place / "u7/p11/data").write_bytes(b"x" * 65536)
        yield place


def test_five_thousand_projects_are_all_looked_at_and_few_named(python: str, many_folders: Path) -> None:
    found = folders(python, many_folders)
    assert (found.owners, found.projects, found.error) == (50, 5000, None)
    open_to_all = found.departures["others-more"]
    assert (open_to_all.count, len(open_to_all.projects)) == (500, 20)


def test_five_thousand_projects_are_summed(python: str, many_folders: Path) -> None:
    (total,) = (row for row in walk(python, many_folders) if isinstance(row, WalkTotal))
    assert total.bytes >= 65536
