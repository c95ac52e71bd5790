"""Plans: argv, user, risk, blast radius, and what is refused."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.actions.card_text import card_text, confirmation
from aen_tui.actions.planning import make_plan
from aen_tui.actions.registry import actions
from aen_tui.actions.resolve import resolve
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.command import shell_line
from aen_tui.model.facts import ClusterState, HttpState, NodeState, StatusDocument
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import Become, NodeName, Role
from aen_tui.model.plans import ActionName, Plan, Proof, Risk, Target
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service

CTL = "/opt/wakari/wakari-server/bin/supervisorctl"
SERVER = NodeName("aen-server")
WK_SERVER = Target(SERVER, "wk-server", "supervisor", "wakari-server")
NGINX = Target(SERVER, "nginx", "sysv")


class World:
    """An installation of which one node can be changed."""

    def __init__(self) -> None:
        self.inventory: Inventory = inventory()
        self.state: ClusterState = cluster_state(of=self.inventory, problems=False)

    def change(self, name: str = "aen-server", **parts: object) -> NodeState:
        """Replace parts of a node; `user` is its login user, `become` and others its spec's."""
        node = self.state.nodes[NodeName(name)]
        if "user" in parts:
            node = replace(node, connection=replace(node.connection, user=parts.pop("user")))  # type: ignore[arg-type]
        spec_parts = {key: parts.pop(key) for key in ("become", "root", "roles", "service_account") if key in parts}
        spec = replace(node.spec, **spec_parts)  # type: ignore[arg-type]
        node = replace(node, spec=spec, **parts)  # type: ignore[arg-type]
        self.state = replace(self.state, nodes={**self.state.nodes, node.name: node})
        self.inventory = replace(self.inventory, nodes={**self.inventory.nodes, node.name: spec})
        return node

    def plan(self, action: ActionName, *targets: Target) -> Plan:
        return make_plan(Scene(self.inventory, self.state, NOW_MONOTONIC), action, targets, plan_id="p1")


@pytest.fixture
def world() -> World:
    return World()


def _silent(answer: HttpState, status_code: int | None = None, error: str | None = None) -> HttpState:
    """An answer of before, once there is none any more."""
    silent = replace(answer, status_code=status_code, error=error, document=None)
    return replace(silent, answered_before=True, document_before=answer.document)


def _unreadable(node: NodeState) -> tuple[object, ...]:
    """The node's services as a probe shows them that may not use supervisor's socket."""
    closed = service("wakari-server", "wakari-server", "unknown", error="permission denied")
    return (closed, *(one for one in node.services if one.manager == "sysv"))


def test_every_action_has_its_file() -> None:
    assert set(actions()) == set(ActionName)


def test_login_user_who_reads_the_socket_needs_no_sudo(world: World) -> None:
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert (step.argv, step.user, step.sudo) == ((CTL, "restart", "wk-server"), "ops", "none")


def test_service_account_needs_no_sudo_even_where_the_socket_was_not_read(world: World) -> None:
    node = world.change(user="wakari")
    world.change(services=_unreadable(node))
    assert world.plan(ActionName.RESTART, WK_SERVER).steps[0].argv == (CTL, "restart", "wk-server")


def test_login_user_without_the_socket_becomes_the_service_account(world: World) -> None:
    world.change(services=_unreadable(world.change()))
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert step.argv == ("sudo", "-n", "-u", "wakari", CTL, "restart", "wk-server")
    assert (step.user, step.sudo) == ("wakari", "nopasswd-expected")


def test_what_the_probe_may_not_see_is_asked_by_the_same_user_and_shown(world: World) -> None:
    world.change(services=_unreadable(world.change()))
    plan = world.plan(ActionName.RESTART, WK_SERVER)
    assert plan.steps[0].proof_argv == ("sudo", "-n", "-u", "wakari", CTL, "status", "wk-server")
    assert f"seen by env LC_ALL=C sudo -n -u wakari {CTL} status wk-server" in "\n".join(card_text(plan, NOW_MONOTONIC))
    world.change(user="wakari")
    assert world.plan(ActionName.STOP, WK_SERVER).steps[0].proof_argv == (CTL, "status", "wk-server")


def test_what_the_probe_sees_is_not_asked_again(world: World) -> None:
    for target in (WK_SERVER, NGINX):
        assert world.plan(ActionName.RESTART, target).steps[0].proof_argv == ()
    node = world.change()
    world.change(services=tuple(replace(one, under_sudo=True) for one in node.services))
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert (step.argv[0], step.proof_argv) == ("sudo", ())


