"""`do` that a signal ends: what it exits with, what it says, and what is on record."""

from __future__ import annotations

import io
import json
import os
import signal
import termios

import pytest

from aen_tui.config.targets import Target
from aen_tui.headless.terminal_answer import ask_masked
from aen_tui.model.plans import ActionName, Plan, Result
from aen_tui.runtime.audit_verify import verify
from tests.integration.actions.supervisord import NODE, Rig
from tests.integration.actions.test_do import Answering, RigRuntime, Terminal, do

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Signalled(io.StringIO):
    """stderr of a program that gets a signal as soon as a text stands there."""

    def __init__(self, number: signal.Signals, text: str) -> None:
        super().__init__()
        self._number = number
        self._text = text

    def write(self, text: str) -> int:
        if self._text in text:
            os.kill(os.getpid(), self._number)
        return super().write(text)


@pytest.mark.parametrize("number", SIGNALS)
async def test_at_the_question_nothing_is_done(made: Rig, terminal: Terminal, number: signal.Signals) -> None:
    stderr = Signalled(number, "[y/N] ")
    code, out, _ = await do(RigRuntime(made), stdin=terminal.stdin, stderr=stderr, as_json=True)
    assert code == 2
    assert [json.loads(line)["result"] for line in out.splitlines()] == ["refused"]
    assert "interrupted: nothing was done" in out
    assert (made.link.ran, made.records()) == ([], [])


class SignalledAtTheUpdate(Answering):
    """Its operator confirms the reread, and at the question of the update it gets a signal."""

    def write(self, text: str) -> int:
        if "to update to" in text:
            os.kill(os.getpid(), signal.SIGINT)
            return len(text)
        return super().write(text)


async def test_at_the_question_of_an_update_nothing_is_done_either(made: Rig, terminal: Terminal) -> None:
    made.supervisord.program("extra", "exec sleep 1000\n")
    whole = Target(NODE, service="wakari-server")
    stderr = SignalledAtTheUpdate(terminal, "aen-server\n")
    code, out, _ = await do(
        RigRuntime(made), whole, action=ActionName.UPDATE, stdin=terminal.stdin, stderr=stderr, as_json=True
    )
    assert (code, [argv[-1] for argv, _ in made.link.ran]) == (2, ["reread"])
    assert "interrupted: nothing was done" in out.splitlines()[-1]


class AsksForAPassword(RigRuntime):
    """sudo's password is asked for before the first step."""

    def __init__(self, made: Rig, terminal: Terminal, stderr: io.StringIO) -> None:
        super().__init__(made)
        self._terminal = terminal
        self._stderr = stderr

        async def ask(plan: Plan) -> str | None:
            return None if await ask_masked("password: ", terminal.stdin, stderr) else "none was given"

        made.executor.without_password = ask  # type: ignore[method-assign]


@pytest.mark.parametrize("number", SIGNALS)
async def test_at_the_password_nothing_is_done_and_the_terminal_echoes_again(
    made: Rig, terminal: Terminal, number: signal.Signals
) -> None:
    stderr = Signalled(number, "password: ")
    runtime = AsksForAPassword(made, terminal, stderr)
    code, _, _ = await do(runtime, stdin=terminal.stdin, stderr=stderr, yes=True)
    assert (code, made.link.ran, made.records()) == (2, [], [])
    assert termios.tcgetattr(terminal.stdin.fileno())[3] & termios.ECHO


@pytest.mark.parametrize("number", SIGNALS)
async def test_during_a_step_it_is_unverified_and_on_record(made: Rig, number: signal.Signals) -> None:
    code, out, _ = await do(RigRuntime(made), stderr=Signalled(number, "restart ..."), yes=True)
    assert code == 3
    assert "unverified: interrupted" in out
    assert [(record["kind"], record["result"]) for record in made.records()] == [
        ("intent", None),
        ("outcome", Result.UNVERIFIED.value),
    ]
    assert verify(made.audit_path, None).faults == ()
