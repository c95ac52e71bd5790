"""A documented program that its supervisord does not manage: nobody starts it, and nothing else says so (seed 002).

Of PAM's first variant (seed 004) it is right: wk-server's file is called wk-server.conf.SUSPEND, and the service
wakari-server-root runs it as root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity
from aen_tui.services import NO_PROGRAMS, Service, services_of

_AS_ROOT = "wakari-server-root"
_BY_ROOT = "wk-server"
"""The program that wakari-server-root runs."""


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for service in services_of(node.spec):
        rows = [one for one in node.services if one.supervisor is not None and one.supervisor == service.supervisor]
        programs = [one for one in rows if one.error != NO_PROGRAMS]
        if not rows or (programs and all(one.state == "unknown" for one in programs)):
            continue  # not installed, or not to be seen: that is said elsewhere
        for program in service.programs:
            if not any(service.calls(program, one.name) for one in programs) and not _is_planned(
                node, service, program
            ):
                yield from _missing(node, service, program, programs)


def _is_planned(node: NodeState, service: Service, program: str) -> bool:
    """Whether it is under maintenance: its row is left out then, and so is that of wakari-server-root."""
    planned = node.planned.services if node.planned is not None else frozenset()
    return any(service.calls(program, name) for name in planned) or (program == _BY_ROOT and _AS_ROOT in planned)


def _missing(node: NodeState, service: Service, program: str, there: Sequence[ServiceState]) -> Iterable[Finding]:
    remedy = (
        f"look for {program}.conf in {node.spec.install_prefix}/{service.supervisor}/etc/supervisord/conf.d, "
        f"then `supervisorctl update`"
    )
    root = next((one for one in node.services if one.name == _AS_ROOT and one.state != "absent"), None)
    why = ""
    if program == _BY_ROOT and root is not None:
        if root.state == "RUNNING":
            return
        if root.state == "unknown":
            message = f"{program} is not in supervisor; whether {_AS_ROOT} runs it is not known: {root.error}"
            yield Finding("program-missing", Severity.UNKNOWN, message, remedy, "004")
            return
        why, remedy = f", and {_AS_ROOT} is {root.state}", f"`service {_AS_ROOT} start`, or else {remedy}"
    names = ", ".join(one.name for one in there) or "nothing"
    message = f"{service.supervisor} does not manage {program}, only {names}{why}"
    # one that no page names may be the wanted one by another name
    has_other = any(not any(service.calls(known, one.name) for known in service.programs) for one in there)
    severity = Severity.WARNING if has_other else Severity.CRITICAL
    yield Finding("program-missing", severity, message, remedy, service.seed)


CHECK = Check(
    "program-missing",
    _evaluate,
    passed="every documented program is in supervisor, or runs as root for PAM",
    seed="002",
    covers=(
        "process:wk-server",
        "process:wakari-worker",
        "process:wk-gateway",
        "process:wk-compute",
        "004 process:worker",
        "004 process:wk-server",
        "004 file:/opt/wakari/wakari-server/etc/supervisord/conf.d/wk-server.conf",
        "004 requirement:pam-variant",
    ),
    roles=(Role.SERVER, Role.GATEWAY, Role.COMPUTE),
)
