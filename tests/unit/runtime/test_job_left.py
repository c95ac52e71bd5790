"""What a broken job leaves, as command lines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from aen_tui.runtime.job_left import commands_for
from tests.unit.runtime.rolling_world import World


async def test_what_is_left_of_stages_is_only_continued(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        world = World(tmp_path, tasks)
        rolling = world.plan(canary=1, batch=2)
        for task in world.tasks:
            task.cancel()
    left = rolling.plan.steps[2:]
    stages = replace(rolling, batches=tuple(replace(batch, label="stop computes") for batch in rolling.batches))
    assert len(commands_for(rolling, left, world.inventory)) == 2
    (command,) = commands_for(stages, left, world.inventory)
    assert command.endswith("do --resume 0123456789ab")
