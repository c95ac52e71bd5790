"""What the guard forbids is not carried out, whoever asks: on a real supervisord, with nothing of a screen."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.config.policy import Policy, load_policy
from aen_tui.model.inventory import ActionSettings
from aen_tui.model.plans import ActionName, Result
from aen_tui.runtime.audit import AuditHealth, AuditLog
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.syslog import Syslog
from tests.integration.actions.supervisord import NODE, Rig
from tests.integration.actions.test_do import RigRuntime, Terminal, do

ROOT = Path(__file__).parents[3]


def guard(made: Rig, *, arming: bool = False, **rules: Any) -> Guard:
    """Another guard for the rig's executor."""
    listed = replace(made.inventory, actions=ActionSettings(arming_required=arming))
    made.executor.guard = Guard(listed, made.clock, AuditLog(made.audit_path), **rules)
    return made.executor.guard


async def test_locked_until_armed_and_the_reason_is_in_every_record(made: Rig) -> None:
    rules = guard(made, arming=True)
    plan = made.plan(ActionName.RESTART, "wk-server")
    assert await made.execute(plan, reason="a reason is no key") is Result.REFUSED
    assert (made.link.ran, made.records()) == ([], [])
    rules.arm(15, "ticket 123")
    assert await made.execute(plan) is Result.VERIFIED
    assert [one["reason"] for one in made.records()] == ["ticket 123", "ticket 123"]
    rules.disarm()
    await made.wait("wk-server", "RUNNING")
    assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("read_only = true", "read_only"),
        ('actions = ["start"]', "does not allow restart"),
        ('nodes = ["@compute"]', "allows nothing on aen-server"),
        ('arming = "required"', "locked"),
        ("read_onyl = true", "unknown field"),
    ],
)
async def test_policy_is_kept_where_plans_are_executed(made: Rig, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    file.chmod(0o644)
    guard(made, policy=load_policy(file))
    assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
    assert why in (made.events[-1].error or "")
    assert made.link.ran == []


async def test_do_with_a_reason_arms_that_one_command(made: Rig) -> None:
    runtime = RigRuntime(made)
    runtime.guard = guard(made, arming=True)
    code, _, err = await do(runtime, yes=True)
    assert (code, made.link.ran) == (2, [])
    assert "--reason" in err
    assert (await do(runtime, yes=True, reason="ticket 7"))[0] == 0
    assert made.records()[0]["reason"] == "ticket 7"


async def test_read_only_with_a_reason_stays_read_only(made: Rig) -> None:
    runtime = RigRuntime(made)
    for rules in ({"read_only": True}, {"policy": Policy(read_only=True)}):
        runtime.guard = guard(made, arming=True, **rules)
        code, _, err = await do(runtime, yes=True, reason="let me")
        assert (code, made.link.ran) == (2, [])
        assert "read-only" in err or "read_only" in err


async def test_records_say_who(made: Rig) -> None:
    assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
    intent, outcome = made.records()
    assert intent["uid"] == outcome["uid"] == os.getuid()
    assert intent["plan"] == intent["id"].rpartition("-")[0]
    assert set(intent["claimed_origin"]) <= {"sudo_user", "ssh", "tty"}


async def test_two_jobs_for_one_node_across_processes(made: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "lease"
    folder.mkdir()
    folder.chmod(0o2770)
    listed = replace(made.inventory, actions=ActionSettings(lease_dir=folder))
    made.executor._inventory = listed
    code = f"""
        import sys
        from dataclasses import replace
        from pathlib import Path
        from aen_tui.model.inventory import ActionSettings
        from aen_tui.runtime.lease import lease
        from tests.support.states import inventory
        listed = replace(inventory(), name={listed.name!r}, actions=ActionSettings(lease_dir=Path({str(folder)!r})))
        with lease(listed, "node:{NODE}", "alice", "p-7", what="restart"):
            print("held", flush=True)
            sys.stdin.readline()
    """
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    other = subprocess.Popen(  # noqa: ASYNC220
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
        assert "alice holds aen-server since" in (made.events[-1].error or "")
        assert "wait until it has ended" in (made.events[-1].error or "")
        assert (made.link.ran, made.records()) == ([], [])
        other.kill()
        other.wait(60)
    made.events.clear()
    assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
    (note,) = next(event.detail["lease"] for event in made.events if event.event == "step-started")
    assert note.startswith("taken over: alice holds aen-server since")
    made.events.clear()
    assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
    assert not any(event.detail.get("lease") for event in made.events), "said once"


# -- an audit that takes nothing --------------------------------------------------------------------


class Typing(io.StringIO):
    """stderr of a program whose operator answers each question with the next of some words."""

    def __init__(self, terminal: Terminal, *answers: str) -> None:
        super().__init__()
        self._terminal = terminal
        self._answers = list(answers)

    def write(self, text: str) -> int:
        if text.endswith(("[y/N] ", "syslog alone: ")):
            self._terminal.type(self._answers.pop(0) + "\n")
        return super().write(text)


def break_audit(made: Rig, syslog: Path) -> RigRuntime:
    """The audit's file may not be written: it is open to others."""
    made.audit_path.touch()
    made.audit_path.chmod(0o666)
    runtime = RigRuntime(made)
    audit = AuditLog(made.audit_path, syslog=Syslog(syslog))
    made.executor._audit = audit
    runtime.guard = made.executor.guard = Guard(made.inventory, made.clock, audit)
    return runtime


async def test_no_audit_no_action(made: Rig, tmp_path: Path) -> None:
    runtime = break_audit(made, tmp_path / "nobody")
    code, _, err = await do(runtime, yes=True)
    assert (code, made.link.ran) == (2, [])
    assert "open to others" in err
    runtime.guard.look()
    assert runtime.guard.audit_health == AuditHealth(runtime.guard.audit_health.error, has_syslog=False)
    assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
    assert made.link.ran == []


@pytest.mark.parametrize("words", [("y", "y"), ("y", ""), ("y", "syslog-only"), ("n", "SYSLOG-ONLY")])
async def test_the_word_is_wanted_besides_the_answer(
    made: Rig, terminal: Terminal, tmp_path: Path, dev_log: socket.socket, words: tuple[str, str]
) -> None:
    runtime = break_audit(made, tmp_path / "log")
    code, _, _ = await do(runtime, stdin=terminal.stdin, stderr=Typing(terminal, *words))
    assert (code, made.link.ran) == (2, [])


async def test_yes_does_not_type_the_word(made: Rig, tmp_path: Path, dev_log: socket.socket) -> None:
    code, _, err = await do(break_audit(made, tmp_path / "log"), yes=True)
    assert (code, made.link.ran) == (2, [])
    assert "SYSLOG-ONLY" in err


async def test_syslog_only_acts_with_both_records_in_syslog(
    made: Rig, terminal: Terminal, tmp_path: Path, dev_log: socket.socket
) -> None:
    runtime = break_audit(made, tmp_path / "log")
    stderr = Typing(terminal, "y", "SYSLOG-ONLY")
    code, out, _ = await do(runtime, stdin=terminal.stdin, stderr=stderr, reason="ticket 9")
    assert code == 0, out
    for kind in ("intent", "outcome"):
        line = dev_log.recv(65536)
        assert b"audit-only" in line
        record = json.loads(line[line.index(b"{") :])
        assert (record["kind"], record["reason"], record["argv"][-1]) == (kind, "ticket 9", "wk-server")
    assert made.audit_path.read_bytes() == b""
