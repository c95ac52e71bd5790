"""From a key to a card: menu, picker, card, as far as something is still open. Nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from aen_tui.errors import ActionError, PlanRefusedError
from aen_tui.model.plans import ActionName, Target
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.screens.action_menu import ActionMenuScreen, Entry
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.screens.rolling_asking import ask_rolling, closed_words, refused


def ask(app: App[Any], backend: Backend, request: ActionRequested) -> None:
    """Answer a request for an action: open the menu, the picker or the card, whichever is next."""
    if (why := closed_words(backend)) is not None:
        app.notify(why, severity="warning", markup=False)
        return
    nodes = request.nodes or tuple(dict.fromkeys(target.node for target in request.targets))
    if request.rolling and nodes:
        ask_rolling(app, backend, request)
    elif request.action is not None and request.targets:
        open_card(app, backend, request.action, request.targets)
    elif not nodes:
        app.notify("No node is under the cursor", severity="warning", markup=False)
    elif request.action is None:
        _open_menu(app, backend, ActionRequested(None, request.targets, nodes=nodes))
    else:
        _open_picker(app, backend, ActionRequested(request.action, nodes=nodes))


def open_card(app: App[Any], backend: Backend, action: ActionName, targets: Sequence[Target]) -> None:
    """Make a plan and show it; a refusal is a message."""
    try:
        plan = backend.plan(action, targets)
        if (why := backend.guard.refusal(plan)) is not None:
            raise PlanRefusedError(why)
    except ActionError as error:
        refused(app, error)
        return
    app.push_screen(CardScreen(backend, plan))


def _open_menu(app: App[Any], backend: Backend, request: ActionRequested) -> None:
    def chosen(entry: Entry | None) -> None:
        if entry is not None:
            ask(app, backend, ActionRequested(entry.action, entry.targets, nodes=request.nodes))

    app.push_screen(ActionMenuScreen(backend, request.nodes, request.targets), chosen)


def _open_picker(app: App[Any], backend: Backend, request: ActionRequested) -> None:
    action = request.action
    assert action is not None

    def picked(targets: tuple[Target, ...] | None) -> None:
        if targets:
            ask(app, backend, ActionRequested(action, targets))

    app.push_screen(PickerScreen(backend, request.nodes, action.value), picked)
