"""Apply a supervisord's changed configuration: only what `reread` said and somebody saw, and asked again afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aen_tui.actions.announce import supervisord_step
from aen_tui.actions.commands import supervisorctl
from aen_tui.actions.scene import Scene
from aen_tui.actions.supervised import HOLD_SECONDS, MARGIN_SECONDS
from aen_tui.errors import NothingToDoError
from aen_tui.model.plans import ActionName, Plan, Proof, Step, Target

KEPT_SECONDS = 15 * 60.0
"""What was shown longer ago is asked anew."""
UNSEEN = "what would change was not shown yet: `reread` says it, `update` within 15 minutes applies it"

ASKED = "it is run first, alone; what it says would change is shown, and is confirmed before anything is applied"


class Update:
    """`update`."""

    name = ActionName.UPDATE
    is_whole_supervisor = True

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """Hear the announcement again, apply it, see it run, and ask whether anything is left.

        Raises:
            NothingToDoError: it was announced that nothing would change.
            PlanRefusedError: it may not be done.
        """
        shown = scene.announced.get(target)
        is_shown = shown is not None and scene.now - shown.at <= KEPT_SECONDS
        lines = shown.lines if shown is not None and is_shown else ()
        if is_shown and not lines:
            name = f"{target.node}/{target.service}"
            raise NothingToDoError(f"nothing would change on {name}: `reread` said so", node=target.node)
        first = supervisord_step(scene, self.name, target, "reread", "it says again what it said before", Proof.OUTPUT)
        return (
            replace(first, announced=lines) if is_shown else replace(first, blocked=UNSEEN),
            _applying(
                supervisord_step(scene, self.name, target, "update", _expected(lines), Proof.APPLIED), scene, lines
            ),
            supervisord_step(scene, self.name, target, "reread", "nothing is left to apply", Proof.NOTHING_LEFT),
        )


def as_asked(plan: Plan) -> Plan:
    """The plan as it is shown where nothing is carried out: what would change is asked, and confirmed, before that."""
    steps = tuple(replace(step, blocked="", note=ASKED) if step.blocked == UNSEEN else step for step in plan.steps)
    return replace(plan, steps=steps)


def _applying(step: Step, scene: Scene, lines: tuple[str, ...]) -> Step:
    """The step that changes something; its proof is asked of supervisorctl where the probe sees no program."""
    node, target = scene.node(step.target), step.target
    own = [service for service in node.services if service.supervisor == target.supervisor]
    is_blind = bool(own) and all(service.state == "unknown" for service in own)
    groups = {line.rpartition(": ")[0] for line in lines}
    hit = [service for service in own if service.name.partition(":")[0] in groups]
    return replace(
        step,
        applies=lines,
        note=f"applies: {'; '.join(lines)}" if lines else "",
        programs=tuple((service.name, service.pid) for service in hit if service.pid is not None),
        proof_argv=supervisorctl(node, target, "status").argv if is_blind else (),
        hold_seconds=max([step.hold_seconds, *(one.startsecs or 0.0 for one in hit)]),
        deadline_seconds=max([step.deadline_seconds, *((one.stopwaitsecs or 0.0) + MARGIN_SECONDS for one in hit)]),
    )


def _expected(lines: tuple[str, ...]) -> str:
    """What must be seen of what was announced."""
    begins = ", ".join(line.rpartition(": ")[0] for line in lines if not line.endswith(": disappeared"))
    goes = ", ".join(line.rpartition(": ")[0] for line in lines if line.endswith(": disappeared"))
    found = [f"RUNNING for {HOLD_SECONDS:g} s, unless it is not to begin by itself: {begins}"] if begins else []
    found += [f"not listed any more: {goes}"] if goes else []
    return "; ".join(found) or "what was announced runs"


ACTION = Update()
