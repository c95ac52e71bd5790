"""What `sudo -l` prints, and what follows for a command."""

from __future__ import annotations

import pytest

from aen_tui.actions.preflight import Meets, command_of, look_of, meets
from aen_tui.actions.sudo_list import Verdict, rules_of, verdict
from aen_tui.model.command import CommandResult

HEAD = "Matching Defaults entries for ops on n:\n    {}\n\nUser ops may run the following commands on n:\n"
CTL = "/opt/wakari/wakari-server/bin/supervisorctl"
RESTART = (CTL, "restart", "wk-server")
NO_PASSWORD, ASKS, NOT_ALLOWED = Verdict(True, True, False), Verdict(True, True, True), Verdict(True, False)


def listed(*rules: str, defaults: str = "env_reset") -> str:
    return HEAD.format(defaults) + "".join(f"    {rule}\n" for rule in rules)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["(ALL) NOPASSWD: ALL"], NO_PASSWORD),
        (["(ALL : ALL) ALL"], ASKS),
        (["(root) NOPASSWD: ALL"], NOT_ALLOWED),
        ([f"(wakari) NOPASSWD: {CTL} restart wk-server"], NO_PASSWORD),
        ([f"(wakari) NOPASSWD: {CTL} restart worker"], NOT_ALLOWED),
        ([f"(wakari) NOPASSWD: {CTL}"], NO_PASSWORD),
        ([f'(wakari) NOPASSWD: {CTL} ""'], NOT_ALLOWED),
        ([f"(wakari) NOPASSWD: SETENV: NOEXEC: {CTL} restart wk-server, PASSWD: {CTL} stop wk-server"], NO_PASSWORD),
        ([f"(wakari) PASSWD: {CTL} stop wk-server, {CTL} restart wk-server"], ASKS),
        (["(ALL) NOPASSWD: ALL", f"(wakari) {CTL} restart wk-server"], ASKS),  # the last one counts
        (["(ALL) NOPASSWD: ALL", f"(wakari) !{CTL} restart wk-server"], NOT_ALLOWED),
        ([f"(wakari) NOPASSWD: {CTL} restart *"], NO_PASSWORD),
        ([f"(wakari) NOPASSWD: {CTL} start *"], NOT_ALLOWED),
        (["(%wakari) NOPASSWD: ALL"], Verdict(False, wants_password=False)),
        (["(ALL, !root) ALL"], Verdict(False, wants_password=True)),
        (
            ["(wakari) NOPASSWD: /opt/wakari/*/bin/supervisorctl restart wk-server"],
            Verdict(False, wants_password=False),
        ),
        (["(wakari) NOPASSWD: /usr/local/bin/supervisorctl"], Verdict(False, wants_password=False)),
        (["(wakari) NOPASSWD: sha256:00ff /bin/x"], Verdict(False, wants_password=False)),
        (["(wakari) ALL", "(#7001) NOPASSWD: ALL"], Verdict(False, wants_password=None)),
        (["(wakari) CWD=/ TIMEOUT=60 NOPASSWD: ALL"], NO_PASSWORD),
        (["(wakari) sudoedit /etc/hosts"], NOT_ALLOWED),
    ],
)
def test_what_the_rules_say(rules: list[str], expected: Verdict) -> None:
    assert verdict(rules_of(listed(*rules)), "wakari", RESTART) == expected


def test_a_list_broken_at_the_terminals_width_is_whole() -> None:
    text = listed(f"(wakari) NOPASSWD: {CTL} stop wk-server,", f"    {CTL} restart", "    wk-server")
    assert verdict(rules_of(text), "wakari", RESTART) == NO_PASSWORD


def test_a_list_from_a_terminal() -> None:
    text = "".join(
        f"{line}\u240d\n" for line in listed(f"(wakari) NOPASSWD: {CTL} restart", "    wk-server").splitlines()
    )
    look = look_of(CommandResult(("sudo", "-n", "-l"), 0, text), on_terminal=True)
    assert look is not None
    assert meets(look, ("sudo", "-n", "-u", "wakari", *RESTART)) is Meets.NOPASSWD


def test_defaults_that_ask_nobody() -> None:
    assert verdict(rules_of(listed("(ALL) ALL", defaults="env_reset, !authenticate")), "wakari", RESTART) == NO_PASSWORD


def test_colons_and_commas_in_names_are_unescaped() -> None:
    rules = rules_of(listed(rf"(wakari) NOPASSWD: {CTL} restart worker\:w_00, {CTL} stop a\,b"))
    assert verdict(rules, "wakari", (CTL, "restart", "worker:w_00")) == NO_PASSWORD
    assert verdict(rules, "wakari", (CTL, "stop", "a,b")) == NO_PASSWORD


@pytest.mark.parametrize(
    ("output", "status", "expected"),
    [
        ("sudo: a password is required\n", 1, Meets.ASKS),
        ("sudo: no tty present and no askpass program specified\n", 1, Meets.ASKS),
        ("env: sudo: No such file or directory\n", 127, Meets.NO_SUDO),
        ("bash: sudo: command not found\n", 127, Meets.NO_SUDO),
        ("Sorry, user ops may not run sudo on n.\n", 1, Meets.NOT_ALLOWED),
        ("sudo: account validation failure, is your account locked?\n", 1, Meets.NOT_ALLOWED),
        ("sudo: Account expired, contact your system administrator\n", 1, Meets.NOT_ALLOWED),
        ("something else\n", 1, Meets.UNKNOWN),
        (listed("(ALL) NOPASSWD: ALL") + "\u2026 12 bytes more", 0, Meets.UNKNOWN),
    ],
)
def test_what_a_node_meets(output: str, status: int, expected: Meets) -> None:
    look = look_of(CommandResult(("sudo", "-n", "-l"), status, output))
    assert look is not None
    assert meets(look, ("sudo", "-n", "-u", "wakari", *RESTART)) is expected


def test_a_sudo_that_wants_a_terminal_is_asked_on_one() -> None:
    result = CommandResult(("sudo", "-n", "-l"), 1, "sudo: sorry, you must have a tty to run sudo\n")
    assert look_of(result) is None
    look = look_of(CommandResult(("sudo", "-n", "-l"), 0, listed("(ALL) NOPASSWD: ALL")), on_terminal=True)
    assert look is not None
    assert look.on_terminal


def test_what_is_run_and_as_whom() -> None:
    assert command_of(("sudo", "-n", "-u", "wakari", *RESTART)) == ("wakari", RESTART)
    assert command_of(("sudo", "-n", "/sbin/service", "nginx", "restart")) == (
        "root",
        ("/sbin/service", "nginx", "restart"),
    )
