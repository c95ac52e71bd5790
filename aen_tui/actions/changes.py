"""Whether a target is still as it was when its plan was made."""

from __future__ import annotations

from aen_tui.actions.resolve import SYSV
from aen_tui.actions.scene import find_service
from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.plans import Plan, Step
from aen_tui.model.text import visible_line

_DOWN = frozenset({"STOPPED", "EXITED"})
"""Of a SysV service: EXITED as soon as its process is seen to be gone, STOPPED once `status` has said so too."""


def state_words(state: str, pid: int | None) -> str:
    """`RUNNING, pid 7`, `FATAL, no pid`, `unknown`."""
    return ", ".join(filter(None, (visible_line(state), pid_words(state, pid))))


def pid_words(state: str, pid: int | None) -> str:
    """`pid 7`, `no pid`; empty where nothing is known."""
    if pid is None:
        return "" if state == "unknown" else "no pid"
    return f"pid {pid}"


def change(step: Step, node: NodeState | None) -> str | None:
    """What is not as it was, in words; None where all is the same, or there is no state to compare.

    A SysV service without a process is the same whether it is called EXITED or STOPPED; a program of supervisord is
    not: that says whether somebody stopped it.

    Args:
        step: with what was known when the plan was made.
        node: the target's node as it is; None where the installation has none of that name.
    """
    before = step.before
    if not before.state:
        return None
    name = visible_line(f"{step.target.node}/{step.target.service}")
    was = state_words(before.state, before.pid)
    service = find_service(node, step.target) if node is not None else None
    if service is None:
        return None if before.pid is None else f"{name}: it was {was}, it is not listed any more"
    if (service.state, service.pid) == (before.state, before.pid):
        return None
    if step.target.manager == SYSV and before.pid is service.pid is None and {before.state, service.state} <= _DOWN:
        return None
    return f"{name}: it was {was}, it is {state_words(service.state, service.pid)}"


def changes(plan: Plan, state: ClusterState) -> list[str]:
    """One sentence for each target that is not as it was."""
    found = [change(step, state.nodes.get(step.target.node)) for step in plan.steps]
    return [sentence for sentence in found if sentence is not None]