@pytest.mark.parametrize(
    ("startsecs", "stopwaitsecs", "hold", "deadline"),
    [(None, None, 3.0, 180.0), (0.0, 10.0, 3.0, 180.0), (20.0, 600.0, 20.0, 680.0)],
)
def test_waits_follow_the_programs_own(
    world: World, startsecs: float | None, stopwaitsecs: float | None, hold: float, deadline: float
) -> None:
    node = world.change()
    slow = replace(node.services[0], startsecs=startsecs, stopwaitsecs=stopwaitsecs)
    assert slow.name == "wk-server"
    world.change(services=(slow, *node.services[1:]))
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert (step.hold_seconds, step.deadline_seconds) == (hold, deadline)
    assert f"RUNNING for {hold:g} s" in step.expect


def test_root_never_runs_supervisorctl_itself(world: World) -> None:
    world.change(user="root")
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert step.argv[:4] == ("sudo", "-n", "-u", "wakari")


def test_become_never_is_refused_with_the_way_out(world: World) -> None:
    world.change(services=_unreadable(world.change(become=Become.NEVER)))
    with pytest.raises(PlanRefusedError, match="become = never") as refused:
        world.plan(ActionName.RESTART, WK_SERVER)
    assert "log in as wakari" in (refused.value.hint or "")
    with pytest.raises(PlanRefusedError, match="become = never"):
        world.plan(ActionName.RESTART, NGINX)


def test_sysv_service_by_absolute_path_as_root(world: World) -> None:
    step = world.plan(ActionName.RESTART, NGINX).steps[0]
    assert (step.argv, step.user) == (("sudo", "-n", "/sbin/service", "nginx", "restart"), "root")
    world.change(user="root")
    assert world.plan(ActionName.RESTART, NGINX).steps[0].argv == ("/sbin/service", "nginx", "restart")


def test_root_of_the_demo_stands_before_argv0_and_takes_the_place_of_sudo(world: World) -> None:
    world.change(root="/tmp/demo/aen-server", become=Become.NEVER)
    program = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert program.argv == ("/tmp/demo/aen-server" + CTL, "restart", "wk-server")
    assert world.plan(ActionName.RESTART, NGINX).steps[0].argv[0] == "/tmp/demo/aen-server/sbin/service"


def test_the_url_that_answered_is_part_of_the_proof(world: World) -> None:
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert (step.port, step.answers, step.asked_on) == (5000, "wk-server", SERVER)
    compute = Target(NodeName("compute1-1"), "wk-compute", "supervisor", "wakari-compute")
    assert world.plan(ActionName.RESTART, compute).steps[0].asked_on == "gateway1"
    worker = Target(SERVER, "worker", "supervisor", "wakari-server")
    assert world.plan(ActionName.RESTART, worker).steps[0].answers is None


def test_a_url_that_never_answered_is_no_proof(world: World) -> None:
    node = world.change()
    world.change(http=tuple(replace(one, status_code=None, error="connection refused") for one in node.http))
    assert world.plan(ActionName.RESTART, WK_SERVER).steps[0].answers is None


def test_what_answered_before_it_went_down_is_part_of_a_start_s_proof(world: World) -> None:
    """The look before the start finds it down: what it answered before that counts."""
    node = world.change()
    silent = tuple(_silent(one, error="connection refused") for one in node.http)
    world.change(services=(service("wk-server", "wakari-server", "STOPPED"), *node.services[1:]), http=silent)
    step = world.plan(ActionName.START, WK_SERVER).steps[0]
    assert (step.answers, step.document, step.not_asked) == ("wk-server", "server", ())
    assert "http://127.0.0.1:5000/ answers" in step.expect
    assert "status document ok" in step.expect


def test_a_document_that_was_not_ok_when_it_came_last_is_not_asked(world: World) -> None:
    node = world.change()
    bad = (replace(one, document=StatusDocument("error", ())) for one in node.http)
    world.change(http=tuple(_silent(one, status_code=502) for one in bad if one.name == "server"))
    step = world.plan(ActionName.RESTART, WK_SERVER).steps[0]
    assert (step.document, step.not_asked) == (None, ("status document of server: it was error before",))


def test_risk_and_word(world: World) -> None:
    one = world.plan(ActionName.RESTART, WK_SERVER)
    assert (one.risk, confirmation(one)) == (Risk.KEY, "y")
    sysv = world.plan(ActionName.RESTART, NGINX)
    assert (sysv.risk, sysv.word) == (Risk.WORD, "aen-server")
    computes = [Target(NodeName(f"compute1-{n}"), "wk-compute", "supervisor", "wakari-compute") for n in (2, 1)]
    several = world.plan(ActionName.RESTART, *computes)
    assert (several.risk, several.word) == (Risk.WORD, "aen-prod")
    assert [step.target.node for step in several.steps] == ["compute1-2", "compute1-1"]
    assert world.plan(ActionName.UPDATE, WK_SERVER).risk is Risk.WORD


