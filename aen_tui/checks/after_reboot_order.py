"""Services that began before those they need: they may have given up, or hold dead connections."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.reboot import Settled
from aen_tui.model.severity import Severity

BEFORE = (("mongod", ("wk-server", "wakari-server")), ("elasticsearch", ("wk-server", "wakari-server")))
"""First -> what wants it when it begins (seed 000: mongod, elasticsearch, then wakari-server)."""
_SLACK_SECONDS = 1.0


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    is_now = {one.name: Settled(one.state, one.started_at) for one in node.services}
    began = {
        name: one.started_at
        for name, one in (node.reboot.settled or is_now).items()
        if one.state == "RUNNING" and one.started_at is not None
    }
    for first, others in BEFORE:
        for other in others:
            if first in began and other in began and began[other] < began[first] - _SLACK_SECONDS:
                if _is_another(is_now.get(other), began[other]):
                    continue
                early = began[first] - began[other]
                message = f"{other} began {early:.0f} s before {first}, which it needs"
                yield Finding("after-reboot-order", Severity.WARNING, message, f"restart {other}", "000", subject=other)


def _is_another(now: Settled | None, began: float) -> bool:
    """Whether it was restarted, or stopped, since."""
    return now is None or now.started_at is None or now.started_at > began + _SLACK_SECONDS


CHECK = Check("after-reboot-order", _evaluate, passed="services began in their order", after_reboot=True)
