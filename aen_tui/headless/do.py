"""`aen-tui do`: a plan on the command line, shown, confirmed, carried out; events as text or as lines of JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from aen_tui.actions.card_text import card_text, confirmation, question
from aen_tui.actions.registry import actions
from aen_tui.actions.resolve import resolve
from aen_tui.config.targets import Target as Written
from aen_tui.errors import PlanRefusedError
from aen_tui.headless.terminal_answer import ask
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.model.text import visible_line
from aen_tui.runtime.cluster import Runtime

GRACE_SECONDS = 20.0
"""Beyond connect_timeout_seconds: a login may take long where names are looked up."""
ANSWERS_SECONDS = 5.0
"""How long the URLs of a node that is up are waited for: what never answered is no proof."""

EXIT_REFUSED = 2
_EXITS = {
    Result.VERIFIED: 0,
    Result.PLANNED: 0,
    Result.FAILED: 1,
    Result.REFUSED: EXIT_REFUSED,
    Result.UNVERIFIED: 3,
}
_PENDING = frozenset({LinkState.CONNECTING, LinkState.VIA, LinkState.UP})


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
        0 verified (or planned, for a dry run), 1 failed, 2 refused or wrong usage, 3 unverified.
    """
    output = _Output(runtime, options, stdout, stderr)
    try:
        _refuse_wrong_words(targets)
        async with runtime.running():
            await _wait_for_nodes(runtime, list(dict.fromkeys(target.node for target in targets)))
            plan = runtime.plan(action, _resolved(runtime.snapshot(), action, targets))
            return await _do(runtime, plan, options, output, stdin)
    except PlanRefusedError as error:
        output.refused(error.message + (f" ({error.hint})" if error.hint else ""))
        return EXIT_REFUSED


async def _do(runtime: Runtime, plan: Plan, options: DoOptions, output: _Output, stdin: TextIO) -> int:
    guard = runtime.guard
    await asyncio.to_thread(guard.look)
    nodes = list(dict.fromkeys(step.target.node for step in plan.steps))
    notes = [f"note     {note}" for note in guard.notes(nodes)]
    card = card_text(plan, runtime.clock.monotonic()) + notes
    if options.dry_run:
        output.planned(plan, card)
        return _EXITS[Result.PLANNED]
    if guard.arming_required and options.reason:
        guard.arm_this_command(options.reason)
    if (why := guard.refusal(plan)) is not None:
        raise PlanRefusedError(why)
    if not guard.audit_health.is_well and not guard.extra_word:
        raise PlanRefusedError(guard.audit_health.error or "", hint="without a record nothing is done")
    if not options.yes:
        if not stdin.isatty():
            raise PlanRefusedError("there is no terminal to ask on", hint="look at it with --dry-run, then say --yes")
        output.say("\n".join(card))
        if await ask(question(plan), stdin, output.stderr) != confirmation(plan):
            raise PlanRefusedError("not confirmed: nothing was done")
    elif notes:
        output.say("\n".join(notes))
    if guard.extra_word:
        await _ask_for_word(guard.extra_word, guard.audit_health.error or "", output, stdin)
    result = await runtime.execute(
        plan, output.event, reason=options.reason, settle=options.settle, syslog_only=bool(guard.extra_word)
    )
    return _EXITS[result]


async def _ask_for_word(word: str, why: str, output: _Output, stdin: TextIO) -> None:
    """What no option answers: somebody must have read it."""
    if not stdin.isatty():
        raise PlanRefusedError(why, hint=f"on a terminal {word} may be typed to act with a record in syslog alone")
    output.say(visible_line(why))
    if await ask(f"type {word} to act with a record in syslog alone: ", stdin, output.stderr) != word:
        raise PlanRefusedError("not confirmed: nothing was done")


def _refuse_wrong_words(targets: Sequence[Written]) -> None:
    for target in targets:
        if target.path is not None or not target.service:
            what = f"{target.node}:{target.path}" if target.path is not None else str(target.node)
            raise PlanRefusedError(f"`{visible_line(what, 200)}` names no service", hint="do wants NODE/SERVICE")


def _resolved(state: ClusterState, action: ActionName, targets: Sequence[Written]) -> list[Target]:
    is_whole = actions()[action].is_whole_supervisor
    return [
        found
        for target in targets
        for found in resolve(state.nodes[target.node], target.service or "", whole_supervisor=is_whole)
    ]


