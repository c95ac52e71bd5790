"""`aen-tui do`: a plan on the command line, shown, confirmed, carried out; events as text or as lines of JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TextIO

from aen_tui.actions.card_text import card_text, confirmation, question
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.registry import actions
from aen_tui.actions.resolve import resolve
from aen_tui.actions.trials import is_trial, trial_targets
from aen_tui.actions.update import as_asked
from aen_tui.config.targets import Target as Written
from aen_tui.errors import NothingToDoError, PlanRefusedError
from aen_tui.headless.do_output import EXIT_REFUSED, EXITS, Output
from aen_tui.headless.do_signals import signals_cut
from aen_tui.headless.do_waiting import wait_for_nodes
from aen_tui.headless.terminal_answer import ask
from aen_tui.model.facts import ClusterState
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.model.text import visible_line
from aen_tui.runtime.cluster import Runtime


@dataclass(frozen=True, slots=True)
class DoOptions:
    """What the command line says beside action and targets."""

    dry_run: bool = False
    yes: bool = False
    settle: bool = False
    reason: str | None = None
    as_json: bool = False


async def run_do(
    runtime: Runtime,
    action: ActionName,
    targets: Sequence[Written],
    options: DoOptions,
    stdout: TextIO,
    stderr: TextIO,
    stdin: TextIO,
) -> int:
    """Wait for the targets' nodes, show the plan, ask, carry it out.

    Returns:
        0 verified (or planned, for a dry run), 1 failed, 2 refused or wrong usage, 3 unverified. ^C, a kill and a
        closed terminal end it at once: 2 before a step was begun, 3 after it.
    """
    output = Output(runtime, stdout, stderr, as_json=options.as_json)
    with signals_cut() as cut:
        try:
            if not is_trial(action):
                refuse_wrong_words(targets)
            async with runtime.running():
                await wait_for_nodes(runtime, list(dict.fromkeys(target.node for target in targets)))
                await runtime.projects.looks.freshen(dict.fromkeys(target.node for target in targets))
                wanted = resolved(runtime.snapshot(), action, targets)
                if action is ActionName.UPDATE and not options.dry_run:
                    return await _update(runtime, wanted, options, output, stdin)
                plan = runtime.plan(action, wanted)
                return await _do(runtime, as_asked(plan) if options.dry_run else plan, options, output, stdin)
        except PlanRefusedError as error:
            output.refused(error.whole)
            return EXIT_REFUSED
        except asyncio.CancelledError:
            if not cut.is_why():
                raise
            return output.cut_off()


async def _update(
    runtime: Runtime, targets: Sequence[Target], options: DoOptions, output: Output, stdin: TextIO
) -> int:
    """Ask what would change, which is shown; then apply it, which is asked for again."""
    ended: list[PlanEvent] = []

    def event(one: PlanEvent) -> None:
        if one.event == "finished" and one.result is Result.VERIFIED:
            ended.append(one)
            output.has_only_looked()
        else:
            output.event(one)

    code = await _do(runtime, runtime.plan(ActionName.REREAD, targets), options, output, stdin, event)
    if not ended:
        return code
    try:
        plan = runtime.plan(ActionName.UPDATE, targets)
    except NothingToDoError:
        output.event(ended[0])
        return EXITS[Result.VERIFIED]
    return await _do(runtime, plan, options, output, stdin)


async def _do(
    runtime: Runtime,
    plan: Plan,
    options: DoOptions,
    output: Output,
    stdin: TextIO,
    event: Callable[[PlanEvent], None] | None = None,
) -> int:
    plan = await runtime.preflight(plan)
    card = card_text(plan, runtime.clock.monotonic())
    planned = [PlanEvent("planned", Result.PLANNED, step) for step in plan.steps]
    if not await confirmed(runtime, plan, card, planned, options, output, stdin):
        return EXITS[Result.PLANNED]
    result = await runtime.execute(
        plan,
        event or output.event,
        reason=options.reason,
        settle=options.settle,
        syslog_only=bool(runtime.guard.extra_word),
    )
    return EXITS[result]


async def confirmed(
    runtime: Runtime,
    plan: Plan,
    card: Sequence[str],
    planned: Sequence[PlanEvent],
    options: DoOptions,
    output: Output,
    stdin: TextIO,
) -> bool:
    """Show a plan and ask; False where it was only to be shown.

    Args:
        runtime: whose guard decides.
        plan: what is confirmed.
        card: its text.
        planned: the same as events, for a dry run.
        options: of the command line.
        output: where it is shown.
        stdin: where the answer comes from.

    Raises:
        PlanRefusedError: the rules do not allow it, nobody can be asked, or it was not confirmed.
    """
    guard = runtime.guard
    await asyncio.to_thread(guard.look)
    nodes = list(dict.fromkeys(step.target.node for step in plan.steps))
    notes = [f"note     {note}" for note in guard.notes(nodes)]
    card = [*card, *notes]
    if options.dry_run:
        output.planned(planned, card)
        return False
    if guard.arming_required and options.reason:
        guard.arm_this_command(options.reason)
    if (why := guard.refusal(plan) or refusal_of(plan)) is not None:
        raise PlanRefusedError(why)
    _refuse_if_nobody_can_type(plan, stdin)
    if not guard.audit_health.is_well and not guard.extra_word:
        raise PlanRefusedError(guard.audit_health.error or "", hint="without a record nothing is done")
    if not options.yes:
        refuse_without_terminal(stdin)
        output.say("\n".join(card))
        await answered(question(plan), confirmation(plan), output, stdin)
    elif notes:
        output.say("\n".join(notes))
    if guard.extra_word:
        await _ask_for_word(guard.extra_word, guard.audit_health.error or "", output, stdin)
    return True


def _refuse_if_nobody_can_type(plan: Plan, stdin: TextIO) -> None:
    wants = [step.target.node for step in plan.steps if step.met is not None and step.met.wants_password]
    if wants and not stdin.isatty():
        raise PlanRefusedError(
            f"sudo asks for a password on {', '.join(dict.fromkeys(wants))}, and there is no terminal to ask on",
            hint="run it on a terminal, or see `aen-tui info --sudoers`",
        )


async def _ask_for_word(word: str, why: str, output: Output, stdin: TextIO) -> None:
    """What no option answers: somebody must have read it."""
    if not stdin.isatty():
        raise PlanRefusedError(why, hint=f"on a terminal {word} may be typed to act with a record in syslog alone")
    output.say(visible_line(why))
    await answered(f"type {word} to act with a record in syslog alone: ", word, output, stdin)


def refuse_without_terminal(stdin: TextIO) -> None:
    """Refuse where nobody can be asked.

    Raises:
        PlanRefusedError: there is no terminal.
    """
    if not stdin.isatty():
        raise PlanRefusedError("there is no terminal to ask on", hint="look at it with --dry-run, then say --yes")


async def answered(asked: str, wanted: str, output: Output, stdin: TextIO) -> None:
    """Ask on the terminal.

    Raises:
        PlanRefusedError: something else was answered.
    """
    if await ask(asked, stdin, output.stderr) != wanted:
        raise PlanRefusedError("not confirmed: nothing was done")


def refuse_wrong_words(targets: Sequence[Written]) -> None:
    """Refuse a target that names no service.

    Raises:
        PlanRefusedError: one does not.
    """
    for target in targets:
        if target.path is not None or not target.service:
            what = f"{target.node}:{target.path}" if target.path is not None else str(target.node)
            raise PlanRefusedError(f"`{visible_line(what, 200)}` names no service", hint="do wants NODE/SERVICE")


def resolved(state: ClusterState, action: ActionName, targets: Sequence[Written]) -> list[Target]:
    """What the targets' words mean on their nodes, in order.

    Raises:
        PlanRefusedError: a word means nothing there, or several things.
    """
    if is_trial(action):
        return trial_targets(action, [(one.node, one.service is None and one.path is None) for one in targets])
    is_whole = actions()[action].is_whole_supervisor
    return [
        found
        for target in targets
        for found in resolve(state.nodes[target.node], target.service or "", whole_supervisor=is_whole)
    ]
