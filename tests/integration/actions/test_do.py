"""`aen-tui do` on a real supervisord: what it prints, asks and exits with."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TextIO, cast

import pytest

from aen_tui.config.targets import Target
from aen_tui.headless.do import DoOptions, run_do
from aen_tui.model.facts import ClusterState, Connection, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result
from aen_tui.model.plans import Target as Resolved
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.guard import Guard
from tests.integration.actions.supervisord import NODE, Rig, Supervisord, rig
from tests.support.dying import DIES
from tests.support.side_by_side import side_by_side, together

__all__ = ["together"]

KEYS = ["event", "node", "service", "argv", "user", "pid_before", "pid_after", "result", "error"]
WK_SERVER = Target(NODE, service="wk-server")


class RigRuntime:
    """The part of the facade that `do` uses, over a rig."""

    def __init__(self, made: Rig, *, read_only: bool = False) -> None:
        self.made = made
        self.inventory = made.inventory
        self.store = made.store
        self.clock = made.clock
        audit = AuditLog(made.audit_path)
        self.guard = made.executor.guard = Guard(made.inventory, made.clock, audit, read_only=read_only)

    @property
    def projects(self) -> RigRuntime:
        """Nobody looks at projects on a rig."""
        return self

    looks = projects

    async def freshen(self, nodes: object) -> None:
        del nodes

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield

    def snapshot(self) -> ClusterState:
        return self.store.snapshot()

    def plan(self, action: ActionName, targets: Sequence[Resolved]) -> Plan:
        return self.made.executor.plan(action, targets)

    async def preflight(self, plan: Plan) -> Plan:
        return await self.made.executor.preflight(plan)

    async def execute(
        self,
        plan: Plan,
        emit: Callable[[PlanEvent], None],
        *,
        reason: str | None = None,
        settle: bool = False,
        syslog_only: bool = False,
    ) -> Result:
        return await self.made.executor.execute(plan, emit, reason=reason, settle=settle, syslog_only=syslog_only)


class Terminal:
    """A pseudo-terminal: what the program reads from, and the operator's side of it."""

    def __init__(self) -> None:
        self._operator, self._program = os.openpty()
        self.stdin = os.fdopen(self._program, "r")

    def type(self, text: str) -> None:
        os.write(self._operator, text.encode())

    def close(self) -> None:
        self.stdin.close()
        os.close(self._operator)


class Answering(io.StringIO):
    """stderr of a program whose operator answers the question as soon as it stands there."""

    def __init__(self, terminal: Terminal, answer: str) -> None:
        super().__init__()
        self._terminal = terminal
        self._answer = answer

    def write(self, text: str) -> int:
        if text.endswith(("[y/N] ", "restart: ", "configuration: ")):
            self._terminal.type(self._answer)
        return super().write(text)


async def do(
    runtime: RigRuntime,
    *targets: Target,
    action: ActionName = ActionName.RESTART,
    stdin: TextIO | None = None,
    stderr: io.StringIO | None = None,
    **options: Any,
) -> tuple[int, str, str]:
    """Run `do`; its exit code, stdout and stderr."""
    out, err = io.StringIO(), stderr or io.StringIO()
    async with asyncio.timeout(60):
        code = await run_do(
            cast("Runtime", runtime),
            action,
            targets or (WK_SERVER,),
            DoOptions(**options),
            out,
            err,
            stdin or io.StringIO(),
        )
    return code, out.getvalue(), err.getvalue()


@contextlib.asynccontextmanager
async def ready() -> AsyncIterator[Rig]:
    supervisord = Supervisord("4")
    for name in ("wk-server", "worker"):
        supervisord.program(name, "exec sleep 1000\n")
    async with rig(supervisord) as found:
        for name in ("wk-server", "worker"):
            await found.wait(name, "RUNNING")
        yield found


