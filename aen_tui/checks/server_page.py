"""502 and 504 on the server's URL told apart: nginx finds no wk-server, or one that does not answer in time."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, HttpState, NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_GATEWAY_ERRORS = {
    502: ("nginx finds no wk-server behind it", "start wk-server; its log and woc-error.log say why it ended"),
    503: ("the server refuses for now", "woc-error.log says why"),
    504: ("wk-server does not answer in time", "is MongoDB slow or locked? else restart wk-server"),
}


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for answer in node.http:
        if answer.name != "server" or answer.status_code not in _GATEWAY_ERRORS or _is_old(answer):
            continue
        why, remedy = _GATEWAY_ERRORS[answer.status_code]
        message = f"{answer.url} answers {answer.status_code}: {why}"
        yield Finding("server-page", Severity.CRITICAL, message, remedy, "004")


def _is_old(answer: HttpState) -> bool:
    return answer.seen_at is None


CHECK = Check(
    "server-page",
    _evaluate,
    passed="the server's URL answers with neither 502 nor 504",
    seed="004",
    roles=(Role.SERVER,),
    covers=("requirement:login-page",),
)
