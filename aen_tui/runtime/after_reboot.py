"""After another boot id: what ran and was mounted before is remembered, and what the reboot left behind is asked.

The node is asked once it has been up for a while, services need their time; until it has answered, again and again.
For a day its checks (`after-reboot-…`) say what is not as it should be. What is nobody's change of state, such as a
service that somebody enables meanwhile, is asked anew every ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from aen_tui.checks import rate
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.node_facts import HostFacts
from aen_tui.model.reboot import BootFacts, Reboot, Settled
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.sources import booted, requirements_host
from aen_tui.state.store import Store

SETTLE_SECONDS = 90.0
AGAIN_SECONDS = 600.0
RETRY_SECONDS = 60.0
KEPT_SECONDS = 86_400.0


@dataclass(slots=True)
class _Seen:
    """What was seen of one node while it was up."""

    boot_id: str | None = None
    ran: frozenset[str] = frozenset()
    mounted: frozenset[str] = frozenset()
    next_ask: float = 0.0
    """Monotonic seconds."""
    is_asking: bool = False
    node: NodeState | None = field(default=None, repr=False)


class AfterReboot:
    """Watches the boot ids. One look a second.

    Args:
        inventory: what is asked of a node depends on its roles.
        store: takes what is found.
        clock: now.
        ask: how a node is asked.
        spawn: runs a task in the runtime's own group.
    """

    def __init__(
        self,
        inventory: Inventory,
        store: Store,
        clock: Clock,
        *,
        ask: Asks,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._inventory = inventory
        self._store = store
        self._clock = clock
        self._ask = ask
        self._spawn = spawn
        self._seen: dict[NodeName, _Seen] = {}

    def look(self, state: ClusterState) -> None:
        """Notice a reboot, and ask what is due."""
        now = self._clock.monotonic()
        for name, node in state.nodes.items():
            if node.connection.state is not LinkState.UP or not node.complete:
                continue
            seen = self._seen.setdefault(name, _Seen())
            if node is not seen.node:
                seen.node = node
                self._compare(seen, node, now)
            reboot = self._store.node(name).reboot
            if reboot is None:
                continue
            if self._clock.wall() - reboot.at_wall > KEPT_SECONDS:
                self._set(name, None)
            elif now >= seen.next_ask and not seen.is_asking:
                seen.is_asking = True
                self._spawn(self._find_out(name, seen))

    def _compare(self, seen: _Seen, node: NodeState, now: float) -> None:
        boot = node.connection.boot_id
        if boot is not None and seen.boot_id is not None and boot != seen.boot_id:
            self._set(node.name, Reboot(self._clock.wall(), seen.ran, seen.mounted))
            seen.next_ask = now + SETTLE_SECONDS
        seen.boot_id = boot or seen.boot_id
        if node.reboot is None and self._store.node(node.name).reboot is None:
            seen.ran = frozenset(one.name for one in node.services if one.state == "RUNNING")
            if node.metrics.value is not None:
                seen.mounted = frozenset(disk.mount for disk in node.metrics.value.disks)

    async def _find_out(self, name: NodeName, seen: _Seen) -> None:
        spec = self._inventory.nodes[name]
        try:
            facts: BootFacts | None = await first_row(
                self._ask, name, booted.ERRAND, booted.request(spec), booted.decode, seconds=booted.SECONDS
            )
            host: HostFacts | None = await first_row(
                self._ask,
                name,
                requirements_host.ERRAND,
                requirements_host.request(spec, self._inventory),
                requirements_host.decode,
                seconds=requirements_host.SECONDS,
            )
        except AenError:  # it is asked again; until then nothing is said of it
            facts = host = None
        finally:
            seen.is_asking = False
            seen.next_ask = self._clock.monotonic() + RETRY_SECONDS
        node = self._store.node(name)
        reboot = node.reboot
        if facts is None or reboot is None:
            return
        seen.next_ask = self._clock.monotonic() + AGAIN_SECONDS
        settled = reboot.settled or {one.name: Settled(one.state, one.started_at) for one in node.services}
        selinux = host.selinux if host is not None else None
        self._set(name, replace(reboot, facts=facts, selinux=selinux, settled=settled))

    def _set(self, name: NodeName, reboot: Reboot | None) -> None:
        self._store.update(name, lambda node: rate(replace(node, reboot=reboot)))
