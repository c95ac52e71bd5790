"""`aen-tui do --rolling`, `do ACTION NODES/everything` and `do --resume ID`: several nodes, batch after batch.

^C lets what runs come to its end and begins nothing further; a second one ends at once. Either way, and after a
failure, what is left is printed as TARGETs and as a command line that goes on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TextIO

from aen_tui.actions.order import EVERYTHING, ONLY_NAMED
from aen_tui.actions.rolling_text import look_lines, rolling_text
from aen_tui.config.targets import Target as Written
from aen_tui.config.targets import nodes_of
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.headless.do import (
    DoOptions,
    answered,
    confirmed,
    refuse_without_terminal,
    refuse_wrong_words,
    resolved,
)
from aen_tui.headless.do_output import EXIT_REFUSED, EXITS, Output
from aen_tui.headless.do_signals import signals_cut
from aen_tui.headless.do_waiting import wait_for_most, wait_for_nodes
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.plans import ActionName, PlanEvent, Result
from aen_tui.model.rolling import RollingPlan
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.job import Job
from aen_tui.runtime.resume import Resumption

_Plan = Callable[[Output], Awaitable[tuple[RollingPlan, Resumption | None] | None]]
"""Makes the plan once the runtime runs; None where nothing is left."""


@dataclass(frozen=True, slots=True)
class RollingOptions:
    """What the command line says of the order; None: as the inventory says."""

    canary: int | None = None
    batch: int | None = None
    max_failures: int | None = None
    idle_only: bool = False

    def settings(self, base: RollingSettings) -> RollingSettings:
        """The sizes that hold."""
        given = {"canary": self.canary, "batch": self.batch, "max_failures": self.max_failures}
        sizes = {key: value for key, value in given.items() if value is not None}
        return replace(base, idle_only=self.idle_only, **sizes)


@dataclass(slots=True)
class _Begun:
    """The job, once there is one."""

    output: Output
    job: Job | None = None
    events: asyncio.Queue[PlanEvent] = field(default_factory=asyncio.Queue)
    """What is not told yet."""

    def ends_softly(self) -> bool:
        """^C once: nothing further begins; False where nothing runs either, or it was said before."""
        runs = self.job is not None and any(
            one.started_at is not None and not one.has_ended for one in self.job.state.members
        )
        if self.job is None or self.job.is_aborted or not runs:
            return False
        self.output.say("^C: what runs comes to its end, nothing further begins; ^C again ends at once")
        self.job.abort()
        return True


def means_everything(targets: Sequence[Written]) -> bool:
    """Whether some target stands for all of a node's own services."""
    return any(target.service == EVERYTHING for target in targets)


async def run_rolling(
    runtime: Runtime,
    action: ActionName,
    targets: Sequence[Written],
    sizes: RollingOptions,
    options: DoOptions,
    stdout: TextIO,
    stderr: TextIO,
    stdin: TextIO,
) -> int:
    """Wait for the nodes, show the whole order, ask, go through the batches.

    Returns:
        As `run_do`; 3 too where something was left, as its node was not up or somebody ended it.
    """

    async def plan(output: Output) -> tuple[RollingPlan, Resumption | None] | None:
        refuse_wrong_words(targets)
        settings = sizes.settings(runtime.inventory.actions.rolling)
        if means_everything(targets):
            return await _everything(runtime, action, targets, settings), None
        missing = await wait_for_most(runtime, nodes_of(targets))
        there = [target for target in targets if target.node not in missing]
        if not there:
            raise next(iter(missing.values()))
        for error in missing.values():
            output.say(f"{error.message}: left out")
        left_out = [f"{target.node}/{target.service}" for target in targets if target.node in missing]
        await runtime.projects.looks.freshen(nodes_of(there))
        found = resolved(runtime.snapshot(), action, there)
        return runtime.jobs.plan_rolling(action, found, settings=settings, left_out=left_out), None

    return await _run(runtime, plan, options, Output(runtime, stdout, stderr, as_json=options.as_json), stdin)


async def run_resume(
    runtime: Runtime, job: str, options: DoOptions, stdout: TextIO, stderr: TextIO, stdin: TextIO
) -> int:
    """Go on with a job that was broken off or left something; what is not known of is looked at first.

    Where only a command can tell it is shown and asked about before it runs; a dry run neither runs nor records any.

    A step that was on its way when the program ended, and is not seen to have had its effect, is done again only
    where a person confirms the card: with `--yes` it is left.

    Returns:
        As `run_rolling`; 0 where nothing is left to do.
    """

    async def plan(output: Output) -> tuple[RollingPlan, Resumption | None] | None:
        if runtime.read_only:
            raise PlanRefusedError("read-only: nothing is carried out")
        nodes = await asyncio.to_thread(runtime.jobs.nodes_of, job)
        for error in (await wait_for_most(runtime, nodes)).values():
            output.say(f"{error.message}: left out")
        if not options.dry_run and (looks := await runtime.jobs.looks_by_command(job)):
            await _confirm_looks(look_lines(looks), options, output, stdin)
        found = await runtime.jobs.resumption(job, output.say, is_dry=options.dry_run)
        await runtime.projects.looks.freshen(nodes)
        for sentence in found.seen:
            output.say(sentence)
        if found.is_over:
            return None
        return runtime.jobs.plan_resumed(found, again=not options.yes), found

    return await _run(runtime, plan, options, Output(runtime, stdout, stderr, as_json=options.as_json), stdin)


