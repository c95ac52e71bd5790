"""Reads, before a card is confirmed, what its nodes' configuration and disks say against it. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aen_tui.actions.preconditions import component_of, with_configuration, with_journal_space
from aen_tui.errors import AenError
from aen_tui.model.facts import ClusterState
from aen_tui.model.node import NodeName
from aen_tui.model.node_facts import ConfigFile
from aen_tui.model.plans import Plan
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.runtime.trial_looks import TrialLooks
from aen_tui.sources import requirements_settings

SECONDS = 8.0
"""A card is not held up for longer: what was not read by then is not checked, and it says so."""
AT_ONCE = 8


class Preconditions:
    """What is asked of the nodes of a plan.

    Args:
        ask: `Runtime.errand`.
        snapshot: the state of the moment.
    """

    def __init__(self, ask: Asks, snapshot: Callable[[], ClusterState]) -> None:
        self._ask = ask
        self._snapshot = snapshot
        self._trials = TrialLooks(ask, snapshot)

    async def look(self, plan: Plan) -> Plan:
        """The plan with what is against each of its steps; a trial's as who owns the place that it is tried in."""
        nodes = dict.fromkeys(step.target.node for step in plan.steps if component_of(step) is not None)
        read: dict[NodeName, tuple[ConfigFile, ...]] = {}
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(name: NodeName) -> None:
            async with limit:
                read[name] = await self._files(name)

        async with asyncio.TaskGroup() as group:
            for name in nodes:
                group.create_task(one(name))
        judged = with_journal_space(with_configuration(plan, read), self._snapshot().nodes)
        return await self._trials.look(judged)

    async def _files(self, name: NodeName) -> tuple[ConfigFile, ...]:
        spec = self._snapshot().nodes[name].spec
        wanted = requirements_settings.request(spec)
        order = {key: wanted[key] for key in ("service_account", "prefixes", "files")}
        errand, decode = requirements_settings.ERRAND, requirements_settings.decode
        try:
            found = await first_row(self._ask, name, errand, order, decode, seconds=SECONDS, raised=True)
        except AenError as error:
            return _not_read(spec.roles[0].value, error.message)
        return found.files if found is not None else _not_read(spec.roles[0].value, "nothing came")


def _not_read(component: str, why: str) -> tuple[ConfigFile, ...]:
    return (ConfigFile(component, "the JSON files", "unreadable", why),)
