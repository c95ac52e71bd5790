"""What the screen is given: `runtime.cluster.Runtime`, or a test's stand-in with the same surface.

The screen depends on this protocol only, so that it starts without importing ssh, and a test of a
panel needs no runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # names in signatures only: nothing of them is needed before the first frame
    from aen_tui.model.clock import Clock
    from aen_tui.model.facts import ClusterState
    from aen_tui.model.inventory import Inventory
    from aen_tui.model.logs import LogKey, OlderEdge
    from aen_tui.model.node import NodeName
    from aen_tui.model.plans import ActionName, Plan, PlanEvent, Target
    from aen_tui.runtime.audit_book import AuditBook
    from aen_tui.runtime.checkup import Checkup
    from aen_tui.runtime.errands import Errand
    from aen_tui.runtime.guard import Guard
    from aen_tui.runtime.jobs import Jobs
    from aen_tui.runtime.maintenance import Maintenance
    from aen_tui.runtime.projects import Projects
    from aen_tui.state.alerts import Alerts
    from aen_tui.state.events import Events
    from aen_tui.state.folding import Folding
    from aen_tui.state.logbook import LogBooks
    from aen_tui.state.series import SeriesStore
    from aen_tui.state.silence import Silences
    from aen_tui.state.store import Store


class Backend(Protocol):
    """An installation that is being watched."""

    @property
    def inventory(self) -> Inventory:
        """What is watched."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed in this run."""
        ...

    @property
    def clock(self) -> Clock:
        """Ages and the time of day."""
        ...

    @property
    def store(self) -> Store:
        """What is known now."""
        ...

    @property
    def series(self) -> SeriesStore:
        """Histories of samples."""
        ...

    @property
    def books(self) -> LogBooks:
        """Log bytes."""
        ...

    @property
    def folding(self) -> Folding:
        """Warnings and errors of all nodes, one row a message."""
        ...

    @property
    def silences(self) -> Silences:
        """Logs that used to speak and do not any more."""
        ...

    @property
    def events(self) -> Events:
        """What happened, as people would tell it."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What the terminal itself is to say."""
        ...

    @property
    def maintenance(self) -> Maintenance:
        """What is bad on purpose."""
        ...

    def snapshot(self) -> ClusterState:
        """The state of this moment; the same object while nothing changes."""
        ...

    def follow(self, key: LogKey) -> None:
        """Follow a log from now on; its book fills. Idempotent."""
        ...

    async def fetch_older(self, key: LogKey, *, size_bytes: int = 262_144, since: float | None = None) -> OlderEdge:
        """Put older lines before the first of a log's book; what lies before them then. Never raises."""
        ...

    async def errand(self, node: NodeName, errand: Errand[Any]) -> bool:
        """Have a node do an errand of the probe; raises AenError. See runtime/cluster.py."""
        ...

    def poke(self, node: NodeName) -> None:
        """Ask the node's probe for a sample now."""
        ...

    def retry_now(self, node: NodeName) -> None:
        """Try a lost node at once instead of at its next try."""
        ...

    def attend_stores(self, closely: bool) -> None:
        """Somebody looks at what MongoDB and Elasticsearch say, or does no longer."""
        ...

    @property
    def projects(self) -> Projects:
        """What runs in projects, why one does not start, what takes up their filesystems."""
        ...

    @property
    def checkup(self) -> Checkup:
        """Preflight: facts gathered on request, and what they say."""
        ...

    def plan(self, action: ActionName, targets: Sequence[Target]) -> Plan:
        """Make a plan from the present state; raises PlanRefusedError."""
        ...

    async def preflight(self, plan: Plan) -> Plan:
        """The plan with what sudo would ask of it on each node; runs nothing."""
        ...

    @property
    def guard(self) -> Guard:
        """What may be done in this run, and the health of audit and leases."""
        ...

    @property
    def jobs(self) -> Jobs:
        """Everything that is carried out, rolling plans, and what earlier runs of the program left."""
        ...

    @property
    def audit_book(self) -> AuditBook:
        """What was done."""
        ...

    def start(
        self,
        plan: Plan,
        emit: Callable[[PlanEvent], None],
        *,
        reason: str | None = None,
        syslog_only: bool = False,
    ) -> None:
        """Carry a plan out; `emit` gets what happens, last a `finished`."""
        ...
