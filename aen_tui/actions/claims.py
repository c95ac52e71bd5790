"""What a command's own words claim. Its exit status is read last, and never alone.

supervisorctl 3.x exits 0 whatever happened, 4.x with a code of its own; both say `NAME: started` or
`NAME: ERROR (why)`. Before 3.1 NAME lacks the group. sudo refuses before anything is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.actions.resolve import NODE, SUPERVISOR
from aen_tui.model.command import CommandResult
from aen_tui.model.plans import ActionName, Proof, Step
from aen_tui.model.text import visible_line

_ERROR_LINE = re.compile(r"^(?P<name>\S.*?): ERROR \((?P<why>.*)\)\s*$")
_DONE_LINE = re.compile(r"^(?P<name>\S.*?): (?P<what>started|stopped)\s*$")
_CANNOT_ASK = re.compile(
    r"^(?:unix://.*(?:no such file|refused connection)|https?://.*refused connection"
    r"|[Ee]rror: .*|ERROR: .*|\*\*\* .*|Server requires authentication.*"
    r"|.*: (?:command not found|No such file or directory|not found|Permission denied)|.*SHUTDOWN_STATE.*)\s*$"
)
_SUDO_REFUSED = re.compile(
    r"sudo: (?:a password is required|a terminal is required|no tty present|sorry, you must have a tty"
    r"|.*(?:[Aa]ccount|[Pp]assword).*(?:expired|locked)|.*is not in the sudoers|.*no valid sudoers"
    r"|no password was provided|\d+ incorrect password|PAM (?:account|authentication) )"
    r"|is not allowed to (?:execute|run)|is not in the sudoers file|may not run sudo"
    r"|sudo: (?:command )?not found|\bsudo['\u2019\"]?: No such file or directory",
)
_WANTS_TTY = re.compile(r"sudo: (?:sorry, )?you must have a tty")
_SUDOS_WORDS = re.compile(
    r"sudo: |Sorry, |\[sudo\]|.+? is not (?:allowed to (?:execute|run)|in the sudoers file)|This incident (?:will|has)"
    r"|We trust you have received the usual lecture|Administrator\. It usually boils down|#[123]\) "
    r"|For security reasons, the password you type|Your account has expired|Account (?:expired|(?:temporarily )?locked)"
    r"|You are required to change your password|Password (?:has )?expired|The account is locked|\(\d+ minutes? left to"
    r"|(?:\S+: )*(?:line \d+: )?(?:env: )?['\u2018]?(?:\S*/)?sudo['\u2019]?: (?:No such file|(?:command )?not found)"
)
"""How a line begins that sudo, its lecture (sudo's lecture.in), PAM behind it, or a shell without sudo writes."""
_ANNOUNCED = re.compile(r"^\S.*: (?:available|changed|disappeared)\s*$")
_NOTHING = re.compile(r"^No config updates to processes\s*$")
_RELOADED = re.compile(r"^Restarted supervisord\s*$")
_APPLIED = re.compile(r"^\S.*: (?:stopped|updated process group|added process group|removed process group)\s*$")
_NO_ACL = re.compile(r"^setfacl: .*: (?:Operation not supported|Not supported)$")
_LAST_LINES = 3
"""Of what a trial's command printed before it failed."""
_SYSV_FAILED = re.compile(r"^\s*(?:re)?start(?:ing)?\b.*\[?\s*FAILED\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the command says of itself."""

    is_ok: bool | None
    """None where its words say neither."""
    error: str | None = None
    was_refused: bool = False
    """sudo refused: the command itself was never run."""
    was_lost: bool = False
    """Its words never came: the link went, or it did not end in time."""


def claim(step: Step, result: CommandResult) -> Claim:
    """The claim of a step's command that ended."""
    lines = _lines(result)
    if refusal := refused(result):
        return Claim(False, f"{visible_line(refusal, 300)}; nothing was run", True)
    if step.target.manager == NODE:
        return _trial(step, lines, result.exit_status)
    if step.proof is Proof.OUTPUT and step.action is ActionName.RELOAD_NGINX:
        return _nginx_test(lines, result.exit_status)
    if step.target.manager == SUPERVISOR:
        spoken = _configuration(step, lines) if step.before.state == "" else _program(step.action, lines)
        return spoken or Claim(None, _silent(lines, result))
    return _sysv(lines, result.exit_status)


def refused(result: CommandResult) -> str | None:
    """The line in which sudo refused to run a command; None where it did not, or the command is not under sudo.

    Only where nothing else was written: a script that calls sudo itself hears the same words, after it has begun.
    """
    lines = _lines(result)
    if result.refusal is None and not all(_SUDOS_WORDS.match(line) for line in lines):
        return None
    return refusal_in(result)


def refusal_in(result: CommandResult) -> str | None:
    """The first line of sudo's refusing, whatever stands around it: for a question that changes nothing."""
    if result.refusal is not None:
        return result.refusal
    if result.exit_status == 0 or result.argv[0].rpartition("/")[2] != "sudo":
        return None
    return next((line for line in _lines(result) if _SUDO_REFUSED.search(line)), None)


def _lines(result: CommandResult) -> list[str]:
    return [line.strip() for line in result.output.replace("\r", "\n").split("\n") if line.strip()]


def wants_terminal(result: CommandResult) -> bool:
    """Whether sudo refused for want of a terminal alone (`Defaults requiretty`): on one it would run the command."""
    return len(_lines(result)) == 1 and must_have_tty(refused(result))


def must_have_tty(refusal: str | None) -> bool:
    """Whether a refusal is sudo's for want of a terminal."""
    return refusal is not None and bool(_WANTS_TTY.search(refusal))


def announcements(lines: Sequence[str]) -> tuple[str, ...]:
    """Of what `reread` printed, the lines that say what would change."""
    return tuple(line.strip() for line in lines if _ANNOUNCED.match(line.strip()))


def cannot_ask(lines: Sequence[str]) -> str | None:
    """The line in which supervisorctl said that it could not ask its supervisord, or that there is no such program."""
    return next((line for line in lines if _CANNOT_ASK.match(line) or _ERROR_LINE.match(line)), None)


def _program(action: ActionName, lines: list[str]) -> Claim | None:
    """`restart` of what did not run says "not running" first: only the start counts."""
    errors = [match["why"] for line in lines if (match := _ERROR_LINE.match(line))]
    done = [match["what"] for line in lines if (match := _DONE_LINE.match(line))]
    if action is ActionName.RESTART:
        errors = [why for why in errors if why != "not running"]
    cannot = next((line for line in lines if _CANNOT_ASK.match(line)), None)
    if errors or cannot:
        return Claim(False, visible_line("; ".join(errors) or cannot or "", 300))
    wanted = "stopped" if action is ActionName.STOP else "started"
    return Claim(True) if wanted in done else None


def _configuration(step: Step, lines: list[str]) -> Claim | None:
    errors = [line for line in lines if _CANNOT_ASK.match(line) or _ERROR_LINE.match(line) or "has problems" in line]
    if errors:
        return Claim(False, visible_line("; ".join(errors), 300))
    if step.announced and set(announcements(lines)) != set(step.announced):
        return Claim(False, visible_line("it says something else than was shown: " + "; ".join(lines), 300))
    if step.proof is Proof.NOTHING_LEFT:
        if any(_NOTHING.match(line) for line in lines):
            return Claim(True)
        return Claim(False, visible_line("still to be applied: " + "; ".join(lines), 300)) if lines else None
    if step.action is ActionName.RELOAD:
        return Claim(True) if any(_RELOADED.match(line) for line in lines) else None
    if any(_ANNOUNCED.match(line) or _NOTHING.match(line) or _APPLIED.match(line) for line in lines):
        return Claim(True)
    is_silent_update = step.argv[-1] == "update" and not lines
    return Claim(True) if is_silent_update else None


def _nginx_test(lines: list[str], exit_status: int | None) -> Claim:
    wrong = [line for line in lines if "[emerg]" in line or "test failed" in line]
    if exit_status == 0 and not wrong and any("test is successful" in line for line in lines):
        return Claim(True)
    return Claim(False, visible_line("; ".join(wrong or lines) or f"nginx -t ended with {exit_status}", 300))


def _sysv(lines: list[str], exit_status: int | None) -> Claim:
    failed = next((line for line in lines if _SYSV_FAILED.match(line)), None)
    if failed is not None or exit_status != 0:
        text = failed or (lines[-1] if lines else "")
        return Claim(False, visible_line(f"exit status {exit_status}{': ' + text if text else ''}", 300))
    return Claim(True)


def _trial(step: Step, lines: list[str], exit_status: int | None) -> Claim:
    if exit_status not in step.good_statuses:
        text = "; ".join(lines[-_LAST_LINES:]) or f"not so: {step.expect}"
        about = "no ACLs there: " if any(_NO_ACL.search(line) for line in lines) else ""
        return Claim(False, visible_line(f"{about}{text} (exit status {exit_status})", 300))
    if step.says and not any(line.startswith(step.says) for line in lines):
        return Claim(False, visible_line(f"no line begins `{step.says}`: {'; '.join(lines) or 'it said nothing'}", 300))
    return Claim(True)


def rests_on(step: Step, lines: Sequence[str]) -> tuple[str, ...]:
    """What proves a step of a trial that ended well: the line that it had to print, else what its end means."""
    if step.target.manager != NODE:
        return ()
    line = next((line for line in lines if step.says and line.strip().startswith(step.says)), None)
    return (step.expect if line is None else visible_line(line.strip(), 200),)


def _silent(lines: list[str], result: CommandResult) -> str:
    return visible_line("; ".join(lines) or result.error or f"it said nothing, exit status {result.exit_status}", 300)
