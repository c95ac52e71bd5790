"""A gateway that is lost, seen from this machine and from the server: your route only, sshd only, or host gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, LinkState, NodeState
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Knock, Way
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    if not node.ways or node.connection.state in (LinkState.UP, LinkState.CONNECTING):
        return
    verdict, remedy = _verdict(node.ways)
    words = "; ".join(_told(way) for way in node.ways)
    yield Finding("gateway-lost", Severity.CRITICAL, f"{verdict}: {words}", remedy, "002")


def _verdict(ways: tuple[Way, ...]) -> tuple[str, str]:
    """Of the way from here, and those from servers."""
    here, others = ways[0], ways[1:]
    if _is_open(here.ssh):
        return "its sshd answers", "the login is what fails: see view 9, Connections"
    if any(_is_open(way.ssh) for way in others):
        return "your route only", "users do not notice; look at the way from this machine to the gateway"
    if any(way.answers for way in ways):
        return "sshd only", "users do not notice; start sshd on the gateway by its console"
    if not any(way.error is None for way in others):
        return "host gone, as far as this machine sees", "try it from the server"
    return "host gone", "its data center is out of reach for users: look at the machine itself"


def _is_open(knock: Knock | None) -> bool:
    return knock is not None and knock.error is None


def _told(way: Way) -> str:
    if way.error is not None:
        return f"{way.place} did not try: {way.error}"
    return f"from {way.place} {', '.join(_knocks(way))}"


def _knocks(way: Way) -> Iterator[str]:
    for knock in (way.ssh, way.http):
        if knock is not None:
            yield f"port {knock.port} {'answers' if knock.error is None else knock.error}"


CHECK = Check("gateway-lost", _evaluate, passed="the gateway is reached", seed="002", roles=(Role.GATEWAY,))
