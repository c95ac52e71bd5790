"""Proofs beyond the pid: the status document, what VERIFIED rests on, and steps whose words were lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.facts import HttpState, NodeState, StatusDocument
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Result
from aen_tui.runtime.error_rate import ErrorRate
from aen_tui.runtime.proofs.error_burst import burst
from aen_tui.runtime.proofs.new_pid import NewPid
from aen_tui.runtime.proofs.observed import BY_OBSERVATION, LINK_WAS_BACK, Observed
from aen_tui.runtime.proofs.watching import Verdict, Watcher
from tests.support.states import FakeRuntime, service
from tests.support.steps import SERVER, STEP

WANTED = replace(STEP, document="server")
OK = StatusDocument("ok", ())
BAD = StatusDocument("degraded", ("compute1-2 is gone",))


def seen(at: float, state: str = "RUNNING", pid: int | None = 200, document: StatusDocument | None = OK) -> NodeState:
    """The node as a frame at that second shows it."""
    shown = service("wk-server", "wakari-server", state, pid=pid, seen_at=at)
    answer = HttpState("server", "http://127.0.0.1/status", NodeName("aen-server"), 200, 2.0, document, at)
    node = FakeRuntime(problems=False, history_samples=0).store.node(SERVER)
    return replace(node, services=(shown,), http=(answer,))


def judged(watcher: Watcher, *frames: NodeState) -> Verdict:
    for frame in frames:
        verdict = watcher.look(frame, frame.services[0].seen_at or 0.0)
        if verdict is not None:
            return verdict
    return watcher.too_late(frames[-1])


def test_a_document_that_is_ok_again_is_part_of_the_proof() -> None:
    verdict = judged(NewPid(WANTED, 0.0), *(seen(at) for at in (1.0, 2.0, 3.0, 4.5)))
    assert verdict.result is Result.VERIFIED
    assert verdict.rests_on == ("pid 100 → 200", "RUNNING for 3.5 s", "status document of server ok")


@pytest.mark.parametrize(("document", "words"), [(BAD, "degraded; compute1-2 is gone"), (None, "did not come")])
def test_a_document_that_is_not_ok_any_more_is_failed(document: StatusDocument | None, words: str) -> None:
    verdict = judged(NewPid(WANTED, 0.0), *(seen(at, document=document) for at in (1.0, 3.0, 5.0, 9.0)))
    assert verdict.result is Result.FAILED
    assert words in (verdict.error or "")


def test_a_document_that_was_not_asked_since_is_unverified() -> None:
    frames = [replace(seen(at), http=seen(0.5).http) for at in (1.0, 3.0, 5.0)]
    verdict = judged(NewPid(WANTED, 0.0), *frames)
    assert verdict.result is Result.UNVERIFIED


def test_a_document_that_was_never_ok_is_not_asked() -> None:
    frames = [seen(at, document=BAD) for at in (1.0, 3.0, 5.0)]
    assert judged(NewPid(STEP, 0.0), *frames).result is Result.VERIFIED


def test_what_is_observed_says_so() -> None:
    verdict = judged(Observed(STEP, 0.0), *(seen(at) for at in (1.0, 3.0, 5.0)))
    assert verdict.result is Result.VERIFIED
    assert verdict.rests_on[-1] == BY_OBSERVATION


def test_the_same_pid_may_be_a_command_that_is_still_at_work() -> None:
    verdict = judged(Observed(STEP, 0.0), *(seen(float(at), pid=100) for at in range(1, 40)))
    assert verdict.result is Result.UNVERIFIED
    assert "same as before" in (verdict.error or "")


def test_dead_for_a_moment_is_between_stop_and_start_and_dead_for_long_is_failed() -> None:
    between = [seen(1.0, "STOPPED", None), *(seen(float(at)) for at in range(2, 8))]
    assert judged(Observed(STEP, 0.0), *between).result is Result.VERIFIED
    for_long = [seen(float(at), "STOPPED", None) for at in range(1, 14)]
    assert judged(Observed(STEP, 0.0), *for_long).result is Result.FAILED


def test_where_the_command_had_answered_what_is_seen_again_is_judged_as_ever() -> None:
    dead = [seen(float(at), "STOPPED", None) for at in (11.0, 12.0)]
    assert judged(Observed(STEP, 0.0, has_words=True), *dead).result is Result.FAILED
    same = judged(Observed(STEP, 0.0, has_words=True), *(seen(float(at), pid=100) for at in range(1, 9)))
    assert same.result is Result.FAILED
    back = judged(Observed(STEP, 0.0, pid=200, has_words=True), *(seen(at) for at in (1.0, 3.0, 5.0)))
    assert (back.result, back.rests_on[-1]) == (Result.VERIFIED, LINK_WAS_BACK)


def test_another_process_than_the_one_that_was_seen_before_the_link_went_is_failed() -> None:
    frames = [seen(float(at), pid=201) for at in range(1, 9)]
    verdict = judged(Observed(STEP, 0.0, pid=200, has_words=True), *frames)
    assert verdict.result is Result.FAILED
    assert "pid 200 died" in (verdict.error or "")


@pytest.mark.parametrize(
    ("before", "after", "seconds", "is_burst"),
    [(0.0, 9, 20.0, False), (0.0, 10, 20.0, True), (30.0, 40, 20.0, False), (30.0, 60, 20.0, True)],
)
def test_a_burst_is_measured_by_the_time_before(before: float, after: int, seconds: float, is_burst: bool) -> None:
    said = burst(ErrorRate(0, before, 300.0), ErrorRate(after, 0.0, seconds))
    assert (said is not None) is is_burst
