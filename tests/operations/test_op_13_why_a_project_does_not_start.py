"""13: `:why OWNER/PROJECT`: a broken project on a real node, its causes in order of likelihood."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from aen_tui.checks.project.causes import project_causes
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.project_why import CondaLock, OwnerAccount, PlaceSpace, QuotaUse, WhyFolder, WhyHost
from aen_tui.model.severity import Severity
from tests.lab.lab import Lab
from tests.support.states import cluster_state
from tests.whole.conftest import Watching

NAME, OTHER = NodeName("compute1-1"), NodeName("compute1-2")
LOG = "/opt/wakari/wakari-compute/var/log/wakari/compute-launcher.log"


@pytest.fixture
def broken(lab: Lab) -> Iterator[str]:
    """A project of root's, half cloned, with a lock of a process that is gone; the launcher complains of it."""
    node = lab.nodes[NAME]
    home = node.path("/projects/gone/survey")
    env = home / "envs/default"
    (env / "bin").mkdir(parents=True)
    (env / "bin/python").touch()
    (env / ".conda_lock-999999999").mkdir()
    for path in (node.path("/projects"), home.parent, home, home / "envs", env, env / "bin"):
        path.chmod(0o755)
    node.append(LOG, b"start-project gone/survey: Permission denied token=abc\nstart-project gone/survey2: fine\n")
    yield "gone/survey"
    shutil.rmtree(home.parent)


async def test_causes_of_a_broken_project(lab: Lab, broken: str, watching: Watching) -> None:
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: all(state.nodes[name].complete for name in (NAME, OTHER)))
            why = runtime.projects.why(broken, [NAME, OTHER])
            await why.run()
        assert [why.there[name].is_there for name in (NAME, OTHER)] == [True, False]
        folder = why.there[NAME].folder
        assert folder is not None
        assert (folder.user, folder.env, folder.account) == ("root", "incomplete", None)
        found = [cause.message for _, cause in why.causes() if cause.severity is not Severity.UNKNOWN]
        order = ["the launcher says", "no account on this node", "belongs to root", "is incomplete", "conda lock"]
        places = [next(at for at, text in enumerate(found) if words in text) for words in order]
        assert places == sorted(places), found
        host = why.there[NAME].host
        assert host is not None
        assert [line for _, line in host.lines] == ["start-project gone/survey: Permission denied token=***"]


ALL_WELL = WhyFolder(
    path="/projects/alice/churn", state="folder", owner_state="folder", looked_as="ops", uid=7010, user="alice",
    mode=0o771, acl_known=True, metadata="present", env="complete", home="folder", home_uid=7010, home_mode=0o700,
    account=OwnerAccount("alice", 7010, 7010, "/home/alice", "/bin/bash"),
    disks=(PlaceSpace("projects", "/projects", "xfs", 1 << 40, 40.0, 5.0, False),),
)  # fmt: skip
HOST = WhyHost("public", True, "present", True, True, 71, 4096, (), 12, QuotaUse(1, None, 1, None))
FULL = PlaceSpace("projects", "/projects", "xfs", 1 << 20, 99.9, 5.0, False)


def said(folder: WhyFolder = ALL_WELL, host: WhyHost = HOST) -> list[str]:
    node = cluster_state(problems=False).nodes[NAME]
    return [cause.message for cause in project_causes(node, "alice/churn", folder, host)]


