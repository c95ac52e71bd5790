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


CHECK = Check(
    "service-account-apps", _evaluate, passed="the service account runs nothing in projects", seed="002",
    roles=(Role.COMPUTE,),
)  # fmt: skip
