"""Nothing keeps the clock: logs of several nodes drift apart, tickets and certificates fail."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity

_REMEDY = "`service ntpd start`, or chronyd; `chkconfig ntpd on`"


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    facts = node.reboot.facts
    if facts.clock is None and facts.synchronized is not True:
        yield Finding("after-reboot-clock", Severity.WARNING, "no program keeps the clock", _REMEDY)
    elif facts.synchronized is False:
        message = f"the clock is not synchronised yet, though {facts.clock} runs"
        yield Finding("after-reboot-clock", Severity.WARNING, message, "`ntpq -p`, or `chronyc sources`")


CHECK = Check("after-reboot-clock", _evaluate, passed="the clock is kept", after_reboot=True)