def on_a_rig(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test of its own supervisord and terminal, beside the others."""
    wanted = inspect.signature(test).parameters

    async def scenario(**params: object) -> None:
        async with ready() as made:
            with contextlib.closing(Terminal()) as terminal:
                own = {"made": made, "terminal": terminal}
                await test(**{name: own.get(name, params.get(name)) for name in wanted})

    left = [one for name, one in wanted.items() if name not in ("made", "terminal")]
    scenario.__signature__ = inspect.Signature(left)  # type: ignore[attr-defined]
    scenario.__name__ = test.__name__
    return side_by_side(scenario)


@on_a_rig
async def test_events_as_lines_of_json(made: Rig) -> None:
    code, out, _ = await do(RigRuntime(made), yes=True, as_json=True, reason="test")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["event"] for line in lines] == ["planned", "step-started", "step-finished", "verified", "finished"]
    assert all(list(line)[: len(KEYS)] == KEYS for line in lines)
    verified = lines[3]
    assert verified["result"] == "verified"
    assert verified["pid_after"] not in (None, verified["pid_before"])
    assert verified["argv"][1:] == ["restart", "wk-server"]
    assert lines[-1]["result"] == "verified"
    assert made.records()[0]["reason"] == "test"


@on_a_rig
async def test_dry_run_does_nothing(made: Rig) -> None:
    code, out, _ = await do(RigRuntime(made, read_only=True), dry_run=True, as_json=True)
    assert (code, [json.loads(line)["result"] for line in out.splitlines()]) == (0, ["planned", "planned"])
    code, out, _ = await do(RigRuntime(made), dry_run=True)
    assert code == 0
    assert "supervisorctl restart wk-server" in out
    assert (made.link.ran, made.records()) == ([], [])


@on_a_rig
async def test_without_a_terminal_and_yes_it_refuses(made: Rig) -> None:
    code, out, err = await do(RigRuntime(made))
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert made.link.ran == []


@on_a_rig
async def test_y_on_a_terminal(made: Rig, terminal: Terminal) -> None:
    stderr = Answering(terminal, "y\n")
    code, out, err = await do(RigRuntime(made), stdin=terminal.stdin, stderr=stderr)
    assert code == 0
    assert "VERIFIED" in out
    assert "supervisorctl restart wk-server" in err


@pytest.mark.parametrize("answer", ["n\n", "\n", "yes\n", "\x04"])
@on_a_rig
async def test_anything_else_does_nothing(made: Rig, terminal: Terminal, answer: str) -> None:
    code, _, _ = await do(RigRuntime(made), stdin=terminal.stdin, stderr=Answering(terminal, answer))
    assert (code, made.link.ran) == (2, [])


@on_a_rig
async def test_what_was_typed_before_the_question_does_not_count(made: Rig, terminal: Terminal) -> None:
    terminal.type("y\n")
    code, _, _ = await do(RigRuntime(made), stdin=terminal.stdin, stderr=Answering(terminal, "\n"))
    assert (code, made.link.ran) == (2, [])


@on_a_rig
async def test_several_want_the_typed_word(made: Rig, terminal: Terminal) -> None:
    both = (WK_SERVER, Target(NODE, service="worker"))
    code, _, _ = await do(RigRuntime(made), *both, stdin=terminal.stdin, stderr=Answering(terminal, "y\n"))
    assert (code, made.link.ran) == (2, [])
    code, _, _ = await do(RigRuntime(made), *both, stdin=terminal.stdin, stderr=Answering(terminal, "aen-server\n"))
    assert code == 0
    assert [argv[-1] for argv, _ in made.link.ran] == ["wk-server", "worker"]


@on_a_rig
async def test_update_shows_what_would_change_before_it_asks_whether_to_apply_it(made: Rig, terminal: Terminal) -> None:
    whole = Target(NODE, service="wakari-server")
    made.supervisord.program("extra", "exec sleep 1000\n")
    asked = Answering(terminal, "aen-server\n")
    code, out, err = await do(RigRuntime(made), whole, action=ActionName.UPDATE, stdin=terminal.stdin, stderr=asked)
    assert code == 0, err
    assert out.index("| extra: available") < out.index("| extra: added process group") < out.index("verified")
    assert "applies: extra: available" in err
    for words in ("reread ...", "update ..."):
        assert f"aen-server/wakari-server  {words}\n" in err
    for words in ("reread  VERIFIED", "update  VERIFIED"):
        assert f"aen-server/wakari-server  {words}\n" in out, "each line says which of the steps it is about"
    assert "RUNNING for 3 s: extra" in out
    assert err.count("type aen-server to") == 2
    await made.wait("extra", "RUNNING")
    code, out, _ = await do(RigRuntime(made), whole, action=ActionName.UPDATE, yes=True, as_json=True)
    events = [json.loads(line) for line in out.splitlines()]
    assert (code, events[-1]["event"], events[-1]["result"]) == (0, "finished", "verified")
    assert [one["output"] for one in events if "output" in one] == [["No config updates to processes"]]
    assert [argv[-1] for argv, _ in made.link.ran] == ["reread", "reread", "update", "reread", "reread"]


@on_a_rig
async def test_a_dry_run_of_update_says_what_will_be_asked_first(made: Rig) -> None:
    whole = Target(NODE, service="wakari-server")
    code, out, _ = await do(RigRuntime(made), whole, action=ActionName.UPDATE, dry_run=True)
    assert (code, made.link.ran) == (0, [])
    assert "against" not in out, "nothing is against it: what would change is asked, and confirmed, first"
    assert "note     it is run first, alone" in out


@on_a_rig
async def test_exit_codes_of_failed_and_unverified(made: Rig) -> None:
    made.link.is_cut = True  # while words are lost, of a reread nothing can be observed
    reread = Target(NODE, service="wakari-server")
    assert (await do(RigRuntime(made), reread, action=ActionName.REREAD, yes=True))[0] == 3
    made.link.is_cut = False
    await made.wait("wk-server", "RUNNING")
    made.supervisord.script("wk-server", DIES)
    made.executor.plan(ActionName.RESTART, [Resolved(NODE, "wk-server", "supervisor", "wakari-server")])
    code, out, _ = await do(RigRuntime(made), Target(NODE, service="worker"), WK_SERVER, yes=True)
    assert code == 1
    assert "FAILED" in out


@pytest.mark.parametrize("target", [Target(NODE), Target(NODE, path="/var/log/x"), Target(NODE, service="wk-sever")])
@on_a_rig
async def test_targets_that_are_no_service(made: Rig, target: Target) -> None:
    code, out, err = await do(RigRuntime(made), target, yes=True, as_json=True)
    assert code == 2
    assert json.loads(out)["result"] == "refused"
    assert not err


@on_a_rig
async def test_node_that_refuses_is_named_with_its_hint(made: Rig) -> None:
    gateway = NodeName("gateway1")
    refused = Connection(LinkState.AUTH, error="no key was accepted", hint="ssh-add your key")
    made.store.update(gateway, lambda node: replace(node, connection=refused))
    code, _, err = await do(RigRuntime(made), Target(gateway, service="wk-gateway"), yes=True)
    assert code == 2
    assert "no key was accepted" in err
    assert "ssh-add your key" in err


@on_a_rig
async def test_read_only_refuses(made: Rig) -> None:
    code, _, err = await do(RigRuntime(made, read_only=True), yes=True)
    assert (code, made.link.ran) == (2, [])
    assert "read-only" in err
