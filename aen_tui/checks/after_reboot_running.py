"""What ran before the reboot and does not run after it."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    states = {one.name: one.state for one in node.services}
    for name in sorted(node.reboot.ran):
        state = states.get(name, "gone")
        if state in ("RUNNING", "STARTING", "unknown"):
            continue
        message = f"{name} ran before the reboot and is {state}"
        yield Finding(
            "after-reboot-running", Severity.WARNING, message, f"start {name}; see what keeps it down at boot"
        )


CHECK = Check("after-reboot-running", _evaluate, passed="what ran before runs again", after_reboot=True)
