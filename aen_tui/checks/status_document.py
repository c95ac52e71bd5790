"""A data center's gateway that answers, but not with the status document at the path that the inventory names for it.

Seed 004 shows the document and no path: where none is named, a gateway that answers is as well as can be known.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, HttpState, NodeState
from aen_tui.model.node import STATUS_PATHS, Role
from aen_tui.model.severity import Severity

_REMEDY = 'name the path that shows {"status": "ok", "messages": []} in status_paths'
_REMEDIES = {401: "it wants a login there: name a path without one in status_paths", 403: "it may not be read there"}


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if Role.GATEWAY not in node.spec.roles or node.spec.status_paths == STATUS_PATHS:
        return
    if any(answer.document is not None for answer in node.http if answer.name == "gateway"):
        return
    for answer in node.http:
        if answer.name == "gateway" and _is_alive(answer):
            yield Finding(
                "status-document",
                Severity.UNKNOWN,
                f"{answer.url} answers {answer.status_code}, but not with a status document",
                _REMEDIES.get(answer.status_code or 0, _REMEDY),
                "004",
            )


def _passed(node: NodeState) -> str:
    """What was asked, and what that says."""
    answers = [answer for answer in node.http if answer.name == "gateway"]
    if any(answer.document is not None for answer in answers):
        return "the status document is found"
    alive = [answer for answer in answers if _is_alive(answer)]
    if not alive:
        return "the gateway does not answer: its document cannot be asked for"
    asked = ", ".join(node.spec.status_paths)
    return (
        f"{alive[0].url} answers {alive[0].status_code}; no status document at {asked}, and status_paths names no other"
    )


def _is_alive(answer: HttpState) -> bool:
    return answer.error is None and answer.status_code is not None and answer.status_code < 500


CHECK = Check(
    "status-document",
    _evaluate,
    passed=_passed,
    seed="004",
    covers=("requirement:status-document",),
    roles=(Role.GATEWAY,),
)
