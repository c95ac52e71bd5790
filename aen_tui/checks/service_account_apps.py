"""Apps that the service account runs: package caches become its own then, which hinders all others (seed 002)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_NAMED = 3


def _evaluate(node: NodeState) -> Iterable[Finding]:
    look, account = node.projects.value, node.spec.service_account
    if look is None:
        return
    found = look.run_by(account)
    if not found:
        return
    names = ", ".join(f"{project} ({count})" for project, count, _ in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more projects" if len(found) > _NAMED else ""
    yield Finding(
        "service-account-apps",
        Severity.WARNING,
        f"{account} runs processes in {names}{more}",
        "stop the project, and have its owner start it: log in to AEN with an ordinary account",
        "002",
    )


def _passed(node: NodeState) -> Finding:
    look = node.projects
    why = "not looked at yet" if look.value is None else look.value.blind
    if why := look.error or why:
        message = f"what {node.spec.service_account} runs in projects is not seen: {why}"
        return Finding("service-account-apps", Severity.UNKNOWN, message, seed="002")
    return Finding("service-account-apps", Severity.OK, "the service account runs nothing in projects", seed="002")


CHECK = Check("service-account-apps", _evaluate, passed=_passed, seed="002", roles=(Role.COMPUTE,))
