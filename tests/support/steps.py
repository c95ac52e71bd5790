"""Steps of a plan, for tests of what comes of them."""

from __future__ import annotations

from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Step, Target

SERVER = NodeName("aen-server")
STEP = Step(
    action=ActionName.RESTART,
    target=Target(SERVER, "wk-server", "supervisor", "wakari-server"),
    argv=("supervisorctl", "restart", "wk-server"),
    user="wakari",
    sudo="none",
    before=Known("RUNNING", 100, None, None, 1.0),
    expect="",
)
