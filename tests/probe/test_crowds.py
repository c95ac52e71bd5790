"""Nodes with more than usual: accounts from a directory, long names, 10,000 processes, 5,000 projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node import Role
from aen_tui.model.node_facts import AppFacts, HostFacts
from aen_tui.sources import requirements_apps
from tests.probe.fake_proc import machine, process
from tests.probe.test_preflight_errands import errand
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
