"""What ran before the reboot, did not come back with it and still does not run."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.services import services_of

_WELL = ("RUNNING", "STARTING", "unknown")


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    states = {one.name: one.state for one in node.services}
    came_back = {name for name, one in (node.reboot.settled or {}).items() if one.state in _WELL}
    for name in sorted(node.reboot.ran - came_back):  # what somebody stopped later is another matter
        state = states.get(name, "gone")
        if state in _WELL or _is_planned(node, name):
            continue
        message = f"{name} ran before the reboot and is {state}"
        remedy = f"start {name}; see what keeps it down at boot"
        yield Finding("after-reboot-running", Severity.WARNING, message, remedy, subject=name)


def _is_planned(node: NodeState, name: str) -> bool:
    """Whether it is under maintenance alone: its row is left out then."""
    if node.planned is None or node.planned.is_whole:
        return False
    owners = [one.supervisor for one in services_of(node.spec) if any(one.calls(known, name) for known in one.programs)]
    return any(node.planned.covers(name, owner) for owner in (None, *owners))


CHECK = Check("after-reboot-running", _evaluate, passed="what ran before runs again", after_reboot=True)
