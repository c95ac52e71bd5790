"""Pid files that outlived the reboot: an init script that believes them does not start its service."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    for name, found in node.reboot.facts.services.items():
        for file in found.pid_files if found is not None else ():
            if file.state != "live":
                who = f"pid {file.pid} is not {name}" if file.pid else "it holds no pid"
                remedy = f"`service {name} status` first; then remove the file and start {name}"
                words = f"{file.path} is stale: {who}"
                yield Finding("after-reboot-pid-files", Severity.WARNING, words, remedy, subject=file.path)


CHECK = Check("after-reboot-pid-files", _evaluate, passed="pid files are true", after_reboot=True)
