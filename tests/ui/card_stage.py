"""A card on an otherwise empty screen: what the tests of cards, pickers and menus have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Target
from aen_tui.ui.screens.card import CardScreen
from tests.support.screen import until

COMPUTE = Target(NodeName("compute1-1"), "wk-compute", "supervisor", "wakari-compute")
NGINX = Target(NodeName("aen-server"), "nginx", "sysv")
PROVED = {"rests_on": ("pid 8452 → 4242", "RUNNING for 3.1 s"), "differs": ("nice was 0, is 19",)}
ROLLING = tuple(replace(COMPUTE, node=NodeName(f"compute1-{i}")) for i in (1, 2))


class Host(App[None]):
    """Nothing but a stack of screens."""

    def __init__(self, runtime: Any) -> None:
        super().__init__()
        self.runtime = runtime


def started(runtime: Any) -> list[Plan]:
    return [argument for name, argument in runtime.calls if name == "start"]


async def open_card(pilot: Pilot[None], runtime: Any, *targets: Target, action: Any = ActionName.RESTART) -> CardScreen:
    card = CardScreen(runtime, runtime.plan(action, targets or (COMPUTE,)))
    await pilot.app.push_screen(card)
    await until(pilot, lambda: card.takes_keys)
    await pilot.pause()
    return card
