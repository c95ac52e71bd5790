"""The free space of mongod's data folder, where the probe does not measure it anyhow: asked once a minute."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import NodeState, StoreState
from aen_tui.model.journal_space import measured
from aen_tui.model.reading import Reading
from aen_tui.model.stores import MongoDataSpace, MongoFigures
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.sources import requirements_host

AGE_SECONDS = 60.0
KEPT_SECONDS = 300.0
"""A node that is asked much else refuses at times: what it said last counts so long."""


class DataSpaceLook:
    """Asks after one folder.

    Args:
        ask: `Runtime.errand`.
        clock: for ages.
    """

    def __init__(self, ask: Asks, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._asked: tuple[str, float] | None = None

    async def look(self, node: NodeState, state: StoreState) -> StoreState:
        """The store with what is free, where that is due."""
        figures = state.figures
        options = figures.options if isinstance(figures, MongoFigures) else None
        if not isinstance(figures, MongoFigures) or options is None or not options.journal_bytes:
            return state
        now, path = self._clock.monotonic(), options.data_path
        is_new = self._asked is None or self._asked[0] != path or now - self._asked[1] >= AGE_SECONDS
        if node.metrics.value is None or measured(node, path) is not None or not is_new:
            return state
        self._asked = path, now
        try:
            found = await self._read(node, path)
        except AenError as error:
            if _is_kept(figures.data_space, path, now):
                return state
            found = Reading(error=error.message)
        return replace(state, figures=replace(figures, data_space=found))

    async def _read(self, node: NodeState, path: str) -> Reading[MongoDataSpace]:
        order = {"paths": [path.removeprefix(node.spec.root) or "/"]}
        errand, decode, seconds = requirements_host.ERRAND, requirements_host.decode, requirements_host.SECONDS
        facts = await first_row(self._ask, node.name, errand, order, decode, seconds=seconds, raised=True)
        found = next(iter(facts.paths.values()), None) if facts is not None else None
        if found is None or found.available_bytes is None:
            return Reading(error=(found and found.error) or "the node did not say")
        return Reading(MongoDataSpace(path, found.available_bytes), self._clock.monotonic())


def _is_kept(before: Reading[MongoDataSpace], path: str, now: float) -> bool:
    """Whether what is known of a folder still counts."""
    is_same = before.error is None and before.value is not None and before.value.path == path
    return is_same and now - (before.seen_at or 0.0) < KEPT_SECONDS
