"""A filesystem that may not be written: mounted so, or made so by the kernel after an error."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    ours = (node.spec.install_prefix, node.spec.projects_root, "/")
    for disk in node.metrics.value.disks if node.metrics.value else ():
        if disk.read_only and disk.error is None and disk.mount in ours:
            yield _finding(f"{disk.mount} is read-only", disk.mount)
    for sign in node.signs:
        if sign.kind is SignKind.READ_ONLY:
            yield _finding(f"the kernel made {sign.subject or 'a filesystem'} read-only: {sign.text}")


def _finding(message: str, subject: str = "") -> Finding:
    return Finding(
        "read-only-filesystem",
        Severity.CRITICAL,
        message,
        "see the kernel's messages for the error before it; check the disk, then the filesystem, then mount it again",
        subject=subject,
    )


CHECK = Check("read-only-filesystem", _evaluate, passed="every filesystem may be written", weight=50)
