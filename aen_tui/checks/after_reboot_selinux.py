"""SELinux runs otherwise than it is configured: what was set by hand before the reboot is gone."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.selinux is None:
        return
    running = node.reboot.selinux.running
    for path, configured in node.reboot.selinux.files.items():
        if running is not None and configured != running:
            message = f"{path} says {configured}, SELinux is {running}"
            remedy = "one of them is not meant so: AEN wants permissive or disabled in both"
            yield Finding("after-reboot-selinux", Severity.WARNING, message, remedy, "000")


CHECK = Check("after-reboot-selinux", _evaluate, passed="SELinux runs as it is configured", after_reboot=True)