async def _confirm_looks(lines: Sequence[str], options: DoOptions, output: Output, stdin: TextIO) -> None:
    """What became of steps that were on their way is asked by commands that change nothing; shown before they run.

    Raises:
        PlanRefusedError: nobody can be asked, or it was not confirmed.
    """
    if not options.yes:
        refuse_without_terminal(stdin)
    for line in lines:
        output.say(f"looks    {line}")
    if not options.yes:
        await answered("look? [y/N] ", "y", output, stdin)


async def _everything(
    runtime: Runtime, action: ActionName, targets: Sequence[Written], settings: RollingSettings
) -> RollingPlan:
    """Every node must be up: an order of dependence with a hole in it is none."""
    await wait_for_nodes(runtime, nodes_of(targets))
    nodes = nodes_of([target for target in targets if target.service == EVERYTHING])
    named = [target for target in targets if target.service != EVERYTHING]
    wrong = next((target for target in named if target.service not in ONLY_NAMED), None)
    if wrong is not None:
        raise PlanRefusedError(
            f"{wrong.node}/{wrong.service} beside {EVERYTHING}",
            hint=f"only {' and '.join(sorted(ONLY_NAMED))} are named beside it",
        )
    also = resolved(runtime.snapshot(), action, named)
    return runtime.jobs.plan_everything(action, nodes, also=also, settings=settings)


async def _run(runtime: Runtime, plan: _Plan, options: DoOptions, output: Output, stdin: TextIO) -> int:
    begun = _Begun(output)
    with signals_cut(begun.ends_softly) as cut:
        try:
            async with runtime.running():
                found = await plan(output)
                if found is None:
                    output.event(PlanEvent("finished", Result.VERIFIED, error="nothing is left to do"))
                    return EXITS[Result.VERIFIED]
                return await _confirm_and_roll(runtime, *found, options, output, stdin, begun)
        except (PlanRefusedError, AuditError) as error:
            output.refused(error.whole)
            return EXIT_REFUSED
        except asyncio.CancelledError:
            if not cut.is_why():
                raise
            if begun.job is None or output.has_ended:
                return output.cut_off()
            while not begun.events.empty() and (event := begun.events.get_nowait()).event != "finished":
                output.event(event)
            _tell_end(begun.job, output)
            return EXITS[begun.job.state.result or Result.UNVERIFIED]


async def _confirm_and_roll(
    runtime: Runtime,
    rolling: RollingPlan,
    resumption: Resumption | None,
    options: DoOptions,
    output: Output,
    stdin: TextIO,
    begun: _Begun,
) -> int:
    rolling = replace(rolling, plan=await runtime.preflight(rolling.plan))
    card = rolling_text(rolling, runtime.clock.monotonic())
    planned = [
        PlanEvent("planned", Result.PLANNED, step, place=rolling.place(number))
        for number, step in enumerate(rolling.plan.steps)
    ]
    if not await confirmed(runtime, rolling.plan, card, planned, options, output, stdin):
        return EXITS[Result.PLANNED]
    events = begun.events
    job = runtime.jobs.start(
        rolling,
        reason=options.reason,
        syslog_only=bool(runtime.guard.extra_word),
        resumption=resumption,
        emit=events.put_nowait,
        asks_at_once=True,
    )
    begun.job = job
    output.say(f"job {job.id}: ^C ends it after what runs; `aen-tui do --resume {job.id}` goes on with it")
    said = 0
    while (event := await events.get()).event != "finished":
        for remark in job.state.remarks[said:]:
            if remark != runtime.guard.no_lease:  # the card has said it
                output.say(f"note     {remark}")
        said = len(job.state.remarks)
        output.event(event)
    _tell_end(job, output)
    return EXITS[job.state.result or Result.UNVERIFIED]


def _tell_end(job: Job, output: Output) -> None:
    state = job.state
    for target in state.left:
        output.result(f"LEFT  {target}")
    for line in state.commands:
        output.say(f"left to do: {line}")
    event = PlanEvent("finished", state.result or Result.UNVERIFIED, error=state.error)
    output.event(event, job=job.id, left=list(state.left), commands=list(state.commands))
