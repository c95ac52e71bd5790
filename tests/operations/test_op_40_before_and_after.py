"""Five minutes after a restart one line in Events says what became of errors, cpu and memory; nothing pops up."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from aen_tui.errors import ProbeError
from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Proof, Result
from aen_tui.model.process import ProcessLook
from aen_tui.model.severity import Severity
from aen_tui.runtime.aftermath import Aftermath, Around
from aen_tui.runtime.before_after import AFTER_SECONDS, BeforeAfter
from aen_tui.runtime.proofs.watching import Verdict
from tests.support.states import FakeRuntime, service
from tests.support.steps import SERVER
from tests.support.steps import STEP as RESTART

LOG = LogKey(SERVER, LogPath("/opt/wakari/wakari-server/var/log/wakari/server.log"))
STEP = replace(
    RESTART,
    before=replace(RESTART.before, pid=303),
    not_asked=("http://127.0.0.1:5000/: it was not seen to answer",),
)
MEBI = 1024 * 1024


class Stage:
    """A node whose log, series and processes are the test's."""

    def __init__(self) -> None:
        self.runtime = FakeRuntime(problems=False, history_samples=0)
        self.clock = self.runtime.clock
        self.processes = {303: ProcessLook(303, 500, 0, "/", {"Max open files": "1024 4096 files"}, 210 * MEBI)}
        self.measures = BeforeAfter(
            self.runtime.store, self.runtime.series, self.runtime.books, self.clock, self.runtime.events, self.look
        )
        self.aftermath = Aftermath(self.clock, None, self.measures)
        self.at = 0

    async def look(self, node: NodeName, pid: int) -> ProcessLook:
        if (node, pid) == (SERVER, -1) or pid not in self.processes:
            raise ProbeError("there is no such process")
        return self.processes[pid]

    def minutes(self, minutes: float, *, cpu: float, errors: int) -> None:
        """Time passes with so much load and so many errors."""
        lines = b""
        for number in range(errors):
            at = self.clock.wall() + number * minutes * 60 / errors
            lines += time.strftime("%Y-%m-%d %H:%M:%S,000 ERROR x: no\n", time.localtime(at)).encode()
        for _ in range(int(minutes * 6)):
            self.clock.advance(10.0)
            self.runtime.series.of(SERVER, "cpu_percent").add(self.clock.monotonic(), cpu)
        self.log(lines + time.strftime("%Y-%m-%d %H:%M:%S,000 INFO x: y\n", time.localtime(self.clock.wall())).encode())

    def log(self, data: bytes) -> None:
        self.runtime.books.append(
            LOG, data, at=self.at, cursor=None, seam=None, monotonic=self.clock.monotonic(), wall=self.clock.wall()
        )
        self.at += len(data)

    async def restart(self, *, then: int | None = 419) -> Verdict:
        around = Around(STEP)
        await self.aftermath.begun(around, STEP)
        self.aftermath.returned(around)
        self.runtime.change("aen-server", services=(service("wk-server", "wakari-server", "RUNNING", pid=then),))
        return await self.aftermath.judged(around, Verdict(Result.VERIFIED, 419))

    async def events(self) -> list[str]:
        await self.measures.look()
        return [event.text for event in self.runtime.events]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.minutes(0.2, cpu=3.0, errors=0)
    made.minutes(5, cpu=3.0, errors=1)
    made.processes[419] = replace(made.processes[303], pid=419, rss_bytes=180 * MEBI)
    return made


async def test_one_line_five_minutes_later(stage: Stage) -> None:
    await stage.restart()
    stage.minutes(4.5, cpu=2.0, errors=0)
    assert await stage.events() == [], "before five minutes are over"
    stage.minutes(0.5, cpu=2.0, errors=0)
    (text,) = await stage.events()
    figures = "errors/min 0.2 → 0.0, cpu of the node 3 → 2 %, memory 210 → 180 MiB"
    assert text == f"wk-server on aen-server, 5 min after restart: {figures}"
    (event,) = stage.runtime.events
    assert (event.kind, event.node, event.severity) == ("after", SERVER, Severity.OK)
    stage.clock.advance(AFTER_SECONDS)
    assert len(await stage.events()) == 1, "and it is said once"


