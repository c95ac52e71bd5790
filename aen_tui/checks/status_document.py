"""A data center's gateway that answers, but never with the documented status document (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, HttpState, NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_REMEDY = 'name the path that shows {"status": "ok", "messages": []} in status_paths'
_REMEDIES = {401: "it wants a login there: name a path without one in status_paths", 403: "it may not be read there"}


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if Role.GATEWAY not in node.spec.roles or any(answer.document is not None for answer in node.http):
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


def _is_alive(answer: HttpState) -> bool:
    return answer.error is None and answer.status_code is not None and answer.status_code < 500


CHECK = Check(
    "status-document",
    _evaluate,
    passed="the status document is found",
    seed="004",
    covers=("requirement:status-document",),
    roles=(Role.GATEWAY,),
)
