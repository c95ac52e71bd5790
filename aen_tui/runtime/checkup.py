"""Preflight: facts gathered from nodes when somebody asks, and what requirements and live checks say of each node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from aen_tui.checks import checks
from aen_tui.checks.preflight import Look, ago, judge
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.differing import launcher_packages, usual_of
from aen_tui.model.facts import ClusterState, Finding, LinkState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import NodeFacts
from aen_tui.model.reading import Reading
from aen_tui.model.settings_merge import ldap_urls, word
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.answer_findings import answer_findings
from aen_tui.runtime.errands import Asks, rows_of
from aen_tui.runtime.hung_mounts import hung_mount
from aen_tui.runtime.supervised import attempted, survived
from aen_tui.sources import (
    project_folders,
    requirements_apps,
    requirements_boot,
    requirements_host,
    requirements_installed,
    requirements_reach,
    requirements_settings,
)

T = TypeVar("T", covariant=True)
AT_ONCE = 16
_MOST_BYTES = 1024 * 1024
_HOUR = 3600.0
"""What is counted in days is counted anew so often."""


class _Source(Protocol[T]):
    """A file of the sources whose errand is answered by one row, or by rows that are joined to one."""

    ERRAND: str
    SECONDS: float

    def decode(self, row: bytes, /) -> T:
        """The row."""


class Checkup:
    """Facts by node, each part with its age; nothing is asked but by `gather` and `refresh`.

    Args:
        inventory: what is looked at.
        clock: for ages, and for dates.
        ask: how a node is asked.
        snapshot: the state of the moment.
        spawn: runs a task in the runtime's own group.
    """

    def __init__(
        self,
        inventory: Inventory,
        clock: Clock,
        *,
        ask: Asks,
        snapshot: Callable[[], ClusterState],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.facts: dict[NodeName, NodeFacts] = {}
        self.revision = 0
        """Grows whenever a node's facts change, or one more is being asked."""
        self.busy: set[NodeName] = set()
        """Nodes that are being asked."""
        self._inventory = inventory
        self._clock = clock
        self._ask = ask
        self._snapshot = snapshot
        self._spawn = spawn
        self._compared_with = [name for name, spec in inventory.nodes.items() if spec.roles != (Role.COMPUTE,)]
        self._worded = [one for one in checks() if not isinstance(one.passed, str)]
        """Checks whose words for what passed differ from node to node."""
        self._usual_revision = -1
        self._usual_of: dict[str | None, Mapping[str, str]] = {}
        self._said: dict[NodeName, tuple[object, tuple[Finding, ...]]] = {}

    def refresh(self, nodes: Iterable[NodeName]) -> None:
        """Ask nodes anew, those that are not being asked already; returns at once."""
        wanted = [name for name in nodes if name not in self.busy]
        if wanted:
            self._spawn(self.gather(wanted))

    async def gather(self, nodes: Sequence[NodeName]) -> None:
        """Ask nodes, 16 at a time, servers first; one that is not up says so in its facts. No node makes it raise."""
        ranked = sorted(nodes, key=lambda name: Role.SERVER not in self._inventory.nodes[name].roles)
        limit = asyncio.Semaphore(AT_ONCE)
        self.busy |= set(ranked)
        self.revision += 1
        try:
            async with asyncio.TaskGroup() as group:
                for name in ranked:
                    group.create_task(self._one(name, limit))
        finally:
            self.busy -= set(ranked)
            self.revision += 1

    async def _one(self, name: NodeName, limit: asyncio.Semaphore) -> None:
        async with limit:
            node = self._snapshot().nodes[name]
            if node.connection.state is not LinkState.UP:
                self._refused(name, f"the node is not up: {node.connection.error or node.connection.state.value}")
            else:
                await survived(
                    f"preflight of {name}",
                    self._gather_one(name),
                    lambda error: self._refused(name, f"its answers make no sense here: {_words(error)}"),
                )
            self.busy.discard(name)
            self.revision += 1

    async def _gather_one(self, name: NodeName) -> None:
        """Its settings, then the machine, then who runs what and what it reaches: each tells what to ask the next."""
        spec, before = self._inventory.nodes[name], self.facts.get(name, NodeFacts())
        settings = await self._part(
            requirements_settings,
            name,
            requirements_settings.request(spec),
            before.settings,
            raised=True,
            joined=requirements_settings.joined,
        )
        anon = word(settings.value, "compute", "ANON_USER")
        host = await self._part(
            requirements_host,
            name,
            requirements_host.request(spec, self._inventory, (anon,) if anon else ()),
            before.host,
        )
        apps = await self._part(
            requirements_apps, name, requirements_apps.request(spec, host.value), before.apps, raised=True
        )
        # names of a node under a root are made up: nobody resolves them
        own = [] if host.value is None else [host.value.hostname]
        registered = word(settings.value, "gateway", "host")
        names = () if spec.root else (*own, *([registered] if registered else ()))
        reach = await self._part(
            requirements_reach,
            name,
            requirements_reach.request(spec, self._inventory, names, ldap_urls(settings.value)),
            before.reach,
        )
        folders = before.folders
        hung = hung_mount(self._snapshot().nodes[name], spec.projects_root)
        if hung is not None:
            folders = _failed(folders, hung)
        elif Role.COMPUTE in spec.roles:
            folders = await self._part(project_folders, name, project_folders.request(spec), before.folders)
        install = await self._part(
            requirements_installed, name, requirements_installed.request(spec, host.value), before.install, raised=True
        )
        boot = await self._part(requirements_boot, name, requirements_boot.request(spec), before.boot)
        self.facts[name] = NodeFacts(host, settings, apps, reach, folders, install, boot)

    async def _part(
        self,
        source: _Source[T],
        name: NodeName,
        order: Mapping[str, Any],
        before: Reading[T],
        *,
        raised: bool = False,
        joined: Callable[[Sequence[T]], T] = itemgetter(0),
    ) -> Reading[T]:
        errand, decode, seconds = source.ERRAND, source.decode, source.SECONDS
        try:
            found = await rows_of(
                self._ask, name, errand, order, decode, seconds=seconds, most_bytes=_MOST_BYTES, raised=raised
            )
        except AenError as error:
            return _failed(before, error.message)
        if not found:
            return _failed(before, f"the errand {source.ERRAND} said nothing")
        return Reading(joined(found), self._clock.monotonic())

    def _refused(self, name: NodeName, reason: str) -> None:
        before = self.facts.get(name, NodeFacts())
        self.facts[name] = NodeFacts(
            _failed(before.host, reason),
            _failed(before.settings, reason),
            _failed(before.apps, reason),
            _failed(before.reach, reason),
            before.folders,
            _failed(before.install, reason),
            _failed(before.boot, reason),
        )

    def findings(self, node: NodeState, state: ClusterState) -> tuple[Finding, ...]:
        """All that is said of a node, passed ones included; the worst first, else in the shelves' order.

        The same object again while nothing changed that could lead to other words.
        """
        usual = self._usual(node.spec.data_center) if Role.COMPUTE in node.spec.roles else {}
        key, known = self._key(node, usual), self._said.get(node.name)
        if known is None or known[0] != key:
            required = attempted(
                f"preflight of {node.name}",
                lambda: list(self._required(node, state, usual)),
                lambda error: [_unjudged(error)],
            )
            judged = {finding.check for finding in required}  # some live checks' too, by the newest look
            found = [*_way(node), *(one for one in self._live(node) if one.check not in judged), *required]
            said = tuple(sorted(found, key=lambda finding: -finding.severity))
            if known is not None and [_content(one) for one in said] == [_content(one) for one in known[1]]:
                said = known[1]
            known = self._said[node.name] = (key, said)
        return known[1]

    def _key(self, node: NodeState, usual: Mapping[str, str]) -> tuple[object, ...]:
        """What decides on what is said of a node."""
        link, skew = node.connection, node.connection.skew_seconds
        live = tuple((one.check, one.severity, one.message) for one in node.findings)
        services = tuple((one.name, one.manager, one.supervisor, one.state) for one in node.services)
        answers = tuple(answer_findings(node, node.findings))
        live += tuple((one.check, one.severity, one.message) for one in answers)
        stores = tuple((name, store.state, store.version) for name, store in node.stores.items())
        passed = [one.passed_by(node) for one in self._worded if one.concerns(node)]
        live += tuple((one.check, one.severity, one.message) for one in passed)
        way = (link.state, link.error, link.notes, link.peer, None if skew is None else round(skew, 1))
        facts = self.facts.get(node.name)
        known = (facts, *self._shared().values(), usual)
        hour = int(self._clock.wall() // _HOUR)
        now, is_up = self._clock.monotonic(), link.state is LinkState.UP
        parts = facts.parts if facts is not None else ()
        old = [ago(now - one.seen_at) for one in parts if one.seen_at is not None and (one.error or not is_up)]
        return (*way, live, services, stores, known, node.page, node.projects, hour, tuple(old))

    def _shared(self) -> dict[NodeName, NodeFacts]:
        """Facts of the nodes that others are compared with: all but those that are computes alone."""
        return {name: self.facts[name] for name in self._compared_with if name in self.facts}

    def _live(self, node: NodeState) -> Iterable[Finding]:
        if node.connection.state is not LinkState.UP:
            yield from (finding for finding in node.findings if finding.check == "gateway-lost")
            return
        failing = {finding.check for finding in node.findings}
        yield from node.findings
        yield from answer_findings(node, node.findings)
        for check in checks():
            if check.id not in failing and check.concerns(node):
                yield check.passed_by(node)

    def _usual(self, data_center: str | None) -> Mapping[str, str]:
        """What most computes of a data center have; made anew when facts have changed."""
        if self._usual_revision != self.revision:
            self._usual_revision, self._usual_of = self.revision, {}
        if data_center not in self._usual_of:
            known = [
                launcher_packages(spec, facts.host.value)
                for name, facts in self.facts.items()
                if facts.host.value is not None
                and (spec := self._inventory.nodes[name]).data_center == data_center
                and Role.COMPUTE in spec.roles
            ]
            self._usual_of[data_center] = usual_of(known) if len(known) > 1 else {}
        return self._usual_of[data_center]

    def _required(self, node: NodeState, state: ClusterState, usual: Mapping[str, str]) -> Iterable[Finding]:
        facts = self.facts.get(node.name)
        if facts is None or all(part.value is None for part in facts.parts):
            yield from _unasked(node, facts)
            return
        known, now = self._shared(), self._clock.monotonic()
        yield from judge(Look(node, facts, self._inventory, self._clock.wall(), known, usual, state.nodes, now))
        for error in facts.errors:
            remedy = "ask again"
            yield Finding("facts-current", Severity.UNKNOWN, f"what is shown is old: {error}", remedy)


def _failed(before: Reading[T], reason: str) -> Reading[T]:
    """What was known, and why nothing newer is."""
    return Reading(before.value, before.seen_at, reason)


def _words(error: Exception) -> str:
    return visible_line(f"{type(error).__name__}: {error}", 300)


def _unjudged(error: Exception) -> Finding:
    """Facts that a check stumbled over: that is this node's trouble, and no other's."""
    message = f"its facts could not be judged: {_words(error)}"
    return Finding(
        "facts-current", Severity.UNKNOWN, message, "the program's own log says more: `aen-tui info` names it"
    )


def _content(finding: Finding) -> tuple[object, ...]:
    return (finding.check, finding.severity, finding.message, finding.remedy, finding.seed)


def _way(node: NodeState) -> Iterable[Finding]:
    """The connection, as a finding: nothing else can be known where it is lost."""
    connection = node.connection
    if connection.state is LinkState.UP:
        yield Finding("connection", Severity.OK, "up")
        return
    severity = Severity.UNKNOWN if connection.state is LinkState.CONNECTING else Severity.CRITICAL
    message = f"{connection.state.value}: {connection.error or 'not answered yet'}"
    yield Finding("connection", severity, message, connection.hint or "see view 9, Connections")


def _unasked(node: NodeState, facts: NodeFacts | None) -> Iterable[Finding]:
    """Up, and yet its facts could not be had."""
    if node.connection.state is LinkState.UP:
        reason = "; ".join(facts.errors) if facts is not None else "not asked yet"
        yield Finding("facts-current", Severity.UNKNOWN, f"its facts are not known: {reason}", "ask again")
