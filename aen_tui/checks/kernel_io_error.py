"""A disk or filesystem said that it could not read or write (system log or kernel messages of the last hour)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.IO_ERROR:
            continue
        times = f" ({sign.count} times in an hour)" if sign.count > 1 else ""
        yield Finding(
            "io-error",
            Severity.CRITICAL,
            f"i/o error on {sign.subject or 'a disk'}{times}: {sign.text}",
            "look at the disk and at its controller or storage; save what is on it first",
        )


CHECK = Check("io-error", _evaluate, passed="no disk said an error")
