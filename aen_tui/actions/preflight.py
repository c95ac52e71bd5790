"""What a plan's commands would meet at sudo, from what sudo says of itself without running anything.

The one question is `sudo -n -l`, at most once a node and quarter of an hour, and only where a plan is made. It runs
nothing and mails nobody: "no mail will be sent if an unauthorized user tries to run sudo with the -l or -v option
unless there is an authentication error and either the mail_always or mail_badpass flags are enabled" (sudoers(5)).
Where its lists leave doubt (wildcards, digests, other paths of the same file) sudo is asked for the very command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from aen_tui.actions.claims import must_have_tty, refusal_in
from aen_tui.actions.sudo_list import Rule, defaults_of, rules_of, verdict
from aen_tui.model.command import CommandResult
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Plan, Step, SudoMet
from aen_tui.model.text import visible_line

SUDO_PATH = "/usr/bin/sudo"
"""Where a password goes to, and nowhere else; its place on EL6 and 7."""
QUESTION = ("sudo", "-n", "-l")

_RETURN = "\u240d"
"""On a terminal sudo ends the lines of its list with a carriage return, made visible on its way here."""
_WANTS_PASSWORD = re.compile(r"sudo: (?:a password is required|a terminal is required|no tty present)")
_NO_SUDO = re.compile(r"sudo: (?:command )?not found|\bsudo['\u2019\"]?: No such file or directory")


class Meets(StrEnum):
    """What a command meets at sudo."""

    NOPASSWD = "nopasswd"
    ASKS = "password"
    """Whether it may be run at all, sudo may say only after the password."""
    NOT_ALLOWED = "not allowed"
    NO_SUDO = "no sudo"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SudoLook:
    """What sudo said of a login user on a node."""

    rules: tuple[Rule, ...] = ()
    meets: Meets | None = None
    """What every command meets there; None where the rules say it."""
    detail: str = ""
    on_terminal: bool = False
    uses_pty: bool = False


def is_sudo(argv: Sequence[str]) -> bool:
    """Whether a command of a plan is run by sudo."""
    return len(argv) > 1 and argv[0].rpartition("/")[2] == "sudo"


def wants_password(argv: Sequence[str]) -> bool:
    """Whether a command of a plan is one that a password is given to."""
    return tuple(argv[:2]) == (SUDO_PATH, "-S")


def look_of(result: CommandResult, *, on_terminal: bool = False) -> SudoLook | None:
    """What `QUESTION`'s answer says; None where it is to be asked again on a terminal."""
    if not on_terminal and must_have_tty(refusal_in(result)):
        return None
    if result.exit_status == 0 and not is_cut(result):
        listed = result.output.replace(_RETURN, "")
        rules, flags = rules_of(listed), defaults_of(listed)
        return SudoLook(rules, None, "", on_terminal or "requiretty" in flags, "use_pty" in flags)
    line = refusal_in(result) or ""
    if _WANTS_PASSWORD.search(line):
        return SudoLook(meets=Meets.ASKS, on_terminal=on_terminal)
    if _NO_SUDO.search(result.output):
        return SudoLook(meets=Meets.NO_SUDO, detail="there is no sudo on the node")
    if line:
        return SudoLook(meets=Meets.NOT_ALLOWED, detail=visible_line(line, 200), on_terminal=on_terminal)
    words = visible_line(result.output.strip() or result.error or f"exit status {result.exit_status}", 200)
    return SudoLook(meets=Meets.UNKNOWN, detail=words, on_terminal=on_terminal)


def is_cut(result: CommandResult) -> bool:
    """Whether the list was too long to come whole: what is not in it is then not known."""
    return result.output.endswith(" bytes more")


