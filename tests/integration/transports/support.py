"""Inventories, pools and prompters for the tests of the transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from aen_tui.model.inventory import ActionSettings, Inventory, SshSettings
from aen_tui.model.node import Become, NodeName, NodeSpec, Role, Thresholds
from aen_tui.model.secret import Secret
from aen_tui.transports.pool import LinkPool
from aen_tui.transports.ssh import Deadlines
from tests.support.sshd import SshFiles

DEADLINES = Deadlines(tcp=30.0, banner=30.0, login=60.0)


def spec(name: str, *, host: str | None = None, jump: str | None = None) -> NodeSpec:
    """A node with defaults."""
    return NodeSpec(
        name=NodeName(name),
        host=host or name,
        roles=(Role.COMPUTE,),
        data_center="east",
        jump=jump,
        interval_seconds=2.0,
        become=Become.NEVER,
        service_account="wakari",
        status_paths=("/status",),
        thresholds=Thresholds(),
    )


def inventory(files: SshFiles, nodes: Iterable[NodeSpec], **ssh: int) -> Inventory:
    """An inventory of nodes, reached by the client's files."""
    named = {node.name: node for node in nodes}
    return Inventory(
        name="test",
        file=Path("/nowhere/inventory.toml"),
        aen_version=None,
        ssh=SshSettings(config=(files.config,), **ssh),
        actions=ActionSettings(),
        nodes=named,
        data_centers={"east": tuple(named)},
    )


def pool_of(
    files: SshFiles,
    *nodes: NodeSpec | str,
    prompter: ScriptedPrompter | None = None,
    deadlines: Deadlines = DEADLINES,
    **ssh: int,
) -> LinkPool:
    """A pool over nodes; a bare name is a node that is reached directly."""
    specs = [spec(node) if isinstance(node, str) else node for node in nodes]
    return LinkPool(inventory(files, specs, **ssh), prompter, deadlines=deadlines, system_config=None)


class ScriptedPrompter:
    """Answers questions from a function, and remembers them."""

    def __init__(self, answer: Callable[[str, str], str | None]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str, bool]] = []

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        self.asked.append((node, text, secret))
        await asyncio.sleep(0)
        answer = self._answer(node, text)
        return None if answer is None else Secret(answer)


async def until(condition: Callable[[], object], *, seconds: float = 60.0) -> None:
    """Wait for a state, asking again with every turn of the loop, a few milliseconds apart."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