def test_a_group_is_one_step_a_program_and_the_word(world: World) -> None:
    node = world.change()
    group = tuple(service(f"worker:w_0{n}", "wakari-server") for n in (0, 1))
    world.change(services=(*(one for one in node.services if one.name != "worker"), *group))
    plan = world.plan(ActionName.RESTART, Target(SERVER, "worker:*", "supervisor", "wakari-server"))
    assert [step.argv[-1] for step in plan.steps] == ["worker:w_00", "worker:w_01"]
    assert (plan.risk, plan.word) == (Risk.WORD, "aen-server")


def test_blast_radius(world: World) -> None:
    gateway = Target(NodeName("gateway1"), "wk-gateway", "supervisor", "wakari-gateway")
    (sentence,) = world.plan(ActionName.RESTART, gateway).blast_radius
    assert sentence == "1 of 2 gateways: users of data center east lose their notebooks' connection"
    compute = Target(NodeName("compute1-1"), "wk-compute", "supervisor", "wakari-compute")
    assert "1 of 6 computes: apps running on compute1-1 may die" in world.plan(ActionName.STOP, compute).blast_radius[0]
    world.change("gateway1", roles=(Role.SERVER, Role.GATEWAY, Role.COMPUTE))
    assert "gateway1 is server, gateway, compute in one" in world.plan(ActionName.RESTART, gateway).blast_radius


def test_a_start_hits_nothing_that_runs(world: World) -> None:
    node = world.change()
    down = tuple(replace(one, state="STOPPED", pid=None) for one in node.services)
    world.change(services=(*down, service("wakari-server", None, "STOPPED")))
    mongod = world.plan(ActionName.START, Target(SERVER, "mongod", "sysv"))
    assert mongod.blast_radius == ("nothing that runs; begins mongod on aen-server",)
    whole = world.plan(ActionName.START, Target(SERVER, "wakari-server", "sysv"), NGINX)
    assert whole.blast_radius == (
        "nothing that runs; begins wakari-server with all its programs on aen-server, nginx on aen-server",
    )
    for number in (1, 2):
        world.change(f"compute1-{number}", services=(service("wk-compute", "wakari-compute", "FATAL"),))
    computes = [Target(NodeName(f"compute1-{n}"), "wk-compute", "supervisor", "wakari-compute") for n in (1, 2)]
    assert world.plan(ActionName.START, *computes).blast_radius == (
        "nothing that runs; begins wk-compute on compute1-[1-2]",
    )
    assert "may die" in world.plan(ActionName.RESTART, *computes).blast_radius[0]


def test_start_of_what_runs_and_stop_of_what_does_not_are_refused(world: World) -> None:
    with pytest.raises(PlanRefusedError, match="RUNNING already"):
        world.plan(ActionName.START, WK_SERVER)
    node = world.change()
    world.change(services=(service("wk-server", "wakari-server", "FATAL"), *node.services[1:]))
    assert world.plan(ActionName.START, WK_SERVER).steps[0].proof is Proof.NEW_PID
    with pytest.raises(PlanRefusedError, match="FATAL already"):
        world.plan(ActionName.STOP, WK_SERVER)


def test_of_several_those_that_are_as_wanted_are_left_out_and_named(world: World) -> None:
    node = world.change()
    world.change(services=(service("wk-server", "wakari-server", "STOPPED"), *node.services[1:]))
    plan = world.plan(ActionName.START, WK_SERVER, Target(SERVER, "worker", "supervisor", "wakari-server"))
    assert [step.target.service for step in plan.steps] == ["wk-server"]
    assert any("worker is RUNNING already" in sentence for sentence in plan.blast_radius)


def test_nginx_is_tested_before_it_is_reloaded(world: World) -> None:
    test, reload = world.plan(ActionName.RELOAD_NGINX, NGINX).steps
    assert test.argv == ("sudo", "-n", "/usr/sbin/nginx", "-t")
    assert reload.argv == ("sudo", "-n", "/sbin/service", "nginx", "reload")
    assert (test.proof, reload.proof) == (Proof.OUTPUT, Proof.NEW_WORKERS)


def test_update_announces_first_and_asks_again_afterwards(world: World) -> None:
    steps = world.plan(ActionName.UPDATE, WK_SERVER).steps
    assert [step.argv for step in steps] == [(CTL, "reread"), (CTL, "update"), (CTL, "reread")]
    assert steps[-1].proof is Proof.NOTHING_LEFT


# --- what a word means ------------------------------------------------------------------------------------