async def _wait_for_nodes(runtime: Runtime, nodes: Sequence[NodeName]) -> None:
    """Wait until every node is up and read.

    Raises:
        PlanRefusedError: one has failed, or time is up.
    """
    limit = runtime.inventory.ssh.connect_timeout_seconds + GRACE_SECONDS
    try:
        async with asyncio.timeout(limit):
            await runtime.store.wait_for(
                lambda state: (
                    all(_is_read(state, name) for name in nodes)
                    or any(state.nodes[name].connection.state not in _PENDING for name in nodes)
                )
            )
    except TimeoutError:
        pass
    state = runtime.snapshot()
    for name in nodes:
        if not _is_read(state, name):
            link = state.nodes[name].connection
            why = link.error or f"not read within {limit:g} s"
            raise PlanRefusedError(f"{name} is not up: {link.state.value}: {why}", node=name, hint=link.hint)
    try:
        async with asyncio.timeout(ANSWERS_SECONDS):
            await runtime.store.wait_for(lambda state: all(_has_answers(state, name) for name in nodes))
    except TimeoutError:
        return


def _is_read(state: ClusterState, name: NodeName) -> bool:
    return state.nodes[name].connection.state is LinkState.UP and state.nodes[name].complete


def _has_answers(state: ClusterState, name: NodeName) -> bool:
    """Whether everything asked of a node was asked once, by whoever is up to ask it."""
    return all(
        answer.seen_at is not None or state.nodes[answer.asked_on].connection.state not in _PENDING
        for answer in state.nodes[name].http
    )


class _Output:
    """Results to stdout, everything else to stderr."""

    def __init__(self, runtime: Runtime, options: DoOptions, stdout: TextIO, stderr: TextIO) -> None:
        self.stderr = stderr
        self._runtime = runtime
        self._as_json = options.as_json
        self._stdout = stdout

    def say(self, text: str) -> None:
        self.stderr.write(text + "\n")
        self.stderr.flush()

    def refused(self, why: str) -> None:
        self.event(PlanEvent("finished", Result.REFUSED, error=why))

    def planned(self, plan: Plan, card: Sequence[str]) -> None:
        if not self._as_json:
            self._stdout.write("\n".join(card) + "\n")
            return
        for step in plan.steps:
            self.event(PlanEvent("planned", Result.PLANNED, step))
        self.event(PlanEvent("finished", Result.PLANNED))

    def event(self, event: PlanEvent) -> None:
        """One event as it happens."""
        if self._as_json:
            self._stdout.write(json.dumps(self._fields(event), ensure_ascii=False) + "\n")
            self._stdout.flush()
            return
        text = _words(event)
        if text is None:
            return
        if event.event in ("verified", "finished") and event.result is not Result.REFUSED:
            self._stdout.write(text + "\n")
            self._stdout.flush()
        else:
            self.say(text)

    def _fields(self, event: PlanEvent) -> dict[str, object]:
        step = event.step
        proof = {"proof": list(step.proof_argv)} if step is not None and step.proof_argv else {}
        user = None if step is None else step.user
        if step is not None and user == "login":
            user = self._runtime.store.node(step.target.node).connection.user or user
        return {
            "event": event.event,
            "node": None if step is None else step.target.node,
            "service": None if step is None else step.target.service,
            "argv": None if step is None else list(step.argv),
            "user": user,
            "pid_before": None if step is None else step.before.pid,
            "pid_after": event.pid_after,
            "result": None if event.result is None else event.result.value,
            "error": event.error,
            **proof,
        }


def _words(event: PlanEvent) -> str | None:
    tail = f": {visible_line(event.error)}" if event.error else ""
    if event.event == "finished" or event.step is None:
        return f"{event.result.value if event.result else event.event}{tail}"
    target = visible_line(f"{event.step.target.node}/{event.step.target.service}")
    if event.event == "step-started":
        return f"{target}  {event.step.action.value} ..."
    if event.event == "step-finished":
        return f"{target}  {event.result.value if event.result else ''}{tail}"
    if event.event == "verified" and event.result is not None:
        pids = f"  pid {event.step.before.pid or 'none'} -> {event.pid_after or 'none'}"
        return f"{target}  {event.result.value.upper()}{pids}{tail}"
    return None
