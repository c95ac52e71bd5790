"""What proves that a step had its effect: one kind of proof a file, each a watcher of its node's states.

A watcher looks at one state after the other and knows no clock but the one at which each fact was seen. Only
what was seen after the command returned counts. `runtime.verifier` feeds it, pokes the probe and keeps the deadline.
"""

from __future__ import annotations

from aen_tui.model.plans import Proof, Step
from aen_tui.runtime.proofs.all_new import AllNew
from aen_tui.runtime.proofs.applied import Applied
from aen_tui.runtime.proofs.new_pid import NewPid
from aen_tui.runtime.proofs.pid_gone import PidGone
from aen_tui.runtime.proofs.same_master import SameMaster
from aen_tui.runtime.proofs.watching import Watcher

_KINDS: dict[Proof, type[AllNew | Applied | NewPid | PidGone | SameMaster]] = {
    Proof.NEW_PID: NewPid,
    Proof.PID_GONE: PidGone,
    Proof.NEW_WORKERS: SameMaster,
    Proof.ALL_NEW: AllNew,
    Proof.APPLIED: Applied,
}


def watcher_of(step: Step, acted_at: float, pid: int | None = None) -> Watcher:
    """The watcher for a step's proof: of NEW_WORKERS it judges the master.

    Args:
        step: what was done.
        acted_at: monotonic seconds; only what was seen later counts.
        pid: the new process, where it was seen before that.
    """
    watcher = _KINDS[step.proof](step, acted_at)
    watcher.pid = pid
    return watcher
