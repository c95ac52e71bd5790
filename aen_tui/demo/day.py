"""The demo's day: once a second every node's /proc moves on, and in the living scenario people work.

Which notebook starts where and what goes wrong when depends on the seed and the number of seconds alone.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from functools import partial

from aen_tui.demo.options import DemoOptions
from aen_tui.demo.orders import Orders
from aen_tui.demo.people import PROJECTS, USERS
from aen_tui.demo.plan import DemoNode, DemoPlan
from aen_tui.demo.proc_tree import CORES, FIRST_PID, MEMORY_GIB, Load, Notebook, ProcTree, uptime_seconds
from aen_tui.demo.story import Story
from aen_tui.model.node import Role

_Happening = Callable[[], None]
_GIB = 1024**3
_SLOTS = 5
_SMALL = 16
"""Up to so many nodes the counters of /proc move in every slot, so that a short look sees rates, too."""
_NOTEBOOKS_PER_COMPUTE = 2.0
_LIFE_SECONDS = (60, 900)
_REQUESTS_PER_SECOND = 0.25
"""Of one notebook's user."""
_REQUESTS_AT_MOST = 30
_MISHAP_EVERY_SECONDS = (18, 40)


class Day:
    """Moves the installation on.

    Args:
        plan: the nodes; their stand-ins run.
        options: scenario, seed and when the gateway turns bad.
    """

    def __init__(self, plan: DemoPlan, options: DemoOptions) -> None:
        self._plan = plan
        self._options = options
        self._random = random.Random(options.seed)  # noqa: S311 # a story, no secret
        self._orders = Orders()
        self._story = Story(plan, self._orders, self._random)
        self._procs = {node.name: ProcTree(node) for node in plan.nodes}
        self._notebooks: dict[str, list[Notebook]] = {node.name: [] for node in plan.nodes}
        self._pids = itertools.count(FIRST_PID)
        self._second = 0
        self._next_mishap = 12
        self._turns_bad_at = max(1, round(options.turns_bad_after_seconds))
        self._is_small = len(plan.nodes) <= _SMALL
        self._is_living = options.scenario == "living"

    def begin(self) -> None:
        """Write every node's /proc for the first time."""
        for node in self._plan.nodes:
            self._move_on(node)
            self._procs[node.name].count(1.0)

    async def run(self) -> None:
        """For ever, a second at a time; nodes and events are spread over the second."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                self._second += 1
                happenings = self._live() if self._is_living else []
                for slot in range(_SLOTS):
                    due = max(due + 1.0 / _SLOTS, loop.time() - 1.0)
                    await asyncio.sleep(max(0.0, due - loop.time()))
                    for happening in happenings[slot::_SLOTS]:
                        happening()
                    mine = self._plan.nodes[slot::_SLOTS]
                    for node in mine:
                        self._move_on(node)
                    for node in self._plan.nodes if self._is_small else mine:
                        self._procs[node.name].count(1.0 / _SLOTS if self._is_small else 1.0)
        finally:
            self._orders.close()

    def _move_on(self, node: DemoNode) -> None:
        self._procs[node.name].write(self._load(node), self._notebooks[node.name])

    def _live(self) -> list[_Happening]:
        """What happens in this second."""
        story = self._story
        found = self._come_and_go()
        running = [(node, one) for node in self._plan.of_role(Role.COMPUTE) for one in self._notebooks[node.name]]
        asked = [pair for pair in running if self._random.random() < _REQUESTS_PER_SECOND]
        found += [partial(story.request, node, notebook) for node, notebook in asked[:_REQUESTS_AT_MOST]]
        if self._second >= self._next_mishap:
            self._next_mishap = self._second + self._random.randint(*_MISHAP_EVERY_SECONDS)
            found.append(partial(story.mishap, self._random.choice(self._plan.nodes)))
        if self._second == self._turns_bad_at:
            found.append(partial(story.turn_bad, self._plan.of_role(Role.GATEWAY)[-1]))
        return found

    def _come_and_go(self) -> list[_Happening]:
        computes = self._plan.of_role(Role.COMPUTE)
        found: list[_Happening] = []
        for node in computes:
            for notebook in [one for one in self._notebooks[node.name] if one.ends_at <= self._second]:
                self._notebooks[node.name].remove(notebook)
                found.append(partial(self._story.stopped, node, notebook))
        wanted = round(len(computes) * _NOTEBOOKS_PER_COMPUTE)
        have = sum(map(len, self._notebooks.values()))
        # The first seconds fill the house; later a new one comes every few seconds at most.
        for _ in range(min(wanted - have, 1 + wanted // 4 if self._second < 5 else int(self._random.random() < 0.4))):
            node = self._random.choice(computes)
            notebook = self._new_notebook()
            self._notebooks[node.name].append(notebook)
            found.append(partial(self._story.started, node, notebook))
        return found

    def _new_notebook(self) -> Notebook:
        chance = self._random
        owner, project = chance.choice(PROJECTS)
        pid = next(self._pids)
        return Notebook(
            pid=pid, owner=owner, project=project, uid=1001 + USERS.index(owner), port=41_000 + pid % 4000,
            cores=chance.choice((0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.5, 5.0)),
            memory_bytes=int(chance.uniform(0.2, 5.0) * _GIB), started=uptime_seconds(),
            ends_at=self._second + chance.randint(*_LIFE_SECONDS),
        )  # fmt: skip

    def _load(self, node: DemoNode) -> Load:
        cores, memory = CORES[node.role], MEMORY_GIB[node.role] * _GIB
        if not self._is_living:
            return Load(cores * 0.02, memory // 5, 2_000, 1_500)
        notebooks = self._notebooks[node.name]
        everyone = sum(map(len, self._notebooks.values())) / max(1, len(self._plan.of_role(Role.COMPUTE)))
        base = {Role.SERVER: 0.25 + 0.15 * everyone, Role.GATEWAY: 0.06 + 0.1 * everyone}.get(node.role, 0.2)
        base *= self._random.uniform(0.85, 1.15)
        wanted = [notebook.cores * self._random.uniform(0.6, 1.1) for notebook in notebooks]
        given = min(1.0, (cores - base) / sum(wanted)) if wanted else 1.0
        for notebook, share in zip(notebooks, wanted, strict=True):
            notebook.used_seconds += share * given
        traffic = int(20_000 * self._random.uniform(0.3, 1.5) * (1 + 4 * (len(notebooks) or everyone)))
        used = memory // 5 + sum(notebook.memory_bytes for notebook in notebooks)
        return Load(base + sum(wanted) * given, used, traffic, traffic * 3)
