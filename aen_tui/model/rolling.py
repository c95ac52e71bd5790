"""A plan over several nodes in batches, with a gate between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aen_tui.model.inventory import RollingSettings
from aen_tui.model.plans import Place, Plan, Step


@dataclass(frozen=True, slots=True)
class Batch:
    """Steps that are carried out at the same time, each on a node of its own; the gate comes after them."""

    number: int
    """From 1."""
    label: str
    """`canary`, `batch`, or a stage of a whole installation: `stop computes`."""
    members: tuple[int, ...]
    """Which of the plan's steps, from 0."""
    settles: bool = True
    """Whether the gate waits `settle_seconds` after each proof; a stop's pid is gone or not."""
    follows: bool = False
    """Whether its steps begin from what earlier steps leave behind (start after stop): each is planned again
    right before it is carried out, and only what was confirmed is run."""


@dataclass(frozen=True, slots=True, eq=False)
class RollingPlan:
    """A plan and the order in which its steps are carried out: batch after batch, the canary first.

    The plan's `steps` stand in that order. Its id is the job's.
    """

    plan: Plan
    batches: tuple[Batch, ...]
    settings: RollingSettings
    settle_seconds: float
    notes: tuple[str, ...] = ()
    """Sentences for the card: how the order came about, what is left out and why."""
    left_out: tuple[str, ...] = ()
    """TARGETs that were meant and are not in the plan, as their nodes are not up: they stay on the list of what is
    left, so a job that leaves any out is never wholly verified."""
    run: int = 1
    """How often the job was begun; 2 after the first `do --resume`."""

    @property
    def is_in_stages(self) -> bool:
        """Whether its batches are stages of an installation, whose order another plan of what is left would lose."""
        return any(batch.label not in ("canary", "batch") for batch in self.batches)

    @property
    def record_plan(self) -> Plan:
        """The plan under the id that its audit records bear: a resumed job's are its own, `ID.2`."""
        return self.plan if self.run == 1 else replace(self.plan, id=f"{self.plan.id}.{self.run}")

    def batch_of(self, member: int) -> Batch:
        """The batch of a step."""
        return next(batch for batch in self.batches if member in batch.members)

    def place(self, member: int, *, skipped: bool = False) -> Place:
        """Where a step stands, for its events."""
        total = len(self.plan.steps)
        return Place(
            self.plan.id, self.batch_of(member).number, len(self.batches), member + 1, total, is_skipped=skipped
        )

    def steps_of(self, batch: Batch) -> tuple[Step, ...]:
        """The steps of a batch."""
        return tuple(self.plan.steps[member] for member in batch.members)
