"""A service that runs, or ran before the reboot, and does not begin by itself: the next reboot leaves it down."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    running = {one.name for one in node.services if one.state == "RUNNING"}
    for name, found in node.reboot.facts.services.items():
        if found is None or found.enabled is not False or name not in running | node.reboot.ran:
            continue
        word = "runs" if name in running else "ran before the reboot"
        remedy = f"`chkconfig {name} on`, or `systemctl enable {name}`"
        yield Finding(
            "after-reboot-enabled", Severity.WARNING, f"{name} {word} and is not enabled at boot", remedy, subject=name
        )


CHECK = Check("after-reboot-enabled", _evaluate, passed="what runs is enabled at boot", after_reboot=True)
