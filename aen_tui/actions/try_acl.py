"""Whether /projects takes POSIX ACLs, by giving one to a folder made for it (seeds 000 and 004: ACL).

A folder, as mkdir(2) neither follows a link nor takes what is there already, and rmdir(2) removes nothing but an empty
one. It runs as the owner of /projects, root or the service account: nobody else can put something in its place, and
where others could it is refused. `-P` passes by what has become a link.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aen_tui.actions.commands import Command, as_account, as_root
from aen_tui.actions.scene import Scene
from aen_tui.actions.trials import Part, compute_of, steps_of
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import NodeState
from aen_tui.model.install_facts import Placed
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Step, Target
from aen_tui.model.text import visible_line

ENTRY = "user:nobody:r--"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class TryAcl:
    """`try-acl`."""

    name = ActionName.TRY_ACL
    is_whole_supervisor = False
    seed = "000"
    covers = ("requirement:acl", "004 requirement:acl")

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """Make a folder, give it an entry, read it, remove the folder."""
        node = compute_of(scene, self.name, target)
        folder = f"{node.spec.root}{node.spec.projects_root.rstrip('/')}/.aen-tui-acl-{scene.nonce}"
        return _steps(node, target, folder, is_roots=False)


def with_owners(
    plan: Plan, nodes: Mapping[NodeName, NodeState], places: Mapping[NodeName, Placed], errors: Mapping[NodeName, str]
) -> Plan:
    """The plan run as the owner of each node's /projects, with what is against it there.

    Args:
        plan: as made.
        nodes: what is known of them.
        places: node -> /projects, as seen just now.
        errors: node -> why it was not seen.
    """
    found: list[Step] = []
    for step in plan.steps:
        if step.action is not ActionName.TRY_ACL:
            found.append(step)
        elif step.makes:
            name = step.target.node
            found += _placed(nodes[name], step, places.get(name), errors.get(name, "it was not looked at"))
    return replace(plan, steps=tuple(found))


def _placed(node: NodeState, first: Step, place: Placed | None, error: str) -> tuple[Step, ...]:
    spec = node.spec
    is_roots = place is not None and place.uid == 0 and not spec.root
    try:
        steps = _steps(node, first.target, first.makes, is_roots=is_roots)
    except PlanRefusedError as refusal:  # root owns it, and the inventory says never to sudo
        return (replace(first, blocked=refusal.whole), *_steps(node, first.target, first.makes, is_roots=False)[1:])
    if place is None:
        note = f"whose {spec.projects_root} is is not known, {visible_line(error, 200)}: as {spec.service_account}"
        return (replace(steps[0], note=note), *steps[1:])
    if against := _against(spec.projects_root, spec.service_account, place):
        return (replace(steps[0], blocked=against), *steps[1:])
    return steps


def _against(path: str, account: str, place: Placed) -> str:
    if place.kind != "folder":
        return f"{path} is {place.kind}: there is no folder to try it in"
    mode = place.mode or 0
    if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
        return f"{path} has mode {mode:o}: others than its owner could put something else in the folder's place"
    if place.uid != 0 and place.owner != account:
        return f"{path} belongs to {visible_line(place.owner or '?', 80)}, neither to root nor to {account}"
    return ""


def _steps(node: NodeState, target: Target, folder: str, *, is_roots: bool) -> tuple[Step, ...]:
    where = node.spec.projects_root

    def command(*argv: str) -> Command:
        return as_root(node, argv) if is_roots else as_account(node, argv, f"{where} is the service account's")

    parts = (
        Part(
            "make a folder",
            command("/bin/mkdir", "-m", "0700", folder),
            f"a folder of its own in {where}",
            makes=folder,
            makes_at_once=True,
        ),
        Part("give it an ACL", command("/usr/bin/setfacl", "-P", "-m", "u:nobody:r", folder), "setfacl takes it"),
        Part("read the ACL", command("/usr/bin/getfacl", "-P", folder), f"getfacl shows {ENTRY}", says=ENTRY),
        Part("remove the folder", command("/bin/rmdir", folder), "the folder is gone", removes=folder),
    )
    return steps_of(ActionName.TRY_ACL, target, parts)


ACTION = TryAcl()
