"""How far a plan is: what it has made on nodes, what of that is still to be removed, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.model.command import shell_line
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Plan, Result, Step
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.plan_events import Emit


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a step ended."""

    result: Result
    error: str | None = None


class Course:
    """Decides which step of a plan comes next.

    It ends at the first step that is not verified, or is cut off. Its clean-ups are carried out all the same: those of
    what was begun to be made, each once.

    Args:
        plan: what is carried out.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begun: set[int] = set()
        """Numbers of steps, from 0."""
        self._made: set[tuple[NodeName, str]] = set()
        self._waited: set[NodeName] = set()
        self._end: StepEnd | None = None
        """Of the first step that was not verified."""
        self._left: dict[tuple[NodeName, str], list[tuple[Step, str]]] = {}
        """Node and path -> its clean-ups that were not seen to end well, with what is said of each."""

    def is_due(self, index: int) -> bool:
        """Whether a step is to be carried out now."""
        step = self._plan.steps[index]
        if index in self._begun:
            return False
        return self._is_made(step) if step.removes else self._end is None

    def owes(self, step: Step) -> bool:
        """Whether something was made on the step's node: then the plan is seen to its end there."""
        return any(node == step.target.node for node, _ in self._made)

    def may_wait(self, step: Step) -> bool:
        """Whether a lost node is waited for, for a clean-up: once."""
        node = step.target.node
        if not step.removes or node in self._waited:
            return False
        self._waited.add(node)
        return True

    def stop(self, end: StepEnd) -> None:
        """Nothing but clean-ups from here on."""
        self._end = self._end or end

    def begins(self, index: int) -> None:
        """A step is about to be carried out."""
        self._begun.add(index)

    def makes(self, step: Step) -> None:
        """A step's command is about to go out, so that what it makes may be there."""
        if step.makes:
            self._made.add((step.target.node, step.makes))

    def ended(self, index: int, end: StepEnd) -> None:
        """Take how a step ended."""
        step = self._plan.steps[index]
        key = (step.target.node, step.makes)
        if end.result is Result.REFUSED or (end.result is Result.FAILED and step.makes_at_once):
            self._made.discard(key)
        is_last = step.removes and not any(one.removes == step.removes for one in self._of_node(index + 1, step))
        if end.result is Result.VERIFIED:
            if is_last:  # it is gone, whatever was said on the way
                self._made.discard((step.target.node, step.removes))
                self._left.pop((step.target.node, step.removes), None)
            return
        if not step.removes:
            self.stop(StepEnd(Result.FAILED, end.error) if end.result is Result.REFUSED and index else end)
            return
        is_seen = end.result is Result.FAILED
        left = f"{step.removes} {'is' if is_seen else 'may be'} left on {step.target.node}: " if is_last else ""
        said = self._left.setdefault((step.target.node, step.removes), [])
        said.append((step, f"{left}{step.does}: {end.error or end.result.value}"))

    @property
    def end(self) -> StepEnd:
        """How it ended; refused where it has no step."""
        end = self._end or StepEnd(Result.VERIFIED if self._begun else Result.REFUSED)
        if not self._begun and end.error is None:
            return StepEnd(Result.REFUSED, "the plan has no step")
        if not self._left:
            return end
        left = [words for said in self._left.values() for _, words in said]
        left += [_to_be_run(node, [step for step, _ in said]) for (node, _), said in self._left.items()]
        return StepEnd(Result.FAILED, "; ".join([*filter(None, (end.error,)), *left]))

    def _is_made(self, step: Step) -> bool:
        return (step.target.node, step.removes) in self._made

    def _of_node(self, first: int, step: Step) -> list[Step]:
        return [one for one in self._plan.steps[first:] if one.target.node == step.target.node]


def _to_be_run(node: NodeName, steps: Sequence[Step]) -> str:
    return f"to be run on {node}: {'; '.join(visible_line(shell_line(step.argv)) for step in steps)}"


@dataclass(frozen=True, slots=True)
class Way:
    """How a plan is carried out."""

    plan: Plan
    course: Course
    emit: Emit
    audit: AuditLog
    reason: str | None
    settle: bool
