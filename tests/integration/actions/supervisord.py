"""A real supervisord on a unix socket, a link that runs commands here, and its state in a real store."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, dumps, loads

import psutil

from aen_tui.errors import ConnectionLostError
from aen_tui.model.clock import SystemClock
from aen_tui.model.command import CommandResult, shell_line
from aen_tui.model.facts import Connection, LinkState, NodeState, ServiceState
from aen_tui.model.inventory import ActionSettings, Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Step, Target
from aen_tui.model.secret import Secret
from aen_tui.runtime.aftermath import Aftermath
from aen_tui.runtime.audit import AuditLog, read_lines
from aen_tui.runtime.before_after import BeforeAfter
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.state.events import Events
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from tests.lab.fetched import python27_prefix, supervisor_3
from tests.support.states import inventory

NODE = NodeName("aen-server")
ME = pwd.getpwuid(os.getuid()).pw_name
SUPERVISOR = "wakari-server"

_CONF = """
[unix_http_server]
file={home}/s.sock
[supervisord]
logfile={home}/supervisord.log
pidfile={home}/supervisord.pid
childlogdir={home}
nodaemon=true
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{home}/s.sock
[include]
files={home}/conf.d/*.conf
"""


@dataclass
class Supervisord:
    """One supervisord with its own folder, laid out as AEN does."""

    version: str
    prefix: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="aen-tui-act-", dir="/tmp")))
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        return self.prefix / SUPERVISOR

    def program(self, name: str, script: str, **options: object) -> None:
        """A program that runs a shell script; it may be replaced while it runs."""
        self.script(name, script)
        lines = {"command": f"/bin/sh {self.home}/{name}.sh", "startsecs": 1, "startretries": 0, **options}
        text = "".join(f"{key}={value}\n" for key, value in lines.items())
        (self.home / "conf.d" / f"{name}.conf").write_text(f"[program:{name}]\n{text}")

    def script(self, name: str, script: str) -> None:
        (self.home / "conf.d").mkdir(parents=True, exist_ok=True)
        (self.home / f"{name}.sh").write_text(script)

    def start(self) -> None:
        (self.home / "bin").mkdir(parents=True, exist_ok=True)
        conf = self.home / "supervisord.conf"
        conf.write_text(_CONF.format(home=self.home))
        python, env = sys.executable, dict(os.environ)
        if self.version != "4":
            python27 = python27_prefix()
            python = f"{python27}/bin/python2.7"
            env["PYTHONPATH"] = str(supervisor_3(self.version))
        control = self.home / "bin" / "supervisorctl"
        path = f"PYTHONPATH={env['PYTHONPATH']} " if "PYTHONPATH" in env else ""
        control.write_text(f'#!/bin/sh\nexec env {path}{python} -m supervisor.supervisorctl -c {conf} "$@"\n')
        control.chmod(0o755)
        self.process = subprocess.Popen(
            [python, "-m", "supervisor.supervisord", "-c", str(conf)],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self) -> None:
        """At once: supervisord first, so that it starts nothing again, then its programs."""
        if self.process is not None:
            programs = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            self.process.wait(timeout=60)
            for program in programs:
                with contextlib.suppress(psutil.NoSuchProcess):
                    program.kill()
        shutil.rmtree(self.prefix, ignore_errors=True)

    def services(self, seen_at: float) -> tuple[ServiceState, ...]:
        """What its XML-RPC says; raises OSError where it does not answer."""
        (infos,) = _call(f"{self.home}/s.sock", "supervisor.getAllProcessInfo")
        return tuple(
            ServiceState(
                name=info["name"] if info["name"] == info["group"] else f"{info['group']}:{info['name']}",
                manager="supervisor",
                state=info["statename"],
                supervisor=SUPERVISOR,
                pid=info["pid"] or None,
                started_at=float(info["start"]) or None,
                uptime_seconds=float(info["now"] - info["start"]),
                seen_at=seen_at,
                description=info["spawnerr"] or info["description"],
            )
            for info in infos
        )


def _call(path: str, method: str) -> Any:
    """One XML-RPC call over a unix socket."""
    with (
        socket.socket(socket.AF_UNIX) as connected,
        contextlib.closing(http.client.HTTPConnection("here")) as connection,
    ):
        connected.settimeout(5)
        connected.connect(path)
        connection.sock = connected
        connection.request("POST", "/RPC2", dumps((), method), {"Content-Type": "text/xml"})
        with connection.getresponse() as response:
            return loads(response.read())[0]


class HereLink:
    """A link that runs commands on this machine through a shell line, as sshd would."""

    peer = "this machine"
    user = ME
    is_closed = False

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.ran: list[tuple[tuple[str, ...], bool]] = []
        """What was run, and whether on a terminal."""
        self.is_cut = False
        """The next command's link goes while it runs."""
        self._environment = {**os.environ, **(environment or {})}

    async def run(
        self, argv: Sequence[str], *, timeout_seconds: float, sudo_password: Secret | None = None, pty: bool = False
    ) -> CommandResult:
        self.ran.append((tuple(argv), pty))
        process = await asyncio.create_subprocess_shell(
            shell_line(argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={**self._environment, "HERE_PTY": "1" if pty else ""},
        )
        try:
            async with asyncio.timeout(timeout_seconds):
                output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if self.is_cut:
            raise ConnectionLostError("the link was lost")
        return CommandResult(tuple(argv), process.returncode, output.decode())


@dataclass
class Rig:
    """Supervisord, store, link, audit and executor together."""

    supervisord: Supervisord
    inventory: Inventory
    store: Store
    link: HereLink
    audit_path: Path
    executor: Executor
    clock: SystemClock
    events: list[PlanEvent] = field(default_factory=list)
    is_up: bool = True

    def plan(self, action: ActionName, *programs: str) -> Plan:
        return self.executor.plan(action, [Target(NODE, name, "supervisor", SUPERVISOR) for name in programs])

    async def do(self, action: ActionName, *programs: str, settle: bool = False) -> Result:
        return await self.execute(self.plan(action, *programs), settle=settle)

    async def execute(self, plan: Plan, *, settle: bool = False, reason: str | None = None) -> Result:
        async with asyncio.timeout(180):
            return await self.executor.execute(plan, self.events.append, reason=reason, settle=settle)

    async def wait(self, program: str, *states: str) -> ServiceState:
        """Wait for a program's state."""

        def found() -> ServiceState | None:
            return next((one for one in self.store.node(NODE).services if one.name == program), None)

        async with asyncio.timeout(60):
            await self.store.wait_for(lambda _: (one := found()) is not None and one.state in states)
        service = found()
        assert service is not None
        return service

    def records(self) -> list[dict[str, Any]]:
        return [fields for _, fields in read_lines(self.audit_path) if fields is not None]

    @property
    def last(self) -> PlanEvent:
        """The last `verified` event."""
        return [event for event in self.events if event.event == "verified"][-1]


def _spec_inventory(supervisord: Supervisord, settle_seconds: float, account: str) -> Inventory:
    listed = inventory(0 + 1, 1)
    spec = replace(listed.nodes[NODE], prefix=str(supervisord.prefix), service_account=account)
    return replace(listed, nodes={**listed.nodes, NODE: spec}, actions=ActionSettings(settle_seconds=settle_seconds))


@contextlib.asynccontextmanager
async def rig(
    supervisord: Supervisord,
    *,
    settle_seconds: float = 30.0,
    account: str = ME,
    environment: Mapping[str, str] | None = None,
    read_only: bool = False,
    blind: bool = False,
    books: LogBooks | None = None,
) -> Any:
    """Everything running; frames come four times a second, and at once when poked.

    `blind`: as where the probe may not use supervisor's socket, every state is unknown. `books`: whose errors count.
    """
    supervisord.start()
    listed = _spec_inventory(supervisord, settle_seconds, account)
    clock = SystemClock()
    store = Store(listed, clock)
    link = HereLink(environment)
    audit_path = supervisord.prefix / "audit.jsonl"
    poked = asyncio.Event()
    stop = threading.Event()
    watches: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as tasks:

            def settle_task(watch: Coroutine[Any, Any, None]) -> None:
                watches.append(tasks.create_task(watch))

            executor = Executor(
                inventory=listed,
                store=store,
                clock=clock,
                audit=AuditLog(audit_path),
                read_only=read_only,
                link_of=lambda node: link if made.is_up else None,  # type: ignore[arg-type,return-value]  # only `run` is used
                poke=lambda node: poked.set(),
                settle_task=settle_task,
                aftermath=_aftermath(store, books, clock),
            )
            made = Rig(supervisord, listed, store, link, audit_path, executor, clock)
            feeder = tasks.create_task(_feed(made, poked, stop, blind=blind))
            async with asyncio.timeout(60):
                await store.wait_for(lambda state: state.nodes[NODE].complete)
            yield made
            stop.set()
            for task in (feeder, *watches):
                task.cancel()
    finally:
        supervisord.stop()


async def _feed(made: Rig, poked: asyncio.Event, stop: threading.Event, *, blind: bool) -> None:
    """What the probe does: look, and tell the store."""
    while not stop.is_set():
        with contextlib.suppress(OSError, Fault):
            services = await asyncio.to_thread(made.supervisord.services, made.clock.monotonic())
            if blind:
                services = tuple(_unseen(one) for one in services)
            made.store.update(NODE, lambda node, services=services: _shown(node, services))  # type: ignore[misc]
        poked.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.25):
                await poked.wait()


def _aftermath(store: Store, books: LogBooks | None, clock: SystemClock) -> Aftermath:
    measures = None if books is None else BeforeAfter(store, SeriesStore(), books, clock, Events())
    return Aftermath(clock, None, measures)


def _unseen(service: ServiceState) -> ServiceState:
    return ServiceState(
        name=service.name,
        manager=service.manager,
        state="unknown",
        supervisor=service.supervisor,
        seen_at=service.seen_at,
        error="permission denied",
    )


def _shown(node: NodeState, services: tuple[ServiceState, ...]) -> NodeState:
    return replace(node, services=services, connection=Connection(LinkState.UP, user=ME), complete=True)


@contextlib.contextmanager
def folder_of_commands(**scripts: str) -> Iterator[str]:
    """A PATH that begins with a folder of such scripts."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scripts.items():
            path = Path(folder) / name
            path.write_text(text)
            path.chmod(0o755)
        yield f"{folder}:{os.environ['PATH']}"


def dies_once_it_settles(made: Rig) -> None:
    """The program is killed when it was proved and only has to settle."""
    verifier: Any = made.executor._verifier
    settle = verifier.settle

    async def settling(step: Step, pid: int, *words: Any, **named: Any) -> Verdict | None:
        os.kill(pid, signal.SIGKILL)
        found: Verdict | None = await settle(step, pid, *words, **named)
        return found

    verifier.settle = settling
