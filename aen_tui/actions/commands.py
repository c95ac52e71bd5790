"""The argument list of each command, the user it runs as, and what sudo will be asked.

Never as root where a program of supervisor is meant; sudo only where the inventory allows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import NodeState
from aen_tui.model.node import Become
from aen_tui.model.plans import Target
from aen_tui.model.text import visible_line

LOGIN = "login"
"""Stands for the login user where his name is not known."""

NO_SUDO = "none"
SUDO_EXPECTED = "nopasswd-expected"

_SPLIT_BY_SUPERVISORCTL = re.compile(r"[\s;]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*\Z")


@dataclass(frozen=True, slots=True)
class Command:
    """A command before it becomes a step."""

    argv: tuple[str, ...]
    user: str
    sudo: str


def refuse_bad_program(name: str) -> None:
    """Refuse what supervisorctl would read as something else than one program.

    It joins its arguments with blanks, splits them at blanks and (3.x) at `;`, takes `all` for every program, and
    `GROUP:` as `GROUP:*` for every one of a group, stopped first (supervisor.options.split_namespec): quoting for
    the shell does not help there.

    Raises:
        PlanRefusedError: the name is such a one.
    """
    if not name or name.startswith("-") or "\0" in name or "\n" in name or "\r" in name:
        raise PlanRefusedError(
            f"`{visible_line(name, 80)}` cannot be a program's name",
            hint="a name may not be empty, begin with a dash or hold a NUL or a newline",
        )
    if name.endswith((":", ":*")):
        raise PlanRefusedError(
            f"`{visible_line(name, 80)}` would be a whole group to supervisorctl",
            hint="NODE/GROUP:* asks for each program of a group, where supervisor's socket may be read",
        )
    if _SPLIT_BY_SUPERVISORCTL.search(name) or name in ("all", "*"):
        raise PlanRefusedError(
            f"`{visible_line(name, 80)}` cannot be given to supervisorctl",
            hint="supervisorctl splits names at blanks and `;`, and takes `all` for every program",
        )


def refuse_bad_service(name: str) -> None:
    """Refuse what could be an option or a path to `service`.

    Raises:
        PlanRefusedError: the name is such a one.
    """
    if not _PLAIN_NAME.match(name):
        raise PlanRefusedError(
            f"`{visible_line(name, 80)}` cannot be a service's name",
            hint="letters, digits and `_ . @ -`, the first one a letter or a digit",
        )


def supervisorctl(node: NodeState, target: Target, *words: str) -> Command:
    """`supervisorctl WORDS` of the target's supervisord, as a user who may use its socket.

    Raises:
        PlanRefusedError: only sudo would help, and the inventory says never; or a name that nothing may carry.
    """
    spec = node.spec
    supervisor = target.supervisor or ""
    if not _PLAIN_NAME.match(supervisor):
        raise PlanRefusedError(f"`{visible_line(supervisor, 80)}` is no supervisord of {spec.name}", node=spec.name)
    argv = (f"{spec.root}{spec.install_prefix}/{supervisor}/bin/supervisorctl", *words)
    login = node.connection.user
    if login is not None and _may_use_socket(node, supervisor):
        return Command(argv, login, NO_SUDO)
    return as_account(node, argv, f"supervisor's socket belongs to {spec.service_account}")


def as_account(node: NodeState, argv: tuple[str, ...], why: str) -> Command:
    """A command of the service account's.

    Args:
        node: where it runs.
        argv: the command; in the demo its paths have the root before them already.
        why: why it must be the service account, for a refusal.

    Raises:
        PlanRefusedError: only sudo would help, and the inventory says never; or a name that nothing may carry.
    """
    spec = node.spec
    login, account = node.connection.user, spec.service_account
    if spec.root or login == account:
        return Command(argv, login or LOGIN, NO_SUDO)
    if not _PLAIN_NAME.match(account):
        raise PlanRefusedError(f"`{visible_line(account, 80)}` cannot be a user's name", node=spec.name)
    _refuse_without_sudo(node, why, f"log in as {account}")
    return Command(("sudo", "-n", "-u", account, *argv), account, SUDO_EXPECTED)


def sysv(scene: Scene, node: NodeState, name: str, verb: str) -> Command:
    """`service NAME VERB` as root.

    Raises:
        PlanRefusedError: only sudo would help, and the inventory says never; or a name that nothing may carry.
    """
    refuse_bad_service(name)
    return as_root(node, (scene.service_path, name, verb))


def as_root(node: NodeState, argv: tuple[str, ...]) -> Command:
    """A command that needs root.

    Raises:
        PlanRefusedError: only sudo would help, and the inventory says never.
    """
    spec = node.spec
    argv = (spec.root + argv[0], *argv[1:])
    login = node.connection.user
    if spec.root:
        return Command(argv, login or LOGIN, NO_SUDO)
    if login == "root":
        return Command(argv, "root", NO_SUDO)
    _refuse_without_sudo(node, f"`{argv[0]}` needs root", "log in as root")
    return Command(("sudo", "-n", *argv), "root", SUDO_EXPECTED)


def _may_use_socket(node: NodeState, supervisor: str) -> bool:
    """Whether the login user's own probe, without sudo, reads that supervisord; root may always, and is never used."""
    programs = [service for service in node.services if service.supervisor == supervisor]
    return (
        node.connection.user != "root"
        and bool(programs)
        and all(one.error is None and one.seen_at is not None and not one.under_sudo for one in programs)
    )


def _refuse_without_sudo(node: NodeState, why: str, way_out: str) -> None:
    if node.spec.become is Become.NEVER:
        raise PlanRefusedError(
            f"{why}, and the inventory says become = never for {node.name}",
            node=node.name,
            hint=f'{way_out}, or set become = "actions"',
        )
