"""The table of tracked connections was full, so packets were dropped (system log or kernel of the last hour)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.CONNTRACK:
            continue
        times = f" ({sign.count} times in an hour)" if sign.count > 1 else ""
        yield Finding(
            "conntrack-full",
            Severity.CRITICAL,
            f"the table of connections was full{times}: {sign.text}",
            "raise net.netfilter.nf_conntrack_max, or find who opens so many",
        )


CHECK = Check("conntrack-full", _evaluate, passed="there was room for connections")
