"""A supervisord that began anew: the same pid is no new process, and what is not seen proves nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Proof, Result, Step, Target
from aen_tui.runtime.proofs.all_new import AllNew
from tests.support.states import cluster_state, inventory

ACTED = 100.0
TARGET = Target(NodeName("aen-server"), "wakari-server", "supervisor", "wakari-server")
STEP = Step(
    ActionName.RELOAD, TARGET, ("supervisorctl", "reload"), "wakari", "none", Known("", None, None, None, None), "",
    proof=Proof.ALL_NEW, programs=(("wk-server", 7), ("worker", 8)),
)  # fmt: skip


def seen(server: str = "RUNNING", pid: int = 17, uptime: float = 4.0, at: float = ACTED + 5) -> NodeState:
    node = cluster_state(of=inventory(), problems=False).nodes[TARGET.node]
    one = ServiceState("wk-server", "supervisor", server, "wakari-server", pid, None, uptime, at)
    return replace(node, services=(one, replace(one, name="worker", state="RUNNING", pid=18, uptime_seconds=4.0)))


@pytest.mark.parametrize(
    ("node", "result"),
    [
        (seen(), Result.VERIFIED),
        (seen(pid=7), None),
        (seen(uptime=2.0), None),
        (seen("STARTING"), None),
        (seen("STOPPED"), None),
        (seen("FATAL"), Result.FAILED),
        (seen(at=ACTED - 1), None),
    ],
)
def test_what_is_seen(node: NodeState, result: Result | None) -> None:
    verdict = AllNew(STEP, ACTED).look(node, ACTED + 6)
    assert (None if verdict is None else verdict.result) is result


@pytest.mark.parametrize(
    ("node", "result", "words"),
    [
        (seen(pid=7), Result.FAILED, "same process as before"),
        (seen("STOPPED"), Result.FAILED, "wk-server is STOPPED"),
        (seen("unknown"), Result.UNVERIFIED, "has not shown"),
        (seen(at=ACTED - 1), Result.UNVERIFIED, "has not shown"),
    ],
)
def test_when_time_is_up(node: NodeState, result: Result, words: str) -> None:
    verdict = AllNew(STEP, ACTED).too_late(node)
    assert verdict.result is result
    assert words in (verdict.error or "")
