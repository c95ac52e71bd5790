"""Reads, before the card of a trial is confirmed, what is on its nodes that speaks against it. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aen_tui.actions.trials import nodes_tried
from aen_tui.actions.try_acl import with_owners
from aen_tui.actions.try_clone import RoomForClone, clone_path, root_environment, with_room
from aen_tui.errors import AenError
from aen_tui.model.facts import ClusterState
from aen_tui.model.install_facts import Placed
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.model.plans import ActionName, Plan
from aen_tui.model.usage import PartUse, Place, WalkTotal
from aen_tui.runtime.errands import Asks, Errand, first_row
from aen_tui.sources import requirements_installed, usage

SECONDS = 8.0
"""A card is not held up for longer: a root environment that is not counted by then has at least what was counted."""
_NOT_CLONED = frozenset({"pkgs", "envs", "conda-bld"})
"""Below the root environment, and no part of it."""


class TrialLooks:
    """What is asked of the nodes of a trial.

    Args:
        ask: `Runtime.errand`.
        snapshot: the state of the moment.
    """

    def __init__(self, ask: Asks, snapshot: Callable[[], ClusterState]) -> None:
        self._ask = ask
        self._snapshot = snapshot

    async def look(self, plan: Plan) -> Plan:
        """The plan as who owns the place, with what is against it."""
        nodes = self._snapshot().nodes
        owners: dict[NodeName, Placed] = {}
        errors: dict[NodeName, str] = {}
        rooms: dict[NodeName, RoomForClone] = {}

        async def owner(name: NodeName) -> None:
            found = await self._placed(nodes[name].spec, nodes[name].spec.projects_root)
            if isinstance(found, Placed):
                owners[name] = found
            else:
                errors[name] = found

        async def room(name: NodeName) -> None:
            rooms[name] = await self._room(nodes[name].spec)

        async with asyncio.TaskGroup() as group:
            for name in nodes_tried(plan, ActionName.TRY_ACL):
                group.create_task(owner(name))
            for name in nodes_tried(plan, ActionName.TRY_CLONE):
                group.create_task(room(name))
        plan = with_owners(plan, nodes, owners, errors)
        return with_room(plan, rooms, {name: node.spec for name, node in nodes.items()})

    async def _placed(self, spec: NodeSpec, path: str) -> Placed | str:
        """A path of a node, or why it was not seen."""
        order = {"service_account": spec.service_account, "paths": [path]}
        errand, decode = requirements_installed.ERRAND, requirements_installed.decode
        try:
            found = await first_row(self._ask, spec.name, errand, order, decode, seconds=SECONDS)
        except AenError as error:
            return error.message
        place = found.paths.get(path) if found is not None else None
        return "nothing came" if place is None else place

    async def _room(self, spec: NodeSpec) -> RoomForClone:
        place = await self._placed(spec, clone_path(spec))
        free: Place | None = None
        rows: list[usage.Row] = []
        why = place if isinstance(place, str) else ""
        source = root_environment(spec)
        try:
            order = usage.request_place(spec, spec.install_prefix)
            free = await first_row(self._ask, spec.name, usage.ERRAND, order, usage.decode_place, seconds=SECONDS)
            # what was counted until it was cut off counts too
            walk = Errand(usage.ERRAND, usage.request_walk(spec, source), usage.decode, rows.append, SECONDS)
            await self._ask(spec.name, walk)
        except AenError as error:
            why = why or error.message
        total = next((row for row in rows if isinstance(row, WalkTotal)), None)
        parts = [row for row in rows if isinstance(row, PartUse) and row.part not in _NOT_CLONED]
        if total is not None:
            why = why or total.error or ""
        return RoomForClone(
            place=None if isinstance(place, str) else place,
            size_bytes=sum(part.bytes + part.linked_bytes for part in parts) if parts else None,
            is_whole=total is not None and not total.error and not total.closed,
            available_bytes=free.available_bytes if free is not None and not free.error else None,
            error=why,
        )
