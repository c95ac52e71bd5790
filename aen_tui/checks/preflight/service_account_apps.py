"""The service account never runs projects: package caches would be its own then, and no other user's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aen_tui.checks.preflight import LOOK_AS_ROOT, Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import AppFacts

_NAMED = 10
_PROJECT = "stop the project, and have its owner start it: log in to AEN with an ordinary account"
_ASTRAY = "find out who began it, and stop it: what works on users' files is begun by their owner"


def _evaluate(look: Look) -> Iterable[Verdict]:
    account, live, asked = look.spec.service_account, look.node.projects, look.facts.apps
    if live.value is not None and (live.seen_at or 0.0) >= (asked.seen_at or 0.0):
        astray = [one for one in _run_by(asked.value) if "/" not in one[0]] if asked.value else []
        if astray:
            look.part("apps")
        yield from _said(look, [*live.value.run_by(account), *astray], live.value.blind, live.error)
        return
    look.part("apps")
    if asked.value is None:
        yield unknown("processes could not be looked at")
    elif asked.value.account_uid is None:
        yield unknown(f"which processes are {account}'s could not be told: the node knows no such account")
    else:
        yield from _said(look, _run_by(asked.value), asked.value.blind)


def _run_by(apps: AppFacts) -> list[tuple[str, int, tuple[int, ...]]]:
    """As `ProjectsLook.run_by`, of preflight's own look; and what runs in no project, but beside them."""
    pids: dict[str, list[int]] = {}
    for one in apps.projects:
        if not one.is_start:
            pids.setdefault(one.project, []).append(one.pid)
    return [(project, len(found), tuple(found)) for project, found in pids.items()]


def _said(
    look: Look, found: Sequence[tuple[str, int, tuple[int, ...]]], blind: str | None, error: str | None = None
) -> Iterator[Verdict]:
    account, root = look.spec.service_account, look.spec.projects_root
    for project, count, pids in found[:_NAMED]:
        place = f"{root}/{project}".rstrip("/")
        yield warning(
            f"{account} runs {count} processes in {place} (pid {' '.join(map(str, pids[:5]))})",
            _PROJECT if "/" in project else _ASTRAY,
        )
    if len(found) > _NAMED:
        yield warning(f"{account} runs processes in {len(found) - _NAMED} more projects", "see the node's processes")
    if not found and error is not None:
        yield unknown(f"what {account} runs in {root} could not be looked at again: {error}")
    elif not found and blind is not None:
        yield unknown(f"what {account} runs in {root} is not seen: {blind}", LOOK_AS_ROOT)
    elif not found:
        yield ok(f"{account} runs nothing in {root}")


REQUIREMENT = Requirement(
    "service-account-apps", "service account's apps", "002", _evaluate, (Role.COMPUTE,), ("requirement:no-apps-as-nfi",)
)
