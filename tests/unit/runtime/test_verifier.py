"""The verifier on a driven store and a stepping clock: frames are what the test says they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.model.facts import LinkState, ServiceState
from aen_tui.model.plans import ActionName, Known, Proof, Result, Step, Target
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.received import Received
from aen_tui.runtime.verifier import VERIFY_SECONDS, Verifier
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from tests.support.states import FakeRuntime, service
from tests.support.steps import SERVER, STEP

WITH_URL = replace(STEP, answers="wk-server", answers_url="http://127.0.0.1:5000/", asked_on=SERVER)
SYSV = replace(STEP, target=Target(SERVER, "wk-server", "sysv"))


async def looks() -> None:
    """Let the verifier look: a change of the store wakes it within a few turns of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


class Stage:
    """A store, a clock, and frames by hand."""

    def __init__(self) -> None:
        self.runtime = FakeRuntime(problems=False, history_samples=0)
        self.clock = self.runtime.clock
        self.pokes: list[str] = []
        self.verifier = Verifier(self.runtime.store, self.clock, self.pokes.append)
        self.acted_at = self.clock.monotonic()
        self.clock.advance(0.01)

    def frame(self, state: str, pid: int | None = None, *, manager: str = "supervisor", **parts: Any) -> None:
        """A frame arrives now."""
        supervisor = "wakari-server" if manager == "supervisor" else None
        shown = service("wk-server", supervisor, state, pid=pid, seen_at=self.clock.monotonic(), **parts)
        self.runtime.change("aen-server", services=(shown,))

    def answer(self, status_code: int | None = 200, error: str | None = None) -> None:
        """An answer of wk-server's URL arrives now."""
        node = self.runtime.store.node(SERVER)
        http = tuple(
            replace(one, status_code=status_code, error=error, seen_at=self.clock.monotonic())
            if one.name == "wk-server"
            else one
            for one in node.http
        )
        self.runtime.change("aen-server", http=http)

    async def play(self, step: Step, *frames: tuple[float, Callable[[], None]], gave_up: bool = False) -> Verdict:
        """Verify while frames arrive, each so many seconds after the one before; then time runs out."""
        async with asyncio.timeout(60):
            task = asyncio.ensure_future(self.verifier.verify(step, acted_at=self.acted_at, gave_up=gave_up))
            for seconds, frame in frames:
                self.clock.advance(seconds)
                frame()
                await looks()
                if task.done():
                    break
            self.played = task.done()
            self.clock.advance(VERIFY_SECONDS)
            return await task


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_new_pid_running_for_three_seconds_is_verified(stage: Stage) -> None:
    verdict = await stage.play(STEP, *[(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(4)])
    assert verdict == Verdict(Result.VERIFIED, 200)
    assert stage.played, "verified only when time was up"
    assert stage.pokes


async def test_less_than_three_seconds_is_not(stage: Stage) -> None:
    verdict = await stage.play(STEP, *[(0.9, lambda: stage.frame("RUNNING", 200)) for _ in range(4)])
    assert not stage.played
    assert verdict.result is Result.UNVERIFIED


async def test_a_longer_startsecs_is_held(stage: Stage) -> None:
    slow = replace(STEP, hold_seconds=60.0)
    verdict = await stage.play(slow, *[(5.0, lambda: stage.frame("RUNNING", 200)) for _ in range(12)])
    assert not stage.played
    assert verdict.result is Result.UNVERIFIED
    stage = Stage()
    verdict = await stage.play(slow, *[(5.0, lambda: stage.frame("RUNNING", 200)) for _ in range(13)])
    assert stage.played
    assert verdict == Verdict(Result.VERIFIED, 200)


async def test_a_pid_that_may_be_the_one_from_before_proves_nothing(stage: Stage) -> None:
    blind = replace(STEP, before=Known("unknown", None, None, None, None))
    verdict = await stage.play(blind, *[(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(4)])
    assert (verdict.result, verdict.pid) == (Result.UNVERIFIED, 200)
    assert stage.played


async def test_what_was_seen_before_the_act_does_not_count(stage: Stage) -> None:
    stage.frame("RUNNING", 200, uptime_seconds=900.0)
    shown = replace(stage.runtime.store.node(SERVER).services[0], seen_at=stage.acted_at)
    stage.runtime.change("aen-server", services=(shown,))
    verdict = await stage.play(STEP)
    assert (verdict.result, verdict.error) == (Result.UNVERIFIED, "the probe has not shown it since")


async def test_the_same_pid_is_failed(stage: Stage) -> None:
    verdict = await stage.play(STEP, *[(2.0, lambda: stage.frame("RUNNING", 100)) for _ in range(5)])
    assert verdict.result is Result.FAILED
    assert "same as before" in (verdict.error or "")


async def test_what_was_seen_before_the_link_went_is_no_failure(stage: Stage) -> None:
    def cut() -> None:
        connection = stage.runtime.store.node(SERVER).connection
        lose(stage, replace(connection, state=LinkState.STALE, error="no word for 8 s"))

    reload = replace(STEP, proof=Proof.ALL_NEW, programs=(("wk-server", 100),))
    verdict = await stage.play(reload, (2.0, lambda: stage.frame("STOPPED")), (1.0, cut))
    assert verdict.result is Result.UNVERIFIED
    assert "as it was seen before the link went" in (verdict.error or "")


async def test_death_and_a_successor_is_failed(stage: Stage) -> None:
    verdict = await stage.play(
        STEP, (1.0, lambda: stage.frame("RUNNING", 200)), (1.0, lambda: stage.frame("RUNNING", 201))
    )
    assert verdict.result is Result.FAILED
    assert "200 died" in (verdict.error or "")
    assert stage.played


@pytest.mark.parametrize("state", ["BACKOFF", "FATAL", "EXITED", "STOPPED"])
async def test_dead_states_are_failed_with_their_text(stage: Stage, state: str) -> None:
    verdict = await stage.play(STEP, (1.0, lambda: stage.frame(state, description="Exited too quickly")))
    assert verdict.result is Result.FAILED
    assert "Exited too quickly" in (verdict.error or "")
    assert stage.played


async def test_fatal_frame_that_was_on_its_way_is_forgiven(stage: Stage) -> None:
    frames = [(0.05, lambda: stage.frame("FATAL")), *[(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(5)]]
    assert (await stage.play(replace(STEP, before=Known("FATAL", None, None, None, None)), *frames)).pid == 200


async def test_running_then_starting_again_is_failed(stage: Stage) -> None:
    verdict = await stage.play(
        STEP, (1.0, lambda: stage.frame("RUNNING", 200)), (1.0, lambda: stage.frame("STARTING", 200))
    )
    assert verdict.result is Result.FAILED


async def test_url_must_answer_after_the_new_pid_was_seen(stage: Stage) -> None:
    early = (0.1, lambda: stage.answer())
    running = [(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(5)]
    verdict = await stage.play(WITH_URL, early, *running)
    assert not stage.played
    assert verdict.result is Result.UNVERIFIED


async def test_url_that_answers_completes_the_proof(stage: Stage) -> None:
    running = [(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(5)]
    verdict = await stage.play(WITH_URL, *running, (1.0, lambda: stage.answer(404)))
    assert verdict == Verdict(Result.VERIFIED, 200)
    assert stage.played


async def test_url_that_stays_dead_is_failed(stage: Stage) -> None:
    running = [(1.0, lambda: stage.frame("RUNNING", 200)) for _ in range(5)]
    verdict = await stage.play(WITH_URL, *running, (1.0, lambda: stage.answer(None, "connection refused")))
    assert verdict.result is Result.FAILED
    assert "connection refused" in (verdict.error or "")


async def test_lost_link_is_unverified(stage: Stage) -> None:
    node = stage.runtime.store.node(SERVER)
    lost = replace(node.connection, state=LinkState.STALE, error="no frame for 10 s")
    verdict = await stage.play(STEP, (1.0, lambda: lose(stage, lost)))
    assert verdict.result is Result.UNVERIFIED
    assert "no frame for 10 s" in (verdict.error or "")


def lose(stage: Stage, lost: Any) -> None:
    stage.runtime.change("aen-server", connection=lost)


async def test_what_may_not_be_seen_is_unverified(stage: Stage) -> None:
    verdict = await stage.play(STEP, *[(1.0, lambda: stage.frame("unknown", error="permission denied"))] * 20)
    assert verdict.result is Result.UNVERIFIED
    assert "permission denied" in (verdict.error or "")
    assert stage.played


async def test_what_was_never_listed_is_unverified_without_waiting(stage: Stage) -> None:
    closed = service("wakari-server", "wakari-server", "unknown", error="permission denied")
    blind = replace(STEP, before=Known("unknown", None, None, None, None))

    def frame() -> None:
        shown = replace(closed, seen_at=stage.clock.monotonic())
        stage.runtime.change("aen-server", services=(shown,))

    verdict = await stage.play(blind, (1.0, frame))
    assert verdict == Verdict(Result.UNVERIFIED, None, "the probe does not show it: permission denied")
    assert stage.played


async def test_stop_is_verified_when_the_pid_is_gone(stage: Stage) -> None:
    stop = replace(STEP, action=ActionName.STOP, proof=Proof.PID_GONE)
    frames = [(1.0, lambda: stage.frame("STOPPING", 100)), (1.0, lambda: stage.frame("STOPPED"))]
    assert (await stage.play(stop, *frames)).result is Result.VERIFIED
    assert stage.played


async def test_stop_that_never_comes_is_failed(stage: Stage) -> None:
    stop = replace(STEP, action=ActionName.STOP, proof=Proof.PID_GONE)
    verdict = await stage.play(stop, (1.0, lambda: stage.frame("STOPPING", 100)))
    assert verdict.result is Result.FAILED


async def test_a_daemon_may_write_its_pid_file_late(stage: Stage) -> None:
    frames = [(1.0, lambda: stage.frame("STOPPED", manager="sysv"))] * 2
    running = [(1.0, lambda: stage.frame("RUNNING", 300, manager="sysv"))] * 5
    assert (await stage.play(SYSV, *frames, *running)).result is Result.VERIFIED


async def test_reload_wants_the_same_master(stage: Stage) -> None:
    reload = replace(SYSV, proof=Proof.NEW_WORKERS)
    assert (
        await stage.play(reload, (1.0, lambda: stage.frame("RUNNING", 100, manager="sysv")))
    ).result is Result.VERIFIED
    stage = Stage()
    assert (await stage.play(reload, (1.0, lambda: stage.frame("RUNNING", 7, manager="sysv")))).result is Result.FAILED


async def test_what_supervisor_called_a_failure_stays_one(stage: Stage) -> None:
    running = [(1.0, lambda: stage.frame("RUNNING", 200))] * 5
    verdict = await stage.play(STEP, *running, gave_up=True)
    assert verdict.result is Result.FAILED


# --- where a proof command says the state -------------------------------------------------------------------


class Asked:
    """What the proof command says, one answer after the other; the last one again and again."""

    def __init__(self, stage: Stage, *answers: tuple[str, int | None]) -> None:
        self._clock = stage.clock
        self._answers = list(answers)
        self.times: list[float] = []

    async def __call__(self) -> tuple[ServiceState, ...]:
        self.times.append(self._clock.monotonic())
        state, pid = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        error = "sudo: a password is required" if state == "unknown" else None
        return (service("wk-server", "wakari-server", state, pid=pid, seen_at=self.times[-1], error=error),)


async def ask(stage: Stage, asked: Asked, seconds: int = 60) -> Verdict:
    """Verify while time passes in quarters of a second and the probe shows nothing."""
    async with asyncio.timeout(60):
        task = asyncio.ensure_future(stage.verifier.verify(STEP, acted_at=stage.acted_at, ask=asked))
        for _ in range(seconds * 4):
            stage.clock.advance(0.25)
            stage.frame("unknown", error="permission denied")
            await looks()
            if task.done():
                break
        return await task


async def test_the_proof_command_proves_what_the_probe_may_not_see(stage: Stage) -> None:
    asked = Asked(stage, ("STARTING", None), ("RUNNING", 200))
    assert await ask(stage, asked) == Verdict(Result.VERIFIED, 200)
    gaps = [later - sooner for sooner, later in zip(asked.times, asked.times[1:], strict=False)]
    assert min(gaps) >= 1.0
    assert asked.times[-1] - asked.times[1] >= 3.0


@pytest.mark.parametrize(
    ("answers", "result", "words"),
    [
        ([("RUNNING", 100)], Result.FAILED, "same as before"),
        ([("RUNNING", 200), ("RUNNING", 201)], Result.FAILED, "200 died"),
        ([("RUNNING", 200), ("FATAL", None)], Result.FAILED, "FATAL"),
        ([("unknown", None)], Result.UNVERIFIED, "a password is required"),
    ],
)
async def test_the_proof_command_proves_nothing_else(
    stage: Stage, answers: list[tuple[str, int | None]], result: Result, words: str
) -> None:
    verdict = await ask(stage, Asked(stage, *answers))
    assert verdict.result is result
    assert words in (verdict.error or "")


# --- which section was looked at ----------------------------------------------------------------------------


async def test_a_frame_in_which_only_programs_were_looked_at_proves_nothing_of_a_service(stage: Stage) -> None:
    spec = stage.runtime.inventory.nodes[SERVER]
    received = Received(
        spec, asked=(), store=stage.runtime.store, series=SeriesStore(), books=LogBooks(limit_bytes=1 << 20),
        clock=stage.clock,
    )  # fmt: skip

    def frame(**sections: object) -> None:
        fields = {"n": 1, "time": stage.clock.wall(), **sections}
        received.frame("S", json.dumps(fields).encode())

    programs = [{"name": "wakari-server", "programs": [["wk-server", "RUNNING", 200]]}]
    nginx = replace(STEP, target=Target(SERVER, "nginx", "sysv"))
    later = [{"name": "nginx", "state": "running", "pid": 300}]
    stage.acted_at = stage.clock.monotonic() + 0.5
    frame(supervisors=programs, services=[{"name": "nginx", "state": "running", "pid": 100}])
    stage.clock.advance(1.0)
    only_programs = [(1.0, lambda: frame(same=["supervisors", "metrics"])) for _ in range(6)]
    verdict = await stage.play(nginx, *only_programs)
    assert (verdict.result, verdict.error) == (Result.UNVERIFIED, "the probe has not shown it since")
    stage.acted_at = stage.clock.monotonic()
    verdict = await stage.play(STEP, *only_programs)
    assert verdict == Verdict(Result.VERIFIED, 200)
    assert stage.played
    stage.acted_at = stage.clock.monotonic()
    with_services = [(1.0, lambda: frame(same=["services"])) for _ in range(4)]
    verdict = await stage.play(nginx, (1.0, lambda: frame(services=later)), *with_services)
    assert verdict == Verdict(Result.VERIFIED, 300)
    assert stage.played


async def test_settling_ends_when_something_else_is_done(stage: Stage) -> None:
    stage.frame("STOPPED")
    async with asyncio.timeout(60):
        assert await stage.verifier.settle(STEP, 200, 30.0, is_current=lambda: False) is None
