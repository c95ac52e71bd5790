"""What the commands of each version say, and what that claims."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.claims import claim, refusal_in, refused, wants_terminal
from aen_tui.model.command import CommandResult
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Proof, Step, Target

_TARGET = Target(NodeName("n"), "wk-server", "supervisor", "wakari-server")
_STEP = Step(
    ActionName.RESTART, _TARGET, ("supervisorctl", "restart", "wk-server"), "wakari", "none",
    Known("RUNNING", 7, None, None, None), "",
)  # fmt: skip
_SUDO = replace(_STEP, argv=("sudo", "-n", *_STEP.argv))
_SYSV = replace(_STEP, target=Target(NodeName("n"), "nginx", "sysv"))
_NGINX_TEST = replace(_SYSV, action=ActionName.RELOAD_NGINX, proof=Proof.OUTPUT)
_REREAD = replace(_STEP, action=ActionName.REREAD, proof=Proof.OUTPUT, before=Known("", None, None, None, None))


def _said(step: Step, output: str, status: int | None = 0) -> bool | None:
    return claim(step, CommandResult(step.argv, status, output)).is_ok


@pytest.mark.parametrize(
    ("output", "status", "is_ok"),
    [
        ("wk-server: stopped\nwk-server: started\n", 0, True),
        ("wk-server: ERROR (not running)\nwk-server: started\n", 0, True),
        ("wk-server: stopped\nwk-server: ERROR (abnormal termination)\n", 0, False),  # 3.0, exit 0
        ("wk-server: stopped\nwk-server: ERROR (spawn error)\n", 0, False),  # 3.4, exit 0
        ("wk-server: stopped\nwk-server: ERROR (spawn error)\n", 7, False),  # 4.x
        ("wk-server: ERROR (no such process)\n", 0, False),
        ("unix:///opt/wakari/x.sock no such file\n", 0, False),
        ("unix:///opt/wakari/x.sock refused connection\n", 0, False),
        ("error: <class 'socket.error'>, [Errno 13] Permission denied: file: <string> line: 1\n", 2, False),
        ("wk-server: stopped\n", 0, None),
        ("", 0, None),
        ("bash: /opt/wakari/bin/supervisorctl: No such file or directory\n", 127, False),
    ],
)
def test_restart_of_a_program(output: str, status: int, is_ok: bool | None) -> None:
    assert _said(_STEP, output, status) is is_ok


def test_start_that_is_already_started_is_no_success() -> None:
    assert _said(replace(_STEP, action=ActionName.START), "wk-server: ERROR (already started)\n") is False


@pytest.mark.parametrize(
    ("output", "wants_tty"),
    [
        ("sudo: a password is required\n", False),
        ("sudo: no tty present and no askpass program specified\n", False),
        ("ops is not in the sudoers file.  This incident will be reported.\n", False),
        ("Sorry, user ops is not allowed to execute '/sbin/service nginx restart' as root on n.\n", False),
        ("sudo: sorry, you must have a tty to run sudo\n", True),
        ("bash: sudo: command not found\n", False),
    ],
)
def test_sudo_refuses_before_anything_is_run(output: str, wants_tty: bool) -> None:
    result = CommandResult(_SUDO.argv, 1, output)
    said = claim(_SUDO, result)
    assert (said.is_ok, said.was_refused, wants_terminal(result)) == (False, True, wants_tty)


@pytest.mark.parametrize(
    "refusal",
    [
        "sudo: sorry, you must have a tty to run sudo",
        "sudo: a password is required",
        "Sorry, user wakari is not allowed to execute '/bin/true' as root on n.",
    ],
)
def test_a_script_that_had_begun_before_its_own_sudo_refused_was_run(refusal: str) -> None:
    step = replace(_SYSV, argv=("sudo", "-n", "/sbin/service", "x", "restart"))
    result = CommandResult(step.argv, 1, f"Stopping x:   [  OK  ]\n{refusal}\n")
    said = claim(step, result)
    assert (said.is_ok, said.was_refused, wants_terminal(result)) == (False, False, False)
    assert refused(result) is None
    assert refusal_in(result) == refusal, "still read where nothing is changed by it"


def test_a_refusal_for_a_terminal_is_asked_again_only_where_it_is_the_sole_line() -> None:
    lines = "sudo: unable to resolve host n\nsudo: sorry, you must have a tty to run sudo\n"
    result = CommandResult(_SUDO.argv, 1, lines)
    assert (refused(result) is not None, wants_terminal(result)) == (True, False)


def test_a_lecture_before_it_is_sudos_own() -> None:
    lecture = (
        "We trust you have received the usual lecture from the local System\n"
        "Administrator. It usually boils down to these three things:\n\n    #1) Respect the privacy of others.\n"
        "    #2) Think before you type.\n    #3) With great power comes great responsibility.\n\n"
        "For security reasons, the password you type will not be visible.\n\n"
    )
    output = lecture + "Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n"
    assert claim(_SUDO, CommandResult(_SUDO.argv, 1, output)).was_refused


def test_words_of_sudo_in_a_programs_output_are_no_refusal() -> None:
    assert not claim(_STEP, CommandResult(_STEP.argv, 1, "sudo: a password is required\n")).was_refused


@pytest.mark.parametrize(
    ("output", "status", "is_ok"),
    [
        ("Stopping nginx:   [  OK  ]\nStarting nginx:   [  OK  ]\n", 0, True),
        ("Stopping nginx:   [FAILED]\nStarting nginx:   [  OK  ]\n", 0, True),
        ("Stopping nginx:   [  OK  ]\nStarting nginx:   [FAILED]\n", 0, False),
        ("Redirecting to /bin/systemctl restart nginx.service\n", 0, True),
        ("nginx: unrecognized service\n", 1, False),
    ],
)
def test_sysv(output: str, status: int, is_ok: bool) -> None:
    assert _said(_SYSV, output, status) is is_ok


def test_nginx_test_is_judged_by_its_words_and_its_status() -> None:
    good = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: … test is successful\n"
    assert _said(_NGINX_TEST, good) is True
    assert _said(_NGINX_TEST, good, 1) is False
    assert _said(_NGINX_TEST, "", 0) is False
    assert _said(_NGINX_TEST, "nginx: [emerg] unknown directive\nnginx: configuration file test failed\n", 1) is False


def test_reread_and_what_is_left() -> None:
    assert _said(_REREAD, "No config updates to processes\n") is True
    assert _said(_REREAD, "wk-new: available\nworker: changed\n") is True
    assert _said(_REREAD, "ERROR: CANT_REREAD: no section\n") is False
    left = replace(_REREAD, proof=Proof.NOTHING_LEFT)
    assert _said(left, "No config updates to processes\n") is True
    assert _said(left, "wk-new: available\n") is False
