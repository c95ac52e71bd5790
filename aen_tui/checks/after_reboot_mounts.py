"""A filesystem that did not come back: projects written meanwhile go to the folder below, and seem lost."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity

_REMEDY = "mount it (`mount -a`) before services write into the folder below"


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if node.reboot is None or node.reboot.facts is None:
        return
    facts = node.reboot.facts
    disks = node.metrics.value.disks if node.metrics.value is not None else ()
    gone = node.reboot.mounted - {disk.mount for disk in disks} if disks else frozenset()
    for mount in sorted({*facts.unmounted, *gone}):
        said = "stands in /etc/fstab" if mount in facts.unmounted else "was there before the reboot"
        yield Finding(
            "after-reboot-mounts", Severity.CRITICAL, f"{mount} {said} and is not mounted", _REMEDY, subject=mount
        )
    projects = facts.projects
    if projects is None or node.spec.projects_root in (*facts.unmounted, *gone):
        return
    where, message = node.spec.projects_root, ""
    if projects.state in ("absent", "hung"):
        message = f"{where} is {'not there' if projects.state == 'absent' else 'hung'}"
    elif projects.state == "empty" and projects.on_root:
        message = f"{where} is an empty folder on /"
    if message:
        yield Finding("after-reboot-mounts", Severity.CRITICAL, message, _REMEDY, subject=where)


CHECK = Check("after-reboot-mounts", _evaluate, passed="every filesystem came back", after_reboot=True)
