"""What stands between a confirmed plan and a node: read-only, policy, arming, and the health of audit and leases.

Asked where plans are executed; a screen shows what it says and decides nothing.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from aen_tui.config.policy import Policy
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import AuditRecord, Plan
from aen_tui.model.text import visible_line
from aen_tui.runtime.arming import Arming
from aen_tui.runtime.audit import SYSLOG_ONLY, AuditHealth, AuditLog, stamp
from aen_tui.runtime.identity import identity
from aen_tui.runtime.lease import Holder, groups_of, holders, no_lease, node_group

_LOOK_SECONDS = 5.0


class Guard:
    """The rules of one session.

    Args:
        inventory: what is worked on.
        clock: arming's.
        audit: whose health is watched.
        read_only: nothing is carried out; nothing lifts it.
        policy: what root allows nobody.
    """

    def __init__(
        self,
        inventory: Inventory,
        clock: Clock,
        audit: AuditLog,
        *,
        read_only: bool = False,
        policy: Policy | None = None,
    ) -> None:
        self._inventory = inventory
        self._audit = audit
        self._clock = clock
        self._read_only = read_only
        self.policy = policy or Policy()
        self._arming = Arming(clock)
        self.audit_health = AuditHealth()
        """As of the last look."""
        self.holders: tuple[Holder, ...] = ()
        """Who holds leases of this installation, this process too; as of the last look."""
        self.no_lease: str | None = None
        """Why there are no leases here; as of the last look."""

    # -- what may be done --------------------------------------------------------------------------

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed in this run."""
        return self._read_only or self.policy.read_only

    @property
    def allows_shell(self) -> bool:
        """Whether `s` opens a shell."""
        return not self.read_only and self.policy.shell and self.policy.error is None

    @property
    def arming_required(self) -> bool:
        """Whether changes are locked until somebody arms."""
        return self._inventory.actions.arming_required or self.policy.arming_required

    @property
    def is_locked(self) -> bool:
        """Whether arming is required and nobody has armed."""
        return self.arming_required and not self._arming.is_armed

    def refusal(self, plan: Plan) -> str | None:
        """Why the rules would not let a plan be carried out now; None where they do."""
        if self._read_only:
            return "read-only: nothing is carried out"
        nodes = list(dict.fromkeys(step.target.node for step in plan.steps))
        if (why := self.policy.refusal(self._inventory, plan.action, nodes)) is not None:
            return why
        if self.is_locked:
            return "locked, as arming is required: `:arm 15m REASON` first, or `do --reason TEXT`"
        return None

    # -- arming ------------------------------------------------------------------------------------

    def arm(self, minutes: int, reason: str) -> None:
        """Unlock for some minutes; the reason goes to every record in that time.

        Raises:
            PlanRefusedError: read-only, minutes out of 1 to 60, or no reason.
        """
        self._refuse_if_read_only()
        self._arming.arm(minutes, reason)

    def arm_this_command(self, reason: str) -> None:
        """Unlock until this process ends (`do --reason`).

        Raises:
            PlanRefusedError: read-only, or no reason.
        """
        self._refuse_if_read_only()
        self._arming.arm_this_command(reason)

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise PlanRefusedError("read-only: nothing in this run lifts it")
        if self.policy.error is not None:
            raise PlanRefusedError(f"{self.policy.error}: nothing is carried out")

    def disarm(self) -> None:
        """Lock."""
        self._arming.disarm()

    def touch(self) -> None:
        """A key was pressed."""
        self._arming.touch()

    @property
    def armed_until(self) -> float | None:
        """Monotonic second at which it locks; None where it is not armed, or may not act at all."""
        return None if self.read_only else self._arming.until

    def reason(self, given: str | None) -> str | None:
        """The reason that is recorded: the one given, else the one it was armed with."""
        return given.strip() if given and given.strip() else self._arming.reason

    # -- audit and leases --------------------------------------------------------------------------

    def look(self) -> None:
        """Look at audit and leases; blocks a little, so call it in a thread."""
        self.audit_health = self._audit.health()
        self.no_lease = no_lease(self._inventory)
        self.holders = tuple(holders(self._inventory))

    def failed(self, error: Exception) -> None:
        """A look failed in a way nobody expected: what is not known is not well."""
        self.audit_health = AuditHealth(visible_line(f"the audit could not be looked at: {error}", 300))

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def shell_recorded(self, node: NodeName, argv: Sequence[str]) -> AsyncIterator[None]:
        """A record before and after a shell on a node: what is typed there is nobody's plan.

        Raises:
            AuditError: it cannot be recorded, so it may not be opened.
        """
        record = await self._begun("shell", node, argv)
        try:
            yield
        finally:
            await self._ended(record)

    @asynccontextmanager
    async def read_recorded(self, node: NodeName, argv: Sequence[str]) -> AsyncIterator[None]:
        """A record before and after a probe that reads under sudo; once a start, whatever it reads.

        That it has ended is written where it can be: a watch that is being ended cannot be asked what to do else.

        Raises:
            AuditError: it cannot be recorded, so it may not be started.
        """
        record = await self._begun("read", node, argv)
        try:
            yield
        finally:
            with suppress(AuditError):
                await self._ended(record)

    async def _begun(self, action: str, node: NodeName, argv: Sequence[str]) -> AuditRecord:
        who, id_ = identity(), f"{action}-{uuid.uuid4().hex[:12]}"
        record = AuditRecord(
            id=id_,
            kind="intent",
            at="",
            user=who.user,
            cluster=self._inventory.name,
            node=node,
            argv=tuple(argv),
            reason=self.reason(None),
            result=None,
            prev="",
            hash="",
            action=action,
            is_demo=self._inventory.is_demo,
            plan=id_,
            uid=who.uid,
            login_uid=who.login_uid,
            claimed_origin=who.claimed,
        )
        await asyncio.to_thread(self._append, record)
        return record

    async def _ended(self, record: AuditRecord) -> None:
        await asyncio.shield(asyncio.to_thread(self._append, replace(record, kind="outcome", result="closed")))

    def _append(self, record: AuditRecord) -> None:
        self._audit.append(replace(record, at=stamp(self._clock.wall())))

    @property
    def extra_word(self) -> str:
        """What must be typed beside a plan's own confirmation: `SYSLOG-ONLY` where only syslog takes records."""
        health = self.audit_health
        return SYSLOG_ONLY if not health.is_well and health.has_syslog else ""

    def notes(self, nodes: Sequence[NodeName]) -> tuple[str, ...]:
        """What a card says of audit and leases: sentences of this program's own."""
        found: list[str] = []
        health = self.audit_health
        if not health.is_well:
            end = f"type {SYSLOG_ONLY} to act with a record in syslog alone" if health.has_syslog else "nothing is done"
            found.append(f"{health.error}: {end}")
        if self.no_lease is not None:
            found.append(self.no_lease)
        groups = set(groups_of(self._inventory, nodes))
        names = {node_group(node) for node in nodes}
        found += [one.words() for one in self.holders if one.group in groups | names]
        return tuple(found)
