"""`supervisorctl status NAME` in the words of every version."""

from __future__ import annotations

import pytest

from aen_tui.actions.status_text import service_of
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Target

CTL = "/opt/wakari/wakari-server/bin/supervisorctl"


def said(output: str, status: int | None = 0, *, name: str = "wk-server", sudo: bool = True) -> ServiceState:
    words = ("sudo", "-n", "-u", "wakari") if sudo else ()
    target = Target(NodeName("n"), name, "supervisor", "wakari-server")
    return service_of(target, CommandResult((*words, CTL, "status", name), status, output), 7.0)


@pytest.mark.parametrize(
    ("line", "state", "pid", "uptime"),
    [
        ("wk-server                        RUNNING    pid 2812, uptime 12 days, 3:04:11", "RUNNING", 2812, 1047851),
        ("wk-server                        RUNNING    pid 2812, uptime 1 day, 0:00:01", "RUNNING", 2812, 86401),
        ("wk-server                        RUNNING   pid 9105, uptime 0:00:07", "RUNNING", 9105, 7),
        ("wk-server   RUNNING   pid 9105, uptime 0:00:00\r", "RUNNING", 9105, 0),
        ("wk-server                        STOPPED    Oct 19 03:14 PM", "STOPPED", None, None),
        ("wk-server                        STOPPED   Not started", "STOPPED", None, None),
        ("wk-server                        STARTING   ", "STARTING", None, None),
        ("wk-server                        BACKOFF    Exited too quickly (process log may have details)", "BACKOFF", None, None),  # noqa: E501
        ("wk-server                        FATAL      can't find command '/x'", "FATAL", None, None),
    ],
)  # fmt: skip
def test_a_line_of_status(line: str, state: str, pid: int | None, uptime: int | None) -> None:
    seen = said(f"Welcome to this node\n{line}\n", 3)
    assert (seen.state, seen.pid, seen.uptime_seconds, seen.seen_at, seen.error) == (state, pid, uptime, 7.0, None)
    assert (seen.name, seen.manager, seen.supervisor) == ("wk-server", "supervisor", "wakari-server")


def test_a_program_of_a_group() -> None:
    assert said("worker:w2_00   RUNNING   pid 9105, uptime 0:00:07\n", name="worker:w2_00").pid == 9105


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("No such process wk-server\n", "No such process"),  # 3.0
        ("wk-server: ERROR (no such process)\n", "no such process"),  # 3.1 and later
        ("unix:///opt/wakari/x.sock no such file\n", "no such file"),
        ("unix:///opt/wakari/x.sock refused connection\n", "refused connection"),
        ("error: <class 'socket.error'>, [Errno 13] Permission denied: file: <string> line: 1\n", "Permission denied"),
        ("sudo: a password is required\n", "a password is required"),
        ("Sorry, user ops is not allowed to execute 'x' as wakari on n.\n", "not allowed"),
        ("another   RUNNING   pid 9105, uptime 0:00:07\n", "another"),
        ("wk-server-2   RUNNING   pid 9105, uptime 0:00:07\n", "wk-server-2"),
        ("", "it said nothing"),
    ],
)
def test_what_is_no_state_is_unknown_with_the_reason(output: str, words: str) -> None:
    seen = said(output, 1)
    assert (seen.state, seen.pid) == ("unknown", None)
    assert words in (seen.error or "")


def test_hostile_text_is_made_visible() -> None:
    assert "\x1b" not in (said("\x1b]0;owned\x07\n", 1).error or "")
    assert "\x1b" not in said("wk-server   FATAL   \x1b[2Jx\n").description
