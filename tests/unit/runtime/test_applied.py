"""`update`: what was announced must be so, and run, before it counts."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.model.facts import NodeState
from aen_tui.model.plans import ActionName, Known, Proof, Result, Step, Target
from aen_tui.runtime.proofs.applied import Applied
from aen_tui.runtime.proofs.watching import Verdict
from tests.support.states import cluster_state, inventory, service
from tests.support.steps import SERVER

STEP = Step(
    action=ActionName.UPDATE,
    target=Target(SERVER, "wakari-server", "supervisor", "wakari-server"),
    argv=("supervisorctl", "update"),
    user="wakari",
    sudo="none",
    before=Known("", None, None, None, None),
    expect="",
    proof=Proof.APPLIED,
    applies=("worker: changed", "wk-new: available", "old: disappeared"),
    programs=(("worker:w_00", 100),),
)


def frame(at: float, **programs: tuple[str, int | None, str]) -> NodeState:
    """The node as a frame at that second shows it: `worker_w` is `worker:w_00`, `wk_new` is `wk-new`."""
    names = {"worker_w": "worker:w_00", "wk_new": "wk-new"}
    shown = [
        service(names.get(name, name), "wakari-server", state, pid=pid, seen_at=at, description=text, uptime_seconds=at)
        for name, (state, pid, text) in programs.items()
    ]
    return replace(cluster_state(of=inventory(), problems=False).nodes[SERVER], services=tuple(shown))


def judged(*frames: NodeState) -> Verdict:
    watcher = Applied(STEP, 0.0)
    for one in frames:
        found = watcher.look(one, one.services[0].seen_at or 0.0)
        if found is not None:
            return found
    return watcher.too_late(frames[-1])


WORKER = ("RUNNING", 200, "pid 200")
NEW = ("RUNNING", 300, "pid 300")
IDLE = ("STOPPED", None, "Not started")


def test_all_of_it_runs() -> None:
    verdict = judged(frame(1.0, worker_w=WORKER, wk_new=NEW), frame(4.0, worker_w=WORKER, wk_new=NEW))
    assert verdict.result is Result.VERIFIED
    assert verdict.rests_on == ("RUNNING for 3 s: worker:w_00, wk-new", "not listed any more: old")


def test_what_is_never_begun_is_not_to_be_and_takes_two_looks() -> None:
    one = frame(4.0, worker_w=WORKER, wk_new=IDLE)
    assert Applied(STEP, 0.0).look(one, 4.0) is None
    verdict = judged(one, frame(5.0, worker_w=WORKER, wk_new=IDLE))
    assert "not begun by itself: wk-new" in verdict.rests_on


def test_what_gave_up_or_was_stopped_is_failed() -> None:
    fatal = judged(frame(1.0, worker_w=("FATAL", None, "Exited too quickly"), wk_new=NEW))
    assert (fatal.result, fatal.error) == (Result.FAILED, "worker:w_00 is FATAL: Exited too quickly")
    stopped = [frame(at, worker_w=("STOPPED", None, "Jan 02 03:04 PM"), wk_new=NEW) for at in (4.0, 9.0)]
    assert judged(*stopped).result is Result.FAILED


def test_what_is_on_its_way_or_not_seen_is_not_known() -> None:
    same = judged(frame(4.0, worker_w=("RUNNING", 100, ""), wk_new=NEW))
    assert (same.result, "same process as before" in (same.error or "")) == (Result.UNVERIFIED, True)
    starting = judged(frame(4.0, worker_w=("STARTING", 200, ""), wk_new=NEW))
    assert starting.result is Result.UNVERIFIED
    blind = judged(*(frame(at, worker_w=("unknown", None, "")) for at in (4.0, 20.0)))
    assert blind.result is Result.UNVERIFIED


def test_what_disappeared_and_is_still_listed_is_not_applied() -> None:
    left = judged(frame(4.0, worker_w=WORKER, wk_new=NEW, old=("STOPPED", None, "")))
    assert (left.result, left.error) == (Result.FAILED, "old is still listed")