def command_of(argv: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The user that `sudo -n [-u USER] COMMAND` runs as, and the command."""
    words = list(argv[1:])
    user = "root"
    while words and words[0].startswith("-"):
        if words.pop(0) == "-u":
            user = words.pop(0)
    return user, tuple(words)


def question_for(argv: Sequence[str]) -> tuple[str, ...]:
    """The question for one very command, where the rules leave doubt."""
    user, command = command_of(argv)
    return (*QUESTION, "-u", user, "--", *command)


def meets(look: SudoLook, argv: Sequence[str], allowed: bool | None = None) -> Meets | None:
    """What a command meets; None where sudo must be asked for the very command.

    Args:
        look: what sudo said on the node.
        argv: the command of a plan.
        allowed: sudo's answer to `question_for`.
    """
    if look.meets is not None:
        return look.meets
    found = verdict(look.rules, *command_of(argv))
    if found.is_sure:
        if not found.is_allowed:
            return Meets.NOT_ALLOWED
        return Meets.ASKS if found.wants_password else Meets.NOPASSWD
    if allowed is None:
        return None
    if not allowed:
        return Meets.NOT_ALLOWED
    if found.wants_password is None:
        return Meets.UNKNOWN
    return Meets.ASKS if found.wants_password else Meets.NOPASSWD


def with_sudo(
    plan: Plan,
    looks: Mapping[NodeName, SudoLook],
    allowed: Mapping[tuple[NodeName, tuple[str, ...]], bool],
    logins: Mapping[NodeName, str],
    prompt: str,
) -> Plan:
    """The plan with what each step meets; where a password is wanted its argv is the one that takes it.

    Args:
        plan: as made, its commands with `sudo -n`.
        looks: node -> what sudo said there; a node that was not asked is missing.
        allowed: (node, argv) -> sudo's answer for that very command, where there was doubt.
        logins: node -> login user.
        prompt: what sudo is to ask with: random, without `%`.
    """

    def step_with(step: Step) -> Step:
        node = step.target.node
        look = looks.get(node)
        if look is None or not is_sudo(step.argv) or wants_password(step.argv):
            return step
        own = meets(look, step.argv, allowed.get((node, step.argv))) or Meets.UNKNOWN
        proof = own
        if is_sudo(step.proof_argv):
            proof = meets(look, step.proof_argv, allowed.get((node, step.proof_argv))) or Meets.UNKNOWN
        return replace(
            step,
            argv=_asking(step.argv, prompt) if own is Meets.ASKS else step.argv,
            proof_argv=_asking(step.proof_argv, prompt) if proof is Meets.ASKS else step.proof_argv,
            met=_met(look, own, proof if step.proof_argv else own, logins.get(node, "the login user")),
        )

    return replace(plan, steps=tuple(step_with(step) for step in plan.steps))


def refusal_of(plan: Plan) -> str | None:
    """Why a plan may not be carried out, by what its nodes and their sudo said; None where nothing is against it."""
    for step in plan.steps:
        if step.blocked:
            return f"{step.target.node}: {step.blocked}"
        if step.met is not None and step.met.refusal:
            return f"{step.target.node}: {step.met.refusal}: nothing was run"
    return None


def _asking(argv: tuple[str, ...], prompt: str) -> tuple[str, ...]:
    return (SUDO_PATH, "-S", "-p", prompt, *(word for word in argv[1:] if word != "-n"))


def _met(look: SudoLook, own: Meets, proof: Meets, login: str) -> SudoMet:
    login = visible_line(login, 80)
    words = {
        Meets.NOPASSWD: "asks for no password",
        Meets.ASKS: f"asks for the password of {login}",
        Meets.NOT_ALLOWED: look.detail or f"does not allow it to {login}",
        Meets.NO_SUDO: look.detail,
        Meets.UNKNOWN: f"what it asks is not known{': ' + look.detail if look.detail else ''}",
    }
    parts = [words[own]]
    if proof is not own:
        parts.append(f"for the proof: {words[proof]}")
    if look.on_terminal:
        parts.append("on a terminal (requiretty)")
    if look.uses_pty:
        parts.append("in a terminal of its own (use_pty)")
    is_out = {Meets.NOT_ALLOWED, Meets.NO_SUDO}
    return SudoMet(
        words=", ".join(parts),
        wants_password=Meets.ASKS in (own, proof),
        on_terminal=look.on_terminal,
        refusal=f"sudo: {words[own]}" if own in is_out else "",
        proof_refusal=f"sudo: {words[proof]}" if proof in is_out else "",
    )
