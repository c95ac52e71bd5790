"""A write that failed because a quota was reached (any log of the last hour): the filesystem itself may have room."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.QUOTA:
            continue
        times = f" ({sign.count} times in an hour)" if sign.count > 1 else ""
        yield Finding(
            "quota-exceeded",
            Severity.WARNING,
            f"a quota was reached, says {sign.source}{times}: {sign.text}",
            "see whose it is: `repquota -a`, or `xfs_quota -x -c report`",
            "002",
        )


CHECK = Check("quota-exceeded", _evaluate, passed="no quota was reached", seed="002")