def test_a_word_that_is_both_means_the_program(world: World) -> None:
    node = world.change()
    node = world.change(services=(*node.services, service("nginx", "wakari-server")))
    assert resolve(node, "nginx")[0].manager == "supervisor"
    assert resolve(node, "service:nginx") == [Target(SERVER, "nginx", "sysv")]


def test_unknown_word_names_the_nearest(world: World) -> None:
    with pytest.raises(PlanRefusedError) as refused:
        resolve(world.change(), "wk-sever")
    assert "wk-server" in (refused.value.hint or "")


def test_program_of_a_supervisord_that_may_not_be_read_is_taken_at_its_word(world: World) -> None:
    node = world.change(services=_unreadable(world.change()))
    assert resolve(node, "wk-server") == [WK_SERVER]
    assert resolve(node, "worker:w_00")[0].service == "worker:w_00"


def test_same_program_in_two_supervisords_must_be_told_apart(world: World) -> None:
    node = world.change()
    node = world.change(services=(*node.services, service("worker", "wakari-compute")))
    with pytest.raises(PlanRefusedError, match="several supervisords"):
        resolve(node, "worker")
    assert resolve(node, "wakari-compute/worker")[0].supervisor == "wakari-compute"


def test_whole_supervisor_by_its_name_or_a_program(world: World) -> None:
    for word in ("wakari-server", "wk-server"):
        (target,) = resolve(world.change(), word, whole_supervisor=True)
        assert (target.service, target.supervisor) == ("wakari-server", "wakari-server")


# --- hostile names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-c/tmp/evil.conf",
        "a\nb",
        "a\0b",
        "a\rb",
        "a; shutdown",
        "wk server",
        "all",
        "*",
        "a\tb",
        "a\u2028b",
        "worker:",
        "a:*",
        ":",
        "a:b:",
    ],
)
def test_names_that_supervisorctl_would_read_otherwise_are_refused(world: World, name: str) -> None:
    with pytest.raises(PlanRefusedError):
        world.plan(ActionName.RESTART, replace(WK_SERVER, service=name))


@pytest.mark.parametrize("word", ["worker:", "worker:*", "wakari-server/worker:"])
def test_a_whole_group_is_never_taken_at_its_word(world: World, word: str) -> None:
    node = world.change(services=_unreadable(world.change()))
    with pytest.raises(PlanRefusedError):
        world.plan(ActionName.RESTART, *resolve(node, word))


@pytest.mark.parametrize("name", ["", "-h", "--status-all", "../../tmp/x", "a b", "$(id)", "a;b", "nginx\n"])
def test_names_that_service_would_read_otherwise_are_refused(world: World, name: str) -> None:
    with pytest.raises(PlanRefusedError):
        world.plan(ActionName.RESTART, replace(NGINX, service=name))


@pytest.mark.parametrize("account", ["-u root", "wakari root", "$(id)", "-i"])
def test_a_hostile_account_never_reaches_sudo(world: World, account: str) -> None:
    world.change(services=_unreadable(world.change(service_account=account)))
    with pytest.raises(PlanRefusedError):
        world.plan(ActionName.RESTART, WK_SERVER)


@given(st.text(min_size=1, max_size=40))
def test_whatever_a_program_is_called_it_stays_one_argument(name: str) -> None:
    try:
        plan = World().plan(ActionName.RESTART, replace(WK_SERVER, service=name))
    except PlanRefusedError:
        return
    (step,) = plan.steps
    assert step.argv == (CTL, "restart", name)
    assert shlex.split(shell_line(step.argv)) == list(step.argv)
    assert len(name.split()) == 1
    assert ";" not in name
    assert all(character == "\n" or character.isprintable() for line in card_text(plan, 0.0) for character in line)


def test_card_says_everything(world: World) -> None:
    text = "\n".join(card_text(world.plan(ActionName.RESTART, WK_SERVER), NOW_MONOTONIC))
    for word in (
        "restart",
        "aen-prod",
        "aen-server/wk-server",
        "RUNNING",
        "pid ",
        "up 18d3h",
        "seen 1s ago",
        CTL,
        "ops",
    ):
        assert word in text
    world.inventory = replace(world.inventory, is_demo=True)
    assert card_text(world.plan(ActionName.RESTART, WK_SERVER), NOW_MONOTONIC)[0].startswith("DEMO")


def test_the_server_that_root_runs_is_judged_as_the_server(world: World) -> None:
    node = world.change()
    world.change(services=(*node.services, service("wakari-server-root", None)))
    plan = world.plan(ActionName.RESTART, Target(SERVER, "wakari-server-root", "sysv"))
    assert any("nobody can log in" in sentence for sentence in plan.blast_radius)
    assert plan.steps[0].answers == "wk-server"
    assert (plan.risk, plan.word) == (Risk.WORD, "aen-server")
