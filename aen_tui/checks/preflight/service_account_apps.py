"""The service account never runs projects: package caches would be its own then, and no other user's."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    account = look.spec.service_account
    if look.apps is None:
        yield unknown("processes could not be looked at")
        return
    if look.apps.account_uid is None:
        yield unknown(f"which processes are {account}'s could not be told: the node knows no such account")
        return
    projects = list(dict.fromkeys(one.project for one in look.apps.projects))
    for project in projects[:10]:
        pids = [str(one.pid) for one in look.apps.projects if one.project == project]
        yield warning(
            f"{account} runs {len(pids)} processes in {look.spec.projects_root}/{project} (pid {' '.join(pids[:5])})",
            "stop the project, and have its owner start it: log in to AEN with an ordinary account",
        )
    if len(projects) > 10:
        yield warning(f"{account} runs processes in {len(projects) - 10} more projects", "see the node's processes")
    if not projects:
        yield ok(f"{account} runs nothing in {look.spec.projects_root}")


REQUIREMENT = Requirement(
    "service-account-apps", "service account's apps", "002", _evaluate, (Role.COMPUTE,), ("requirement:no-apps-as-nfi",)
)
