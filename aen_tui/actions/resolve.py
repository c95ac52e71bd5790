"""What a target's word means on a node: a program, a group of programs, a supervisord or a SysV service."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.plans import Target
from aen_tui.model.text import visible_line

SUPERVISOR, SYSV = "supervisor", "sysv"
NODE = "node"
"""Manager of what is tried on a node itself, not on a service of it."""
_SYSV_MARK = "service:"


def resolve(node: NodeState, word: str, *, whole_supervisor: bool = False) -> list[Target]:
    """The targets that a word names on a node, in the order supervisor lists them.

    A word that is both a program and a SysV service means the program; `service:NAME` is the SysV one,
    `SUPERVISORD/NAME` a program where two supervisords of a node have one of that name, `GROUP:*` every program
    of a group. Where supervisor's socket may not be read, a program is taken at its word.

    Args:
        node: the node, as it is known.
        word: SERVICE of a target.
        whole_supervisor: the word is to mean a supervisord: its name, or any program of it.

    Raises:
        PlanRefusedError: the word names nothing there, or several things.
    """
    if word.startswith(_SYSV_MARK):
        return [_sysv(node, word.removeprefix(_SYSV_MARK), word)]
    supervisor, slash, name = word.partition("/")
    candidates = [
        service
        for service in node.services
        if service.manager == SUPERVISOR and (not slash or service.supervisor == supervisor)
    ]
    wanted = name if slash else word
    if whole_supervisor:
        return [_supervisord(node, candidates, wanted, word)]
    programs = [service for service in candidates if not _is_unread(service)]
    found = [service for service in programs if _names(wanted, service.name)]
    if found:
        _refuse_ambiguous(node, found, wanted)
        return [Target(node.name, service.name, SUPERVISOR, service.supervisor) for service in found]
    if not slash and any(service.manager == SYSV and service.name == word for service in node.services):
        return [_sysv(node, word, word)]
    unread = [service for service in candidates if _is_unread(service)]
    if len(unread) == 1 and not wanted.endswith(":*"):
        return [Target(node.name, wanted, SUPERVISOR, unread[0].supervisor)]
    raise _nothing(node, word)


def _names(wanted: str, name: str) -> bool:
    if wanted.endswith(":*"):
        return name.startswith(wanted[:-1]) or name == wanted[:-2]
    return name == wanted


def _is_unread(service: ServiceState) -> bool:
    """The one entry that stands for a supervisord which may not be asked."""
    return service.state == "unknown" and service.name == service.supervisor


def _supervisord(node: NodeState, candidates: Iterable[ServiceState], wanted: str, word: str) -> Target:
    names = {
        service.supervisor: None for service in candidates if service.supervisor and wanted == service.supervisor
    } or {service.supervisor: None for service in candidates if service.supervisor and _names(wanted, service.name)}
    if len(names) != 1:
        raise _nothing(node, word)
    (supervisor,) = names
    return Target(node.name, supervisor, SUPERVISOR, supervisor)


def _refuse_ambiguous(node: NodeState, found: Iterable[ServiceState], wanted: str) -> None:
    supervisors = sorted({service.supervisor or "" for service in found})
    if len(supervisors) > 1:
        ways = " or ".join(f"{node.name}/{supervisor}/{wanted}" for supervisor in supervisors)
        raise PlanRefusedError(
            f"`{visible_line(wanted, 80)}` is a program of several supervisords of {node.name}",
            node=node.name,
            hint=f"say {visible_line(ways, 300)}",
        )


def _sysv(node: NodeState, name: str, word: str) -> Target:
    for service in node.services:
        if service.manager == SYSV and service.name == name:
            if service.state == "absent":
                raise PlanRefusedError(f"{visible_line(name, 80)} is not installed on {node.name}", node=node.name)
            return Target(node.name, name, SYSV)
    raise _nothing(node, word)


def _nothing(node: NodeState, word: str) -> PlanRefusedError:
    names = [service.name for service in node.services if service.state != "absent"]
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    groups = [f"{word}:*"] if any(name.startswith(f"{word}:") for name in names) else near
    return PlanRefusedError(
        f"no service `{visible_line(word, 80)}` is known on {node.name}",
        node=node.name,
        hint=f"did you mean `{groups[0]}`?" if groups else "known: " + (", ".join(names) or "none"),
    )
