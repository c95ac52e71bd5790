"""The facade that the dashboard and the headless commands are given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from aen_tui.config.paths import state_folder
from aen_tui.config.policy import Policy, load_policy
from aen_tui.model.clock import Clock, SystemClock
from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey, OlderEdge
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.after_reboot import AfterReboot
from aen_tui.runtime.aftermath import Aftermath
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.audit_book import AuditBook
from aen_tui.runtime.audit_copies import add_copy
from aen_tui.runtime.before_after import BeforeAfter
from aen_tui.runtime.causes import Causes
from aen_tui.runtime.checkup import Checkup
from aen_tui.runtime.collecting import collect_only_what_comes
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.fleet_folding import FleetFolding
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.history import OLDER_BYTES
from aen_tui.runtime.hooks import Hooks
from aen_tui.runtime.jobs import Jobs
from aen_tui.runtime.lost_gateways import LostGateways
from aen_tui.runtime.maintenance import Maintenance, maintenance_path
from aen_tui.runtime.markers import Markers
from aen_tui.runtime.node_times import node_times
from aen_tui.runtime.noticing import Noticing
from aen_tui.runtime.own_growth import OwnGrowth
from aen_tui.runtime.preconditions import Preconditions
from aen_tui.runtime.problems import LastProblems
from aen_tui.runtime.process_looks import process_looks
from aen_tui.runtime.projects import Projects
from aen_tui.runtime.server_page import server_pages
from aen_tui.runtime.signs import SystemSigns
from aen_tui.runtime.stores.watching import StoresWatch
from aen_tui.runtime.supervised import supervised, survived
from aen_tui.runtime.syslog import Syslog
from aen_tui.runtime.template_file import template_path
from aen_tui.runtime.vitals import VitalsWatch
from aen_tui.runtime.watches import Watches
from aen_tui.state.alerts import Alerts
from aen_tui.state.event import Event
from aen_tui.state.events import Events
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from aen_tui.transports.credentials import Prompter
from aen_tui.transports.pool import LinkPool

Emit = Callable[[PlanEvent], None]


class Runtime:
    """Everything that runs while the program looks at an installation.

    Args:
        inventory: what is looked at.
        read_only: plans are refused where they are executed; nothing lifts it.
        prompter: asks for passphrases, passwords and codes; None answers none of them.
        policy: what this machine's root forbids; the system's own file where None.
        folds: fold warnings over nodes and notice silent logs: what somebody looks at for long wants.
        only: the nodes that are watched, all where None. What carries them is connected too, and no probe runs there.
        first: nodes that somebody waits for: they are connected before the others.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        read_only: bool = False,
        prompter: Prompter | None = None,
        clock: Clock | None = None,
        policy: Policy | None = None,
        folds: bool = False,
        only: Collection[NodeName] | None = None,
        first: Collection[NodeName] = (),
    ) -> None:
        self.inventory = inventory = (policy or load_policy()).within(inventory)
        self._first = first
        specs = [spec for name, spec in inventory.nodes.items() if only is None or name in only]
        self.clock = clock or SystemClock()
        self.store = Store(inventory, self.clock)
        self.series = SeriesStore({spec.name: spec.interval_seconds for spec in specs})
        self.books = LogBooks(limit_bytes=inventory.log_memory_megabytes * 1024 * 1024)
        self.events = Events()
        # A demo is another installation each time: what one of them said is not worth a file.
        remembered = template_path(inventory.name) if folds and not inventory.is_demo else None
        self._fleet = FleetFolding(self.books, self.clock, self.events, remembered)
        self.folding, self.silences = self._fleet.folding, self._fleet.silences
        self._folds = folds
        self._prompter = prompter
        self._tasks: asyncio.TaskGroup | None = None
        self._settling: set[asyncio.Task[None]] = set()
        self._pool: LinkPool | None = None
        self._stores: StoresWatch | None = None
        path, lease_dir = state_folder() / "audit.jsonl", inventory.actions.lease_dir
        audit = AuditLog(path, syslog=Syslog(), copied=partial(add_copy, lease_dir))
        self.audit_book = AuditBook(path, lease_dir)
        self._markers = Markers(self.events, self.books, self.clock)
        self._signs = SystemSigns(self.books, self.store, self.clock)
        self._after_reboot = AfterReboot(inventory, self.store, self.clock, ask=self.errand, spawn=self._spawn_look)
        self._noticing = Noticing(self.events, self.clock, self.folding)
        self.alerts = Alerts()
        self._hooks = Hooks(inventory.notify, inventory.name, self.events, self.alerts, self.clock)
        remembered = None if inventory.is_demo else maintenance_path(inventory.name)
        self.maintenance = Maintenance(inventory, self.store, self.clock, audit, self.events, remembered)
        looks = process_looks(self.errand, self.clock)
        self._measures = BeforeAfter(self.store, self.series, self.books, self.clock, self.events, looks)
        self.guard = Guard(inventory, self.clock, audit, read_only=read_only, policy=policy or load_policy())
        self._watches = Watches(
            inventory,
            specs,
            store=self.store,
            series=self.series,
            books=self.books,
            clock=self.clock,
            recorded=self.guard.read_recorded,
        )
        self._executor = Executor(
            inventory=inventory,
            store=self.store,
            clock=self.clock,
            audit=audit,
            read_only=read_only,
            guard=self.guard,
            link_of=self._watches.link_of,
            poke=self.poke,
            settle_task=self._spawn,
            aftermath=Aftermath(self.clock, self._markers, self._measures),
            look=looks,
            prompter=prompter,
        )
        self.projects = Projects(inventory, self.store, self.clock, ask=self.errand, spawn=self._spawn_look)
        self.jobs = Jobs(
            inventory=inventory,
            executor=self._executor,
            store=self.store,
            clock=self.clock,
            book=self.audit_book,
            folder=state_folder() / "jobs",
            spawn=self._spawn,
            apps_now=self.projects.looks.apps_now,
        )
        names = [spec.name for spec in specs]
        self._vitals = VitalsWatch(names, store=self.store, signs=self._signs, clock=self.clock, ask=self.errand)
        self._preconditions = Preconditions(self.errand, self.snapshot)
        self.checkup = Checkup(inventory, self.clock, ask=self.errand, snapshot=self.snapshot, spawn=self._spawn_look)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed in this run; nothing lifts it."""
        return self.guard.read_only

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect to every node and keep at it until the block is left; then everything is closed."""
        failure: BaseException | None = None
        self.maintenance.load()
        async with LinkPool(self.inventory, self._prompter, self.clock) as pool, asyncio.TaskGroup() as tasks:
            self._tasks, self._pool = tasks, pool
            collect_only_what_comes()
            running = [tasks.create_task(work) for work in self._watches.open(pool, self._first)]
            running += [
                tasks.create_task(supervised(name, run, self._faulty(name)), name=name)
                for name, run in self._background(pool)
            ]
            try:
                yield
            except BaseException as error:  # noqa: BLE001 - raised again below, outside the group, which would wrap it
                failure = error
            try:
                await self.jobs.clean_up()
            finally:
                for task in (*running, *self._settling):
                    task.cancel()
                self._tasks = self._pool = None
                self._fleet.close()
        if failure is not None:
            raise failure

    def _background(self, pool: LinkPool) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """What goes on for ever beside the watches of nodes, each with its name."""
        yield "the judgement of the whole", self._judge_whole
        yield "the look at audit and leases", self.guard.watch
        if self._folds:
            yield "the hooks", self._hooks.run
            yield "the look at limits", self._vitals.run
            yield "the look at projects", self.projects.looks.run
        for asker in self._watches.https_askers():
            yield "the look at https", asker
        watched = (spec for name, spec in self.inventory.nodes.items() if name in self._watches)
        for page in server_pages(watched, self.store, self.clock, self.errand, self._watches.link_of):
            yield "the look at the server's page", page.run
        for search in LostGateways(self.inventory, self.store, ask=self.errand, address=pool.address).watching():
            yield "the search for a lost gateway", search
        if self.inventory.store in self._watches:
            self._stores = self._stores_watch()
            yield "the look at the stores", self._stores.run

    def _faulty(self, name: str) -> Callable[[Exception], None]:
        """A fault of this program: told, and tried again; the guard says itself what then is not allowed."""

        def tell(error: Exception) -> None:
            text = visible_line(f"{name} failed: {type(error).__name__}: {error}", 300)
            self.events.add(Event(self.clock.wall(), None, "fault", Severity.WARNING, text))

        def guard_too(error: Exception) -> None:
            self.guard.failed(error)
            tell(error)

        return guard_too if name == "the look at audit and leases" else tell

    async def _judge_whole(self) -> None:
        """What concerns the installation as a whole, once a second."""
        causes = Causes(self.store)
        problems, growth = LastProblems(self.books, self.clock), OwnGrowth(self.books)
        if self._folds:
            await self._fleet.load()
        while True:
            causes.look()
            await self.maintenance.look()
            self._markers.look(self.snapshot())
            self._after_reboot.look(self.snapshot())
            self._noticing.look(self.snapshot())
            if self._folds:
                self._hooks.look()
            await self._measures.look()
            times = node_times(self.snapshot())
            self._signs.look(self.snapshot(), times)
            for node_name, problem in problems.look(times).items():
                self.store.update(node_name, lambda node, problem=problem: _with_problem(node, problem))  # type: ignore[misc]
            for node_name, notes in (growth.look(self.clock.monotonic()) or {}).items():
                if (watch := self._watches.get(node_name)) is not None:
                    watch.note_growth(notes)
            if self._folds:
                await self._fleet.look(self.snapshot(), times)
            await asyncio.sleep(1.0)

    def snapshot(self) -> ClusterState:
        """The state of this moment."""
        return self.store.snapshot()

    def follow(self, key: LogKey) -> None:
        """Follow a log from now on (64 KiB before its end); its book fills. Idempotent."""
        self._watches.follow(key)

    async def fetch_older(self, key: LogKey, *, size_bytes: int = OLDER_BYTES, since: float | None = None) -> OlderEdge:
        """Older lines of a followed log, put before the first of its book; where the book begins then.

        One at a time for each log; whoever asks meanwhile gets the same answer. Never raises for what a node does:
        the edge says it.

        Args:
            key: the log.
            size_bytes: at most so many, 896 KiB at most.
            since: files last written before this are not opened, epoch seconds of the node.
        """
        return await self._watches.fetch_older(key, size_bytes, since)

    async def errand(self, node: NodeName, errand: Errand[Any]) -> bool:
        """Have a node do one of the probe's errands; returns at its end. To cancel it, cancel the wait.

        Returns:
            Whether it was done under sudo.

        Raises:
            ProbeError: it failed or was refused (two at a time), or its answer is too long; rows so far were taken.
            ConnectionLostError: the node is away, or went.
            DeadlineError: it did not end in time.
        """
        return await self._watches.errand(node, errand)

    def poke(self, node: NodeName) -> None:
        """Ask the node's probe, and those that ask its URLs, for a sample now."""
        self._watches.poke(node)
        if self._stores is not None and node == self.inventory.store:
            self._stores.ask_soon()

    def retry_now(self, node: NodeName) -> None:
        """Try a lost node at once instead of at its next try; what was refused may be typed again."""
        if self._pool is not None:
            self._pool.forget_refusals()
        self._watches.retry_now(node)
        if self._stores is not None and node == self.inventory.store:
            self._stores.ask_again()

    def attend_stores(self, closely: bool) -> None:
        """Somebody looks at what MongoDB and Elasticsearch say, or does no longer: they are asked more often then."""
        if self._stores is not None:
            self._stores.attend(closely)

    def _stores_watch(self) -> StoresWatch:
        return StoresWatch(
            self.inventory,
            store=self.store,
            series=self.series,
            clock=self.clock,
            link_of=self._watches.link_of,
            is_heard=self._watches.is_heard,
            ports_of=self._watches.ports_of,
            prompter=self._prompter,
            follow=self.follow,
            told_logs=self._watches.told_logs,
            ask=self.errand,
        )

    def plan(self, action: ActionName, targets: Sequence[Target]) -> Plan:
        """Make a plan from the present state; pure.

        Raises:
            PlanRefusedError: no such target, or nothing that could be done.
        """
        return self._executor.plan(action, targets, self.snapshot())

    async def preflight(self, plan: Plan) -> Plan:
        """The plan with what its nodes and their sudo say of it beforehand; reads, asks, and runs nothing."""
        return await self._executor.preflight(await self._preconditions.look(plan))

    def start(self, plan: Plan, emit: Emit, *, reason: str | None = None, syslog_only: bool = False) -> None:
        """Carry a plan out as a job; `emit` gets what happens, last a `finished`."""
        self.jobs.start(plan, emit=emit, reason=reason, syslog_only=syslog_only)

    async def execute(
        self, plan: Plan, emit: Emit, *, reason: str | None = None, settle: bool = False, syslog_only: bool = False
    ) -> Result:
        """Carry a plan out and wait for its end."""
        job = self.jobs.start(plan, emit=emit, reason=reason, settle=settle, syslog_only=syslog_only)
        return await job.wait()

    def _spawn_look(self, work: Coroutine[Any, Any, None]) -> None:
        """A look that may fail without harm to anything else."""
        if self._tasks is None:
            work.close()
        else:
            self._spawn(survived("a look", work, self._faulty("a look")))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task of the runtime's; cancelled when it ends."""
        if self._tasks is None:
            work.close()
            return
        task = self._tasks.create_task(work)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)


def _with_problem(node: NodeState, problem: Reading[str]) -> NodeState:
    return node if node.last_problem is problem else replace(node, last_problem=problem)
