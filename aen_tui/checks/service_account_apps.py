"""Apps that the service account runs: package caches become its own then, which hinders all others (seed 002)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_NAMED = 3
_PASSING = frozenset({"other", "node", "git"})
"""What may be the launcher's own work, done on the way to a start."""


def _evaluate(node: NodeState) -> Iterable[Finding]:
    look, account = node.projects.value, node.spec.service_account
    if look is None:
        return
    own = [
        (load.project, [one for one in load.groups if one.user == account and (one.apps or one.kind not in _PASSING)])
        for load in look.loads
    ]
    found = [(project, sum(one.processes for one in groups)) for project, groups in own if groups]
    if not found:
        return
    names = ", ".join(f"{project} ({count})" for project, count in found[:_NAMED])
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
