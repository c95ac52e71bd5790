"""Whether the root environment can be cloned, as the installation's last test does (seed 004, "Test AEN Compute").

    sudo -u wakari /opt/wakari/anaconda/bin/conda create -p /opt/wakari/test_default --clone root
    sudo rm -rf /opt/wakari/test_default

It writes gigabytes and takes minutes. The clone is the service account's, so that is who removes it, and not root. An
ssh channel that ends leaves its command running: a conda whose end was not seen is ended before the folder is removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aen_tui.actions.commands import Command, as_account
from aen_tui.actions.scene import Scene
from aen_tui.actions.trials import Part, compute_of, steps_of
from aen_tui.model.facts import NodeState
from aen_tui.model.install_facts import Placed
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.model.plans import ActionName, Plan, Step, Target
from aen_tui.model.text import visible_line

CLONE_SECONDS = 30 * 60.0
REMOVE_SECONDS = 10 * 60.0
_GB = 10**9
_NO_MATCH = 1
"""Of pkill(1): no process, which is as good as one that was ended."""


@dataclass(frozen=True, slots=True)
class RoomForClone:
    """What was seen before a clone."""

    place: Placed | None = None
    """Where the clone would be; None where it was not seen."""
    size_bytes: int | None = None
    """Of the root environment without package cache and other environments; the least of it where `is_whole` is not."""
    is_whole: bool = False
    available_bytes: int | None = None
    error: str = ""
    """Why something of that is not known."""


def clone_path(spec: NodeSpec) -> str:
    """The folder that is made and removed."""
    return f"{spec.install_prefix}/test_default"


def root_environment(spec: NodeSpec) -> str:
    """The folder that is cloned."""
    return f"{spec.install_prefix}/anaconda"


class TryClone:
    """`try-clone`."""

    name = ActionName.TRY_CLONE
    is_whole_supervisor = False
    seed = "004"
    covers = ("file:/opt/wakari/test_default",)

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """See that nothing is there, clone, look at the clone, remove it."""
        node = compute_of(scene, self.name, target)
        spec = node.spec
        clone, conda = spec.root + clone_path(spec), f"{spec.root}{root_environment(spec)}/bin/conda"
        create = ("create", "-p", clone, "--clone", "root")
        is_gone = ("/usr/bin/test", "!", "-e", clone, "-a", "!", "-L", clone)

        def command(*argv: str) -> Command:
            return as_account(node, argv, "the clone is to be the service account's, as projects' environments are")

        parts = (
            Part("look for an older one", command(*is_gone), f"there is no {clone}"),
            Part("clone", command(conda, *create), "conda makes the clone", seconds=CLONE_SECONDS, makes=clone),
            Part("its python", command(f"{clone}/bin/python", "-V"), "the clone's own python runs", says="Python "),
            Part("its packages", command("/usr/bin/test", "-d", f"{clone}/conda-meta"), "conda-meta is there"),
            Part(
                "end conda",
                command("/usr/bin/pkill", "-u", _account(node), "-f", _pattern(conda, create)),
                "no conda works on the clone",
                removes=clone,
                good_statuses=(0, _NO_MATCH),
            ),
            Part(
                "remove the clone",
                command("/bin/rm", "-rf", clone),
                "rm ends well",
                seconds=REMOVE_SECONDS,
                removes=clone,
            ),
            Part("look for what is left", command(*is_gone), f"{clone} is gone", removes=clone),
        )
        return steps_of(self.name, target, parts)


def with_room(plan: Plan, rooms: Mapping[NodeName, RoomForClone], specs: Mapping[NodeName, NodeSpec]) -> Plan:
    """The plan with what is against a clone on each node, and what is known of its size.

    Args:
        plan: as made.
        rooms: node -> what was seen there.
        specs: the nodes.
    """

    def judged(step: Step) -> Step:
        if step.action is not ActionName.TRY_CLONE or not step.makes:
            return step
        name = step.target.node
        room = rooms.get(name, RoomForClone(error="not looked at"))
        blocked, note = _judge(specs[name], room)
        return replace(step, blocked=blocked, note=note)

    return replace(plan, steps=tuple(judged(step) for step in plan.steps))


def _judge(spec: NodeSpec, room: RoomForClone) -> tuple[str, str]:
    """What is against it, and what is to be said."""
    clone, place = clone_path(spec), room.place
    if place is not None and place.kind not in ("absent", "unknown"):
        return f"{clone} is there already, of {visible_line(place.owner or '?', 80)}: it is not touched", ""
    minutes = f"up to {CLONE_SECONDS / 60:.0f} minutes"
    if room.size_bytes is None or room.available_bytes is None:
        why = f" ({visible_line(room.error, 200)})" if room.error else ""
        return "", f"how much it writes is not known{why}: gigabytes; {minutes}"
    least = "" if room.is_whole else "at least "
    needed, free = f"{least}{room.size_bytes / _GB:.1f} GB", f"{room.available_bytes / _GB:.1f} GB"
    if room.available_bytes < room.size_bytes:
        return f"the root environment has {needed}, and {free} are free for {clone}", ""
    return "", f"writes {needed} ({free} are free), less where packages are hard-linked; {minutes}"


def _account(node: NodeState) -> str:
    """As whom the clone is made; in the demo, where nobody becomes anybody, whoever runs it."""
    return (node.connection.user if node.spec.root else None) or node.spec.service_account


def _pattern(conda: str, create: Sequence[str]) -> str:
    """For `pkill -f`: this very command, and not the line of pkill's own, where its first character is bracketed."""
    line = " ".join((conda, *create))
    return f"[{line[0]}]" + re.sub(r"([][\\.^$*+?(){}|])", r"\\\1", line[1:])


ACTION = TryClone()
