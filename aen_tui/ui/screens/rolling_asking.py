"""From a key or a line to the card of a rolling plan. Nothing is done here."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App

from aen_tui.actions.rolling_text import look_lines
from aen_tui.errors import ActionError, AenError, PlanRefusedError
from aen_tui.model.facts import LinkState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.jobs import JobState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Result, Target
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.screens.job_question import LookScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.screens.rolling_card import Make, RollingCardScreen


def ask_rolling(app: App[Any], backend: Backend, request: ActionRequested) -> None:
    """Open the picker, or the rolling card; a refusal is a message."""
    action = request.action or ActionName.RESTART
    if not request.targets and not request.everything:
        _open_picker(app, backend, request, action)
        return
    make = _everything(backend, request, action) if request.everything else _services(backend, request.targets, action)
    sizes = request.sizes or backend.inventory.actions.rolling
    _open(app, backend, make, sizes, has_canary=not request.everything)


def _open(app: App[Any], backend: Backend, make: Make, sizes: RollingSettings, *, has_canary: bool) -> None:
    try:
        card = RollingCardScreen(backend, make, sizes, has_canary=has_canary)
        if (why := backend.guard.refusal(card.plan)) is not None:
            raise PlanRefusedError(why)
    except ActionError as error:
        refused(app, error)
        return
    app.push_screen(card)


def _services(backend: Backend, targets: tuple[Target, ...], action: ActionName) -> Make:
    """A service on several nodes; those that are not up are left out, and stay on the list of what is left."""

    def make(sizes: RollingSettings) -> RollingPlan:
        there = [target for target in targets if _is_up(backend, target.node)]
        missing = [f"{target.node}/{target.service}" for target in targets if not _is_up(backend, target.node)]
        if not there:
            raise PlanRefusedError("no node is up", hint="view 9 says why")
        return backend.jobs.plan_rolling(action, there, settings=sizes, left_out=missing)

    return make


def _everything(backend: Backend, request: ActionRequested, action: ActionName) -> Make:
    """Every node must be up: an order of dependence with a hole in it is none."""

    def make(sizes: RollingSettings) -> RollingPlan:
        wanted = dict.fromkeys([*request.nodes, *(target.node for target in request.targets)])
        missing = [node for node in wanted if not _is_up(backend, node)]
        if missing:
            raise PlanRefusedError(f"not up: {', '.join(missing)}", hint="the order of dependence wants all of them")
        return backend.jobs.plan_everything(action, request.nodes, also=request.targets, settings=sizes)

    return make


def _is_up(backend: Backend, node: NodeName) -> bool:
    return backend.snapshot().nodes[node].connection.state is LinkState.UP


def _open_picker(app: App[Any], backend: Backend, request: ActionRequested, action: ActionName) -> None:
    def picked(targets: tuple[Target, ...] | None) -> None:
        if targets:
            ask_rolling(app, backend, ActionRequested(action, targets, rolling=True, sizes=request.sizes))

    app.push_screen(PickerScreen(backend, request.nodes, f"rolling {action.value}:"), picked)


def ask_resumed(app: App[Any], backend: Backend, job: str) -> None:
    """Look what became of the steps that were on their way, by commands once they are confirmed; then open the card."""
    if (why := closed_words(backend)) is not None:
        app.notify(why, severity="warning", markup=False)
        return
    app.run_worker(_look(app, backend, job), name="resumption", group="resumption", exclusive=True)


async def _look(app: App[Any], backend: Backend, job: str) -> None:
    say = partial(app.notify, markup=False, timeout=6)
    try:
        looks = await backend.jobs.looks_by_command(job)
        if looks and not await app.push_screen_wait(LookScreen(look_lines(looks))):
            return
        found = await backend.jobs.resumption(job, lambda words: say(visible_line(words, 300)))
        for sentence in found.seen:
            say(visible_line(sentence, 300))
        if found.is_over:
            say("nothing is left to do")
            return
        card = RollingCardScreen(
            backend,
            lambda _sizes: backend.jobs.plan_resumed(found, again=True),
            found.record.settings,
            resumption=found,
        )
        if (why := backend.guard.refusal(card.plan)) is not None:
            raise PlanRefusedError(why)
    except ActionError as error:
        refused(app, error)
        return
    await app.push_screen(card)


def closed_words(backend: Backend) -> str | None:
    """Why no card is opened in this run, or not yet; None where one is."""
    if backend.read_only:
        return "READ-ONLY: nothing can be changed in this run"
    return "LOCKED: unlock with :arm 15m REASON" if backend.guard.is_locked else None


def refused(app: App[Any], error: AenError) -> None:
    """Say why there is no card."""
    app.notify(visible_line(error.whole), severity="error", markup=False, title="Refused")


def tell_end(app: App[Any], state: JobState) -> None:
    """How a job ended that nobody looks at."""
    words = f"{(state.result or Result.UNVERIFIED).value.upper()}: {state.title}"
    if state.error:
        words += f": {state.error}"
    is_good = state.result is Result.VERIFIED
    app.notify(words, severity="information" if is_good else "error", markup=False, timeout=15, title="Job (view 7)")
