"""Projects: what runs in them, why one does not start, what takes up their filesystems. Asked by the screen."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.runtime.errands import Asks
from aen_tui.runtime.project_looks import ProjectLooks
from aen_tui.runtime.project_why import ProjectWhy
from aen_tui.runtime.usage import Usages, usage_folder
from aen_tui.state.store import Store


class Projects:
    """All that is asked about projects.

    Args:
        inventory: what is looked at.
        store: where what runs is written.
        clock: ages.
        ask: `Runtime.errand`.
        spawn: runs a task in the runtime's own group.
    """

    def __init__(
        self,
        inventory: Inventory,
        store: Store,
        clock: Clock,
        *,
        ask: Asks,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.looks = ProjectLooks(inventory, store, clock, ask)
        folder = None if inventory.is_demo else usage_folder()
        self.usages = Usages(
            inventory, snapshot=store.snapshot, clock=clock, ask=ask, spawn=spawn, folder=folder
        )  # fmt: skip
        self._store = store
        self._clock = clock
        self._ask = ask

    def why(self, project: str, nodes: Sequence[NodeName]) -> ProjectWhy:
        """A question that is asked by its `run`."""
        return ProjectWhy(project, nodes, ask=self._ask, store=self._store, clock=self._clock)