def test_nothing_is_said_of_what_is_well() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"disks": (FULL,)}, "has 1 MB left"),
        ({"disks": (FULL._replace(available_bytes=1 << 40, read_only=True),)}, "read-only"),
        ({"disks": (FULL._replace(available_bytes=1 << 40, inodes_used_percent=100.0),)}, "no inodes left"),
        ({"account": None}, "alice has no account"),
        ({"account": None, "account_error": "getent hangs"}, "getent hangs"),
        ({"home": "absent"}, "home /home/alice is not there"),
        ({"home_uid": 0}, "belongs to another uid"),
        ({"home_mode": 0o500}, "has mode 500"),
        ({"user": None}, "which has no account"),
        ({"user": "wakari"}, "start-project leaves"),
        ({"user": "bob"}, "belongs to bob"),
        ({"mode": 0o701}, "not rwx for owner and group"),
        ({"mode": 0o770}, "lets nobody else pass"),
        ({"acl": (("bob", "r-x"),)}, "bob of the team has r-x"),
        ({"acl_known": False}, "knows no ACLs"),
        ({"env": "absent"}, "envs/default is absent"),
        ({"metadata": "absent"}, ".metadata.json is not there"),
        ({"locks": (CondaLock("/x/.conda_lock-7", 7, False, 60),)}, "process 7, which is gone"),
        ({"state": "absent"}, "never started on this node"),
        ({"state": "closed"}, "may not be looked at by ops"),
        ({"state": "file"}, "is no folder"),
    ],
)
def test_a_folder_that_is_not_well(changes: dict[str, object], words: str) -> None:
    assert any(words in one for one in said(replace(ALL_WELL, **changes))), said(replace(ALL_WELL, **changes))  # type: ignore[arg-type]


def space(what: str, mount: str, megabytes: int) -> PlaceSpace:
    return PlaceSpace(what, mount, "xfs", megabytes << 20, 40.0, 5.0, False)


@pytest.mark.parametrize(
    ("disks", "told"),
    [
        ([space("tmp", "/tmp", 500), space("home", "/home", 51)], []),
        ([space("tmp", "/tmp", 49)], ["/tmp (tmp) has 49 MB left"]),
        ([space("packages", "/opt", 1023)], ["/opt (packages) has 1023 MB left"]),
        (
            [space(what, "/", 500) for what in ("projects", "packages", "home", "tmp")],
            ["/ (projects, packages, home, tmp) has 500 MB left"],
        ),
        ([space("home", "/", 500), space("packages", "/", 500)], ["/ (home, packages) has 500 MB left"]),
        (
            [space(what, "/x", 5000)._replace(read_only=True) for what in ("home", "tmp")],
            ["/x (home, tmp) is mounted read-only"],
        ),
    ],
)
def test_a_filesystem_is_one_cause_by_what_is_needed_of_it(disks: list[PlaceSpace], told: list[str]) -> None:
    assert said(replace(ALL_WELL, disks=tuple(disks))) == told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"anon_exists": False}, "ANON_USER public has no account"),
        ({"quota": QuotaUse(10, 10, 1, None)}, "quota is used up"),
        ({"quota": None, "quota_error": "only root may ask"}, "only root may ask"),
        ({"tasks": 4000}, "nproc"),
        ({"sudo_file": "absent"}, "wakari_sudo is not there"),
        ({"sudo_file": "closed"}, "may not be read"),
        ({"sudo_names": False}, "does not name wakari"),
        ({"tty_free": False}, "requiretty"),
        ({"lines": (("x.log", "alice/churn: EACCES"),)}, "the launcher says: alice/churn: EACCES"),
        ({"log_errors": (("x.log", "permission denied"),)}, "permission denied"),
    ],
)
def test_a_node_that_is_not_well(changes: dict[str, object], words: str) -> None:
    assert any(words in one for one in said(host=replace(HOST, **changes)))  # type: ignore[arg-type]


def test_a_lost_node_and_a_stopped_launcher_come_first() -> None:
    node = cluster_state(problems=False).nodes[NAME]
    stopped = tuple(replace(one, state="FATAL") if one.supervisor else one for one in node.services)
    folder = replace(ALL_WELL, env="absent", disks=(FULL,))
    assert "is FATAL" in project_causes(replace(node, services=stopped), "alice/churn", folder, HOST)[0].message
    lost = replace(node, connection=replace(node.connection, state=LinkState.STALE, error="no word"))
    (cause,) = project_causes(lost, "alice/churn", None, None)
    assert (cause.severity, "no word" in cause.message) == (Severity.UNKNOWN, True)
