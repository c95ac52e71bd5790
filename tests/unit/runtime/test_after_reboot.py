"""What a reboot left behind is judged by how services stood when the node had settled, not by what is done later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from aen_tui.checks import rate
from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeName
from aen_tui.runtime.after_reboot import AGAIN_SECONDS, SETTLE_SECONDS, AfterReboot
from tests.support.states import FakeRuntime, service

SERVER = NodeName("aen-server")
ROW: dict[str, Any] = {"services": {}, "unmounted": [], "projects": None, "clock": "ntpd", "synchronized": True}


class Stage:
    """A server that is rebooted; its node answers the errand at once."""

    def __init__(self) -> None:
        self.runtime = FakeRuntime(1, 1, problems=False, history_samples=0)
        self.runtime.errands = self._rows
        self._work: list[Coroutine[Any, Any, None]] = []
        runtime = self.runtime
        self.here = AfterReboot(
            runtime.inventory, runtime.store, runtime.clock, ask=runtime.errand, spawn=self._work.append
        )

    async def _rows(self, _node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if "services" in order:
            yield json.dumps(ROW).encode()

    async def run(self, *services: ServiceState, boot: str = "new", after: float = 1.0) -> dict[str, str]:
        """Some seconds later these run; what is said of the reboot then."""
        self.runtime.clock.advance(after)
        link = replace(self.runtime.store.node(SERVER).connection, boot_id=boot)
        self.runtime.store.update(SERVER, lambda node: rate(replace(node, services=services, connection=link)))
        self.here.look(self.runtime.snapshot())
        while self._work:
            await self._work.pop()
        found = self.runtime.store.node(SERVER).findings
        return {one.check: one.message for one in found if one.check.startswith("after-reboot-")}


def running(name: str, began: float) -> ServiceState:
    return service(name, None if name == "mongod" else "wakari-server", started_at=began)


STOPPED = service("worker", "wakari-server", "STOPPED")
BEFORE = (running("mongod", 1.0), running("wk-server", 2.0), running("worker", 2.0))
WELL = (running("mongod", 100.0), running("wk-server", 160.0), running("worker", 160.0))
HASTY = (running("mongod", 160.0), running("wk-server", 100.0), running("worker", 160.0))


async def rebooted(*services: ServiceState) -> tuple[Stage, dict[str, str]]:
    stage = Stage()
    await stage.run(*BEFORE, boot="old")
    assert await stage.run(*services) == {}
    return stage, await stage.run(*services, after=SETTLE_SECONDS)


async def test_what_is_restarted_the_same_day_is_not_the_reboot_s_doing() -> None:
    stage, found = await rebooted(*WELL)
    assert found == {}
    assert await stage.run(running("mongod", 9000.0), *WELL[1:], after=3600.0) == {}


async def test_what_is_stopped_the_same_day_came_back_well() -> None:
    stage, found = await rebooted(*WELL)
    assert found == {}
    assert await stage.run(*WELL[:2], STOPPED, after=3600.0) == {}
    assert await stage.run(*WELL[:2], STOPPED, after=AGAIN_SECONDS) == {}


async def test_a_server_that_began_before_its_mongod_is_said_until_it_is_restarted() -> None:
    stage, found = await rebooted(*HASTY)
    assert found == {"after-reboot-order": "wk-server began 60 s before mongod, which it needs"}
    later = (running("mongod", 5000.0), *HASTY[1:])
    assert await stage.run(*later, after=600.0) == found
    assert await stage.run(later[0], running("wk-server", 6000.0), HASTY[2], after=600.0) == {}


async def test_what_did_not_come_back_is_said_until_it_runs() -> None:
    stage, found = await rebooted(*WELL[:2], STOPPED)
    assert found == {"after-reboot-running": "worker ran before the reboot and is STOPPED"}
    assert await stage.run(*WELL, after=60.0) == {}


async def test_nothing_is_asked_before_the_node_has_settled() -> None:
    stage = Stage()
    await stage.run(*BEFORE, boot="old")
    await stage.run(*HASTY)
    await asyncio.sleep(0)
    assert stage.runtime.store.node(SERVER).reboot is not None
    assert not [what for what, _ in stage.runtime.calls if what == "errand"]
