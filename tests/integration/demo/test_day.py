"""The demo's figures fit each other: what its notebooks use is what their nodes are busy with."""

from __future__ import annotations

from pathlib import Path

from aen_tui.demo.day import Day
from aen_tui.demo.node_tree import write_tree
from aen_tui.demo.options import DemoOptions
from aen_tui.demo.plan import DemoNode, make_plan
from aen_tui.demo.proc_tree import CORES
from aen_tui.model.node import Role

SECONDS = 60


def used_ticks(node: DemoNode) -> dict[str, int]:
    """User and system time of each notebook."""
    found = {}
    for stat in node.root.glob("proc/[0-9]*/stat"):
        if not stat.parent.is_symlink():  # a real process
            words = stat.read_text().rpartition(")")[2].split()
            found[stat.parent.name] = int(words[11]) + int(words[12])
    return found


def busy_ticks(node: DemoNode) -> int:
    words = (node.root / "proc/stat").read_text().split()
    return int(words[1]) + int(words[3])


def test_notebooks_use_no_more_than_their_node_is_busy_with(tmp_path: Path) -> None:
    plan, sockets = make_plan(DemoOptions(computes=2, gateways=1), tmp_path)
    for one in sockets:
        one.close()
    for node in plan.nodes:
        write_tree(plan, node)
    day = Day(plan, DemoOptions(computes=2, gateways=1))
    day._orders.close()  # nobody is to hear of it
    day.begin()
    computes, most = plan.of_role(Role.COMPUTE), 0
    for _ in range(SECONDS):
        before = {node.name: (busy_ticks(node), used_ticks(node)) for node in computes}
        day._second += 1
        day._come_and_go()
        for node in plan.nodes:
            day._move_on(node)
            day._procs[node.name].count(1.0)
        for node in computes:
            busy, used = before[node.name]
            lived = [ticks - used[pid] for pid, ticks in used_ticks(node).items() if pid in used]
            busy = busy_ticks(node) - busy
            assert sum(lived) <= busy + len(lived) + 2, "hundredths of a second, each part rounded"
            assert busy <= CORES[Role.COMPUTE] * 100 + 2
            most = max(most, *lived) if lived else most
    assert most > 100, "somebody keeps more than a core busy"
