"""What is left of a rolling plan, planned again from the state of now, in the order it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aen_tui.actions.app_counts import apps_on
from aen_tui.actions.blast import blast_radius
from aen_tui.actions.order import after_stop
from aen_tui.actions.planning import make_plan, plan_of
from aen_tui.actions.rolling import assemble, not_idle
from aen_tui.actions.rolling_text import target_word
from aen_tui.actions.scene import Scene, known
from aen_tui.actions.supervised import refuse_without_effect
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import LinkState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.plans import ActionName, Step
from aen_tui.model.rolling import Batch, RollingPlan


def plan_again(
    scene: Scene,
    name: ActionName,
    left: Sequence[tuple[Batch, Sequence[Step]]],
    settings: RollingSettings,
    *,
    plan_id: str,
    run: int,
    left_out: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> RollingPlan:
    """A rolling plan of the steps that are left, each with what is known of its target now.

    Args:
        scene: what is known.
        name: the whole job's action.
        left: each batch with its steps that are not verified, in order.
        settings: the job's.
        plan_id: the job's id.
        run: how often it was begun, this time counted.
        left_out: TARGETs that were not in the plan before.
        notes: for the card.

    Raises:
        PlanRefusedError: nothing is left that could be done.
    """
    said, out = list(notes), list(left_out)
    chunks: list[tuple[str, list[Step]]] = []
    kept: list[Batch] = []
    stops = {step.target for batch, steps in left for step in steps if step.action is ActionName.STOP}
    for batch, steps in left:
        fresh: list[Step] = []
        for step in steps:
            if settings.idle_only and (why := not_idle(apps_on(scene.state, step.target.node))) is not None:
                said.append(f"{step.target.node}: {why}: left as it is")
                out.append(target_word(step.target))
                continue
            at = after_stop(scene, [step.target]) if batch.follows and step.target in stops else scene
            fresh += _planned(at, step, plan_id, said, out)
        if fresh:
            chunks.append((batch.label, fresh))
            kept.append(batch)
    steps_left = [step for _, steps in chunks for step in steps]
    if not steps_left:
        raise PlanRefusedError("; ".join(said) or "nothing is left to do", hint="see `aen-tui status`")
    targets = list(dict.fromkeys(step.target for step in steps_left))
    plan = plan_of(scene, name, plan_id, steps_left, blast_radius(scene, name, targets))
    rolling = assemble(plan, steps_left, chunks, settings, scene, said)
    batches = tuple(
        replace(batch, settles=before.settles, follows=before.follows)
        for batch, before in zip(rolling.batches, kept, strict=True)
    )
    return replace(rolling, batches=batches, run=run, left_out=tuple(dict.fromkeys(out)))


def _planned(scene: Scene, step: Step, plan_id: str, said: list[str], out: list[str]) -> list[Step]:
    """The step planned again; none where its node is not up, or nothing is to be done, which is said."""
    word = target_word(step.target)
    node = scene.state.nodes.get(step.target.node)
    if node is None or node.connection.state is not LinkState.UP or not node.complete:
        said.append(f"{step.target.node} is not up")
        out.append(word)
        return []
    before = known(node, step.target)
    try:
        refuse_without_effect(step.action, step.target, before.state, before.pid)
    except PlanRefusedError as error:
        said.append(f"{error.message}: left as it is")
        return []
    try:
        return list(make_plan(scene, step.action, [step.target], plan_id=plan_id).steps)
    except PlanRefusedError as error:
        said.append(error.message)
        out.append(word)
        return []
