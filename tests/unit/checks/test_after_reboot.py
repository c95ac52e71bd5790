"""What checks say of a node after a reboot, and that they say nothing of one that was not rebooted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import checks, rate
from aen_tui.model.facts import NodeState
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Selinux
from aen_tui.model.reboot import BootFacts, BootService, PidFile, ProjectsFolder, Reboot, Settled
from aen_tui.model.severity import Severity
from tests.support.nodes import node_spec, node_state, service

WELL = BootFacts(
    services={"mongod": BootService(True, (PidFile("/var/run/mongod.pid", 7, "live"),)), "nginx": None},
    projects=ProjectsFolder("full"),
    clock="ntpd",
    synchronized=True,
)
SELINUX = Selinux("disabled", {"/etc/selinux/config": "disabled"})


def node(facts: BootFacts | None = WELL, *, selinux: Selinux = SELINUX, ran: tuple[str, ...] = ()) -> NodeState:
    made = node_state(node_spec("compute1-1", Role.COMPUTE, "east"), 1)
    began = service("mongod", None, "RUNNING", started_at=100.0)
    server = service("wk-server", "wakari-server", "RUNNING", started_at=200.0)
    reboot = Reboot(1.0, frozenset(ran), frozenset(), facts, selinux)
    return replace(made, services=(began, server), reboot=reboot, findings=())


def said(state: NodeState) -> dict[str, str]:
    return {one.check: one.message for one in rate(state).findings if one.check.startswith("after-reboot-")}


def test_a_node_that_came_back_well_is_said_nothing_of() -> None:
    assert said(node()) == {}
    assert said(node(None)) == {}
    assert said(replace(node(), reboot=None)) == {}
    concerned = [one.id for one in checks() if one.after_reboot and one.concerns(node())]
    assert len(concerned) == 7
    assert not [one for one in checks() if one.after_reboot and one.concerns(replace(node(), reboot=None))]


@pytest.mark.parametrize(
    ("state", "check", "words"),
    [
        (node(replace(WELL, services={"mongod": BootService(False)})), "after-reboot-enabled", "mongod runs"),
        (node(replace(WELL, services={"x": BootService(False)}), ran=("x",)), "after-reboot-enabled", "x ran before"),
        (node(ran=("wk-compute",)), "after-reboot-running", "wk-compute ran before the reboot and is gone"),
        (node(replace(WELL, unmounted=("/projects",))), "after-reboot-mounts", "/projects stands in /etc/fstab"),
        (
            node(replace(WELL, projects=ProjectsFolder("empty", on_root=True))),
            "after-reboot-mounts",
            "/projects is an empty folder on /",
        ),
        (node(replace(WELL, projects=ProjectsFolder("hung"))), "after-reboot-mounts", "/projects is hung"),
        (node(replace(WELL, projects=ProjectsFolder("absent"))), "after-reboot-mounts", "/projects is not there"),
        (
            node(replace(WELL, services={"mongod": BootService(True, (PidFile("/var/run/m.pid", 7),))})),
            "after-reboot-pid-files",
            "/var/run/m.pid is stale: pid 7 is not mongod",
        ),
        (
            node(selinux=Selinux("disabled", {"/etc/selinux/config": "enforcing"})),
            "after-reboot-selinux",
            "says enforcing, SELinux is disabled",
        ),
        (node(replace(WELL, clock=None, synchronized=None)), "after-reboot-clock", "no program keeps the clock"),
        (node(replace(WELL, synchronized=False)), "after-reboot-clock", "not synchronised yet, though ntpd runs"),
    ],
)
def test_each_of_them_is_said(state: NodeState, check: str, words: str) -> None:
    found = said(state)
    assert set(found) <= {check, "after-reboot-running"} and words in found[check]
    lost = check == "after-reboot-mounts"  # what is written there meanwhile
    severities = {one.severity for one in rate(state).findings if one.check == check}
    assert severities == {Severity.CRITICAL if lost else Severity.WARNING}


@pytest.mark.parametrize(
    "state",
    [
        node(replace(WELL, projects=ProjectsFolder("empty"))),
        node(replace(WELL, clock=None)),
        node(selinux=Selinux(None, {"/etc/selinux/config": "enforcing"})),
        node(replace(WELL, services={"x": BootService(False)})),
        *(
            replace(node(ran=("wk-compute",)), services=(service("wk-compute", "wakari-compute", state),))
            for state in ("RUNNING", "STARTING", "unknown")
        ),
    ],
    ids=["a filesystem without projects", "kept by the kernel", "nobody says", "off before", "on", "begins", "unseen"],
)
def test_what_is_as_it_may_be_is_not_said(state: NodeState) -> None:
    assert said(state) == {}


def test_projects_that_are_not_mounted_are_said_once() -> None:
    state = node(replace(WELL, unmounted=("/projects",), projects=ProjectsFolder("empty", on_root=True)))
    assert [one.subject for one in rate(state).findings if one.check == "after-reboot-mounts"] == ["/projects"]


@pytest.mark.parametrize("planned", ["wk-compute", "wakari-compute"])
def test_what_is_under_maintenance_is_not_gone(planned: str) -> None:
    stopped = replace(node(ran=("wk-compute",)), services=(service("wk-compute", "wakari-compute", "STOPPED"),))
    assert "after-reboot-running" in said(stopped)
    assert said(replace(stopped, planned=Planned(9e9, "new disk", frozenset({planned})))) == {}


def test_a_filesystem_that_was_there_and_is_not_is_missed() -> None:
    state = node()
    assert state.reboot is not None and state.metrics.value is not None
    mounts = frozenset(disk.mount for disk in state.metrics.value.disks)
    gone = replace(state, reboot=replace(state.reboot, mounted=mounts | {"/data"}))
    assert said(gone) == {"after-reboot-mounts": "/data was there before the reboot and is not mounted"}


def test_a_server_that_began_before_its_mongod_is_said() -> None:
    state = node()
    mongod, server = state.services
    late = replace(state, services=(replace(mongod, started_at=260.0), server))
    assert said(late) == {"after-reboot-order": "wk-server began 60 s before mongod, which it needs"}
    together = replace(state, services=(replace(mongod, started_at=201.0), server))
    assert said(together) == {}
    for first in ("mongod", "elasticsearch"):
        for other in (server, service("wakari-server", None, "RUNNING", started_at=200.0)):
            found = said(replace(state, services=(service(first, None, "RUNNING", started_at=202.0), other)))
            assert found == {"after-reboot-order": f"{other.name} began 2 s before {first}, which it needs"}


@pytest.mark.parametrize(("is_now", "is_said"), [(200.0, True), (201.0, True), (201.5, False), (None, False)], ids=str)
def test_a_server_that_was_restarted_since_is_not_said_to_be_early(is_now: float | None, is_said: bool) -> None:
    state = node()
    assert state.reboot is not None
    settled = {"mongod": Settled("RUNNING", 260.0), "wk-server": Settled("RUNNING", 200.0)}
    server = service("wk-server", "wakari-server", "RUNNING", started_at=is_now)
    state = replace(state, services=(server,), reboot=replace(state.reboot, settled=settled))
    assert bool(said(state)) is is_said
    assert state.reboot is not None
    gave_up = settled | {"mongod": Settled("STOPPED", 260.0)}
    assert said(replace(state, reboot=replace(state.reboot, settled=gave_up))) == {}
