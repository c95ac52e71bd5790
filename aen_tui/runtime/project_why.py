"""`:why OWNER/PROJECT`: computes asked at the same time, their answers, and the causes of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aen_tui.checks.project.causes import project_causes
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.project_why import Cause, WhyFolder, WhyHost
from aen_tui.model.severity import Severity
from aen_tui.runtime.errands import Asks, Errand
from aen_tui.runtime.hung_mounts import hung_mount
from aen_tui.sources import project_why
from aen_tui.state.store import Store

AT_ONCE = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class WhyThere:
    """What one node says of a project."""

    node: NodeName
    folder: WhyFolder | None
    host: WhyHost | None
    errors: tuple[str, ...]
    causes: tuple[Cause, ...]
    seen_at: float
    """Monotonic seconds."""

    @property
    def has_answered(self) -> bool:
        """Whether it said anything."""
        return self.folder is not None or self.host is not None

    @property
    def is_there(self) -> bool:
        """Whether the project has, or may have, a folder there."""
        return self.folder is not None and self.folder.state != "absent"


class ProjectWhy:
    """One question. `run` it; `revision` grows with every answer.

    Args:
        project: OWNER/PROJECT.
        nodes: the computes that are asked.
        ask: `Runtime.errand`.
        store: the nodes of the moment, and when one comes up.
        clock: ages.
    """

    def __init__(
        self,
        project: str,
        nodes: Sequence[NodeName],
        *,
        ask: Asks,
        store: Store,
        clock: Clock,
    ) -> None:
        self.project = project
        self.nodes = tuple(nodes)
        self.there: dict[NodeName, WhyThere] = {}
        self.revision = 0
        self._ask = ask
        self._store = store
        self._clock = clock

    @property
    def is_over(self) -> bool:
        """Whether every node has answered, failed or is not up."""
        return len(self.there) == len(self.nodes)

    @property
    def answered(self) -> int:
        """How many nodes have said anything."""
        return sum(one.has_answered for one in self.there.values())

    def causes(self) -> list[tuple[NodeName, Cause]]:
        """Of the nodes that have its folder, else of all: the likeliest first, what could not be seen last."""
        some = [one for one in self.there.values() if one.is_there] or list(self.there.values())
        found = [(one.node, cause) for one in some for cause in one.causes]
        return sorted(found, key=lambda pair: (pair[1].severity is Severity.UNKNOWN, -pair[1].likelihood))

    async def run(self) -> None:
        """Ask all; a node that fails says so in its answer, and one that is not up is asked when it comes up.

        It goes on until all were up.
        """
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(name: NodeName) -> None:
            while name not in self.there or not (self.there[name].has_answered or self._is_up(name)):
                if name in self.there:
                    await self._store.wait_for(lambda _state: self._is_up(name))
                async with limit:
                    await self._one(name)

        async with asyncio.TaskGroup() as group:
            for name in self.nodes:
                group.create_task(one(name))

    def _is_up(self, name: NodeName) -> bool:
        return self._store.node(name).connection.state is LinkState.UP

    async def _one(self, name: NodeName) -> None:
        node = self._store.node(name)
        errors: list[str] = []
        folder: WhyFolder | None = None
        host: WhyHost | None = None
        if node.connection.state is not LinkState.UP:
            errors.append(node.connection.error or f"the node is {node.connection.state.value}")
        else:
            if (hung := hung_mount(node, node.spec.projects_root)) is not None:
                errors.append(hung)
            else:
                order = project_why.request_folder(node.spec, self.project)
                folder = await self._part(name, order, project_why.decode_folder, errors, raised=False)
            uid = folder.account.uid if folder is not None and folder.account is not None else None
            order = project_why.request_host(node.spec, self.project, uid)
            host = await self._part(name, order, project_why.decode_host, errors, raised=True)
        causes = project_causes(self._store.node(name), self.project, folder, host)
        now = self._clock.monotonic()
        self.there[name] = WhyThere(name, folder, host, tuple(errors), tuple(causes), now)
        self.revision += 1

    async def _part(
        self,
        name: NodeName,
        order: Mapping[str, Any],
        decode: Callable[[bytes], T],
        errors: list[str],
        *,
        raised: bool,
    ) -> T | None:
        found: list[T] = []
        seconds = project_why.SECONDS
        try:
            await self._ask(
                name, Errand(project_why.ERRAND, order, row=decode, take=found.append, seconds=seconds, raised=raised)
            )
        except AenError as error:
            errors.append(error.message)
        return found[0] if found else None
