"""The probe under sudo follows what is denied later: a rotation that leaves a log to root alone."""

from __future__ import annotations

import asyncio

from aen_tui.model.facts import LogFileState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NAME = NodeName("gateway2")
LOG = LogPath("/opt/wakari/wakari-gateway/var/log/wakari/gateway.log")


async def test_a_log_that_a_rotation_leaves_to_root_is_read_on(lab: Lab, watching: Watching) -> None:
    node = lab.nodes[NAME]
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
        node.run(["sh", "-c", f"mv {LOG} {LOG}.1; umask 077; echo for root alone > {LOG}"])
        try:
            async with asyncio.timeout(60):
                while b"for root alone" not in runtime.books.book(LogKey(NAME, LOG)).read(0)[0][-4096:]:
                    await asyncio.sleep(0.1)
                await runtime.store.wait_for(
                    lambda state: any(
                        log.path == LOG and log.state is LogFileState.FOLLOWING for log in state.nodes[NAME].logs
                    )
                )
        finally:
            node.run(["sh", "-c", f"mv -f {LOG}.1 {LOG}"])
