"""Plans on their way and ended, as the Jobs view and `do --json` tell them: immutable snapshots.

Every plan that is carried out is a job, one with a single step too. `Runtime.jobs` (`runtime.jobs.Jobs`) has them:

    rolling = runtime.jobs.plan_rolling(action, targets)       # or plan_everything(action, nodes); PlanRefusedError
    rolling = replace(rolling, plan=await runtime.preflight(rolling.plan))   # what sudo will ask
    lines = rolling_text(rolling, clock.monotonic())           # actions/rolling_text.py: the card's text
    job = runtime.jobs.start(rolling, reason=…)                # or start(plan); begins at once, in the runtime's tasks
    job.pause(); job.resume(); job.skip(); job.abort()         # at any time; what does not apply is nothing
    runtime.jobs.states()                                      # every JobState, newest last; same while nothing changes
    runtime.jobs.get(id)                                       # its Job; `.state`, `.subscribe`, `await .wait()`
    stop = runtime.jobs.on_change(redraw)                      # called on the loop after each change, with the job's id
    stop = job.subscribe(lambda event: …)                      # the PlanEvents that `do --json` prints
    found = await runtime.jobs.resumption(id, say)             # a job that was broken off; then plan_resumed, start
    runtime.jobs.open_ids()                                    # ids of such jobs; blocks a little

Ages are monotonic seconds of the jump host.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Result

OUTPUT_LINES = 200
"""A member keeps so many lines of its command's output, the last ones."""


class JobPhase(StrEnum):
    """How a job is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    """Nothing further begins; what runs goes on to its end (`JobState.is_busy`)."""
    FAILED = "failed"
    """Ended: a step failed, or more than may."""
    ABORTED = "aborted"
    """Ended because somebody said so; what had begun was seen to its end where there was time."""
    DONE = "done"
    """Ended; `result` says whether everything is verified."""


ENDED = frozenset({JobPhase.FAILED, JobPhase.ABORTED, JobPhase.DONE})


class MemberPhase(StrEnum):
    """How one step of a job is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    CLAIMED = "claimed"
    """The command has returned; nothing is proved yet."""
    VERIFIED = "verified"
    FAILED = "failed"
    """Also where it was refused on its way: `error` says that nothing was run."""
    UNVERIFIED = "unverified"
    """Whether it took effect is not known; it is never repeated by itself."""
    SKIPPED = "skipped"
    """Not begun: the node was not up, it was not as confirmed any more, or somebody said so."""


ENDED_MEMBER = frozenset({MemberPhase.VERIFIED, MemberPhase.FAILED, MemberPhase.UNVERIFIED, MemberPhase.SKIPPED})


@dataclass(frozen=True, slots=True)
class MemberState:
    """One step of a job."""

    number: int
    """From 1; the number in its audit id."""
    node: NodeName
    service: str
    action: ActionName
    phase: MemberPhase = MemberPhase.WAITING
    pid_before: int | None = None
    pid_after: int | None = None
    error: str | None = None
    """Why it is failed, unverified or skipped. Sanitised."""
    started_at: float | None = None
    ended_at: float | None = None
    expected_seconds: float | None = None
    """How long the same action on the same service took before; None where it never ran here."""
    lines: tuple[str, ...] = ()
    """What its command printed. Sanitised, `OUTPUT_LINES` at most."""
    detail: tuple[tuple[str, str], ...] = ()
    """What the result rests on: name and words. Sanitised."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done about it."""
        return self.phase in ENDED_MEMBER

    def elapsed_seconds(self, now: float) -> float | None:
        """From its start to its end, or until now; None where it has not begun."""
        return None if self.started_at is None else max(0.0, (self.ended_at or now) - self.started_at)


@dataclass(frozen=True, slots=True)
class BatchState:
    """Members that are carried out together."""

    number: int
    label: str
    members: tuple[MemberState, ...]

    @property
    def has_ended(self) -> bool:
        """Whether all of it has ended."""
        return all(member.has_ended for member in self.members)


@dataclass(frozen=True, slots=True)
class JobState:
    """A job at one moment."""

    id: str
    title: str
    """`rolling restart wk-compute on 6 nodes`. Sanitised."""
    action: ActionName
    phase: JobPhase
    batches: tuple[BatchState, ...]
    started_at: float
    started_wall: float
    """Epoch seconds."""
    is_rolling: bool = False
    """Whether pause, resume and skip mean anything; a job of one step can only be awaited."""
    ended_at: float | None = None
    result: Result | None = None
    """None until it has ended; may turn from verified to failed later, where a process dies while it settles."""
    error: str | None = None
    note: str = ""
    """What it waits for: `paused`, `aborts after what runs`, `locked: arm again, then resume`."""
    expected_seconds: float | None = None
    """From its start to its end, guessed from the history and from the members that have ended; None: no idea."""
    left: tuple[str, ...] = ()
    """TARGETs that are not verified, in order; complete once the job has ended."""
    commands: tuple[str, ...] = ()
    """Command lines that do what is left; the first one continues the job where it can be."""
    reason: str | None = None
    remarks: tuple[str, ...] = ()
    """What there was to say on the way: no lease here, a lease taken over from a dead process. Sanitised."""

    @property
    def members(self) -> tuple[MemberState, ...]:
        """All, in order."""
        return tuple(member for batch in self.batches for member in batch.members)

    @property
    def has_ended(self) -> bool:
        """Whether it is over; a death while settling may still turn its result."""
        return self.phase in ENDED

    @property
    def is_busy(self) -> bool:
        """Whether a step is on its way."""
        return any(member.phase in (MemberPhase.RUNNING, MemberPhase.CLAIMED) for member in self.members)

    @property
    def progress(self) -> tuple[int, int]:
        """Members that have ended, and all."""
        members = self.members
        return sum(member.has_ended for member in members), len(members)

    def elapsed_seconds(self, now: float) -> float:
        """From its start to its end, or until now."""
        return max(0.0, (self.ended_at if self.ended_at is not None else now) - self.started_at)
