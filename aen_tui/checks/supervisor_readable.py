"""A supervisord that may not be asked: why, and what would help."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check, or_auto
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    told: set[str | None] = set()
    for service in node.services:
        if service.manager != "supervisor" or service.state != "unknown" or not service.error:
            continue
        if service.supervisor not in told:
            told.add(service.supervisor)
            yield Finding(
                "supervisor-readable",
                Severity.UNKNOWN,
                f"{service.supervisor}: {service.error}",
                _remedy(node, service),
                "002",
                subject=service.supervisor or "",
            )


def _remedy(node: NodeState, service: ServiceState) -> str:
    error, account = service.error or "", node.spec.service_account
    if "sudo" in error:
        return f"let sudo run the probe without a password, or log in as {account}"
    if "ermission denied" in error or "not permitted" in error:
        if node.spec.become.reads:  # which asks as that account
            return (
                f"look whose it is: {account} must be able to use it; another user's supervisord has left or holds it"
            )
        return f"log in as {account}{or_auto(node.spec)}"
    if "refused" in error:
        return f"nobody listens there any more: `service {service.supervisor} status` on the node, then `start`"
    if "supervisord.conf: no such file" in error:
        return "AEN is not installed there, or elsewhere: correct the roles or prefix in the inventory"
    return f"is it running? `service {service.supervisor} status` on the node"


CHECK = Check("supervisor-readable", _evaluate, passed="every supervisord answers", seed="002")