async def test_what_is_worse_is_a_warning(stage: Stage) -> None:
    await stage.restart()
    stage.minutes(5, cpu=90.0, errors=60)
    (text,) = await stage.events()
    assert "cpu of the node 3 → 90 %" in text
    assert next(iter(stage.runtime.events)).severity is Severity.WARNING


async def test_a_process_that_is_gone_or_another_is_said(stage: Stage) -> None:
    await stage.restart()
    stage.minutes(5, cpu=3.0, errors=0)
    stage.runtime.change("aen-server", services=(service("wk-server", "wakari-server", "FATAL", pid=None),))
    (text,) = await stage.events()
    assert text.endswith("memory not seen; pid 419 is gone")


async def test_a_later_restart_takes_the_place_of_the_first(stage: Stage) -> None:
    await stage.restart()
    stage.minutes(3, cpu=3.0, errors=0)
    await stage.restart()
    stage.minutes(3, cpu=3.0, errors=0)
    assert await stage.events() == []
    stage.minutes(2, cpu=3.0, errors=0)
    assert len(await stage.events()) == 1


async def test_what_never_answered_is_said_to_be_not_asked(stage: Stage) -> None:
    assert (await stage.restart()).rests_on[-1] == "not asked: http://127.0.0.1:5000/: it was not seen to answer"


async def test_logs_that_may_not_be_read_are_said_to_be_not_asked(stage: Stage) -> None:
    server, worker = LOG.path, LogPath("/opt/wakari/wakari-server/var/log/wakari/worker.log")
    closed = LogState(worker, LogFileState.UNKNOWN, error="permission denied")
    system = LogState(LogPath("/var/log/messages"), LogFileState.UNKNOWN, error="permission denied", kind="system")
    stage.runtime.change("aen-server", logs=(LogState(server, LogFileState.FOLLOWING), system))
    assert "logs" not in (await stage.restart()).rests_on[-1], "root's own are read by nobody"
    stage.runtime.change("aen-server", logs=(LogState(server, LogFileState.FOLLOWING), closed))
    assert (await stage.restart()).rests_on[-1] == f"not asked: logs: not {worker} may be read: permission denied"
    stage.runtime.change("aen-server", logs=(closed, system))
    assert (await stage.restart()).rests_on[-1] == "not asked: logs: none may be read: permission denied"


async def test_a_burst_of_errors_is_a_burst_by_the_time_before(stage: Stage) -> None:
    around = Around(STEP)
    await stage.aftermath.begun(around, STEP)
    stage.aftermath.returned(around)
    burst = stage.aftermath.burst_of(around)
    assert burst is not None
    stage.minutes(0.5, cpu=3.0, errors=5)
    assert await burst() is None
    stage.minutes(0.5, cpu=3.0, errors=20)
    said = await burst()
    assert said is not None
    assert "errors burst: 25 in 60 s" in said
    assert "server.log" in said
    assert "0.2 a minute before" in said


async def test_as_many_errors_as_before_are_no_burst(stage: Stage) -> None:
    stage.minutes(5, cpu=3.0, errors=100)
    around = Around(STEP)
    await stage.aftermath.begun(around, STEP)
    stage.aftermath.returned(around)
    burst = stage.aftermath.burst_of(around)
    assert burst is not None
    stage.minutes(1, cpu=3.0, errors=40)
    assert await burst() is None


def test_a_stop_is_not_compared() -> None:
    stage = Stage()
    around = Around(replace(STEP, proof=Proof.PID_GONE))
    assert stage.aftermath.burst_of(around) is None
