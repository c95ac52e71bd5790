"""What proves that a step had its effect: one kind of proof a file, each a watcher of its node's states.

A watcher looks at one state after the other and knows no clock but the one at which each fact was seen. Only
what was seen after the command returned counts. `runtime.verifier` feeds it, pokes the probe and keeps the deadline.
"""

from __future__ import annotations

from collections.abc import Callable

from aen_tui.model.plans import Proof, Step
from aen_tui.runtime.proofs.all_new import AllNew
from aen_tui.runtime.proofs.new_pid import NewPid
from aen_tui.runtime.proofs.pid_gone import PidGone
from aen_tui.runtime.proofs.same_master import SameMaster
from aen_tui.runtime.proofs.watching import Watcher

_KINDS: dict[Proof, Callable[[Step, float], Watcher]] = {
    Proof.NEW_PID: NewPid,
    Proof.PID_GONE: PidGone,
    Proof.NEW_WORKERS: SameMaster,
    Proof.ALL_NEW: AllNew,
}


def watcher_of(step: Step, acted_at: float) -> Watcher:
    """The watcher for a step's proof: NEW_PID, PID_GONE, ALL_NEW or NEW_WORKERS (of which it judges the master)."""
    return _KINDS[step.proof](step, acted_at)
