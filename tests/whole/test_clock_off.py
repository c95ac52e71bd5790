"""A node whose clock is a day off is told so, and is otherwise as its neighbours."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

OFF, RIGHT = NodeName("compute1-1"), NodeName("compute1-2")
DAY = 86_400.0
AHEAD = f"""#!/usr/bin/env -S python3 -ESs
import sys, time
now = time.time
time.time = lambda: now() + {DAY}
words = sys.argv[1:]
code = words[words.index("-c") + 1]
sys.argv = ["-c"] + words[words.index("-c") + 2:]
exec(compile(code, "<string>", "exec"), globals())
"""
"""An interpreter whose clock is ahead: the kernel has one clock for all nodes of the lab."""


async def test_a_clock_a_day_ahead_is_the_only_thing_wrong(lab: Lab, watching: Watching, tmp_path: Path) -> None:
    place = lab.nodes[OFF].path("/opt/python-ahead")
    place.write_text(AHEAD)
    place.chmod(0o755)
    file = lab.write_inventory(tmp_path / "off.toml", node={OFF: {"python": "/opt/python-ahead"}})
    try:
        async with watching(file) as runtime, asyncio.timeout(90):
            await runtime.store.wait_for(
                lambda state: (
                    all(state.nodes[name].complete for name in (OFF, RIGHT))
                    and state.nodes[OFF].connection.state is LinkState.UP
                )
            )
            await runtime.checkup.gather([OFF, RIGHT])
            state = runtime.snapshot()
            wrong = {
                name: {one.check: one for one in runtime.checkup.findings(state.nodes[name], state) if one.severity}
                for name in (OFF, RIGHT)
            }
            skew = state.nodes[OFF].connection.skew_seconds
            assert skew is not None and DAY - 60 < skew < DAY + 60
            assert wrong[OFF]["clock-skew"].severity is Severity.CRITICAL
            assert "ahead" in wrong[OFF]["clock-skew"].message
            assert set(wrong[OFF]) - set(wrong[RIGHT]) == {"clock-skew"}
            assert "clock-skew" not in wrong[RIGHT]
    finally:
        place.unlink()
