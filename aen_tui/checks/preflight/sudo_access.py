"""Root or sudo access. It is not tried: every refusal of sudo is mailed to root."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning

_SETUID = 0o4000


def _evaluate(look: Look) -> Iterable[Verdict]:
    host = look.host
    if host is None:
        yield unknown("sudo could not be looked at")
        return
    refusals = [note for note in look.node.connection.notes if note.startswith("sudo:")]
    if host.uid == 0:
        yield ok("logged in as root")
    elif host.sudo_mode is None:
        yield warning(f"sudo is not installed, and {host.user} is not root", "`yum install sudo`, or log in as root")
    elif not host.sudo_mode & _SETUID:
        yield warning("sudo is not setuid: it can raise nobody", "`rpm --setperms sudo`")
    elif refusals:
        yield warning(refusals[0], "`aen-tui info --sudoers` prints the lines that are wanted")
    else:
        yield ok(f"sudo is installed; whether {host.user} may use it is not tried, a refusal is mailed to root")


REQUIREMENT = Requirement(
    "sudo-access", "sudo", "000", _evaluate, covers=("requirement:root-or-sudo", "004 requirement:root-or-sudo")
)
