"""Computes of a data center beside each other: asked on request, compared part by part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from aen_tui.errors import AenError
from aen_tui.model.differing import Comparison, compared, launcher_packages, own_words
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.node import NodeName, NodeSpec, Role
from aen_tui.model.node_facts import NodeFacts
from aen_tui.runtime.checkup import AT_ONCE, Checkup
from aen_tui.runtime.errands import Asks, Errand
from aen_tui.sources import differences

T = TypeVar("T")
_MOST_BYTES = 2 * 1024 * 1024
_AEN_FILES = ("read", "syntax", "unreadable", "too-big")


class Differences:
    """One look at some computes.

    Args:
        nodes: as they are now; those that are not computes or not up are left out, and said.
        checkup: has the facts that preflight asks for.
        ask: `Runtime.errand`.
    """

    def __init__(self, nodes: Iterable[NodeState], checkup: Checkup, ask: Asks) -> None:
        computes = [node for node in nodes if Role.COMPUTE in node.spec.roles]
        self.nodes = {node.name: node for node in computes if node.connection.state is LinkState.UP}
        self.away = [node.name for node in computes if node.name not in self.nodes]
        self.errors: dict[NodeName, str] = {}
        """Why a node could not be looked at, or not whole."""
        self._checkup = checkup
        self._ask = ask
        self._parts: dict[NodeName, list[differences.Part]] = {}

    async def look(self) -> tuple[Comparison, ...]:
        """Ask all, 16 at a time, and compare those of each data center. No node makes it raise."""
        limit = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._checkup.gather(list(self.nodes)))
            for name in self.nodes:
                group.create_task(self._one(name, limit))
        return self.compared()

    async def _one(self, name: NodeName, limit: asyncio.Semaphore) -> None:
        found: list[differences.Part] = []
        async with limit:
            try:
                await self._ask(
                    name,
                    Errand(
                        differences.ERRAND,
                        differences.request(self.nodes[name].spec),
                        row=differences.decode,
                        take=found.append,
                        seconds=differences.SECONDS,
                        most_bytes=_MOST_BYTES,
                    ),
                )
            except AenError as error:
                self.errors[name] = error.message
        self._parts[name] = found

    def compared(self) -> tuple[Comparison, ...]:
        """What is known by now, data center by data center; a node that could not be asked is not compared."""
        centers: dict[str, list[NodeName]] = {}
        for name, node in self.nodes.items():
            if name not in self.errors:
                centers.setdefault(node.spec.data_center or "", []).append(name)
        return tuple(
            compared(center, {name: self._traits(name) for name in names}) for center, names in centers.items()
        )

    def _traits(self, name: NodeName) -> Mapping[str, tuple[str, ...]]:
        spec = self.nodes[name].spec
        traits = _of_facts(self._checkup.facts.get(name, NodeFacts()), spec)
        without_own = own_words(spec)
        services = (one for one in self.nodes[name].services if one.state != "absent")
        traits["services"] = tuple(sorted(f"{one.supervisor or 'service'} {one.name}" for one in services))
        for part in self._parts.get(name, ()):
            if part.lines or part.error is None:
                traits[part.name] = (*map(without_own, part.lines), *([part.error] if part.error else []))
            elif "no such file" not in part.error:
                traits[part.name] = (part.error,)
        return traits


def _of_facts(facts: NodeFacts, spec: NodeSpec) -> dict[str, tuple[str, ...]]:
    traits: dict[str, tuple[str, ...]] = {}
    without_own = own_words(spec)
    if (host := facts.host.value) is not None:
        packages = sorted(launcher_packages(spec, host).items())
        traits["versions of AEN"] = tuple(f"{package} {version}" for package, version in packages)
        tools = (f"{tool}: {known.text or known.path if known else 'absent'}" for tool, known in _sorted(host.programs))
        traits["machine"] = (host.release or "release not known", f"kernel {host.kernel}", *tools)
    if (settings := facts.settings.value) is not None:
        for file in settings.files:
            if file.state in _AEN_FILES:
                lines = [f"{key} = {without_own(value)}" for key, value in sorted(file.keys.items())]
                owner = f"owner {file.owner or '?'} mode {'?' if file.mode is None else format(file.mode, '04o')}"
                # the hash tells of what is masked or cut; where the node's own words stand in it, it tells nothing
                own = any(without_own(value) != value for value in file.keys.values())
                whole = [] if own or file.sha256 is None else [f"sha256 {file.sha256}"]
                traits[f"config {file.path}"] = (owner, *([file.problem] if file.problem else []), *lines, *whole)
        if settings.condarc is not None:
            traits[f"config {settings.condarc.path}"] = _settings(settings.condarc.values, without_own)
    return traits


def _sorted(values: Mapping[str, T]) -> list[tuple[str, T]]:
    return sorted(values.items(), key=lambda pair: pair[0])


def _settings(values: Mapping[str, Sequence[str]], without_own: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(f"{key}: {', '.join(map(without_own, value))}" for key, value in sorted(values.items()))
